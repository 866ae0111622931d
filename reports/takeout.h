/* takeout - the evidence bundle of whole streams that a command writes: which deployments a period
 * has, written to a file beside its name, checked there, and only then given it.
 */
#ifndef REPORTS_TAKEOUT_H
#define REPORTS_TAKEOUT_H

#include "replay/replay.h"

struct takeout {
    struct docket_plan plan;
    const struct buf *note;          /* the checkpoint */
    const char *path;                /* "-": standard output, which cannot be checked */
    bool unchecked;                  /* leave it to whoever gets it */
    const struct docket_file *files; /* beside the evidence */
    size_t file_count;
    struct tar_source source; /* of their data */
};

struct takeout_result {
    struct docket_made made;
    uint64_t bytes;
    uint8_t digest[HASH_BYTES];
};

/**
 * takeout_write(ledger, takeout, ret_result, ret_why):
 * Write it.  Of a period it holds the deployments that have an entry in it, or were opened before
 * and not closed.  A signal ends it (interrupt.h), and then, as on any failure, nothing has the
 * name.  Errors: NOT_FOUND, INVALID, TOO_BIG, PROOF, IO, DAMAGED, BUSY (a signal came).
 */
MUST_CHECK enum err takeout_write(struct ledger *ledger, const struct takeout *takeout,
                                  struct takeout_result *ret_result, struct err_text *ret_why);

#endif
