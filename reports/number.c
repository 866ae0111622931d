#include "reports/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* No 0 has a sign. */
static void put(bool below, uint64_t whole, uint64_t part, unsigned decimals,
                char ret[NUMBER_TEXT_BYTES])
{
    const char *sign = below && (whole > 0 || part > 0) ? "-" : "";
    if (decimals == 0)
        snprintf(ret, NUMBER_TEXT_BYTES, "%s%llu", sign, (unsigned long long)whole);
    else
        snprintf(ret, NUMBER_TEXT_BYTES, "%s%llu.%0*llu", sign, (unsigned long long)whole,
                 (int)decimals, (unsigned long long)part);
}

void number_quotient(int64_t of, int64_t by, unsigned decimals, char ret[NUMBER_TEXT_BYTES])
{
    ASSERT(by > 0 && decimals <= NUMBER_DECIMALS_MAX);
    uint64_t left = of < 0 ? 0 - (uint64_t)of : (uint64_t)of, divisor = (uint64_t)by, unit = 1;
    uint64_t whole = left / divisor, part = 0;
    left %= divisor;
    for (unsigned i = 0; i < decimals; i++, unit *= 10) {
        left *= 10; /* below 10 * by: durations in microseconds leave room */
        part = part * 10 + left / divisor;
        left %= divisor;
    }
    part += left >= divisor - left;
    if (part == unit && decimals > 0) {
        part = 0;
        whole++;
    } else if (decimals == 0) {
        whole += part;
        part = 0;
    }
    put(of < 0, whole, part, decimals, ret);
}

void number_add(struct buf *buf, double value, unsigned decimals)
{
    char text[NUMBER_TEXT_BYTES];
    ASSERT(decimals <= NUMBER_DECIMALS_MAX);
    if (!isfinite(value) || fabs(value) >= 1e12)
        return;
    uint64_t unit = 1;
    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    uint64_t scaled = (uint64_t)llround(fabs(value) * (double)unit);
    put(value < 0, scaled / unit, scaled % unit, decimals, text);
    buf_text(buf, text);
}

static int order(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

int64_t number_middle(int64_t *numbers, size_t count)
{
    if (count == 0)
        return NUMBER_NONE;
    qsort(numbers, count, sizeof(*numbers), order);
    if (count % 2 == 1)
        return numbers[count / 2];
    int64_t low = numbers[count / 2 - 1], high = numbers[count / 2];
    return low + (high - low) / 2;
}
