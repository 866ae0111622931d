/* offset - moments against T0, windows, and lengths of time, as people write them.  Pure. */
#ifndef REPLAY_OFFSET_H
#define REPLAY_OFFSET_H

#include <stdint.h>

#include "replay/checklist.h"

/**
 * offset_add(buf, us): Append a distance from T0 in microseconds: "T+12:30" (minutes and seconds),
 * "T+1:12:30" (hours too), "T-24:00:00"; parts of a second are cut.
 * offset_minutes(buf, minutes): Append a window's end: "T-24 h", "T+25 min", "T-7 d", "T+0".
 * offset_window(buf, window): Append "T+5 min to T+25 min", or "T-1 h" of a deadline; nothing of
 * none.
 * offset_length(buf, us): Append a length: "45 s", "12 min 30 s", "26 h 5 min", "3 d 2 h";
 * ${us} >= 0.
 */
void offset_add(struct buf *buf, int64_t us);
void offset_minutes(struct buf *buf, int minutes);
void offset_window(struct buf *buf, const struct window *window);
void offset_length(struct buf *buf, int64_t us);

#endif
