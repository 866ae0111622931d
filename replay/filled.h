/* filled - a deployment's checklist as Markdown, filled in: each mark with who, when and seq. Pure.
 */
#ifndef REPLAY_FILLED_H
#define REPLAY_FILLED_H

#include "replay/deployment.h"

/**
 * filled_add(deployment, buf):
 * Append the checklist's Markdown as the deployment has filled it in: boxes of nodes that are
 * passed, waived, not applicable or given are ticked, and behind each line stands what is known of
 * its nodes, escaped for Markdown; notes stand at the end.  Of an unopened deployment nothing.
 */
void filled_add(const struct deployment *deployment, struct buf *buf);

#endif
