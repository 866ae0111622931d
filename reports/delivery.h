/* delivery - figures of delivery over a population, each with its formula and of how many it could
 * be computed. */
#ifndef REPORTS_DELIVERY_H
#define REPORTS_DELIVERY_H

#include <jansson.h>

#include "reports/tables.h"

/**
 * delivery_json(tables):
 * {frequency, lead_time, change_failure_rate, time_to_restore}, each {value (number or null), unit,
 * formula, computable, of}; over the deployments counted in the period.
 */
json_t *delivery_json(const struct tables *tables);

#endif
