#include "reports/gather.h"

#include <stdlib.h>
#include <string.h>

#include "reports/change.h"
#include "reports/history.h"

#define GATHER_MAGIC MAGIC('G', 'T', 'H', 'R')

/* A deployment's stream and where it begins, for the order of the population. */
struct stream {
    char id[STREAM_BYTES_MAX + 1];
    uint64_t first_seq;
};

/* What one deployment gave, in its slot of the ring; the next one there has the same reducer, with
 * the checklists that it has compiled. */
struct slot {
    struct history_source source;
    struct tables tables;
    bool belongs;
    struct err_text why;
};

struct gather {
    uint32_t magic;
    struct ledger *ledger;
    const struct report_watch *watch;
    struct tables *tables; /* of all */
    struct stream *streams;
    size_t count, cap;
    struct slot *ring;
    uint64_t window;
};

static int stream_order(const void *left, const void *right)
{
    const struct stream *a = left, *b = right;
    return a->first_seq < b->first_seq ? -1 : a->first_seq > b->first_seq;
}

static enum err list_streams(struct gather *gather, struct err_text *ret_why)
{
    char name[STREAM_BYTES_MAX + 1] = "";
    for (;;) {
        uint64_t first_seq;
        bool found, begun;
        enum err err = ledger_stream_after(gather->ledger, name, name, &found, ret_why);
        if (err == ERR_OK && found)
            err = ledger_stream_seq(gather->ledger, name, 0, &first_seq, &begun, ret_why);
        if (err != ERR_OK)
            return err;
        if (!found)
            break;
        if (!replay_is_deployment(name) || !begun || first_seq >= gather->tables->params->size)
            continue;
        struct stream *stream = MEM_PUSH(gather->streams, gather->count, gather->cap);
        memcpy(stream->id, name, sizeof(name));
        stream->first_seq = first_seq;
    }
    if (gather->count > 0)
        qsort(gather->streams, gather->count, sizeof(*gather->streams), stream_order);
    return ERR_OK;
}

/* Replays one deployment. */
static enum err work(void *ctx, uint64_t index)
{
    struct gather *gather = NULL;
    CAST_OBJ(gather, ctx, GATHER_MAGIC);
    struct slot *slot = &gather->ring[index % gather->window];
    slot->why = (struct err_text){""};
    slot->belongs = false;
    if (gather->watch->stop != NULL && gather->watch->stop(gather->watch->ctx))
        return err_say(&slot->why, ERR_IO, "it was interrupted");
    return history_add(&slot->tables, &slot->source, gather->streams[index].id, &slot->belongs,
                       &slot->why);
}

/* Takes in what it gave, in the order of the population. */
static enum err retire(void *ctx, uint64_t index)
{
    struct gather *gather = NULL;
    CAST_OBJ(gather, ctx, GATHER_MAGIC);
    struct slot *slot = &gather->ring[index % gather->window];
    const struct params *params = gather->tables->params;
    if (slot->belongs) {
        tables_move(&slot->tables, gather->tables);
    } else {
        tables_move_sums(&slot->tables, gather->tables);
        tables_free(&slot->tables);
        tables_new(params, &slot->tables);
    }
    if (gather->watch->progress != NULL)
        gather->watch->progress(gather->watch->ctx, index + 1, gather->count);
    return ERR_OK;
}

static enum err open_ring(struct gather *gather, int64_t as_of_us)
{
    enum err err = ERR_OK;
    gather->ring = mem_zero(gather->window, sizeof(*gather->ring));
    for (uint64_t i = 0; err == ERR_OK && i < gather->window; i++) {
        struct slot *slot = &gather->ring[i];
        tables_new(gather->tables->params, &slot->tables);
        slot->source.ledger = gather->ledger;
        slot->source.end_us = as_of_us;
        err = replay_open(gather->ledger, &slot->source.replay);
    }
    return err;
}

static void close_ring(struct gather *gather)
{
    for (uint64_t i = 0; gather->ring != NULL && i < gather->window; i++) {
        struct slot *slot = &gather->ring[i];
        history_forget(&slot->source);
        replay_close(slot->source.replay);
        tables_free(&slot->tables);
    }
    free(gather->ring);
}

static enum err add_deployments(struct gather *gather, int64_t as_of_us, struct err_text *ret_why)
{
    struct pool *pool = pool_new(gather->watch->threads);
    gather->window = pool_window(pool);
    enum err err = open_ring(gather, as_of_us);
    if (err == ERR_OK)
        err = pool_each(pool, gather->count, work, retire, gather);
    for (uint64_t i = 0; err != ERR_OK && i < gather->window; i++) {
        if (gather->ring[i].why.s[0] != '\0')
            err_say(ret_why, err, "%s", gather->ring[i].why.s);
    }
    close_ring(gather);
    pool_free(pool);
    return err;
}

enum err gather_all(struct ledger *ledger, const struct report_watch *watch, int64_t as_of_us,
                    struct tables *tables, struct err_text *ret_why)
{
    struct gather gather = {
        .magic = GATHER_MAGIC, .ledger = ledger, .watch = watch, .tables = tables};
    enum err err = change_add_ledger(tables, ledger, ret_why);
    if (err == ERR_OK)
        err = change_add_inbox(tables, ledger, ret_why);
    if (err == ERR_OK)
        err = list_streams(&gather, ret_why);
    if (err == ERR_OK)
        err = add_deployments(&gather, as_of_us, ret_why);
    free(gather.streams);
    return err;
}
