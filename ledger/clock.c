#include "ledger/clock.h"

#include <time.h>

#include "ledger/check.h"
#include "ledger/instant.h"

int64_t clock_monotonic_us(void)
{
    struct timespec now;
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * INSTANT_SECOND_US + now.tv_nsec / 1000;
}
