#include "ingest/histogram.h"

#include <inttypes.h>

#include "ingest/family.h"

static const struct {
    int64_t us; /* the longest duration in it */
    const char *le;
} buckets[HISTOGRAM_BUCKETS] = {
    {100, "0.0001"},  {250, "0.00025"}, {500, "0.0005"},  {1000, "0.001"},  {2500, "0.0025"},
    {5000, "0.005"},  {10000, "0.01"},  {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"},
    {250000, "0.25"}, {500000, "0.5"},  {1000000, "1"},   {2500000, "2.5"},
};

void histogram_note(struct histogram *histogram, int64_t us, uint64_t times)
{
    int at = 0;
    while (at < HISTOGRAM_BUCKETS && us > buckets[at].us)
        at++;
    atomic_fetch_add_explicit(&histogram->counts[at], times, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_us, (uint64_t)(us > 0 ? us : 0) * times,
                              memory_order_relaxed);
}

void histogram_head(const char *name, const char *help, struct buf *buf)
{
    family_head(buf, name, "histogram", help);
}

void histogram_print(const struct histogram *histogram, const char *name, const char *label,
                     struct buf *buf)
{
    const char *before = label != NULL ? label : "", *comma = label != NULL ? "," : "";
    const char *open = label != NULL ? "{" : "", *close = label != NULL ? "}" : "";
    uint64_t count = 0;
    for (int i = 0; i <= HISTOGRAM_BUCKETS; i++) {
        count += atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
        buf_printf(buf, "countersign_%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", name, before, comma,
                   i < HISTOGRAM_BUCKETS ? buckets[i].le : "+Inf", count);
    }
    uint64_t sum_us = atomic_load_explicit(&histogram->sum_us, memory_order_relaxed);
    buf_printf(buf, "countersign_%s_sum%s%s%s %" PRIu64 ".%06" PRIu64 "\n", name, open, before,
               close, sum_us / 1000000, sum_us % 1000000);
    buf_printf(buf, "countersign_%s_count%s%s%s %" PRIu64 "\n", name, open, before, close, count);
}
