/* prove - proofs made from an open ledger (proof.h has their form).
 */
#ifndef LEDGER_PROVE_H
#define LEDGER_PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"

struct ledger;

/**
 * prove_entry(ledger, seq, note, with_event, buf, ret_why):
 * Append the tlog-proof that entry ${seq} is in the ledger as of the checkpoint ${note} (a signed
 * note of this ledger, taken over as it is), with the entry in `extra`, and with ${with_event} its
 * salt and event too.  What is appended was checked.  Cost: O(log size) reads.
 * Errors: INVALID (${note} is no checkpoint), TOO_BIG (of it), PROOF (it is not signed by this
 * ledger, or has another root than the entries here), NOT_FOUND (no such entry, or not yet at that
 * size; the event is erased), IO, DAMAGED, BUSY.
 */
MUST_CHECK enum err prove_entry(struct ledger *ledger, uint64_t seq, const struct buf *note,
                                bool with_event, struct buf *buf, struct err_text *ret_why);

#endif
