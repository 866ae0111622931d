/* summary - what a person signs, shown before they sign it: what is done, missing, waived and
 * flagged, the thresholds with their values, who else approved, and the basis.  Pure.
 */
#ifndef REPLAY_SUMMARY_H
#define REPLAY_SUMMARY_H

#include "replay/deployment.h"

/* What is about to be signed. */
struct summary {
    const struct deployment *deployment;
    const struct ledger_info *info;
    const char *act;  /* "approve", "decide", ... */
    const char *node; /* its id, as typed */
    const char *role; /* or NULL */
    const char *what; /* the option, comment or reason; or NULL */
};

/**
 * summary_add(summary, buf): Append it.  What is counted is what the node's gate needs, or the
 * whole checklist where it has no gate.
 */
void summary_add(const struct summary *summary, struct buf *buf);

#endif
