/* filled - a checklist's Markdown with what a deployment has put into it.  Pure. */
#ifndef REPLAY_FILLED_H
#define REPLAY_FILLED_H

#include "replay/deployment.h"

/**
 * filled_add(deployment, info, buf):
 * Append the Markdown of the deployment's checklist with boxes ticked, values in the blanks and
 * notes in their fence (without one, at the end), each with who, when (UTC), seq and flags behind
 * it, and at the end what copy this is.  The rest is the checklist's own text; what comes from
 * events is escaped, so that it adds no mark-up.  Of an unopened deployment nothing.  Cost: linear.
 */
void filled_add(const struct deployment *deployment, const struct ledger_info *info,
                struct buf *buf);

#endif
