/* verify_notes - the checks of checkpoints: of the last commit, and from elsewhere. */
#ifndef LEDGER_VERIFY_NOTES_H
#define LEDGER_VERIFY_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/check.h"
#include "ledger/checkpoint.h"
#include "ledger/err.h"
#include "ledger/store.h"

struct verify_state;

/* One note under check. */
struct verify_subject {
    const char *name; /* what it is */
    struct slice note;
    bool placed;  /* it is known up to which entry it goes */
    uint64_t seq; /* that entry's, or the one to be named until it is known */
};

/**
 * verify_notes_bad(state, subject, what): Note what does not hold of it; gives DAMAGED.
 * verify_notes_one(state, subject, ret): Signatures by the ledger's keys of its position, form and
 * origin; and the root, if so many entries have been checked.
 * verify_notes_within(state, subject, ret): The same, of one that must not go beyond the ledger.
 * Errors: DAMAGED (verify_state_bad), IO.
 */
enum err verify_notes_bad(struct verify_state *state, const struct verify_subject *subject,
                          const char *what);
MUST_CHECK enum err verify_notes_one(struct verify_state *state, struct verify_subject *subject,
                                     struct checkpoint *ret);
MUST_CHECK enum err verify_notes_within(struct verify_state *state, struct verify_subject *subject,
                                        struct checkpoint *ret);

/**
 * verify_notes_last(state, note):
 * Check the checkpoint of the last commit, which must cover all entries; if it is good, it becomes
 * the result's.
 * verify_notes_against(state): Check those of the options: each lies in the ledger's history, and
 * each follows from the one before it by size.
 * Errors: DAMAGED (verify_state_bad), IO.
 */
MUST_CHECK enum err verify_notes_last(struct verify_state *state, const struct buf *note);
MUST_CHECK enum err verify_notes_against(struct verify_state *state);

#endif
