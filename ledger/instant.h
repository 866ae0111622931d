/* instant - moments in time: Unix microseconds in code, RFC 3339 in UTC as text.  Pure: no clock.
 */
#ifndef LEDGER_INSTANT_H
#define LEDGER_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/check.h"

#define INSTANT_TEXT_BYTES 28 /* "2026-03-01T10:00:00.000000Z" and its NUL */
#define INSTANT_SECOND_US 1000000LL
#define INSTANT_MINUTE_US 60000000LL
#define INSTANT_DAY_US 86400000000LL

/**
 * instant_parse(text, ret_us):
 * Parse an RFC 3339 date-time (any offset, up to 9 digits of a second, cut to microseconds), years
 * 1970 to 9999.  False if it is anything else.
 */
MUST_CHECK bool instant_parse(const char *text, int64_t *ret_us);

/**
 * instant_format(us, ret): "2026-03-01T10:00:00.000000Z"; ${us} >= 0.
 * instant_short(us, ret): "2026-03-01 10:00:00" (UTC), for people; same buffer size.
 */
void instant_format(int64_t us, char ret[INSTANT_TEXT_BYTES]);
void instant_short(int64_t us, char ret[INSTANT_TEXT_BYTES]);

/**
 * instant_parse_day(text, ret_us): "2026-03-01", its midnight UTC; false if it is anything else.
 * instant_day(us, ret): The day of a moment, the same way; same buffer size.
 */
MUST_CHECK bool instant_parse_day(const char *text, int64_t *ret_us);
void instant_day(int64_t us, char ret[INSTANT_TEXT_BYTES]);

/**
 * instant_from_date(year, month, day): Midnight UTC of a Gregorian date, month 1..12, day 1..31.
 */
int64_t instant_from_date(int year, int month, int day);

#endif
