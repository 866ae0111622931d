/* What the store does without LMDB: who shares one, keys that are numbers, the file of a copy. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/fault.h"
#include "ledger/mem.h"
#include "ledger/store_inside.h"

#define FILE_MODE 0600

/* LMDB does not bear one environment opened twice: all who open a directory share one. */
static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static struct store *open_stores;

static void store_free(struct store *store)
{
    if (store == NULL)
        return;
    store_inside_stop(store);
    if (store->dir_fd >= 0)
        close(store->dir_fd);
    turnstile_destroy(&store->live);
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
    store->map_bytes_max = MAP_BYTES_MAX;
    turnstile_init(&store->live);
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
    err = store_inside_start(store, dir, how, ret_why);
    if (err != ERR_OK)
        goto out;
    store->device = info.st_dev;
    store->inode = info.st_ino;
    store->uses = 1;
    store->next = open_stores;
    open_stores = store;
    fault_watch(dir);
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
        ASSERT(store->live.inside == 0);
        struct store **at = &open_stores;
        while (*at != store)
            at = &(*at)->next;
        *at = store->next;
        store_free(store);
    }
    pthread_mutex_unlock(&open_lock);
}

bool store_sparse(const struct store *store)
{
    CHECK_OBJ(store, STORE_MAGIC);
    return store->sparse;
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

enum err store_copy(struct store *store, const char *path, struct err_text *ret_why)
{
    struct err_text what = {""};
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return err_say(ret_why, ERR_IO, "%s cannot be made: %s", path, strerror(errno));
    enum err err = store_copy_to(store, fd, &what);
    if (close(fd) != 0 && err == ERR_OK)
        err = err_say(&what, ERR_IO, "%s", strerror(errno));
    if (err == ERR_OK)
        return ERR_OK;
    unlink(path);
    return err_say(ret_why, err, "%s cannot be written: %s", path, what.s);
}
