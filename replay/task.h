/* task - a list entry of a checklist as the node that it is: item, approval, decision.  Pure. */
#ifndef REPLAY_TASK_H
#define REPLAY_TASK_H

#include "replay/draft.h"

/**
 * task_place(draft, block): Place the list entry at block index ${block}: a task, an option of a
 * decision that is a list, or, without a box, a line (line_place).
 */
void task_place(struct draft *draft, size_t block);

#endif
