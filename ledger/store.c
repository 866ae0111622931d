#include "ledger/store.h"

#include <errno.h>
#include <limits.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/clock.h"
#include "ledger/instant.h"
#include "ledger/mem.h"
#include "ledger/pages_ahead.h"
#include "ledger/shape.h"
#include "ledger/store_inside.h"

#define FILE_MODE 0600
#define LONG_BYTES 4096 /* a value that is longer stands on several pages */
#define IDLE_SECONDS 2  /* a new map waits so long for transactions to end */
#define SLOT_TRIES 100  /* for a reader slot, 10 ms apart */
#define SLOT_WAIT_US 10000
#define REAP_US (30 * INSTANT_SECOND_US) /* a writer looks for dead readers so often */
#define CHECK_TRIES 100

struct store_txn {
    struct store *store;
    MDB_txn *txn;
    MDB_txn *outer; /* what was written before the mark; NULL without one */
};

static const struct shape_table tables[STORE_TABLES] = {
    {"entries", true},  {"events", true},      {"nodes", false},  {"ids", false},
    {"streams", false}, {"checkpoints", true}, {"custody", true}, {"meta", true},
};

/* No value is longer; a length that was damaged must not lead beyond the file. */
static const size_t value_bytes_max[STORE_TABLES] = {
    ENTRY_BYTES_MAX, SALT_BYTES + EVENT_BYTES_MAX, HASH_BYTES, 8, 8, NOTE_BYTES_MAX, 8,
    NOTE_BYTES_MAX,
};

/* LMDB found its pages in a state in which it cannot go on, and would abort. */
static void env_assert(MDB_env *env, const char *what)
{
    const char *dir = "";
    mdb_env_get_path(env, &dir);
    fprintf(stderr, "countersign: %s/data.mdb is damaged (%s): run verify, restore a backup\n", dir,
            what);
    _exit(err_exit(ERR_DAMAGED));
}

/* What LMDB's error code means for us. */
static enum err store_err(int code)
{
    switch (code) {
    case 0:
        return ERR_OK;
    case MDB_KEYEXIST:
        return ERR_CONFLICT;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
        return ERR_DISK_LOW;
    case MDB_READERS_FULL:
        return ERR_BUSY;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_PAGE_FULL:
    case MDB_CURSOR_FULL:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_NOTFOUND:
    case MDB_INCOMPATIBLE:
        return ERR_DAMAGED;
    default:
        return ERR_IO;
    }
}

static int env_open(struct store *store, const char *dir, unsigned flags)
{
    /* As much as the machine grants; LMDB takes the file's size if that is more. */
    int code = mdb_env_create(&store->env);
    if (code != 0)
        return code;
    if ((code = mdb_env_set_assert(store->env, env_assert)) != 0 ||
        (code = mdb_env_set_mapsize(store->env, space_map_first(store->map_bytes_max))) != 0 ||
        (code = mdb_env_set_maxdbs(store->env, STORE_TABLES)) != 0 ||
        (code = mdb_env_set_maxreaders(store->env, READERS_MAX)) != 0 ||
        (code = mdb_env_open(store->env, dir, flags, FILE_MODE)) != 0) {
        mdb_env_close(store->env);
        store->env = NULL;
    }
    return code;
}

static int tables_open(struct store *store, enum store_how how)
{
    MDB_txn *txn = NULL;
    bool create = how == STORE_CREATE;
    int code = mdb_reader_check(store->env, NULL);
    if (code == 0)
        code = mdb_txn_begin(store->env, NULL, create ? 0 : MDB_RDONLY, &txn);
    for (int i = 0; i < STORE_TABLES && code == 0; i++) {
        store->has[i] |= how != STORE_SALVAGE;
        store->tables[i] = UINT_MAX;
        if (store->has[i])
            code = mdb_dbi_open(txn, tables[i].name, create ? MDB_CREATE : 0, &store->tables[i]);
    }
    if (code == 0)
        return mdb_txn_commit(txn);
    if (txn != NULL)
        mdb_txn_abort(txn);
    return code;
}

enum err store_inside_start(struct store *store, const char *dir, enum store_how how,
                            struct err_text *ret_why)
{
    enum err err = how == STORE_CREATE ? space_check(&store->space, store->dir_fd, ret_why)
                   : how == STORE_SALVAGE
                       ? shape_tables(store->dir_fd, dir, tables, STORE_TABLES, store->has, ret_why)
                       : shape_head(store->dir_fd, dir, ret_why);
    if (err != ERR_OK)
        return err;
    store->sparse = how == STORE_SPARSE;
    const unsigned flags = MDB_NOTLS | (store->sparse ? MDB_NORDAHEAD : 0);
    int code = env_open(store, dir, flags);
    if ((code == EACCES || code == EROFS) && (how == STORE_SHARED || how == STORE_SPARSE))
        code = env_open(store, dir, flags | MDB_RDONLY);
    if (code == 0)
        code = tables_open(store, how);
    err = store_err(code);
    if (err == ERR_DAMAGED)
        return err_say(ret_why, err,
                       "%s/data.mdb is not a ledger's, or is damaged (%s): if repair --index does "
                       "not help, restore a backup",
                       dir, mdb_strerror(code));
    if (code == EACCES)
        return err_say(ret_why, err, "%s: %s (readers write to lock.mdb too; a copy will do)", dir,
                       mdb_strerror(code));
    return err == ERR_OK ? err : err_say(ret_why, err, "%s: %s", dir, mdb_strerror(code));
}

void store_inside_stop(struct store *store)
{
    if (store->env != NULL)
        mdb_env_close(store->env);
}

bool store_has(const struct store *store, enum store_table table)
{
    return store->has[table];
}

static struct space_map map_look(const struct store *store)
{
    MDB_envinfo info;
    MDB_stat stat;
    ASSERT(mdb_env_info(store->env, &info) == 0 && mdb_env_stat(store->env, &stat) == 0);
    return (struct space_map){.map_bytes = info.me_mapsize,
                              .used_bytes = (info.me_last_pgno + 1) * stat.ms_psize,
                              .full = store->map_full};
}

void store_map(struct store *store, size_t bytes, size_t bytes_max)
{
    ASSERT(turnstile_close(&store->live, IDLE_SECONDS));
    ASSERT(mdb_env_set_mapsize(store->env, bytes) == 0);
    store->map_bytes_max = bytes_max;
    turnstile_open(&store->live);
}

/* Maps the file anew once nothing is under way here; whoever would begin waits meanwhile. */
static int remap(struct store *store, bool write)
{
    int code = 0;
    if (!turnstile_close(&store->live, IDLE_SECONDS))
        return MDB_READERS_FULL;
    struct space_map map = map_look(store);
    bool due = write ? space_map_tight(&map) : map.used_bytes > map.map_bytes;
    size_t bytes = due ? space_map_wider(&map, write, store->map_bytes_max) : 0;
    if (due && bytes == 0)
        code = MDB_MAP_FULL;
    else if (due)
        code = mdb_env_set_mapsize(store->env, bytes);
    if (code != 0 && code != MDB_MAP_FULL) { /* the old map is gone */
        fprintf(stderr, "countersign: the ledger cannot be mapped anew: %s\n", mdb_strerror(code));
        _exit(err_exit(ERR_IO));
    }
    store->map_full = write && code != 0;
    turnstile_open(&store->live);
    return code == 0 || write ? code : ENOMEM;
}

/* Before a write: room on the disk and in the map; and now and then, readers that were killed. */
static enum err room_check(struct store *store, struct err_text *ret_why)
{
    int64_t now_us = clock_monotonic_us();
    pthread_mutex_lock(&store->live.lock);
    enum err err = space_check(&store->space, store->dir_fd, ret_why);
    struct space_map map = map_look(store);
    if (now_us - store->reaped_us >= REAP_US) {
        store->reaped_us = now_us;
        (void)!mdb_reader_check(store->env, NULL);
    }
    pthread_mutex_unlock(&store->live.lock);
    if (err != ERR_OK || !space_map_tight(&map))
        return err;
    int code = remap(store, true);
    if (code == MDB_READERS_FULL)
        return err_say(ret_why, ERR_BUSY, "the map must grow, and readers do not end: try again");
    return code == 0 ? ERR_OK
                     : err_say(ret_why, ERR_DISK_LOW,
                               "data.mdb has %zu MiB, and the address space allows no more than "
                               "%zu: raise its limit (ulimit -v), then start again",
                               map.used_bytes >> 20, map.map_bytes >> 20);
}

static int txn_begin(struct store *store, bool write, MDB_txn **ret_txn)
{
    unsigned flags = write ? 0 : MDB_RDONLY;
    int code = 0;
    for (int tries = 0; tries < SLOT_TRIES; tries++) {
        turnstile_enter(&store->live);
        code = mdb_txn_begin(store->env, NULL, flags, ret_txn);
        if (code == 0)
            return 0;
        turnstile_leave(&store->live);
        if (code == MDB_MAP_RESIZED) /* another process has grown the file beyond our map */
            code = remap(store, false);
        else if (code == MDB_READERS_FULL && (code = mdb_reader_check(store->env, NULL)) == 0)
            usleep(tries > 0 ? SLOT_WAIT_US : 0);
        if (code != 0)
            return code;
    }
    return MDB_READERS_FULL;
}

static enum err txn_make(struct store *store, bool write, struct store_txn **ret_txn,
                         struct err_text *ret_why)
{
    MDB_txn *txn = NULL;
    int code = txn_begin(store, write, &txn);
    if (code != 0)
        return err_say(ret_why, store_err(code), "the ledger's environment cannot be %s: %s",
                       write ? "written" : "read", mdb_strerror(code));
    struct store_txn *made = mem_zero(1, sizeof(*made));
    *made = (struct store_txn){.store = store, .txn = txn};
    *ret_txn = made;
    return ERR_OK;
}

enum err store_begin(struct store *store, bool write, struct store_txn **ret_txn,
                     struct err_text *ret_why)
{
    CHECK_OBJ(store, STORE_MAGIC);
    enum err err = write ? room_check(store, ret_why) : ERR_OK;
    return err == ERR_OK ? txn_make(store, write, ret_txn, ret_why) : err;
}

enum err store_ready(struct store *store, struct err_text *ret_why)
{
    CHECK_OBJ(store, STORE_MAGIC);
    pthread_mutex_lock(&store->live.lock);
    enum err err = space_check(&store->space, store->dir_fd, ret_why);
    if (err == ERR_OK && store->map_full)
        err = err_say(ret_why, ERR_DISK_LOW, "the ledger's map is full");
    pthread_mutex_unlock(&store->live.lock);
    return err;
}

enum err store_settle(struct store *store, struct store_txn **ret_txn, struct err_text *ret_why)
{
    CHECK_OBJ(store, STORE_MAGIC);
    unsigned flags = 0;
    mdb_filehandle_t fd = -1;
    struct store_txn *txn = NULL;
    ASSERT(mdb_env_get_flags(store->env, &flags) == 0 && mdb_env_get_fd(store->env, &fd) == 0);
    enum err err = txn_make(store, (flags & MDB_RDONLY) == 0, &txn, ret_why);
    if (err == ERR_OK && fdatasync(fd) != 0 && errno != EROFS && errno != EINVAL) {
        err = err_say(ret_why, ERR_IO, "data.mdb cannot be synced: %s", strerror(errno));
        store_abort(txn);
    }
    if (err == ERR_OK)
        *ret_txn = txn;
    return err;
}

static void txn_end(struct store_txn *txn)
{
    turnstile_leave(&txn->store->live);
    free(txn);
}

void store_abort(struct store_txn *txn)
{
    if (txn == NULL)
        return;
    store_take_back(txn);
    mdb_txn_abort(txn->txn);
    txn_end(txn);
}

/* Within a mark, what is looked at must be the inner transaction: LMDB allows no other. */
enum err store_mark(struct store_txn *txn, struct err_text *ret_why)
{
    MDB_txn *inner = NULL;
    ASSERT(txn->outer == NULL);
    int code = mdb_txn_begin(txn->store->env, txn->txn, 0, &inner);
    if (code != 0)
        return err_say(ret_why, store_err(code), "no transaction within another: %s",
                       mdb_strerror(code));
    txn->outer = txn->txn;
    txn->txn = inner;
    return ERR_OK;
}

void store_take_back(struct store_txn *txn)
{
    if (txn->outer == NULL)
        return;
    mdb_txn_abort(txn->txn);
    txn->txn = txn->outer;
    txn->outer = NULL;
}

/* Under the writer's own transaction. */
static enum err write_err(struct store *store, int code)
{
    if (code != MDB_MAP_FULL)
        return store_err(code);
    pthread_mutex_lock(&store->live.lock);
    store->map_full = true;
    pthread_mutex_unlock(&store->live.lock);
    return ERR_DISK_LOW;
}

enum err store_keep(struct store_txn *txn, struct err_text *ret_why)
{
    ASSERT(txn->outer != NULL);
    int code = mdb_txn_commit(txn->txn);
    txn->txn = txn->outer;
    txn->outer = NULL;
    return code == 0 ? ERR_OK
                     : err_say(ret_why, write_err(txn->store, code),
                               "a part of the commit failed: %s", mdb_strerror(code));
}

enum err store_commit(struct store_txn *txn, struct err_text *ret_why)
{
    ASSERT(txn->outer == NULL);
    int code = mdb_txn_commit(txn->txn);
    enum err err = write_err(txn->store, code);
    txn_end(txn);
    /* Any other error may come from a write or a sync that had begun. */
    if (code != 0 && code != MDB_MAP_FULL && code != MDB_TXN_FULL)
        err = ERR_IO;
    return err == ERR_OK ? err : err_say(ret_why, err, "the commit failed: %s", mdb_strerror(code));
}

/* A value for reading only: LMDB's own type has no const. */
static MDB_val val(const void *data, size_t bytes)
{
    union {
        const void *in;
        void *out;
    } cast = {data};
    return (MDB_val){bytes, cast.out};
}

enum err store_get(struct store_txn *txn, enum store_table table, const void *key, size_t key_bytes,
                   struct slice *ret_value, bool *ret_found)
{
    MDB_val k = val(key, key_bytes), v;
    int code = mdb_get(txn->txn, txn->store->tables[table], &k, &v);
    if (code != 0 && code != MDB_NOTFOUND)
        return store_err(code);
    if (code == 0 && v.mv_size > value_bytes_max[table])
        return ERR_DAMAGED;
    *ret_found = code == 0;
    *ret_value = code == 0 ? (struct slice){v.mv_data, v.mv_size} : (struct slice){NULL, 0};
    if (txn->store->sparse && ret_value->bytes > LONG_BYTES)
        pages_ahead_value(ret_value->data, ret_value->bytes);
    return ERR_OK;
}

enum err store_put(struct store_txn *txn, enum store_table table, const void *key, size_t key_bytes,
                   const void *value, size_t value_bytes)
{
    MDB_val k = val(key, key_bytes), v = val(value, value_bytes);
    unsigned flags = MDB_NOOVERWRITE;
    if (table == STORE_META || table == STORE_CUSTODY)
        flags = 0;
    else if (table == STORE_ENTRIES || table == STORE_EVENTS || table == STORE_CHECKPOINTS)
        flags = MDB_APPEND;
    return write_err(txn->store, mdb_put(txn->txn, txn->store->tables[table], &k, &v, flags));
}

void store_ahead(struct store_txn *txn, enum store_table table, const uint64_t *seqs, size_t count)
{
    mdb_filehandle_t fd = -1;
    if (txn->store->sparse && mdb_env_get_fd(txn->store->env, &fd) == 0)
        pages_ahead_rows(fd, tables[table].name, seqs, count);
}

static int cursor_seek(MDB_cursor *cursor, struct slice key, bool before, MDB_val *k, MDB_val *v)
{
    if (key.bytes == 0)
        return mdb_cursor_get(cursor, k, v, before ? MDB_LAST : MDB_FIRST);
    *k = val(key.data, key.bytes);
    int code = mdb_cursor_get(cursor, k, v, MDB_SET_RANGE);
    if (!before || (code != 0 && code != MDB_NOTFOUND))
        return code;
    return mdb_cursor_get(cursor, k, v, code == 0 ? MDB_PREV : MDB_LAST);
}

static enum err row_fill(enum store_table table, int code, const MDB_val *k, const MDB_val *v,
                         struct store_row *ret_row)
{
    if (code == 0 && v->mv_size > value_bytes_max[table])
        return ERR_DAMAGED;
    if (code != 0 && code != MDB_NOTFOUND)
        return store_err(code);
    *ret_row = (struct store_row){.found = code == 0};
    if (code == 0) {
        ret_row->key = (struct slice){k->mv_data, k->mv_size};
        ret_row->value = (struct slice){v->mv_data, v->mv_size};
    }
    return ERR_OK;
}

enum err store_seek(struct store_txn *txn, enum store_table table, struct slice key, bool before,
                    struct store_row *ret_row)
{
    MDB_cursor *cursor;
    MDB_val k = {0, NULL}, v = {0, NULL};
    int code = mdb_cursor_open(txn->txn, txn->store->tables[table], &cursor);
    if (code != 0)
        return store_err(code);
    code = cursor_seek(cursor, key, before, &k, &v);
    mdb_cursor_close(cursor);
    return row_fill(table, code, &k, &v, ret_row);
}

enum err store_count(struct store_txn *txn, enum store_table table, uint64_t *ret_count)
{
    MDB_stat stat;
    int code = mdb_stat(txn->txn, txn->store->tables[table], &stat);
    if (code == 0)
        *ret_count = stat.ms_entries;
    return store_err(code);
}

struct store_walk {
    MDB_cursor *cursor;
    enum store_table table;
    bool begun;
    size_t from_bytes;
    uint8_t from[512]; /* LMDB's keys have 511 bytes at most */
};

enum err store_walk_open(struct store_txn *txn, enum store_table table, struct slice from,
                         struct store_walk **ret_walk)
{
    struct store_walk *walk = mem_zero(1, sizeof(*walk));
    ASSERT(from.bytes < sizeof(walk->from));
    int code = mdb_cursor_open(txn->txn, txn->store->tables[table], &walk->cursor);
    if (code != 0) {
        free(walk);
        return store_err(code);
    }
    walk->table = table;
    walk->from_bytes = from.bytes;
    if (from.bytes > 0)
        memcpy(walk->from, from.data, from.bytes);
    *ret_walk = walk;
    return ERR_OK;
}

enum err store_walk_next(struct store_walk *walk, struct store_row *ret_row)
{
    MDB_val k = {0, NULL}, v = {0, NULL};
    struct slice from = {walk->from, walk->from_bytes};
    int code = walk->begun ? mdb_cursor_get(walk->cursor, &k, &v, MDB_NEXT)
                           : cursor_seek(walk->cursor, from, false, &k, &v);
    walk->begun = true;
    return row_fill(walk->table, code, &k, &v, ret_row);
}

void store_walk_close(struct store_walk *walk)
{
    if (walk == NULL)
        return;
    mdb_cursor_close(walk->cursor);
    free(walk);
}

/* Called for a headline, then for each reader. */
static int reader_count(const char *line, void *ctx)
{
    uint64_t *lines = ctx;
    (void)line;
    *lines += 1;
    return 0;
}

enum err store_usage(struct store *store, struct store_usage *ret_usage, struct err_text *ret_why)
{
    CHECK_OBJ(store, STORE_MAGIC);
    uint64_t lines = 0;
    unsigned long long free_bytes = 0;
    enum err err = space_free(store->dir_fd, &free_bytes, ret_why);
    pthread_mutex_lock(&store->live.lock);
    struct space_map map = map_look(store);
    (void)!mdb_reader_check(store->env, NULL); /* nothing else does while nobody writes */
    bool listed = mdb_reader_list(store->env, reader_count, &lines) >= 0;
    pthread_mutex_unlock(&store->live.lock);
    if (err == ERR_OK && !listed)
        err = err_say(ret_why, ERR_IO, "the environment's readers cannot be listed");
    if (err == ERR_OK)
        *ret_usage = (struct store_usage){.map_bytes = map.map_bytes,
                                          .used_bytes = map.used_bytes,
                                          .disk_free_bytes = free_bytes,
                                          .readers = lines > 0 ? lines - 1 : 0};
    return err;
}

enum err store_check_in(struct store_txn *txn, const struct pages_how *how,
                        struct pages_place *ret_place, struct err_text *ret_why)
{
    mdb_filehandle_t fd = -1;
    enum err err = store_err(mdb_env_get_fd(txn->store->env, &fd));
    return err == ERR_OK ? pages_check(fd, mdb_txn_id(txn->txn), how, ret_place, ret_why) : err;
}

enum err store_check(struct store *store, const struct pages_how *how,
                     struct pages_place *ret_place, struct err_text *ret_why)
{
    struct err_text what = {0};
    enum err err = ERR_BUSY;
    for (int i = 0; err == ERR_BUSY && i < CHECK_TRIES; i++) {
        if (i > 0 && how->stop != NULL && how->stop(how->ctx))
            break;
        struct store_txn *txn = NULL;
        err = store_begin(store, false, &txn, &what);
        if (err != ERR_OK || txn == NULL)
            break;
        err = store_check_in(txn, how, ret_place, &what);
        store_abort(txn);
    }
    return err == ERR_OK ? err : err_say(ret_why, err, "data.mdb: %s", what.s);
}

enum err store_copy_to(struct store *store, int fd, struct err_text *ret_why)
{
    CHECK_OBJ(store, STORE_MAGIC);
    turnstile_enter(&store->live);
    enum err err = space_for(fd, map_look(store).used_bytes, ret_why);
    int code = err == ERR_OK ? mdb_env_copyfd2(store->env, fd, 0) : 0;
    turnstile_leave(&store->live);
    if (code == 0 && err == ERR_OK && fsync(fd) != 0)
        code = errno;
    return code == 0 ? err : err_say(ret_why, store_err(code), "%s", mdb_strerror(code));
}
