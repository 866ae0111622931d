/* forecast - what the ledger would answer to an event that came now: judged by the reducer on a
 * state of its own; nothing is appended.
 */
#ifndef REPLAY_FORECAST_H
#define REPLAY_FORECAST_H

#include "replay/errand.h"

#define FORECAST_SINCE_MAX 12 /* entries that forecast_since tells of */

/**
 * forecast_make(errand, event, sig, ret_verdict, ret_why):
 * Judge ${event}, an event of a deployment, as signed so (NULL: not at all).  A signature without
 * data is one that is still to be made: with a security key, as if it were touched and its PIN
 * given.  *${ret_verdict} starts cleared.  Cost: a fold of the deployment.
 * Errors: IO, DAMAGED, NOT_FOUND (no deployment's event), INVALID, NOT_EVENT.
 */
MUST_CHECK enum err forecast_make(struct errand *errand, const struct buf *event,
                                  const struct entry_sig *sig, struct verdict *ret_verdict,
                                  struct err_text *ret_why);

/**
 * forecast_since(errand, id, pos, buf, ret_count, ret_why):
 * Append what has come into the deployment behind position ${pos}, one line an entry, the first
 * FORECAST_SINCE_MAX of them; gives the number of all.  Errors: IO, DAMAGED.
 */
MUST_CHECK enum err forecast_since(struct errand *errand, const char *id, uint64_t pos,
                                   struct buf *buf, size_t *ret_count, struct err_text *ret_why);

#endif
