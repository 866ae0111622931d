/* gather - all deployments of a ledger replayed into tables, on all cores. */
#ifndef REPORTS_GATHER_H
#define REPORTS_GATHER_H

#include "reports/report.h"
#include "reports/tables.h"

/**
 * gather_all(ledger, watch, as_of_us, tables, ret_why):
 * Add the rows of the streams `ledger` and `inbox`, and of each deployment in the order of their
 * first entries, as of tables->params.  The same whatever the number of threads.
 * Errors: IO (also: it was stopped), DAMAGED, BUSY.
 */
MUST_CHECK enum err gather_all(struct ledger *ledger, const struct report_watch *watch,
                               int64_t as_of_us, struct tables *tables, struct err_text *ret_why);

#endif
