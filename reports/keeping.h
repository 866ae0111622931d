/* keeping - how long the deployments of a report are kept, and the holds, as its sheets tell it. */
#ifndef REPORTS_KEEPING_H
#define REPORTS_KEEPING_H

#include "reports/tables.h"

/**
 * keeping_fill(tables, registry, as_of_us): Fill the sheets of FORM_RETENTION, a row for each of
 * the population and for the streams `inbox` and `ledger`, and FORM_HOLDS, both as of the report's
 * size; ${as_of_us} says what is due.  Pure.
 */
void keeping_fill(struct tables *tables, const struct registry *registry, int64_t as_of_us);

#endif
