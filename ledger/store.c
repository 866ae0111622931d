#include "ledger/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ledger/mem.h"
#include "ledger/shape.h"

#define STORE_MAGIC MAGIC('S', 'T', 'O', 'R')
#define FILE_MODE 0600
#define CHECK_TRIES 100 /* commits of others that may come between a reader and its meta page */

struct store {
    uint32_t magic;
    MDB_env *env;
    MDB_dbi tables[STORE_TABLES];
    bool has[STORE_TABLES];
    int dir_fd; /* holds the flock */
    dev_t device;
    ino_t inode;   /* of the directory */
    unsigned uses; /* store_open less store_close; guarded by open_lock */
    struct store *next;
    pthread_mutex_t lock; /* guards what is below */
    unsigned live;        /* transactions that have begun and not ended */
};

struct store_txn {
    struct store *store;
    MDB_txn *txn;
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

/* LMDB's locks do not bear one environment opened twice in a process, so that all who open the same
 * directory share one. */
static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static struct store *open_stores;

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

static enum err disk_check(const struct store *store, struct err_text *ret_why)
{
    struct statvfs disk;
    if (fstatvfs(store->dir_fd, &disk) != 0)
        return err_say(ret_why, ERR_IO, "the file system's free space cannot be read: %s",
                       strerror(errno));
    unsigned long long free_bytes = (unsigned long long)disk.f_bavail * disk.f_frsize;
    if (free_bytes < DISK_FREE_BYTES_MIN)
        return err_say(ret_why, ERR_DISK_LOW,
                       "only %llu MiB are free on the ledger's file system, and %d are needed: "
                       "make room, then try again",
                       free_bytes >> 20, DISK_FREE_BYTES_MIN >> 20);
    return ERR_OK;
}

/* Opens the environment with the biggest map that the machine grants. */
static int env_open(struct store *store, const char *dir, unsigned flags)
{
    int code = ENOMEM;
    for (unsigned long long map = MAP_BYTES_MAX; code == ENOMEM && map >= 1ULL << 30; map >>= 2) {
        code = mdb_env_create(&store->env);
        if (code != 0)
            return code;
        if ((code = mdb_env_set_assert(store->env, env_assert)) != 0 ||
            (code = mdb_env_set_mapsize(store->env, (size_t)map)) != 0 ||
            (code = mdb_env_set_maxdbs(store->env, STORE_TABLES)) != 0 ||
            (code = mdb_env_set_maxreaders(store->env, READERS_MAX)) != 0 ||
            (code = mdb_env_open(store->env, dir, flags, FILE_MODE)) != 0) {
            mdb_env_close(store->env);
            store->env = NULL;
        }
    }
    return code;
}

static int tables_open(struct store *store, enum store_how how)
{
    MDB_txn *txn = NULL;
    bool create = how == STORE_CREATE;
    int dead;
    int code = mdb_reader_check(store->env, &dead);
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

static enum err env_start(struct store *store, const char *dir, enum store_how how,
                          struct err_text *ret_why)
{
    enum err err = how == STORE_CREATE ? disk_check(store, ret_why)
                   : how == STORE_SALVAGE
                       ? shape_tables(store->dir_fd, dir, tables, STORE_TABLES, store->has, ret_why)
                       : shape_head(store->dir_fd, dir, ret_why);
    if (err != ERR_OK)
        return err;
    int code = env_open(store, dir, MDB_NOTLS);
    if ((code == EACCES || code == EROFS) && how == STORE_SHARED)
        code = env_open(store, dir, MDB_NOTLS | MDB_RDONLY);
    if (code == 0)
        code = tables_open(store, how);
    err = store_err(code);
    if (err == ERR_DAMAGED)
        return err_say(ret_why, err,
                       "%s/data.mdb is not a ledger's, or is damaged (%s): restore "
                       "it from a backup",
                       dir, mdb_strerror(code));
    if (code == EACCES)
        return err_say(ret_why, err, "%s: %s (readers write to lock.mdb too; a copy will do)", dir,
                       mdb_strerror(code));
    return err == ERR_OK ? err : err_say(ret_why, err, "%s: %s", dir, mdb_strerror(code));
}

static void store_free(struct store *store)
{
    if (store == NULL)
        return;
    if (store->env != NULL)
        mdb_env_close(store->env);
    if (store->dir_fd >= 0)
        close(store->dir_fd);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

static struct store *store_known(const struct stat *info)
{
    struct store *store = open_stores;
    while (store != NULL && (store->device != info->st_dev || store->inode != info->st_ino))
        store = store->next;
    return store;
}

/* Under open_lock. */
static enum err store_make(const char *dir, enum store_how how, struct store **ret_store,
                           struct err_text *ret_why)
{
    enum err err;
    struct stat info;
    struct store *store = mem_zero(1, sizeof(*store));
    store->magic = STORE_MAGIC;
    pthread_mutex_init(&store->lock, NULL);
    store->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->dir_fd < 0 || fstat(store->dir_fd, &info) != 0) {
        err = errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
        err_say(ret_why, err, "%s cannot be opened: %s", dir, strerror(errno));
        goto out;
    }
    struct store *known = store_known(&info);
    bool alone = how == STORE_ALONE || how == STORE_SALVAGE;
    if (known != NULL && alone) {
        err = err_say(ret_why, ERR_BUSY, "%s is open in this process", dir);
        goto out;
    }
    if (known != NULL) {
        known->uses++;
        *ret_store = known;
        err = ERR_OK;
        goto out;
    }
    if (flock(store->dir_fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        err = err_say(ret_why, ERR_BUSY,
                      alone ? "%s must be had alone, and other processes have it open: end them "
                              "first"
                            : "%s is being recovered or repaired by another process: wait for it",
                      dir);
        goto out;
    }
    err = env_start(store, dir, how, ret_why);
    if (err != ERR_OK)
        goto out;
    store->device = info.st_dev;
    store->inode = info.st_ino;
    store->uses = 1;
    store->next = open_stores;
    open_stores = store;
    *ret_store = store;
    store = NULL;
out:
    store_free(store);
    return err;
}

enum err store_open(const char *dir, enum store_how how, struct store **ret_store,
                    struct err_text *ret_why)
{
    pthread_mutex_lock(&open_lock);
    enum err err = store_make(dir, how, ret_store, ret_why);
    pthread_mutex_unlock(&open_lock);
    return err;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    CHECK_OBJ(store, STORE_MAGIC);
    pthread_mutex_lock(&open_lock);
    if (--store->uses == 0) {
        ASSERT(store->live == 0);
        struct store **at = &open_stores;
        while (*at != store)
            at = &(*at)->next;
        *at = store->next;
        store_free(store);
    }
    pthread_mutex_unlock(&open_lock);
}

bool store_has(const struct store *store, enum store_table table)
{
    return store->has[table];
}

/* Another process has grown the file beyond our map: takes its size over, if nothing is under way
 * here. */
static int map_follow(struct store *store)
{
    return store->live == 0 ? mdb_env_set_mapsize(store->env, 0) : MDB_READERS_FULL;
}

static int txn_begin(struct store *store, bool write, MDB_txn **ret_txn)
{
    unsigned flags = write ? 0 : MDB_RDONLY;
    int code = mdb_txn_begin(store->env, NULL, flags, ret_txn);
    if (code == MDB_READERS_FULL) {
        int dead;
        code = mdb_reader_check(store->env, &dead);
        if (code == 0)
            code = mdb_txn_begin(store->env, NULL, flags, ret_txn);
    }
    pthread_mutex_lock(&store->lock);
    if (code == MDB_MAP_RESIZED) {
        code = map_follow(store);
        if (code == 0)
            code = mdb_txn_begin(store->env, NULL, flags, ret_txn);
    }
    if (code == 0)
        store->live++;
    pthread_mutex_unlock(&store->lock);
    return code;
}

enum err store_begin(struct store *store, bool write, struct store_txn **ret_txn,
                     struct err_text *ret_why)
{
    CHECK_OBJ(store, STORE_MAGIC);
    enum err err = write ? disk_check(store, ret_why) : ERR_OK;
    if (err != ERR_OK)
        return err;
    MDB_txn *txn = NULL;
    int code = txn_begin(store, write, &txn);
    err = store_err(code);
    if (err != ERR_OK) {
        err_say(ret_why, err, "the ledger's environment cannot be %s: %s",
                write ? "written" : "read", mdb_strerror(code));
        return err;
    }
    struct store_txn *made = mem_zero(1, sizeof(*made));
    made->store = store;
    made->txn = txn;
    *ret_txn = made;
    return ERR_OK;
}

static void txn_end(struct store_txn *txn)
{
    pthread_mutex_lock(&txn->store->lock);
    txn->store->live--;
    pthread_mutex_unlock(&txn->store->lock);
    free(txn);
}

void store_abort(struct store_txn *txn)
{
    if (txn == NULL)
        return;
    mdb_txn_abort(txn->txn);
    txn_end(txn);
}

enum err store_commit(struct store_txn *txn, struct err_text *ret_why)
{
    int code = mdb_txn_commit(txn->txn);
    txn_end(txn);
    /* Any other error may come from a write or a sync that had begun. */
    enum err err = code == 0                                      ? ERR_OK
                   : code == MDB_MAP_FULL || code == MDB_TXN_FULL ? ERR_DISK_LOW
                                                                  : ERR_IO;
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
    if (code == 0 && v.mv_size > value_bytes_max[table])
        return ERR_DAMAGED;
    if (code != 0 && code != MDB_NOTFOUND)
        return store_err(code);
    *ret_found = code == 0;
    *ret_value = code == 0 ? (struct slice){v.mv_data, v.mv_size} : (struct slice){NULL, 0};
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
    return store_err(mdb_put(txn->txn, txn->store->tables[table], &k, &v, flags));
}

static void seq_key(uint64_t seq, uint8_t ret[8])
{
    for (int i = 7; i >= 0; i--, seq >>= 8)
        ret[i] = (uint8_t)seq;
}

enum err store_get_seq(struct store_txn *txn, enum store_table table, uint64_t seq,
                       struct slice *ret_value, bool *ret_found)
{
    uint8_t key[8];
    seq_key(seq, key);
    return store_get(txn, table, key, sizeof(key), ret_value, ret_found);
}

enum err store_put_seq(struct store_txn *txn, enum store_table table, uint64_t seq,
                       const void *value, size_t value_bytes)
{
    uint8_t key[8];
    seq_key(seq, key);
    return store_put(txn, table, key, sizeof(key), value, value_bytes);
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
    struct statvfs disk;
    MDB_envinfo info = {0};
    MDB_stat stat = {0};
    uint64_t lines = 0;
    if (fstatvfs(store->dir_fd, &disk) != 0 || mdb_env_info(store->env, &info) != 0 ||
        mdb_env_stat(store->env, &stat) != 0 ||
        mdb_reader_list(store->env, reader_count, &lines) < 0)
        return err_say(ret_why, ERR_IO, "what the environment takes up cannot be read");
    *ret_usage = (struct store_usage){
        .map_bytes = info.me_mapsize,
        .used_bytes = (info.me_last_pgno + 1) * stat.ms_psize,
        .disk_free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize,
        .readers = lines > 0 ? lines - 1 : 0,
    };
    return ERR_OK;
}

enum err store_check(struct store *store, struct pages_place *ret_place, struct err_text *ret_why)
{
    struct err_text what = {0};
    enum err err = ERR_BUSY;
    mdb_filehandle_t fd = -1;
    for (int i = 0; err == ERR_BUSY && i < CHECK_TRIES; i++) {
        struct store_txn *txn = NULL;
        err = store_begin(store, false, &txn, &what);
        if (err != ERR_OK || txn == NULL)
            break;
        err = store_err(mdb_env_get_fd(store->env, &fd));
        if (err == ERR_OK)
            err = pages_check(fd, mdb_txn_id(txn->txn), ret_place, &what);
        store_abort(txn);
    }
    return err == ERR_OK ? err : err_say(ret_why, err, "data.mdb: %s", what.s);
}

enum err store_copy(struct store *store, const char *path, struct err_text *ret_why)
{
    CHECK_OBJ(store, STORE_MAGIC);
    enum err err = disk_check(store, ret_why);
    if (err != ERR_OK)
        return err;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return err_say(ret_why, ERR_IO, "%s cannot be made: %s", path, strerror(errno));
    int code = mdb_env_copyfd2(store->env, fd, 0);
    if (code == 0 && fsync(fd) != 0)
        code = errno;
    if (close(fd) != 0 && code == 0)
        code = errno;
    return code == 0 ? ERR_OK
                     : err_say(ret_why, code == ENOSPC || code == EDQUOT ? ERR_DISK_LOW : ERR_IO,
                               "the copy %s could not be written: %s", path, mdb_strerror(code));
}
