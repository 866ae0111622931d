/* rollback - going on from an older copy of a ledger: what its checkpoint outside covers and it has
 * not is given up, and that is recorded before anything else.
 */
#ifndef LEDGER_ROLLBACK_H
#define LEDGER_ROLLBACK_H

#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/check.h"
#include "ledger/err.h"

struct ledger;

/**
 * rollback_record(ledger, note, ret_seq, ret_why):
 * Append `ledger.restored` {size, root, note} of the checkpoint ${note}, which is signed by this
 * ledger and does not lie in its history; then put the ledger's own in the place of it outside.
 * Killed in between, the next opening does that.  Errors: those of ledger_append.
 */
MUST_CHECK enum err rollback_record(struct ledger *ledger, const struct buf *note,
                                    uint64_t *ret_seq, struct err_text *ret_why);

#endif
