/* window - the time of a section, as its heading writes it (CHECKLIST.md "Sections, ids, windows").
 * Pure.
 */
#ifndef REPLAY_WINDOW_H
#define REPLAY_WINDOW_H

#include "replay/checklist.h"
#include "replay/span.h"

/* A window reaches at most so many minutes to either side of T0: two years. */
#define WINDOW_MINUTES_MAX 1051200

enum window_found { WINDOW_NONE, WINDOW_READ, WINDOW_ODD };

/* What may have been read otherwise than it was meant. */
enum window_doubt {
    WINDOW_SURE,
    WINDOW_MORE,    /* a further time stands behind the one that was read */
    WINDOW_FOREIGN, /* the word behind a number without a unit is no unit that is known */
    WINDOW_UNREAD /* none was read, but `T - 5`, `t-5`, `(H-24)`, `(10:30)` or `(5 min)` is there */
};

/**
 * window_parse(heading, ret_window):
 * Find the first time in a heading: `T-24 hours to T-0`, `T0 to T+25 min`, `T-1 hour`, `Hour
 * 6-12`; units minutes, hours, days, weeks (an end without one has the other's, else minutes).
 * WINDOW_ODD: something like a time that cannot be read, runs backwards, or is over
 * WINDOW_MINUTES_MAX away; *${ret_window} is written for WINDOW_READ only.
 */
enum window_found window_parse(struct span heading, struct window *ret_window);

/**
 * window_doubt(heading): What of the time that window_parse reads in it, or does not, is in doubt.
 */
enum window_doubt window_doubt(struct span heading);

#endif
