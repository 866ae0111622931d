/* why - the chain of events behind a verdict, or behind where a node stands. */
#ifndef REPLAY_WHY_H
#define REPLAY_WHY_H

#include "replay/cause.h"
#include "replay/moment.h"
#include "replay/names.h"

/* An answer, and the states that it borrows names from. */
struct why {
    struct cause cause;
    struct deployment **held; /* owned */
    size_t held_count, held_cap;
    struct names principals; /* of acts of the stream `ledger` */
};

/**
 * why_make(errand, id, target, at, ret, ret_why): What lies behind ${target} in a deployment, as of
 * the moment ${at} (NULL: now): a node's id, `gate-N`, `criteria` (all that are unresolved), or an
 * entry's SEQ or #POS (its verdict; ${at} is nothing to it).  Free it before ${errand} is closed.
 * Cost: a fold, and one more for the entry that is explained. Errors: NOT_FOUND (no such
 * deployment, node, gate, entry or moment), USAGE (no moment), IO, DAMAGED.
 *
 * why_free(why): Free what it owns.
 */
MUST_CHECK enum err why_make(struct errand *errand, const char *id, const char *target,
                             const char *at, struct why *ret, struct err_text *ret_why);
void why_free(struct why *why);

#endif
