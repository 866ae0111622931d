/* clock - the machine's clocks, for what is not of the core: who waits, who tells the time. */
#ifndef LEDGER_CLOCK_H
#define LEDGER_CLOCK_H

#include <stdint.h>

/**
 * clock_monotonic_us(): Microseconds since some moment before the process began; never set.
 * clock_boot_us(): The same, and it counts on while the machine sleeps.
 * clock_real_us(): The time of day, Unix microseconds, as the machine has it.
 */
int64_t clock_monotonic_us(void);
int64_t clock_boot_us(void);
int64_t clock_real_us(void);

#endif
