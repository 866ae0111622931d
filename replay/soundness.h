/* soundness - whether a checklist as a whole holds what it promises: gates with an authority,
 * approvals before them, windows in order, a way back with a status, roles that somebody holds.
 * Pure.
 */
#ifndef REPLAY_SOUNDNESS_H
#define REPLAY_SOUNDNESS_H

#include "replay/checklist.h"

/**
 * soundness_find(checklist, list): Add what is found.  Cost: nodes and sections, times gates for
 * approvals.
 */
void soundness_find(const struct checklist *checklist, struct remark_list *list);

/**
 * soundness_holders_fn: Who holds ${role}, as an owned text; NULL for nobody.
 * soundness_roles(checklist, holders, ctx, list): Add each role that the checklist names, who holds
 * it or that nobody does, at the first line that names it.  Calls ${holders} once for each role.
 */
typedef char *soundness_holders_fn(void *ctx, const char *role);
void soundness_roles(const struct checklist *checklist, soundness_holders_fn *holders, void *ctx,
                     struct remark_list *list);

#endif
