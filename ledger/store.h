/* store - the LMDB environment of one ledger; the only file that knows lmdb.
 * Tables: ledger/FORMAT.md "Tables" (DESIGN.md 3).  One write transaction at a time; readers page
 * and renew. Values read are copied out or borrowed until the transaction ends, as each function
 * says.  What comes back from disk is input: wrong lengths are DAMAGED.
 */
#ifndef LEDGER_STORE_H
#define LEDGER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/pages.h"

enum store_table {
    STORE_ENTRIES,     /* seq u64 > entry */
    STORE_EVENTS,      /* seq u64 > salt 16 | event */
    STORE_NODES,       /* number u64 > hash */
    STORE_IDS,         /* SHA-256(actor 00 source) | id > seq u64 */
    STORE_STREAMS,     /* stream 00 | pos u64 > seq u64 */
    STORE_CHECKPOINTS, /* size u64 > note */
    STORE_CUSTODY,     /* day 00 way 00 principal 00 outcome > count u64 */
    STORE_META,        /* name > value */
    STORE_TABLES
};

struct store;
struct store_txn;

/* A borrowed run of bytes: valid until its transaction ends, or until the next write in it. */
struct slice {
    const uint8_t *data;
    size_t bytes;
};

/* How an environment is opened. */
enum store_how {
    STORE_SHARED, /* it is there; other processes may use it too */
    STORE_SPARSE, /* the same, to read a few rows here and there: no more of the file is read */
    STORE_CREATE, /* made with its tables where there is none */
    STORE_ALONE,  /* it is there, and no other process may use it until it is closed */
    STORE_SALVAGE /* as STORE_ALONE, to be read only: tables that follow from others may be damaged,
                   * and are not there then (store_has) */
};

/**
 * store_open(dir, how, ret_store, ret_why):
 * Open the environment in directory ${dir}; clears stale readers.  The same directory opened again
 * in one process gives the same store (LMDB does not bear two), to be closed as often.
 * Errors: NOT_FOUND (no ledger there), IO, DAMAGED (not an LMDB file of ours, torn or short),
 * DISK_LOW (STORE_CREATE), BUSY (another process has it alone, or STORE_ALONE and somebody has it).
 * store_close(store): Close it; all transactions must have ended.  NULL is fine.
 * store_has(store, table): Whether the table may be used: all may, but of STORE_SALVAGE.
 */
MUST_CHECK enum err store_open(const char *dir, enum store_how how, struct store **ret_store,
                               struct err_text *ret_why);
void store_close(struct store *store);
bool store_has(const struct store *store, enum store_table table);

/**
 * store_map(store, bytes, bytes_max): Map the file in ${bytes}, or in as many as it has, and let
 * writes grow the map up to ${bytes_max}; for tests.  No transaction may be under way.
 */
void store_map(struct store *store, size_t bytes, size_t bytes_max);

/**
 * store_begin(store, write, ret_txn, ret_why): Begin a transaction.  A writer waits for another
 * one, also of another process, and grows the map where less than MAP_FREE_BYTES_MIN of it is free;
 * a file that another process has grown is mapped anew.  Either waits a few seconds for the
 * transactions of this process to end: a thread that holds one must not begin another for writing.
 * Dead readers are cleared now and then.  Errors: IO, DAMAGED, DISK_LOW (write: space_check; or the
 * map cannot grow), BUSY (no reader slot, or a map that cannot be changed under readers).
 * store_ready(store, ret_why): Whether a write would find room.  Errors: DISK_LOW, IO.
 * store_settle(store, ret_txn, ret_why): Begin a transaction that sees what is on disk for certain
 * and is not taken back: no commit is under way until it is aborted.  Errors: IO, DAMAGED, BUSY.
 * store_abort(txn): End it without effect; NULL is fine.
 * store_commit(txn, ret_why): Make it durable, and end it in any case.  Errors: IO (the process
 * must end: pages may be clean in memory and gone on disk), DISK_LOW (the map is full: nothing was
 * written, and nothing was lost).
 */
MUST_CHECK enum err store_begin(struct store *store, bool write, struct store_txn **ret_txn,
                                struct err_text *ret_why);
MUST_CHECK enum err store_ready(struct store *store, struct err_text *ret_why);
MUST_CHECK enum err store_settle(struct store *store, struct store_txn **ret_txn,
                                 struct err_text *ret_why);
void store_abort(struct store_txn *txn);
MUST_CHECK enum err store_commit(struct store_txn *txn, struct err_text *ret_why);

/**
 * store_mark(txn, ret_why): What is written from here on can be taken back, without what was
 * written before.  Not within another mark.  Errors: IO, DISK_LOW.
 * store_keep(txn, ret_why): It stays.  Errors: IO, DISK_LOW.
 * store_take_back(txn): It was never there.
 */
MUST_CHECK enum err store_mark(struct store_txn *txn, struct err_text *ret_why);
MUST_CHECK enum err store_keep(struct store_txn *txn, struct err_text *ret_why);
void store_take_back(struct store_txn *txn);

/**
 * store_get(txn, table, key, key_bytes, ret_value, ret_found): Look up one key.  Errors: IO,
 * DAMAGED.
 * store_put(txn, table, key, key_bytes, value, value_bytes): Write a new key.  Errors: CONFLICT (it
 * is there already, or in entries, events and checkpoints one behind it; of STORE_META and
 * STORE_CUSTODY the value is replaced instead), IO, DAMAGED, DISK_LOW (map full).
 */
MUST_CHECK enum err store_get(struct store_txn *txn, enum store_table table, const void *key,
                              size_t key_bytes, struct slice *ret_value, bool *ret_found);
MUST_CHECK enum err store_put(struct store_txn *txn, enum store_table table, const void *key,
                              size_t key_bytes, const void *value, size_t value_bytes);

/**
 * store_get_seq, store_put_seq: The same for tables whose key is one big-endian u64 (entries,
 * events, checkpoints).
 */
MUST_CHECK enum err store_get_seq(struct store_txn *txn, enum store_table table, uint64_t seq,
                                  struct slice *ret_value, bool *ret_found);
MUST_CHECK enum err store_put_seq(struct store_txn *txn, enum store_table table, uint64_t seq,
                                  const void *value, size_t value_bytes);

/**
 * store_sparse(store): Whether it was opened STORE_SPARSE.
 * store_ahead(txn, table, seqs, count): Have the disk fetch rows of a table whose key is one u64,
 * all at once: they are about to be read, ${seqs} ascending.  A hint; of no effect but on
 * STORE_SPARSE, where otherwise each page is waited for.
 */
bool store_sparse(const struct store *store);
void store_ahead(struct store_txn *txn, enum store_table table, const uint64_t *seqs, size_t count);

/* A row that was sought; key and value are borrowed as slices are. */
struct store_row {
    bool found;
    struct slice key;
    struct slice value;
};

/**
 * store_seek(txn, table, key, before, ret_row):
 * The first row at or after ${key}, or with ${before} the last row before it (an empty key: the
 * first, or the last of all). Cost: one descent.  Errors: IO, DAMAGED.
 * store_count(txn, table, ret_count): Number of keys.  Errors: IO, DAMAGED.
 */
MUST_CHECK enum err store_seek(struct store_txn *txn, enum store_table table, struct slice key,
                               bool before, struct store_row *ret_row);
MUST_CHECK enum err store_count(struct store_txn *txn, enum store_table table, uint64_t *ret_count);

struct store_walk;

/**
 * store_walk_open(txn, table, from, ret_walk): Begin to walk a table's rows in their order, from
 * the first at or after the key ${from} (an empty key: from the first of all).
 * store_walk_next(walk, ret_row): The next row; not found at the end.  Errors: IO, DAMAGED.
 * store_walk_close(walk): Before its transaction ends; NULL is fine.
 */
MUST_CHECK enum err store_walk_open(struct store_txn *txn, enum store_table table,
                                    struct slice from, struct store_walk **ret_walk);
MUST_CHECK enum err store_walk_next(struct store_walk *walk, struct store_row *ret_row);
void store_walk_close(struct store_walk *walk);

/* What an environment takes up. */
struct store_usage {
    uint64_t map_bytes;       /* the file may grow so far */
    uint64_t used_bytes;      /* of it are pages, free ones included */
    uint64_t disk_free_bytes; /* of the file system, for us */
    uint64_t readers;         /* read transactions under way, of all processes */
};

/**
 * store_usage(store, ret_usage, ret_why): What the environment takes up now; clears dead readers.
 * Errors: IO.
 */
MUST_CHECK enum err store_usage(struct store *store, struct store_usage *ret_usage,
                                struct err_text *ret_why);

/**
 * store_check(store, how, ret_place, ret_why):
 * Check the shape of all pages of the last commit, so that LMDB may be trusted with them.
 * *${ret_place} is written with DAMAGED.  Errors: DAMAGED, IO, BUSY (also: told to stop).
 * store_check_in(txn, how, ret_place, ret_why): The same of the commit that ${txn} reads, which
 * must be one of the last two.  Errors: DAMAGED, IO, BUSY.
 */
MUST_CHECK enum err store_check(struct store *store, const struct pages_how *how,
                                struct pages_place *ret_place, struct err_text *ret_why);
MUST_CHECK enum err store_check_in(struct store_txn *txn, const struct pages_how *how,
                                   struct pages_place *ret_place, struct err_text *ret_why);

/**
 * store_copy(store, path, ret_why):
 * Copy the environment as of now to a new file ${path} (mode 0600), synced; the caller syncs its
 * directory.  What could not be written whole is removed.  Writers wait only while its first two
 * pages are copied.  Errors: IO (also if there is such a file), DISK_LOW.
 */
MUST_CHECK enum err store_copy(struct store *store, const char *path, struct err_text *ret_why);

/**
 * store_copy_to(store, fd, ret_why): The same into the open, empty file ${fd}, which is synced.
 * Errors: IO, DISK_LOW.
 */
MUST_CHECK enum err store_copy_to(struct store *store, int fd, struct err_text *ret_why);

#endif
