/* rate - how often a principal may ask: token buckets of one second's worth, in a bounded table.
 * Kept as the moment at which a principal's bucket is full again (GCRA), so that one which is full
 * needs no place.  Any thread.  The clock is an argument.
 */
#ifndef INGEST_RATE_H
#define INGEST_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"

struct rate;

/**
 * rate_new(per_second), rate_free(rate): Let every principal have ${per_second} (1..RATE_MAX) of
 * whatever is counted a second, and as many at once.  NULL is fine.
 * rate_take(rate, principal, count, now_us): Take ${count}: 0 if there was at least one, and what
 * is missing is owed; else nothing is taken, and it is the microseconds after which there will be
 * one.
 * rate_charge(rate, principal, count, now_us): Take ${count} in any case.
 * Past RATE_PRINCIPALS_MAX principals whose buckets are not full, the rest share one.
 */
struct rate *rate_new(uint64_t per_second);
void rate_free(struct rate *rate);
int64_t rate_take(struct rate *rate, const char *principal, uint64_t count, int64_t now_us);
void rate_charge(struct rate *rate, const char *principal, uint64_t count, int64_t now_us);

#endif
