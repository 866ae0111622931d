/* store_inside - an open environment as the files that implement store.h see it. */
#ifndef LEDGER_STORE_INSIDE_H
#define LEDGER_STORE_INSIDE_H

#include <sys/types.h>

#include "ledger/space.h"
#include "ledger/store.h"
#include "ledger/turnstile.h"

#define STORE_MAGIC MAGIC('S', 'T', 'O', 'R')

struct MDB_env;

struct store {
    uint32_t magic;
    struct MDB_env *env;
    unsigned tables[STORE_TABLES];
    bool has[STORE_TABLES];
    bool sparse;
    int dir_fd; /* holds the flock */
    dev_t device;
    ino_t inode;   /* of the directory */
    unsigned uses; /* store_open less store_close; of all that share it */
    struct store *next;
    struct turnstile live; /* transactions; its lock guards what is below */
    bool map_full;         /* the last write found no room in the map */
    size_t map_bytes_max;
    int64_t reaped_us; /* monotonic clock */
    struct space space;
};

/**
 * store_inside_start(store, dir, how, ret_why): Open the environment of a store whose directory is
 * open.  Errors: those of store_open.
 * store_inside_stop(store): Close it, if it is open.
 */
MUST_CHECK enum err store_inside_start(struct store *store, const char *dir, enum store_how how,
                                       struct err_text *ret_why);
void store_inside_stop(struct store *store);

#endif
