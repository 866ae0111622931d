/* progress - a line on a terminal that tells how far a command is, drawn anew now and then; on
 * anything else than a terminal nothing is drawn.
 */
#ifndef LEDGER_PROGRESS_H
#define LEDGER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/check.h"

struct progress {
    bool terminal;    /* standard error is one */
    bool drawn;       /* a line stands there */
    int64_t drawn_us; /* when it was drawn last, on the monotonic clock */
};

/**
 * progress_begin(): Nothing is drawn yet, nor before there was something to wait for.
 * progress_due(progress): Whether a line would be drawn now, for who has to reckon first.
 * progress_draw(progress, format, ...): Draw the line in the place of the last one, if it is time.
 * progress_end(progress): Take it away, if one stands there.
 */
struct progress progress_begin(void);
bool progress_due(const struct progress *progress);
void progress_draw(struct progress *progress, const char *format, ...) PRINTF_LIKE(2, 3);
void progress_end(struct progress *progress);

#endif
