#include "ingest/backoff.h"

#include "ledger/ledger.h"

int64_t backoff_ms(unsigned failures, uint32_t random)
{
    int64_t ms = BACKOFF_FIRST_MS;
    ASSERT(failures > 0);
    for (unsigned i = 1; i < failures && ms < BACKOFF_LAST_MS; i++)
        ms *= 2;
    if (ms > BACKOFF_LAST_MS)
        ms = BACKOFF_LAST_MS;
    return ms - (int64_t)((uint64_t)ms / 2 * random / UINT32_MAX);
}
