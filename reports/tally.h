/* tally - sheets that sum up others: exceptions by kind, values by threshold.  Pure. */
#ifndef REPORTS_TALLY_H
#define REPORTS_TALLY_H

#include "reports/sheet.h"

/**
 * tally_kinds(exceptions, kinds): Fill the sheet of FORM_KINDS: gravest first, then the most
 * frequent, then by name.
 * tally_thresholds(metrics, thresholds): Fill the sheet of FORM_THRESHOLDS: one row for all items
 * of the same label, comparison, bound and unit; those with most values outside first, then with
 * most values, then by name. Cost: O(n log n) in their rows.
 */
void tally_kinds(const struct sheet *exceptions, struct sheet *kinds);
void tally_thresholds(const struct sheet *metrics, struct sheet *thresholds);

#endif
