/* kept - the checkpoints that a ledger keeps: one for each CHECKPOINT_KEEP_US of writing, and the
 * last one.
 */
#ifndef LEDGER_KEPT_H
#define LEDGER_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"

struct ledger;

/* One of them; nothing of its signatures is checked. */
struct kept {
    uint64_t size;
    int64_t time_us; /* time_us of its last entry */
    struct buf note; /* owned */
};

/**
 * kept_after(ledger, size, ret_kept, ret_found, ret_why):
 * The first one that covers more than ${size} entries (of those kept, then the last).  Cost: a few
 * descents.  The caller frees ret_kept->note.  Errors: IO, DAMAGED, BUSY.
 */
MUST_CHECK enum err kept_after(struct ledger *ledger, uint64_t size, struct kept *ret_kept,
                               bool *ret_found, struct err_text *ret_why);

/**
 * kept_note(ledger, size, buf, ret_why):
 * Append the note of the one that covers ${size} entries.  Errors: NOT_FOUND (none does; the text
 * names those around it), IO, DAMAGED, BUSY.
 */
MUST_CHECK enum err kept_note(struct ledger *ledger, uint64_t size, struct buf *buf,
                              struct err_text *ret_why);

#endif
