#include "ledger/verify_env.h"

#include <string.h>

#include "ledger/copy.h"
#include "ledger/files.h"
#include "ledger/store.h"
#include "ledger/verify_heads.h"
#include "ledger/verify_kept.h"
#include "ledger/verify_notes.h"
#include "ledger/verify_pass.h"
#include "ledger/verify_state.h"
#include "ledger/verify_walk.h"

#define FOLD_ROWS 256 /* between two questions whether to stop */
#define ENV_MAGIC MAGIC('V', 'E', 'N', 'V')

/* The environment as a source. */
struct env {
    struct verify_source source;
    struct verify_state *state;
    struct store *store;
    struct store_txn *txn;         /* outside of pieces */
    bool walks;                    /* by walks of the file's pages */
    struct verify_walk *walk;      /* while the pieces are checked, then */
    uint64_t counts[STORE_TABLES]; /* rows at the beginning */
    struct buf last;               /* owned: the checkpoint of the last commit, then */
    struct buf outside;            /* owned: the one outside, from before */
    enum err outside_err;
};

static struct env *cast(void *source)
{
    struct env *env = source;
    CHECK_OBJ(&env->source, ENV_MAGIC);
    return env;
}

static void be64(uint64_t value, uint8_t ret[8])
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        ret[i] = (uint8_t)value;
}

/* What a failing walk means: its page cannot be read, which is damage, or the file cannot. */
static enum err walk_failed(struct verify_piece *piece, unsigned at, enum err err)
{
    if (err != ERR_DAMAGED)
        return err;
    verify_piece_bad(piece, at, "entry %llu: its page cannot be read", verify_piece_seq(piece, at));
    return ERR_OK;
}

/* Walks the rows of a table whose keys are seqs, from the piece's first on; gives how many are
 * there without a gap. */
static enum err walk_rows(struct verify_piece *piece, enum store_table table, struct slice *ret,
                          unsigned *ret_rows)
{
    struct store_walk *walk = NULL;
    uint8_t key[8];
    unsigned at = piece->skip;
    be64(piece->from + at, key);
    enum err err = store_walk_open(piece->hold, table, (struct slice){key, sizeof(key)}, &walk);
    while (err == ERR_OK && at < piece->count) {
        struct store_row row = {0};
        be64(piece->from + at, key);
        err = store_walk_next(walk, &row);
        if (err != ERR_OK || !row.found || row.key.bytes != sizeof(key) ||
            memcmp(row.key.data, key, sizeof(key)) != 0)
            break;
        ret[at++] = row.value;
    }
    store_walk_close(walk);
    *ret_rows = at;
    return err == ERR_OK ? err : walk_failed(piece, at, err);
}

static enum err load_rows(struct verify_piece *piece)
{
    unsigned events = 0;
    enum err err = walk_rows(piece, STORE_ENTRIES, piece->entries, &piece->rows);
    if (err == ERR_OK && piece->rows < piece->count)
        verify_piece_bad(piece, piece->rows, "entry %llu is missing",
                         verify_piece_seq(piece, piece->rows));
    if (err == ERR_OK)
        err = walk_rows(piece, STORE_EVENTS, piece->events, &events);
    for (unsigned i = events; i < piece->rows; i++)
        piece->events[i] = (struct slice){NULL, 0};
    return err;
}

/* Walks to the row of ${number}, past any that do not belong there; where there is none, *${row}
 * is one behind it. */
static enum err walk_to(struct store_walk *walk, uint64_t number, struct store_row *row,
                        bool *ret_there)
{
    uint8_t key[8];
    enum err err = ERR_OK;
    be64(number, key);
    while (err == ERR_OK && row->found) {
        size_t bytes = row->key.bytes < sizeof(key) ? row->key.bytes : sizeof(key);
        int order = memcmp(row->key.data, key, bytes);
        if (order == 0)
            order = row->key.bytes < sizeof(key) ? -1 : row->key.bytes > sizeof(key);
        *ret_there = order == 0;
        if (order >= 0)
            return ERR_OK;
        err = store_walk_next(walk, row);
    }
    *ret_there = false;
    return err;
}

/* The stored nodes that the piece's entries complete: they stand together, in that order. */
static enum err load_nodes(struct verify_piece *piece)
{
    struct store_walk *walk = NULL;
    struct store_row row = {0};
    uint8_t key[8];
    bool there = false;
    uint64_t number = rows_node_number(0, piece->from);
    be64(number, key);
    enum err err =
        store_walk_open(piece->hold, STORE_NODES, (struct slice){key, sizeof(key)}, &walk);
    if (err == ERR_OK)
        err = store_walk_next(walk, &row);
    for (unsigned at = 0; err == ERR_OK && at < piece->count; at++) {
        const uint64_t end = piece->from + at + 1;
        const unsigned levels = (unsigned)__builtin_ctzll(end) + 1;
        for (unsigned level = 0; err == ERR_OK && level < levels; level++) {
            err = walk_to(walk, number++, &row, &there);
            if (err == ERR_OK && there && row.value.bytes == HASH_BYTES)
                verify_piece_node(piece, at, level, row.value.data);
        }
    }
    store_walk_close(walk);
    return err == ERR_DAMAGED ? ERR_OK : err;
}

static enum err load(struct verify_source *source, struct verify_piece *piece)
{
    struct env *env = cast(source);
    struct store_txn *txn = NULL;
    if (env->walk != NULL)
        return verify_walk_load(env->walk, env->state, piece);
    enum err err = store_begin(env->store, false, &txn, &piece->why);
    piece->hold = txn;
    if (err == ERR_OK)
        err = load_rows(piece);
    return err == ERR_OK ? load_nodes(piece) : err;
}

static void unload(struct verify_source *source, struct verify_piece *piece)
{
    (void)source;
    store_abort(piece->hold);
    piece->hold = NULL;
}

static enum err find_stream(struct verify_piece *piece, const char *stream, uint64_t pos,
                            uint64_t *ret_seq, bool *ret_found)
{
    return rows_stream_find(piece->hold, stream, pos, ret_seq, ret_found);
}

static enum err find_id(struct verify_piece *piece, const uint8_t name[HASH_BYTES], const char *id,
                        uint64_t *ret_seq, bool *ret_found)
{
    return rows_id_find(piece->hold, name, id, ret_seq, ret_found);
}

static enum err find_leaf(struct verify_piece *piece, uint64_t seq, uint8_t ret[HASH_BYTES])
{
    return rows_node_read(piece->hold, 0, seq, ret);
}

static enum err read_node(void *source, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES])
{
    return rows_node_read(cast(source)->txn, level, index, ret);
}

static enum err read_time(struct verify_source *source, uint64_t seq, int64_t *ret_us)
{
    struct slice value = {0};
    struct entry entry;
    bool found = false;
    enum err err = store_get_seq(cast(source)->txn, STORE_ENTRIES, seq, &value, &found);
    if (err != ERR_OK)
        return err;
    if (!found || entry_decode(value.data, value.bytes, &entry, NULL) != ERR_OK)
        return ERR_DAMAGED;
    *ret_us = entry.time_us;
    return ERR_OK;
}

/* Also the checks of checkpoints see later commits only where they ask for them. */
static enum err renew(struct env *env)
{
    store_abort(env->txn);
    env->txn = NULL;
    return store_begin(env->store, false, &env->txn, env->state->why);
}

/* What the ledger holds at the beginning; later commits are not looked at. */
static enum err take_stock(struct env *env)
{
    struct verify_state *state = env->state;
    struct slice note = {0};
    bool found = false;
    enum err err = ERR_OK;
    for (int i = 0; err == ERR_OK && i < STORE_TABLES; i++)
        err = store_count(env->txn, (enum store_table)i, &env->counts[i]);
    if (env->walk != NULL)
        state->result->size = env->counts[STORE_ENTRIES];
    else if (err == ERR_OK)
        err = rows_size(env->txn, &state->result->size, state->why);
    if (err == ERR_OK)
        err = store_get(env->txn, STORE_META, ROWS_META_CHECKPOINT, strlen(ROWS_META_CHECKPOINT),
                        &note, &found);
    if (err == ERR_OK && found)
        buf_add(&env->last, note.data, note.bytes);
    if (err == ERR_OK && state->result->size == 0)
        err = verify_state_bad(state, 0, "there is no entry at all");
    return err;
}

/* Folds the stream `ledger` by its index, as far as both hold: where they do not, that entry is
 * found in its place, and before any that relies on it. */
static enum err fold(struct env *env)
{
    struct verify_state *state = env->state;
    uint64_t seq = 0, before = 0;
    struct row row;
    bool found = false;
    enum err err = rows_read(env->txn, 0, &row, state->why);
    if (err == ERR_OK)
        err = verify_state_learn(state, &row);
    else if (err != ERR_IO)
        err = verify_state_bad(state, 0, "%s", state->why->s);
    if (err != ERR_OK)
        return err;
    for (uint64_t pos = 0; err == ERR_OK; pos++) {
        err = rows_stream_find(env->txn, "ledger", pos, &seq, &found);
        if (err == ERR_OK && (!found || seq >= state->result->size || (pos > 0 && seq <= before)))
            break;
        if (err == ERR_OK)
            err = rows_read(env->txn, seq, &row, NULL);
        if (err == ERR_OK &&
            (strcmp(row.entry.part.stream, "ledger") != 0 || row.entry.stream_pos != pos))
            break;
        if (err == ERR_OK)
            verify_state_fold(state, &row);
        before = seq;
        if (pos % FOLD_ROWS == 0 && verify_state_stop(state))
            return err_say(state->why, ERR_BUSY, "it was stopped");
    }
    return err == ERR_IO ? err : ERR_OK;
}

/* Each entry has its rows; so the tables have no others if their numbers are right. */
static enum err check_counts(struct env *env)
{
    static const struct {
        enum store_table table;
        const char *name;
    } tables[] = {
        {STORE_ENTRIES, "entries"}, {STORE_EVENTS, "events"},   {STORE_NODES, "nodes"},
        {STORE_IDS, "ids"},         {STORE_STREAMS, "streams"},
    };
    uint64_t size = env->state->result->size;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        uint64_t rows = env->counts[tables[i].table];
        uint64_t due =
            tables[i].table != STORE_NODES ? size : 2 * size - (uint64_t)__builtin_popcountll(size);
        if (rows != due)
            return verify_state_bad(env->state, size,
                                    "the table %s has %llu rows, and %llu are due", tables[i].name,
                                    (unsigned long long)rows, (unsigned long long)due);
    }
    if (env->counts[STORE_META] != 1)
        return verify_state_bad(env->state, size, "the table meta has %llu rows, and one is due",
                                (unsigned long long)env->counts[STORE_META]);
    return ERR_OK;
}

/* The shape of the file comes first: LMDB trusts it. */
static enum err check_shape(struct env *env)
{
    struct pages_place place = {0};
    struct err_text why = {0};
    const struct verify_options *options = env->state->options;
    const struct pages_how how = {.threads = options->threads,
                                  .stop = options->stop,
                                  .ctx = options->ctx,
                                  .without = options->only_hashes ? "ids" : NULL};
    enum err err = store_check(env->store, &how, &place, &why);
    if (err == ERR_OK || (err == ERR_BUSY && verify_state_stop(env->state)))
        return err;
    if (err != ERR_DAMAGED)
        return err_say(env->state->why, err, "%s", why.s);
    bool by_seq = strcmp(place.table, "entries") == 0 || strcmp(place.table, "events") == 0;
    return verify_state_bad(env->state, by_seq ? place.row : 0, "%s", why.s);
}

static enum err check_notes(struct env *env)
{
    struct verify_state *state = env->state;
    struct verify_kept kept = {.store = env->store,
                               .txn = &env->txn,
                               .outside = &env->outside,
                               .outside_err = env->outside_err};
    enum err err = renew(env);
    if (err == ERR_OK && !state->options->only_checkpoints)
        err = verify_kept_check(state, &kept);
    if (err == ERR_OK)
        err = verify_kept_changes(state, &kept);
    if (err == ERR_OK)
        err = verify_notes_last(state, &env->last);
    if (err == ERR_OK)
        err = verify_kept_outside(state, &kept);
    return err == ERR_OK ? verify_notes_against(state) : err;
}

/* Comes before the entries that are checked: so it covers no more than these. */
static enum err read_outside(struct env *env, const char *dir)
{
    struct err_text why = {0};
    enum err err = files_read(dir, COPY_NAME, NOTE_BYTES_MAX, &env->outside, &why);
    env->outside_err = err;
    return err == ERR_OK || err == ERR_NOT_FOUND || err == ERR_TOO_BIG
               ? ERR_OK
               : err_say(env->state->why, err, "%s", why.s);
}

static enum err check_keys(struct env *env)
{
    enum err err = fold(env);
    return err == ERR_OK ? verify_state_vkey(env->state) : err;
}

/* The pass; what its entries need of the stream `ledger` comes before it.  With a walk, whose check
 * needs nothing of that, behind it: LMDB may read then. */
static enum err check_entries(struct env *env)
{
    struct verify_state *state = env->state;
    enum err err = env->walks ? ERR_OK : check_keys(env);
    if (err == ERR_OK)
        err = verify_pass_run(state);
    if (err == ERR_OK && env->walks)
        err = verify_walk_end(env->walk, state->why);
    verify_walk_free(env->walk);
    env->walk = NULL;
    return err == ERR_OK && env->walks ? check_keys(env) : err;
}

/* By the index of streams, which is not checked where only hashes are. */
static enum err check_heads(struct env *env)
{
    if (!env->state->options->only_hashes)
        return verify_heads_check(env->state, env->store);
    verify_heads_skip(env->state);
    return ERR_OK;
}

static enum err check_all(struct env *env, const char *dir)
{
    struct verify_state *state = env->state;
    const bool shape = !env->walks && !state->options->only_checkpoints;
    enum err err = shape ? check_shape(env) : ERR_OK;
    if (err == ERR_OK)
        err = read_outside(env, dir);
    if (err == ERR_OK)
        err = renew(env);
    if (err == ERR_OK && env->walks)
        err = verify_walk_open(state, env->txn, &env->walk);
    if (err == ERR_OK)
        err = take_stock(env);
    if (err == ERR_OK)
        err = check_entries(env);
    if (err == ERR_OK && !state->options->only_checkpoints)
        err = check_counts(env);
    if (err == ERR_OK && !state->options->only_checkpoints)
        err = check_heads(env);
    if (err == ERR_OK)
        err = check_notes(env);
    if (env->counts[STORE_CUSTODY] > 0)
        verify_state_skip(state, "the %llu counters of custody, which nothing signs",
                          (unsigned long long)env->counts[STORE_CUSTODY]);
    return err;
}

static enum err check(struct verify_state *state, const char *dir, bool walks)
{
    struct env env = {
        .walks = walks,
        .source = {.magic = ENV_MAGIC,
                   .indexed = true,
                   .node_levels = UINT64_MAX,
                   .load = load,
                   .unload = unload,
                   .find_stream = find_stream,
                   .find_id = find_id,
                   .find_leaf = find_leaf,
                   .node = read_node,
                   .time = read_time},
        .state = state,
    };
    state->source = &env.source;
    enum err err = store_open(dir, STORE_SHARED, &env.store, state->why);
    if (err == ERR_OK)
        err = check_all(&env, dir);
    verify_walk_free(env.walk);
    store_abort(env.txn);
    store_close(env.store);
    buf_free(&env.last);
    buf_free(&env.outside);
    state->source = NULL;
    return err;
}

enum err verify_env_check(struct verify_state *state, const char *dir)
{
    return check(state, dir, false);
}

enum err verify_env_walk(struct verify_state *state, const char *dir)
{
    return check(state, dir, true);
}
