/* measure - which values judge which threshold, and what they find (RULES.md "Flags", last
 * paragraph).  Private to the files of the reducer.
 */
#ifndef REPLAY_MEASURE_H
#define REPLAY_MEASURE_H

#include "replay/act.h"

/**
 * measure_field(deployment, act): Judge the thresholds that a recorded field measures.
 * measure_sample(deployment, act): Judge the threshold of the item that a sample names, and those
 * that it measures in sections whose window holds its time.
 * A value outside is a criterion, a later one within resolves it.
 */
void measure_field(struct deployment *deployment, const struct act *act);
void measure_sample(struct deployment *deployment, const struct act *act);

/**
 * measure_off(deployment, item, buf): Whether the item's latest measured value is outside its
 * threshold, or a value nested in it is off its expectation; then append what was found.
 * Waived values do not count.
 * measure_unexpected(deployment, field): Whether a recorded value is off its expectation, and not
 * waived.
 */
bool measure_off(const struct deployment *deployment, size_t item, struct buf *buf);
bool measure_unexpected(const struct deployment *deployment, size_t field);

#endif
