/* scale - an axis from 0 up with round steps, for charts.  Pure. */
#ifndef REPORTS_SCALE_H
#define REPORTS_SCALE_H

#include <stddef.h>

#include "reports/document.h"

/* Marks stand at 0, step, 2 * step, ... up to `top`. */
struct scale {
    double step;
    double top; /* steps * step: at or above all values */
    size_t steps;
    unsigned places; /* digits behind the point that a mark needs */
};

/**
 * scale_of(chart): The axis for a chart's values: at most 6 steps of 1, 2 or 5 times a power of ten
 * (0.0001, or 1 where they count something, to 5,000,000,000; larger values are beyond its top); of
 * stacked series the sums count.
 * Values below 0 and unknown ones are passed over; without any the top is 1.
 */
struct scale scale_of(const struct chart *chart);

/**
 * scale_share(scale, value): How far up a value is, from 0 to 1 at the top; 0 of an unknown one.
 * scale_value(chart, series, label): A chart's value; not finite where it is unknown.
 */
double scale_share(const struct scale *scale, double value);
double scale_value(const struct chart *chart, size_t series, size_t label);

#endif
