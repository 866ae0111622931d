/* footing - the ledger that a report stands on: opened, and verified as far as is asked for. */
#ifndef REPORTS_FOOTING_H
#define REPORTS_FOOTING_H

#include "reports/params.h"

/**
 * footing_open(dir, verify, size, progress, ret_ledger, ret_why):
 * Open it as of *${size} entries, of all (which are told) where that is 0, and verify it; an
 * interrupt (interrupt.h) ends that.  Errors: NOT_FOUND (it has fewer entries), DAMAGED, IO (also
 * where there is none, or it was interrupted).
 */
MUST_CHECK enum err footing_open(const char *dir, enum params_verify verify, uint64_t *size,
                                 struct progress *progress, struct ledger **ret_ledger,
                                 struct err_text *ret_why);

#endif
