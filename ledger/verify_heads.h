/* verify_heads - the check of what a ledger has said of its streams: ledger.heads made again. */
#ifndef LEDGER_VERIFY_HEADS_H
#define LEDGER_VERIFY_HEADS_H

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/store.h"

struct registry_heads;
struct verify_state;

/**
 * verify_heads_check(state, store):
 * Make the root of each ledger.heads again by the index of streams and the tree, both of which have
 * been checked; those before options->since were checked before.  Cost: one walk over the index for
 * each 1,024 of them, and a hash for each of the streams under each.
 * Errors: DAMAGED (verify_state_bad: one is false), IO, BUSY (also: stopped).
 * verify_heads_skip(state): Say that they were not checked, if there are any.
 * verify_heads_false(state, said): Note that one is false; gives DAMAGED.
 */
MUST_CHECK enum err verify_heads_check(struct verify_state *state, struct store *store);
void verify_heads_skip(struct verify_state *state);
enum err verify_heads_false(struct verify_state *state, const struct registry_heads *said);

#endif
