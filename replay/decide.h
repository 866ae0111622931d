/* decide - what approvals and decisions change: who gave them, gates that open and close, rollback.
 * Private to the files of the reducer.
 */
#ifndef REPLAY_DECIDE_H
#define REPLAY_DECIDE_H

#include "replay/act.h"

/**
 * decide_given, decide_rejected, decide_withdrawn, decide_made, decide_rollback_started,
 * decide_rollback_finished(deployment, act): The effects of the types in act.c's table.
 */
act_effect_fn decide_given;
act_effect_fn decide_rejected;
act_effect_fn decide_withdrawn;
act_effect_fn decide_made;
act_effect_fn decide_rollback_started;
act_effect_fn decide_rollback_finished;

/**
 * decide_quorum(deployment, role): How many distinct persons must give an approval of ${role}.
 * decide_count(node_fold): How many have, suspect signatures aside.
 */
size_t decide_quorum(const struct deployment *deployment, const char *role);
size_t decide_count(const struct node_fold *fold);

#endif
