/* blameless - a timeline with roles in the place of persons' names. */
#ifndef REPLAY_BLAMELESS_H
#define REPLAY_BLAMELESS_H

#include "replay/timeline.h"

/**
 * blameless_apply(timeline): Put roles in the place of the names of persons, wherever they stand as
 * a word: who acted, values, texts, reasons; and leave keys out.  Of several persons in one role
 * the second is "Security Lead 2".  Programs keep their names; what a free text tells of a person
 * in other words stays.
 */
void blameless_apply(struct timeline *timeline);

#endif
