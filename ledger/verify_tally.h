/* verify_tally - what a ledger has said of its streams, made again from its entries in order, where
 * there is no index of streams to walk: some 150 bytes a stream.
 */
#ifndef LEDGER_VERIFY_TALLY_H
#define LEDGER_VERIFY_TALLY_H

#include <stdint.h>

#include "ledger/check.h"
#include "ledger/entry.h"
#include "ledger/err.h"

struct verify_state;
struct verify_tally;

/**
 * verify_tally_new(state), verify_tally_free(tally): Before the first entry; NULL is fine.
 * verify_tally_wanted(state): Whether the registry has any ledger.heads to be held against it.
 * verify_tally_add(tally, entry, leaf): The next entry in order of seq, and its leaf hash; both
 * have been checked.  Cost: one search, and of each ledger.heads of that size a hash a stream.
 * verify_tally_end(tally): Whether each ledger.heads, all entries being told, has the root of the
 * streams at its size.
 * Errors: DAMAGED (verify_state_bad: one is false).
 */
struct verify_tally *verify_tally_new(struct verify_state *state);
void verify_tally_free(struct verify_tally *tally);
bool verify_tally_wanted(const struct verify_state *state);
MUST_CHECK enum err verify_tally_add(struct verify_tally *tally, const struct entry *entry,
                                     const uint8_t leaf[HASH_BYTES]);
MUST_CHECK enum err verify_tally_end(struct verify_tally *tally);

#endif
