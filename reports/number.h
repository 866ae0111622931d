/* number - computed figures as text: fixed decimals, halves away from zero, the same on every
 * machine.  Pure: no locale.
 */
#ifndef REPORTS_NUMBER_H
#define REPORTS_NUMBER_H

#include "ledger/ledger.h"

#define NUMBER_TEXT_BYTES 32
#define NUMBER_DECIMALS_MAX 6
#define NUMBER_NONE INT64_MIN /* a middle of nothing */

/**
 * number_quotient(of, by, decimals, ret): ${of} / ${by}, by whole numbers alone: "-1.50"; ${by} >
 * 0,
 * |${of}| under 2^43 * ${by}.
 * number_add(buf, value, decimals): Append ${value}, of which 15 digits are right: "0.50", "-3";
 * nothing for what is no finite number, or not below 10^12 in size.
 */
void number_quotient(int64_t of, int64_t by, unsigned decimals, char ret[NUMBER_TEXT_BYTES]);
void number_add(struct buf *buf, double value, unsigned decimals);

/**
 * number_middle(numbers, count): The median of ${count} whole numbers, which are put in order; of
 * an even count the mean of the two in the middle, cut to a whole number; NUMBER_NONE of none.
 */
int64_t number_middle(int64_t *numbers, size_t count);

#endif
