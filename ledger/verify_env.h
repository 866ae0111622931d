/* verify_env - verify's source of entries in an LMDB environment. */
#ifndef LEDGER_VERIFY_ENV_H
#define LEDGER_VERIFY_ENV_H

#include "ledger/check.h"
#include "ledger/err.h"

struct verify_state;

/**
 * verify_env_check(state, dir):
 * Check the ledger in directory ${dir}: all that state->options ask for.
 * Errors: NOT_FOUND, IO, BUSY (also: stopped), DAMAGED (verify_state_bad).
 */
MUST_CHECK enum err verify_env_check(struct verify_state *state, const char *dir);

#endif
