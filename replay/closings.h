/* closings - whether each closing was signed on the state that replay gives. */
#ifndef REPLAY_CLOSINGS_H
#define REPLAY_CLOSINGS_H

#include "ledger/ledger.h"

#define CLOSINGS_CLAIMS_MAX 64 /* of one deployment; more are not checked, and counted as that */

/**
 * closings_check(dir, seqs, count, ret, ret_why):
 * A verify_closings_fn.  A signed and accepted `deployment.closed` that claims a state (digest.h)
 * is held against the state after the entry that it names, with what the ledger stream said up to
 * there; without a claim, or refused, it says nothing.  Cost: one fold of each deployment that has
 * a claim, and one digest for each of its first CLOSINGS_CLAIMS_MAX claims.
 */
enum err closings_check(const char *dir, const uint64_t *seqs, size_t count,
                        struct verify_closings *ret, struct err_text *ret_why);

#endif
