/* change - the rows of the streams `ledger` and `inbox`: keys, roles, tokens, policies, checklists,
 * holds and reports with the admin who made them; what was quarantined or denied.
 */
#ifndef REPORTS_CHANGE_H
#define REPORTS_CHANGE_H

#include "reports/tables.h"

/**
 * change_add_ledger(tables, ledger, ret_why): Add the rows of the stream `ledger` below the
 * report's size, and the time of its last entry.
 * change_add_inbox(tables, ledger, ret_why): Add the exceptions and deploy events of the stream
 * `inbox`, and the time of its last entry.
 * Errors: IO, DAMAGED.
 */
MUST_CHECK enum err change_add_ledger(struct tables *tables, struct ledger *ledger,
                                      struct err_text *ret_why);
MUST_CHECK enum err change_add_inbox(struct tables *tables, struct ledger *ledger,
                                     struct err_text *ret_why);

#endif
