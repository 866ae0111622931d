/* undo - what was undone, by position: whether what a signer saw still stood (stale-basis).
 * Private to the files of the reducer.
 */
#ifndef REPLAY_UNDO_H
#define REPLAY_UNDO_H

#include "replay/fold.h"

/**
 * undo_add(deployment, pos, node, format, ...): What held before position ${pos} does not any
 * more; ${node} is whose it was, or CHECKLIST_NONE: every gate needs it.
 * undo_since(deployment, pos): Index of the first undone after the entry at ${pos}; they stand in
 * order.  Cost: O(log n).
 */
void undo_add(struct deployment *deployment, uint64_t pos, size_t node, const char *format, ...)
    PRINTF_LIKE(4, 5);
size_t undo_since(const struct deployment *deployment, uint64_t pos);

#endif
