/* histogram - durations counted in buckets, as Prometheus has them.  Any thread. */
#ifndef INGEST_HISTOGRAM_H
#define INGEST_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#include "ledger/ledger.h"

#define HISTOGRAM_BUCKETS 14 /* from 100 us on, to 2.5 s; and one for all that is longer */

/* Zero-initialised is empty. */
struct histogram {
    atomic_uint_least64_t counts[HISTOGRAM_BUCKETS + 1];
    atomic_uint_least64_t sum_us;
};

/**
 * histogram_note(histogram, us, times): Count a duration ${times} times.
 * histogram_head(name, help, buf), histogram_print(histogram, name, label, buf): Append the
 * family's head, and one histogram of it; ${label} is like `way="http"`, or NULL.
 */
void histogram_note(struct histogram *histogram, int64_t us, uint64_t times);
void histogram_head(const char *name, const char *help, struct buf *buf);
void histogram_print(const struct histogram *histogram, const char *name, const char *label,
                     struct buf *buf);

#endif
