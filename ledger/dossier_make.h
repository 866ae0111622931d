/* dossier_make - an evidence bundle made from an open ledger. */
#ifndef LEDGER_DOSSIER_MAKE_H
#define LEDGER_DOSSIER_MAKE_H

#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"

struct ledger;

/**
 * dossier_make_act(ledger, seq, note, buf, ret_against, ret_why):
 * Append the bundle of the act at ${seq}, an event in a deployment's stream that its author has
 * signed, as of the checkpoint ${note} (a signed note of this ledger).  What is appended was
 * checked, and is the same for the same entries and note.  *${ret_against} (free()): why the act
 * does not count by the keys and roles of its position, or NULL.  Cost: a proof for each entry of
 * the stream `ledger`.
 * Errors: NOT_FOUND (no such entry, not yet at that size, its event or one of the stream `ledger`
 * is erased), INVALID (nobody signed it, it is no deployment's, or it is signed in a way that
 * bundles do not know), TOO_BIG, and those of prove_entry.
 */
MUST_CHECK enum err dossier_make_act(struct ledger *ledger, uint64_t seq, const struct buf *note,
                                     struct buf *buf, char **ret_against, struct err_text *ret_why);

#endif
