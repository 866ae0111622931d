/* blameless - a timeline with roles in the place of persons' names. */
#ifndef REPLAY_BLAMELESS_H
#define REPLAY_BLAMELESS_H

#include "replay/timeline.h"

/**
 * blameless_apply(timeline): Put roles in the place of names, and leave keys out.  Who acted
 * becomes the role, "person" or, if nothing was signed, "pipeline"; the second of one role is
 * "Security Lead 2".  In the title, values, texts and reasons names are found as words, whatever
 * their case, also of who has a key on the ledger and no part here.  What a free text tells of a
 * person in other words stays, and so do the checklist's own words.
 */
void blameless_apply(struct timeline *timeline);

#endif
