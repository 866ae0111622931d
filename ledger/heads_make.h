/* heads_make - the heads of an open ledger, and the entry in which it says them: ledger.heads. */
#ifndef LEDGER_HEADS_MAKE_H
#define LEDGER_HEADS_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/heads.h"
#include "ledger/registry.h"

struct admitted;
struct ledger;

/**
 * heads_make_at(ledger, size, ret_heads, ret_why):
 * Where each stream stood when the ledger had ${size} entries (heads_free).  Cost: some descents a
 * stream, read a page at a time.  Errors: NOT_FOUND (fewer entries), IO, DAMAGED, BUSY.
 */
MUST_CHECK enum err heads_make_at(struct ledger *ledger, uint64_t size, struct heads **ret_heads,
                                  struct err_text *ret_why);

/**
 * heads_make_due(ledger, now_us, ret_due, ret_why):
 * Whether there are entries that no ledger.heads covers, and HEADS_US have passed since the last
 * one, or without one since entry 0.  Never in a simulated ledger, whose days are those of what is
 * played: there they come when they are asked for, so that the same events make the same ledger.
 * Errors: IO, DAMAGED, BUSY.
 *
 * heads_make_admit(ledger, ret_admitted, ret_why):
 * Admit ledger.heads {size, root, streams} of all entries, of a ledger opened for writing; NULL
 * where the last entry is one.  Errors: those of heads_make_at.
 * heads_make_append(ledger, ret_heads, ret_new, ret_why):
 * The same, and append it; where the last entry is one that is given, and nothing is appended.
 * The appending thread's.  Errors: those of heads_make_at and ledger_append.
 */
MUST_CHECK enum err heads_make_due(struct ledger *ledger, int64_t now_us, bool *ret_due,
                                   struct err_text *ret_why);
MUST_CHECK enum err heads_make_admit(struct ledger *ledger, struct admitted **ret_admitted,
                                     struct err_text *ret_why);
MUST_CHECK enum err heads_make_append(struct ledger *ledger, struct registry_heads *ret_heads,
                                      bool *ret_new, struct err_text *ret_why);

#endif
