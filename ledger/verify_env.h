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
 * verify_env_walk(state, dir): The same by walks of its pages (verify_walk.h); says truly that all
 * holds, but not always what does not, and where first: verify_env_check does.
 */
MUST_CHECK enum err verify_env_check(struct verify_state *state, const char *dir);
MUST_CHECK enum err verify_env_walk(struct verify_state *state, const char *dir);

#endif
