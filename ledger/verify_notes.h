/* verify_notes - the checks of checkpoints: kept, of the last commit, outside, and from elsewhere.
 */
#ifndef LEDGER_VERIFY_NOTES_H
#define LEDGER_VERIFY_NOTES_H

#include "ledger/check.h"
#include "ledger/err.h"

struct verify_state;

/**
 * verify_notes_check(state):
 * Check all checkpoints against the tree, every node of which has been checked.
 * Errors: DAMAGED (verify_state_bad), IO, and those of store_begin.
 */
MUST_CHECK enum err verify_notes_check(struct verify_state *state);

#endif
