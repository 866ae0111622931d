/* number - computed figures as text: whole-number arithmetic, fixed decimals, no locale.  Pure. */
#ifndef REPORTS_NUMBER_H
#define REPORTS_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#define NUMBER_TEXT_BYTES 32
#define NUMBER_NONE INT64_MIN /* a middle of nothing */

/**
 * number_quotient(of, by, decimals, ret): ${of} / ${by} with 0 to 6 ${decimals}, halves away from
 * zero: "-1.50"; ${by} > 0, |${of}| under 2^43 * ${by}.
 * number_double(of, by): The same as it is, for a chart.
 */
void number_quotient(int64_t of, int64_t by, unsigned decimals, char ret[NUMBER_TEXT_BYTES]);
double number_double(int64_t of, int64_t by);

/**
 * number_middle(numbers, count): The median of ${count} whole numbers, which are put in order; of
 * an even count the mean of the two in the middle, cut to a whole number; NUMBER_NONE of none.
 */
int64_t number_middle(int64_t *numbers, size_t count);

#endif
