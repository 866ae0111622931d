/* timeline_sum - what follows from a timeline's rows: windows, silences, thresholds.  Pure. */
#ifndef REPLAY_TIMELINE_SUM_H
#define REPLAY_TIMELINE_SUM_H

#include "replay/timeline.h"

/**
 * timeline_sum_up(timeline): Fill in sections, silences and thresholds from the rows and the
 * checklist; once.  Cost: rows times depth of sections, and rows times items with a threshold.
 */
void timeline_sum_up(struct timeline *timeline);

/**
 * timeline_sum_measures(timeline, row, item): Whether the row is an accepted reading of the item's
 * threshold.
 */
bool timeline_sum_measures(const struct timeline *timeline, const struct timeline_row *row,
                           size_t item);

#endif
