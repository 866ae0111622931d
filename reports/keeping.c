#include "reports/keeping.h"

static void add_row(struct tables *tables, const struct retention_stream *stream,
                    const struct retention *found)
{
    struct sheet *sheet = tables->sheets[FORM_RETENTION];
    sheet_add(sheet);
    sheet_put_text(sheet, RET_DEPLOYMENT, stream->id);
    sheet_put_text(sheet, RET_STATE, retention_state_name(found->state));
    sheet_put_number(sheet, RET_LAST, (uint64_t)stream->last_us);
    sheet_put_number(sheet, RET_UNTIL, (uint64_t)found->until_us);
    if (found->hold != NULL)
        sheet_put_number(sheet, RET_HOLD, found->hold->placed_seq);
    if (found->class_name == NULL)
        return;
    sheet_put_text(sheet, RET_CLASS, found->class_name);
    sheet_put_number(sheet, RET_DAYS, found->days);
}

static void add_stream(struct tables *tables, const struct retention_at *at,
                       const struct retention_stream *stream, struct retention_ledger *ledger)
{
    struct retention found;
    retention_of(at, stream, &found);
    retention_ledger_add(ledger, stream->id, &found);
    add_row(tables, stream, &found);
}

/* The stream that all others rely on. */
static void add_ledger(struct tables *tables, const struct retention_at *at,
                       struct retention_ledger *ledger)
{
    const struct retention_stream stream = {.id = "ledger", .last_us = tables->ledger_us};
    retention_ledger_end(ledger, at->at_us);
    add_row(tables, &stream,
            &(struct retention){.state = ledger->state, .until_us = ledger->until_us});
}

static void add_streams(struct tables *tables, const struct retention_at *at)
{
    const struct sheet *population = tables->sheets[FORM_POPULATION];
    struct retention_ledger ledger;
    retention_ledger_begin(tables->ledger_us, &ledger);
    retention_ledger_move(&tables->kept, &ledger);
    for (size_t row = 0; row < sheet_rows(population); row++) {
        const struct retention_stream stream = {
            .id = sheet_text(population, row, POP_DEPLOYMENT),
            .environment = sheet_text(population, row, POP_ENVIRONMENT),
            .opened_seq = sheet_has(population, row, POP_OPENED_SEQ)
                              ? sheet_number(population, row, POP_OPENED_SEQ)
                              : SEQ_NONE,
            .last_us = (int64_t)sheet_number(population, row, POP_LAST_TIME)};
        add_stream(tables, at, &stream, &ledger);
    }
    const struct retention_stream inbox = {
        .id = "inbox", .opened_seq = SEQ_NONE, .last_us = tables->inbox_us};
    if (tables->inbox_us > 0)
        add_stream(tables, at, &inbox, &ledger);
    add_ledger(tables, at, &ledger);
}

static void add_hold(struct tables *tables, const struct registry_hold *hold)
{
    const struct row_place place = {hold->placed_seq, 0,   hold->placed_us, "ledger",
                                    hold->placed_by,  NULL};
    struct sheet *sheet = tables_place(tables, FORM_HOLDS, &place);
    sheet_put_text(sheet, HOL_HELD, hold->deployment);
    sheet_put_text(sheet, HOL_REASON, hold->reason);
    if (hold->released_seq >= tables->params->size)
        return;
    sheet_put_number(sheet, HOL_RELEASED, (uint64_t)hold->released_us);
    sheet_put_number(sheet, HOL_RELEASED_SEQ, hold->released_seq);
    sheet_put_text(sheet, HOL_RELEASED_BY, hold->released_by);
    sheet_put_text(sheet, HOL_RELEASE_REASON, hold->release_reason);
}

void keeping_fill(struct tables *tables, const struct registry *registry, int64_t as_of_us)
{
    const struct retention_at at = {registry, tables->params->size, as_of_us};
    size_t count = 0;
    const struct registry_hold *const *holds = registry_hold_list(registry, &count);
    add_streams(tables, &at);
    for (size_t i = 0; i < count && holds[i]->placed_seq < tables->params->size; i++)
        add_hold(tables, holds[i]);
}
