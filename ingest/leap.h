/* leap - whether the machine's clock has leapt: real time against one that only counts on.  Pure.
 */
#ifndef INGEST_LEAP_H
#define INGEST_LEAP_H

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialised knows no clock yet. */
struct leap {
    bool known;
    int64_t offset_us; /* real time minus the steady clock, when it was last accepted */
};

/**
 * leap_seen(leap, real_us, steady_us): Whether real time has moved by more than CLOCK_LEAP_US
 * against the steady clock, either way, since the first look or the last leap_accept.
 * leap_accept(leap, real_us, steady_us): Take the clocks as they stand for good.
 */
bool leap_seen(struct leap *leap, int64_t real_us, int64_t steady_us);
void leap_accept(struct leap *leap, int64_t real_us, int64_t steady_us);

#endif
