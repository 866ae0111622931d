/* backoff - how long to wait before the next attempt: longer each time, and not in step with
 * others.  Pure.
 */
#ifndef INGEST_BACKOFF_H
#define INGEST_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 200
#define BACKOFF_LAST_MS 30000

/**
 * backoff_ms(failures, random): How many milliseconds to wait after ${failures} (1 or more)
 * failures in a row: twice as long each time, from BACKOFF_FIRST_MS to BACKOFF_LAST_MS, of which
 * ${random} (any number, evenly drawn) takes up to half away.
 */
int64_t backoff_ms(unsigned failures, uint32_t random);

#endif
