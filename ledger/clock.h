/* clock - the machine's clock that is never set, for those who wait or act now and then. */
#ifndef LEDGER_CLOCK_H
#define LEDGER_CLOCK_H

#include <stdint.h>

/**
 * clock_monotonic_us(): Microseconds since some moment before the process began.
 */
int64_t clock_monotonic_us(void);

#endif
