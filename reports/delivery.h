/* delivery - figures of delivery over a population, each with its formula and of how many it could
 * be computed; and the same by month.  Pure.
 */
#ifndef REPORTS_DELIVERY_H
#define REPORTS_DELIVERY_H

#include "reports/tables.h"

/**
 * delivery_fill(tables, as_of_us): From population, repairs, waiting, restores and timing, which
 * are whole and in order, and the moment until which the period is over, fill the sheets of
 * FORM_DELIVERY and FORM_TREND; and first add to FORM_RESTORES the deployments closed as failed,
 * each with the first successful one that repairs it.
 */
void delivery_fill(struct tables *tables, int64_t as_of_us);

#endif
