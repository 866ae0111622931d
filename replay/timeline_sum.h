/* timeline_sum - what follows from a timeline's rows: windows, silences, thresholds.  Pure. */
#ifndef REPLAY_TIMELINE_SUM_H
#define REPLAY_TIMELINE_SUM_H

#include "replay/timeline.h"

/**
 * timeline_sum_up(timeline): Fill in sections, silences and thresholds from the rows and the
 * checklist; once.  Cost: rows times depth of sections, and rows times items with a threshold.
 */
void timeline_sum_up(struct timeline *timeline);

#endif
