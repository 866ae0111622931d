/* docket_make - an evidence bundle of whole streams made from an open ledger, written as it is
 * made.
 */
#ifndef LEDGER_DOCKET_MAKE_H
#define LEDGER_DOCKET_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/docket.h"
#include "ledger/err.h"
#include "ledger/outfile.h"
#include "ledger/tar_index.h"

struct ledger;

/* A file that goes into it as it is, under report/. */
struct docket_file {
    char *name;         /* docket_file_ok */
    uint64_t at, bytes; /* of its data in the order's source */
};

/* Told how many entries are done; true: it is to end. */
typedef bool docket_progress_fn(void *ctx, uint64_t done);

/* What is to be made. */
struct docket_order {
    struct docket_plan plan;
    const struct buf *note;          /* the checkpoint: a signed note of this ledger */
    const char *const *deployments;  /* of DOCKET_PERIOD: whose streams, in order of their bytes */
    size_t deployment_count;         /* the same */
    const struct docket_file *files; /* beside the evidence, in order of the names' bytes */
    size_t file_count;               /* the same */
    struct tar_source source;        /* what these are read from */
    docket_progress_fn *progress;    /* NULL: nobody is told */
    void *ctx;
};

struct docket_made {
    uint64_t entries, streams, tiles;
};

/**
 * docket_make_write(ledger, order, file, ret_made, ret_why):
 * Write the bundle; the same for the same entries, order and note.  Chains are checked as they are
 * written, signatures are not: docket_check_whole does both.  Cost: a read an entry; memory for one
 * piece, the names and digests of the members, and a bit for each tile of the ledger.
 * Errors: NOT_FOUND (the deployment has no entry below the checkpoint's size, or an event of the
 * stream `ledger` is erased), TOO_BIG, BUSY (it was to end), and those of prove_entry and
 * outfile_add.
 */
MUST_CHECK enum err docket_make_write(struct ledger *ledger, const struct docket_order *order,
                                      struct outfile *file, struct docket_made *ret_made,
                                      struct err_text *ret_why);

#endif
