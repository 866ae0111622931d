/* decimal - computed numbers as text, the same on every machine.  Pure: no locale. */
#ifndef REPORTS_DECIMAL_H
#define REPORTS_DECIMAL_H

#include "ledger/ledger.h"

#define DECIMAL_PLACES_MAX 6

/**
 * decimal_add(buf, value, places):
 * Append ${value} with ${places} (0 to DECIMAL_PLACES_MAX) digits behind the point, halves rounded
 * away from zero; 15 digits of it are right: "0.50", "-3", "12.0".  Nothing is appended for what is
 * no finite number, or not below 10^12 in size.
 */
void decimal_add(struct buf *buf, double value, unsigned places);

#endif
