/* shelf - a ledger as a directory of tiles that any web server can serve (C2SP tlog-tiles).
 * Bytes: ledger/FORMAT.md "Tiles and bundles".
 */
#ifndef LEDGER_SHELF_H
#define LEDGER_SHELF_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/err.h"
#include "ledger/limits.h"

struct ledger;

/* Told of each file that is done, of so many. */
typedef void shelf_progress_fn(void *ctx, uint64_t done, uint64_t total);

struct shelf_options {
    bool events;                 /* the events too, not the entries alone */
    shelf_progress_fn *progress; /* NULL: nobody is told */
    void *ctx;
};

struct shelf_result {
    uint64_t size;
    uint8_t root[HASH_BYTES];
    uint64_t written, left; /* files written; files that were there already */
};

/**
 * shelf_export(ledger, dir, options, ret_result, ret_why):
 * Bring ${dir} (made if absent) up to the ledger's last checkpoint: tiles and bundles of that size,
 * each file whole or not there, then, once all of them are on disk, the checkpoint.  Whoever reads
 * ${dir} meanwhile, or after this was broken off, has the checkpoint of before with its tiles.
 * Files of a former export are left where its checkpoint covers them; partial tiles go once the
 * full one is there.
 * Errors: CONFLICT (${dir} is a ledger or another ledger's export, or has events and ${options} has
 * none), DAMAGED (the ledger; or its own checkpoint in ${dir} is not in its history), BUSY (another
 * export to ${dir} runs), IO.
 */
MUST_CHECK enum err shelf_export(struct ledger *ledger, const char *dir,
                                 const struct shelf_options *options,
                                 struct shelf_result *ret_result, struct err_text *ret_why);

#endif
