/* verify_entry - the checks of one entry that need no order: form, event, signatures, indexes, and
 * what it says of the entries of its piece before it.
 */
#ifndef LEDGER_VERIFY_ENTRY_H
#define LEDGER_VERIFY_ENTRY_H

#include <stdbool.h>

#include "ledger/check.h"
#include "ledger/err.h"

struct verify_piece;
struct verify_state;

/**
 * verify_entry_check(state, piece, at):
 * Check entry ${at} of ${piece}, whose entries before it are done; if it is good, piece->done is
 * the one after it.  Errors: IO.
 */
MUST_CHECK enum err verify_entry_check(const struct verify_state *state, struct verify_piece *piece,
                                       unsigned at);

#endif
