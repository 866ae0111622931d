/* demo_issue - the report that is issued within a made-up year: made of what the ledger has by
 * then, as the command `report` makes it.
 */
#ifndef REPORTS_DEMO_ISSUE_H
#define REPORTS_DEMO_ISSUE_H

#include "reports/params.h"

/**
 * demo_issue_data(dir, ledger, period, ret_data, ret_why):
 * Verify the hashes of the ledger in ${dir}, which is open as ${ledger}, make the report of
 * ${period} as of all its entries in every format that is the same on any machine, and give the
 * members of `report.issued`, without the braces; free().
 * Errors: those of ledger_size, verify_ledger, report_make and format_write; DAMAGED.
 */
MUST_CHECK enum err demo_issue_data(const char *dir, struct ledger *ledger, struct period period,
                                    char **ret_data, struct err_text *ret_why);

#endif
