/* gate - the decisions of a checklist once all its nodes are known: gates and what they guard,
 * twins, the rollback decision.  Pure.
 */
#ifndef REPLAY_GATE_H
#define REPLAY_GATE_H

#include "replay/draft.h"

/**
 * gate_find(draft): Make the first decision of each section with an authority its gate, list the
 * gates by time, and find twins, the rollback decision and what each gate guards.  Cost: nodes and
 * sections times the logarithm of gates; decisions times gates.
 */
void gate_find(struct draft *draft);

#endif
