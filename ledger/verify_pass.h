/* verify_pass - one pass over the entries of a source, piece by piece, on all cores. */
#ifndef LEDGER_VERIFY_PASS_H
#define LEDGER_VERIFY_PASS_H

#include "ledger/check.h"
#include "ledger/err.h"

struct verify_state;

/**
 * verify_pass_run(state):
 * Check entries [0, state->result->size) of state->source, or those that the options leave; the
 * registry has been folded.  Then state->next is behind the last that is good, and the result has
 * the root over all before it.
 * Errors: DAMAGED (verify_state_bad), IO, BUSY (also: stopped), PROOF (since is another ledger's).
 */
MUST_CHECK enum err verify_pass_run(struct verify_state *state);

#endif
