/* copy - the copy of the checkpoint outside the environment: LEDGER/checkpoint, a signed note.
 * It is synced as often as checkpoints are kept, and is never ahead of the environment; so an
 * environment that is behind it has lost entries.
 */
#ifndef LEDGER_COPY_H
#define LEDGER_COPY_H

#include "ledger/buf.h"
#include "ledger/check.h"
#include "ledger/err.h"

struct ledger;

#define COPY_NAME "checkpoint"

/**
 * copy_write(ledger, ret_why): Put the checkpoint of the last commit in its place.  Writers of all
 * processes exclude each other.  Errors: IO, DAMAGED.
 */
MUST_CHECK enum err copy_write(struct ledger *ledger, struct err_text *ret_why);

/**
 * copy_keep(ledger, ret_why):
 * Something was committed: write the copy, unless this process did within CHECKPOINT_KEEP_US by the
 * clock that is never set; ledger_close makes up for it.  Errors: IO, DAMAGED.
 */
MUST_CHECK enum err copy_keep(struct ledger *ledger, struct err_text *ret_why);

/**
 * copy_check(ledger, ret_lost, ret_why):
 * The checkpoint of the last commit is signed and covers the whole, and the copy outside (written
 * if there is none, or if a `ledger.restored` gave up what it covers) is signed and lies in this
 * history.  With DAMAGED, a copy outside that is signed, but does not lie in this history, is
 * appended to *${ret_lost}; also one of this origin by keys of its name that the ledger does not
 * know, as a copy from before a change of keys finds it: that such a one is good cannot be seen.
 * Errors: IO, DAMAGED.
 */
MUST_CHECK enum err copy_check(struct ledger *ledger, struct buf *ret_lost,
                               struct err_text *ret_why);

#endif
