/* sample - a test sample of the population that anyone draws the same way, with the signed events
 * of its decisions. */
#ifndef REPORTS_SAMPLE_H
#define REPORTS_SAMPLE_H

#include "reports/tables.h"

/**
 * sample_draw(tables): Fill the sheet of FORM_SAMPLE with the params' number (or all, if there are
 * fewer) of the deployments counted in the period: those with the smallest SHA-256(seed | 0x00 |
 * deployment), in that order; each with the number of its rows among the decisions.  Pure.
 * sample_read(tables, ledger, ret_why): Read the events of these rows into the sheet of
 * FORM_SIGNED. Errors: IO, DAMAGED.
 */
void sample_draw(struct tables *tables);
MUST_CHECK enum err sample_read(struct tables *tables, struct ledger *ledger,
                                struct err_text *ret_why);

#endif
