/* ground - what the standing of a node, a gate or a person rests on, as causes.
 * Private to the files of the reducer and of `why`.
 */
#ifndef REPLAY_GROUND_H
#define REPLAY_GROUND_H

#include "replay/act.h"
#include "replay/cause.h"

#define GROUND_LISTED_MAX 12 /* things that one gate lacks; the rest is counted */

/**
 * ground_node(parent, deployment, node): Why the node is not met now, or what met it; of a gate's
 * twin where the gate stands.
 *
 * ground_gate(parent, deployment, gate): Why the gate is not open, down to what it lacks; or by
 * what it is.
 *
 * ground_needs(parent, deployment, gate, all): What the gate lacks now; with ${all} also what it
 * has, each with the acts that met it, but for passes and statuses, which are counted.
 *
 * ground_course(parent, deployment, node): What ended the work on it: rollback, the closing.
 *
 * ground_rollback(parent, deployment): That rollback was opened, and why.
 *
 * ground_closing(parent, deployment): As what it was closed.
 *
 * ground_item(parent, deployment, item): What bears on an item beside its check: its last command,
 * and the value that its threshold was held against.
 *
 * ground_criterion(parent, criterion): From what it arose, and by what it was resolved.
 *
 * ground_criteria(parent, deployment, node): The criteria of a node (CHECKLIST_NONE: all that are
 * unresolved), from what they arose and by what they were resolved.
 *
 * ground_against(parent, deployment, before): The criteria that stood at position ${before}: what a
 * rollback decision answered.
 *
 * ground_holder(parent, deployment, act, role): By what the principal of ${act} holds ${role}
 * there, or why not, and who does.  Of what the stream `ledger` says only positions are known here.
 */
void ground_node(struct cause *parent, const struct deployment *deployment, size_t node);
void ground_gate(struct cause *parent, const struct deployment *deployment, size_t gate);
void ground_needs(struct cause *parent, const struct deployment *deployment, size_t gate, bool all);
void ground_course(struct cause *parent, const struct deployment *deployment, size_t node);
void ground_rollback(struct cause *parent, const struct deployment *deployment);
void ground_closing(struct cause *parent, const struct deployment *deployment);
void ground_item(struct cause *parent, const struct deployment *deployment, size_t item);
void ground_criterion(struct cause *parent, const struct criterion *criterion);
void ground_criteria(struct cause *parent, const struct deployment *deployment, size_t node);
void ground_against(struct cause *parent, const struct deployment *deployment, uint64_t before);
void ground_holder(struct cause *parent, const struct deployment *deployment, const struct act *act,
                   const char *role);

#endif
