/* conflict - the event that tells of two events under one name: ingest.conflicted, once a pair. */
#ifndef LEDGER_CONFLICT_H
#define LEDGER_CONFLICT_H

#include "ledger/admit.h"
#include "ledger/err.h"
#include "ledger/rows.h"

/**
 * conflict_admit(admission, first, second, ret_admitted, ret_why):
 * Admit the event that ${second} came under the name of the stored ${first} and is not it; its id
 * and bytes are the same whenever the same pair meets.  Errors: DAMAGED.
 */
MUST_CHECK enum err conflict_admit(const struct admission *admission, const struct row *first,
                                   const struct admitted *second, struct admitted **ret_admitted,
                                   struct err_text *ret_why);

#endif
