/* state_next - what a deployment waits for: gates, criteria, and what to do next.  Pure. */
#ifndef REPLAY_STATE_NEXT_H
#define REPLAY_STATE_NEXT_H

#include "replay/state_text.h"

/**
 * state_next_gates(state, buf): Append each gate, open or with what it lacks.
 *
 * state_next_needs(deployment, number, buf): Append the gate of this number, from 1, with each
 * thing that it needs, and the events that met it.
 *
 * state_next_criteria(state, buf): Append the unresolved criteria; nothing if there are none.
 *
 * state_next_steps(state, buf): Append what is overdue and what is to be done next.
 */
void state_next_gates(const struct state_text *state, struct buf *buf);
void state_next_needs(const struct deployment *deployment, size_t number, struct buf *buf);
void state_next_criteria(const struct state_text *state, struct buf *buf);
void state_next_steps(const struct state_text *state, struct buf *buf);

#endif
