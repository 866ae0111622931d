/* leftover - lines of a checklist that hold a mark and yet have come into no node: each becomes a
 * remark, so that nothing is dropped in silence.  Pure.
 */
#ifndef REPLAY_LEFTOVER_H
#define REPLAY_LEFTOVER_H

#include "replay/draft.h"

/**
 * leftover_block(draft, block, text): A note, ${text}, on each line of the block that holds a
 * mark and was not read: of what is reference text by its place.
 * leftover_near(draft, block): A remark on what in the line at block index ${block}, which was
 * placed last, only looks like a box, a blank or a sign-off, whether it was read or not.
 * leftover_find(draft): A remark on each other line that holds a mark and was not read.
 * Marks: a box, three underscores, ✓ ⚠ ✗, alternatives in capitals, a bold label.  Cost: linear.
 */
void leftover_block(struct draft *draft, const struct block *block, const char *text);
void leftover_near(struct draft *draft, size_t block);
void leftover_find(struct draft *draft);

#endif
