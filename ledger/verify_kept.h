/* verify_kept - the checks of the checkpoints that a ledger keeps, inside and outside. */
#ifndef LEDGER_VERIFY_KEPT_H
#define LEDGER_VERIFY_KEPT_H

#include "ledger/buf.h"
#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/store.h"

struct verify_state;

/* Where they are. */
struct verify_kept {
    struct store *store;
    struct store_txn **txn;    /* the reading one, renewed now and then */
    const struct buf *outside; /* the copy outside, as it was before what is checked */
    enum err outside_err;      /* what reading it came to: OK, NOT_FOUND, TOO_BIG */
};

/**
 * verify_kept_check(state, kept): Check all of the table, every node of the tree having been
 * checked.
 * verify_kept_changes(state, kept): Check that the checkpoint that ends in each change of the
 * ledger's own keys is kept, which both the old and the new key sign: without it the old key would
 * say nothing of the new one.
 * verify_kept_outside(state, kept): Check the copy outside the environment.  As it was read first,
 * it cannot cover more than the entries that are checked, whatever a writer does meanwhile.
 * Errors: DAMAGED (verify_state_bad), IO, and those of store_begin.
 */
MUST_CHECK enum err verify_kept_check(struct verify_state *state, const struct verify_kept *kept);
MUST_CHECK enum err verify_kept_changes(struct verify_state *state, const struct verify_kept *kept);
MUST_CHECK enum err verify_kept_outside(struct verify_state *state, const struct verify_kept *kept);

#endif
