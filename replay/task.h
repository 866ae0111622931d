/* task - a list entry of a checklist as the node that it is: item, approval, decision.  Pure. */
#ifndef REPLAY_TASK_H
#define REPLAY_TASK_H

#include "replay/draft.h"

/**
 * task_place(draft, block): Place the list entry at block index ${block}: a task, an option of a
 * decision that is a list, or, without a box, a line (line_place).
 *
 * task_speaks_of_signature(block): Whether `(Signature)` stands in it, outside of code, and yet
 * makes no sign-off of it.
 */
void task_place(struct draft *draft, size_t block);
bool task_speaks_of_signature(const struct block *block);

#endif
