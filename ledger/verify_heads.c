#include "ledger/verify_heads.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/heads.h"
#include "ledger/rows.h"
#include "ledger/verify_state.h"

#define TRIALS_MAX 1024 /* roots made in one walk: some 2 KiB each */
#define PAGE_ROWS 65536 /* rows of the index read in one transaction */

/* One root in the making.  The index has the streams in the order that the records have. */
struct trial {
    struct registry_heads said;
    struct tree_edge edge;
};

/* A walk over the index, stream by stream. */
struct walk {
    struct verify_state *state;
    struct store *store;
    struct store_txn *txn;
    struct trial *trials; /* owned: by ascending size */
    size_t count;
    struct buf from;            /* owned: the key where the next page begins */
    struct heads_record record; /* the last entry so far of the stream that is being walked */
    uint64_t seq;               /* of that entry */
    bool any;                   /* there is one */
    bool hashed;
    uint8_t hash[HASH_BYTES]; /* the record's leaf, if `hashed` */
    size_t at;                /* the trials before it have their record of this stream */
};

static int by_size(const void *a, const void *b)
{
    const struct trial *left = a, *right = b;
    return (left->said.size > right->said.size) - (left->said.size < right->said.size);
}

/* Gives the trials of sizes up to ${to} the record of the stream, as it stood there. */
static enum err settle(struct walk *walk, uint64_t to)
{
    for (; walk->at < walk->count && walk->trials[walk->at].said.size <= to; walk->at++) {
        if (!walk->any)
            continue;
        if (!walk->hashed) {
            enum err err = rows_node_read(walk->txn, 0, walk->seq, walk->record.leaf);
            if (err != ERR_OK)
                return err;
            heads_hash(&walk->record, walk->hash);
            walk->hashed = true;
        }
        ASSERT(tree_edge_push(&walk->trials[walk->at].edge, walk->hash, NULL, NULL) == ERR_OK);
    }
    return ERR_OK;
}

static enum err take_row(struct walk *walk, const struct store_row *row)
{
    char stream[STREAM_BYTES_MAX + 1] = "";
    struct reader value = {.data = row->value.data, .bytes = row->value.bytes};
    uint64_t seq = reader_u64(&value), pos = 0;
    enum err err = rows_stream_key(row->key, stream, &pos);
    if (err == ERR_OK && value.bad)
        err = ERR_DAMAGED;
    if (err == ERR_OK && strcmp(stream, walk->record.stream) != 0) {
        err = settle(walk, UINT64_MAX);
        memcpy(walk->record.stream, stream, sizeof(stream));
        walk->any = false;
        walk->at = 0;
    }
    if (err == ERR_OK)
        err = settle(walk, seq);
    walk->record.pos = pos;
    walk->seq = seq;
    walk->any = true;
    walk->hashed = false;
    return err;
}

/* Walks on for a page; *${ret_more} is false at the end. */
static enum err take_page(struct walk *walk, bool *ret_more)
{
    struct store_walk *rows = NULL;
    struct store_row row = {0};
    enum err err = store_walk_open(walk->txn, STORE_STREAMS,
                                   (struct slice){walk->from.data, walk->from.bytes}, &rows);
    *ret_more = true;
    for (unsigned i = 0; err == ERR_OK && i < PAGE_ROWS; i++) {
        err = store_walk_next(rows, &row);
        *ret_more = err == ERR_OK && row.found;
        if (!*ret_more)
            break;
        err = take_row(walk, &row);
    }
    if (err == ERR_OK && *ret_more) {
        buf_clear(&walk->from);
        buf_add(&walk->from, row.key.data, row.key.bytes);
        buf_u8(&walk->from, 0); /* the next key that there can be */
    }
    store_walk_close(rows);
    return err;
}

enum err verify_heads_false(struct verify_state *state, const struct registry_heads *said)
{
    return verify_state_bad(state, said->seq,
                            "entry %llu: its ledger.heads says a root over the streams of the "
                            "first %llu entries that they do not have",
                            (unsigned long long)said->seq, (unsigned long long)said->size);
}

/* Whether each root is the one that was said. */
static enum err judge(const struct walk *walk)
{
    uint8_t root[HASH_BYTES];
    for (size_t i = 0; i < walk->count; i++) {
        tree_edge_root(&walk->trials[i].edge, root);
        if (memcmp(root, walk->trials[i].said.root, HASH_BYTES) != 0)
            return verify_heads_false(walk->state, &walk->trials[i].said);
    }
    return ERR_OK;
}

static enum err walk_all(struct walk *walk)
{
    bool more = true;
    enum err err = ERR_OK;
    while (err == ERR_OK && more) {
        store_abort(walk->txn);
        walk->txn = NULL;
        err = store_begin(walk->store, false, &walk->txn, walk->state->why);
        if (err == ERR_OK)
            err = take_page(walk, &more);
        if (err == ERR_OK && more && verify_state_stop(walk->state))
            err = err_say(walk->state->why, ERR_BUSY, "it was stopped");
    }
    if (err == ERR_OK)
        err = settle(walk, UINT64_MAX);
    store_abort(walk->txn);
    return err == ERR_OK ? judge(walk) : err;
}

enum err verify_heads_check(struct verify_state *state, struct store *store)
{
    const struct checkpoint *since = state->options->since;
    size_t count = 0, at = 0;
    const struct registry_heads *said = registry_heads(state->registry, &count);
    enum err err = ERR_OK;
    while (err == ERR_OK && at < count) {
        struct walk walk = {.state = state, .store = store};
        walk.trials = mem_zero(TRIALS_MAX, sizeof(*walk.trials));
        for (; at < count && walk.count < TRIALS_MAX; at++) {
            if (since == NULL || said[at].seq >= since->size)
                walk.trials[walk.count++].said = said[at];
        }
        qsort(walk.trials, walk.count, sizeof(*walk.trials), by_size);
        if (walk.count > 0)
            err = walk_all(&walk);
        free(walk.trials);
        buf_free(&walk.from);
    }
    return err;
}

void verify_heads_skip(struct verify_state *state)
{
    size_t count = 0;
    registry_heads(state->registry, &count);
    if (count > 0)
        verify_state_skip(state, "the roots of %zu ledger.heads over the streams", count);
}
