/* reindex - what follows from entries and events made again: the tables nodes, ids and streams.
 * A new environment is made beside the old one, row by row, checked whole, and only then put in its
 * place.  No key is needed: nothing is signed.
 */
#ifndef LEDGER_REINDEX_H
#define LEDGER_REINDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/limits.h"

#define REINDEX_KEPT_BYTES 48

/**
 * A reindex_progress_fn is called now and then with what is being done ("rebuilt", "checked") and
 * the number of entries done, of ${total}.
 * A reindex_stop_fn says whether to give up.  Any thread may call it.
 */
typedef void reindex_progress_fn(void *ctx, const char *what, uint64_t done, uint64_t total);
typedef bool reindex_stop_fn(void *ctx);

struct reindex_options {
    bool discard_old;              /* do not keep the old data.mdb */
    reindex_progress_fn *progress; /* may be NULL */
    reindex_stop_fn *stop;         /* may be NULL */
    void *ctx;
};

enum reindex_table { REINDEX_NODES, REINDEX_IDS, REINDEX_STREAMS, REINDEX_TABLES };

/* How a table was found. */
struct reindex_found {
    const char *name;
    bool unreadable;  /* LMDB cannot be trusted with its pages; no rows were counted */
    uint64_t missing; /* rows that follow from the entries and were not there */
    uint64_t added;   /* rows that follow from nothing */
    uint64_t wrong;   /* rows of another value */
};

struct reindex_result {
    bool changed; /* false: all was as it follows from the entries, and was left alone */
    uint64_t size;
    uint8_t root[HASH_BYTES];
    struct reindex_found found[REINDEX_TABLES];
    char
        kept[REINDEX_KEPT_BYTES]; /* name of the old data.mdb in the ledger's directory; "": none */
};

/**
 * reindex_ledger(dir, options, ret_result, ret_why):
 * Make nodes, ids and streams of the ledger in ${dir} again; the other tables are copied as they
 * are.  With any error, and when it is killed, the ledger is as it was.  Cost: reads all and
 * checks all, as verify does; needs as much free disk as data.mdb has bytes.
 * Errors: NOT_FOUND (no ledger), BUSY (somebody has it open, or it was stopped), DISK_LOW, IO,
 * INVALID (the copy of the checkpoint outside is none), DAMAGED (entries, events or checkpoints do
 * not hold: only a backup helps).
 */
MUST_CHECK enum err reindex_ledger(const char *dir, const struct reindex_options *options,
                                   struct reindex_result *ret_result, struct err_text *ret_why);

#endif
