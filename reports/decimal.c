#include "reports/decimal.h"

#include <math.h>

void decimal_add(struct buf *buf, double value, unsigned places)
{
    ASSERT(places <= DECIMAL_PLACES_MAX);
    if (!isfinite(value) || fabs(value) >= 1e12)
        return;
    int64_t unit = 1;
    for (unsigned i = 0; i < places; i++)
        unit *= 10;
    int64_t scaled = (int64_t)llround(value * (double)unit);
    uint64_t size = scaled < 0 ? (uint64_t)-scaled : (uint64_t)scaled;
    buf_printf(buf, "%s%llu", scaled < 0 ? "-" : "", (unsigned long long)(size / (uint64_t)unit));
    if (places > 0)
        buf_printf(buf, ".%0*llu", (int)places, (unsigned long long)(size % (uint64_t)unit));
}
