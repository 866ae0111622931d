#include "ledger/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/buf.h"
#include "ledger/clock.h"

#define DRAW_US 200000     /* between two drawings */
#define CLEARED "\r\033[K" /* back to the line's begin, and away with all of it */

struct progress progress_begin(void)
{
    return (struct progress){.terminal = isatty(STDERR_FILENO) == 1,
                             .drawn_us = clock_monotonic_us()};
}

bool progress_due(const struct progress *progress)
{
    return progress->terminal && clock_monotonic_us() - progress->drawn_us >= DRAW_US;
}

void progress_draw(struct progress *progress, const char *format, ...)
{
    if (!progress_due(progress))
        return;
    struct buf line = {0};
    va_list args;
    va_start(args, format);
    buf_text(&line, CLEARED);
    buf_vprintf(&line, format, args);
    va_end(args);
    fwrite(line.data, 1, line.bytes, stderr); /* at once, so that it does not flicker */
    fflush(stderr);
    buf_free(&line);
    progress->drawn = true;
    progress->drawn_us = clock_monotonic_us();
}

void progress_end(struct progress *progress)
{
    if (progress->drawn)
        fputs(CLEARED, stderr);
    progress->drawn = false;
}
