/* weakness - what weakens the nodes of a checklist: items that no one can judge, commands that hide
 * their exit status, bounds that are none, labels that say the same.  Pure.
 */
#ifndef REPLAY_WEAKNESS_H
#define REPLAY_WEAKNESS_H

#include "replay/checklist.h"

/**
 * weakness_find(checklist, list): Add what is found.  Cost: linear, but for a sort of the labels.
 */
void weakness_find(const struct checklist *checklist, struct remark_list *list);

#endif
