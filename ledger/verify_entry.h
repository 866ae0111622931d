/* verify_entry - the checks of one entry: chains, tree, indexes, signatures. */
#ifndef LEDGER_VERIFY_ENTRY_H
#define LEDGER_VERIFY_ENTRY_H

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/rows.h"

struct verify_state;

/**
 * verify_entry_check(state, row):
 * Check the entry at state->next, whose event has its digest, against all that is stored of it and
 * all before it; then state->next is the one after it.  Errors: DAMAGED (verify_state_bad), IO.
 */
MUST_CHECK enum err verify_entry_check(struct verify_state *state, const struct row *row);

#endif
