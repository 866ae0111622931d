#include "reports/sample.h"

#include <stdlib.h>
#include <string.h>

#include "reports/act_rows.h"

struct ticket {
    uint8_t digest[HASH_BYTES];
    size_t row; /* of the population */
};

static int ticket_order(const void *left, const void *right)
{
    const struct ticket *a = left, *b = right;
    return memcmp(a->digest, b->digest, HASH_BYTES);
}

/* A deployment drawn, and where. */
struct drawn {
    const char *id; /* borrowed */
    size_t rank;    /* from 0 */
};

static int drawn_order(const void *left, const void *right)
{
    const struct drawn *a = left, *b = right;
    return strcmp(a->id, b->id);
}

/* A row of the decisions that is of a deployment drawn. */
struct pick {
    size_t rank, row;
};

static int pick_order(const void *left, const void *right)
{
    const struct pick *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

struct picks {
    struct pick *list;
    size_t count, cap;
};

/* The decisions of the deployments drawn, by rank, then by seq. */
static void pick(const struct sheet *decisions, struct drawn *drawn, size_t count,
                 struct picks *picks)
{
    if (count > 0)
        qsort(drawn, count, sizeof(*drawn), drawn_order);
    for (size_t row = 0; count > 0 && row < sheet_rows(decisions); row++) {
        const struct drawn wanted = {sheet_text(decisions, row, PLACE_DEPLOYMENT), 0};
        const struct drawn *found = bsearch(&wanted, drawn, count, sizeof(*drawn), drawn_order);
        if (found != NULL)
            *(struct pick *)MEM_PUSH(picks->list, picks->count, picks->cap) =
                (struct pick){found->rank, row};
    }
    if (picks->count > 0)
        qsort(picks->list, picks->count, sizeof(*picks->list), pick_order);
}

static struct ticket *tickets_of(const struct tables *tables, size_t *ret_count)
{
    const struct sheet *population = tables->sheets[FORM_POPULATION];
    const char *seed = tables->params->seed;
    struct ticket *tickets = mem_zero(sheet_rows(population), sizeof(*tickets));
    size_t count = 0;
    for (size_t row = 0; row < sheet_rows(population); row++) {
        const char *id = sheet_text(population, row, POP_DEPLOYMENT);
        if (!sheet_yes(population, row, POP_COUNTED))
            continue;
        const struct piece pieces[] = {{seed, strlen(seed) + 1}, {id, strlen(id)}};
        hash_pieces(pieces, 2, tickets[count].digest);
        tickets[count++].row = row;
    }
    if (count > 0)
        qsort(tickets, count, sizeof(*tickets), ticket_order);
    *ret_count = count < tables->params->sample ? count : (size_t)tables->params->sample;
    return tickets;
}

static void add_drawn(struct tables *tables, const struct ticket *ticket, size_t rank,
                      uint64_t decisions)
{
    const struct sheet *population = tables->sheets[FORM_POPULATION];
    struct sheet *sheet = tables->sheets[FORM_SAMPLE];
    sheet_add(sheet);
    sheet_put_number(sheet, SAM_RANK, rank + 1);
    sheet_put_text(sheet, SAM_DEPLOYMENT, sheet_text(population, ticket->row, POP_DEPLOYMENT));
    sheet_put_text(sheet, SAM_STATE, sheet_text(population, ticket->row, POP_STATE));
    sheet_put_number(sheet, SAM_FIRST, sheet_number(population, ticket->row, POP_FIRST_SEQ));
    sheet_put_number(sheet, SAM_LAST, sheet_number(population, ticket->row, POP_LAST_SEQ));
    sheet_put_number(sheet, SAM_SIGNED, decisions);
    sheet_put_hex(sheet, SAM_DIGEST, ticket->digest, HASH_BYTES);
}

/* The ids of the sample as drawn, to be picked for. */
static struct drawn *drawn_of(const struct sheet *sheet, size_t column, size_t count)
{
    struct drawn *drawn = mem_zero(count, sizeof(*drawn));
    for (size_t i = 0; i < count; i++)
        drawn[i] = (struct drawn){sheet_text(sheet, i, column), i};
    return drawn;
}

void sample_draw(struct tables *tables)
{
    const struct sheet *population = tables->sheets[FORM_POPULATION];
    size_t count;
    struct ticket *tickets = tickets_of(tables, &count);
    struct drawn *drawn = mem_zero(count, sizeof(*drawn));
    struct picks picks = {0};
    for (size_t i = 0; i < count; i++)
        drawn[i] = (struct drawn){sheet_text(population, tickets[i].row, POP_DEPLOYMENT), i};
    pick(tables->sheets[FORM_DECISIONS], drawn, count, &picks);
    for (size_t i = 0, at = 0; i < count; i++) {
        size_t from = at;
        while (at < picks.count && picks.list[at].rank == i)
            at++;
        add_drawn(tables, &tickets[i], i, at - from);
    }
    free(picks.list);
    free(drawn);
    free(tickets);
}

static enum err read_one(struct tables *tables, struct ledger *ledger, size_t row,
                         struct err_text *ret_why)
{
    const struct sheet *decisions = tables->sheets[FORM_DECISIONS];
    struct record *record = NULL;
    enum err err = ledger_read(ledger, sheet_number(decisions, row, PLACE_SEQ), &record, ret_why);
    if (err != ERR_OK)
        return err;
    const struct row_place place = tables_at(record);
    struct sheet *sheet = tables_place(tables, FORM_SIGNED, &place);
    sheet_put_text(sheet, SIG_ACT, sheet_text(decisions, row, DEC_ACT));
    sheet_put_text(sheet, SIG_NODE, sheet_text(decisions, row, DEC_NODE));
    sheet_put_text(sheet, SIG_KEY, sheet_text(decisions, row, DEC_KEY));
    sheet_put_text(sheet, SIG_EVENT, (const char *)record->event.data);
    ledger_record_free(record);
    return ERR_OK;
}

enum err sample_read(struct tables *tables, struct ledger *ledger, struct err_text *ret_why)
{
    const struct sheet *sample = tables->sheets[FORM_SAMPLE];
    size_t count = sheet_rows(sample);
    struct drawn *drawn = drawn_of(sample, SAM_DEPLOYMENT, count);
    struct picks picks = {0};
    enum err err = ERR_OK;
    pick(tables->sheets[FORM_DECISIONS], drawn, count, &picks);
    for (size_t i = 0; err == ERR_OK && i < picks.count; i++)
        err = read_one(tables, ledger, picks.list[i].row, ret_why);
    free(picks.list);
    free(drawn);
    return err;
}
