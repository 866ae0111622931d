#include "ledger/verify_walk.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"
#include "ledger/pages_walk.h"
#include "ledger/verify_piece.h"
#include "ledger/verify_state.h"

enum { WALK_ENTRIES, WALK_EVENTS, WALK_NODES, WALK_TABLES };

static const char *const tables[WALK_TABLES] = {"entries", "events", "nodes"};

struct verify_walk {
    struct pages_walk *pages; /* owned */
};

enum err verify_walk_open(struct verify_state *state, struct store_txn *txn,
                          struct verify_walk **ret_walk)
{
    struct pages_place place = {0};
    const struct verify_options *options = state->options;
    struct verify_walk *walk = mem_zero(1, sizeof(*walk));
    walk->pages = pages_walk_new(tables, WALK_TABLES);
    const struct pages_how how = {.threads = options->threads,
                                  .stop = options->stop,
                                  .ctx = options->ctx,
                                  .without = "ids",
                                  .walk = walk->pages};
    enum err err = store_check_in(txn, &how, &place, state->why);
    if (err == ERR_BUSY)
        verify_state_stop(state);
    if (err == ERR_OK)
        *ret_walk = walk;
    else
        verify_walk_free(walk);
    return err;
}

void verify_walk_free(struct verify_walk *walk)
{
    if (walk == NULL)
        return;
    pages_walk_free(walk->pages);
    free(walk);
}

/* Rows that are taken in. */
struct intake {
    struct verify_piece *piece;
    struct slice *slices; /* of entries or events */
    unsigned at;          /* entry of the piece that is due, or that completes the node due */
    unsigned level;       /* of that node */
    uint64_t number;      /* key of the row that is due */
};

/* A pages_row_fn. */
static bool take_row(void *ctx, uint64_t number, const uint8_t *value, size_t value_bytes)
{
    struct intake *intake = ctx;
    if (number != intake->number || intake->at == intake->piece->count)
        return false;
    intake->slices[intake->at++] = (struct slice){value, value_bytes};
    intake->number++;
    return true;
}

/* A pages_row_fn: the nodes that the piece's entries complete stand together, in that order. */
static bool take_node(void *ctx, uint64_t number, const uint8_t *value, size_t value_bytes)
{
    struct intake *intake = ctx;
    struct verify_piece *piece = intake->piece;
    const unsigned level = intake->level;
    if (number != intake->number || intake->at == piece->count || value_bytes != HASH_BYTES)
        return false;
    verify_piece_node(piece, intake->at, level, value);
    intake->number++;
    intake->level++;
    if (((piece->from + intake->at + 1) >> level & 1) != 0) { /* it is no right child */
        intake->at++;
        intake->level = 0;
    }
    return true;
}

static enum err walk_rows(struct verify_walk *walk, struct verify_piece *piece, size_t table,
                          uint64_t to)
{
    struct intake intake = {.piece = piece,
                            .slices = table == WALK_ENTRIES ? piece->entries : piece->events,
                            .number = piece->from};
    if (table == WALK_NODES) {
        intake.number = rows_node_number(0, piece->from);
        to = to != 0 ? rows_node_number(0, to) : 0;
    }
    const struct pages_range range = {.table = table,
                                      .from = intake.number,
                                      .to = to,
                                      .row = table == WALK_NODES ? take_node : take_row,
                                      .ctx = &intake};
    enum err err = pages_walk_rows(walk->pages, &range, &piece->why);
    if (err == ERR_OK && intake.at != piece->count)
        err = err_say(&piece->why, ERR_DAMAGED, "%s: a row is missing", tables[table]);
    return err;
}

enum err verify_walk_load(struct verify_walk *walk, const struct verify_state *state,
                          struct verify_piece *piece)
{
    const uint64_t end = piece->from + piece->count;
    const uint64_t to = end < state->result->size ? end : 0; /* the last sees to all behind it */
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < WALK_TABLES; i++)
        err = walk_rows(walk, piece, i, to);
    piece->rows = piece->count;
    return err;
}

enum err verify_walk_end(const struct verify_walk *walk, struct err_text *ret_why)
{
    return pages_walk_end(walk->pages, ret_why);
}
