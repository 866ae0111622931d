#include "ingest/leap.h"

#include "ledger/ledger.h"

bool leap_seen(struct leap *leap, int64_t real_us, int64_t steady_us)
{
    if (!leap->known)
        leap_accept(leap, real_us, steady_us);
    int64_t moved_us = real_us - steady_us - leap->offset_us;
    return moved_us > CLOCK_LEAP_US || moved_us < -CLOCK_LEAP_US;
}

void leap_accept(struct leap *leap, int64_t real_us, int64_t steady_us)
{
    leap->known = true;
    leap->offset_us = real_us - steady_us;
}
