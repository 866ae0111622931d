/* trace - the signed events that exceptions are about, so that a page leads from each to its
 * evidence. */
#ifndef REPORTS_TRACE_H
#define REPORTS_TRACE_H

#include "reports/tables.h"

/**
 * trace_read(tables, ledger, ret_why):
 * Fill the sheet of FORM_TRACES with the entries of the exceptions that a page shows (params.rows
 * of them, in their order), each once and by seq, but for those that it shows with the sample.  An
 * event over REPORT_EVENT_BYTES_MAX is left out of its row.  Cost: a read an entry.  Errors: IO,
 * DAMAGED, BUSY.
 */
MUST_CHECK enum err trace_read(struct tables *tables, struct ledger *ledger,
                               struct err_text *ret_why);

#endif
