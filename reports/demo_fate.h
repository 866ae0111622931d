/* demo_fate - what becomes of a made-up deployment, and by what it ends otherwise than planned. */
#ifndef REPORTS_DEMO_FATE_H
#define REPORTS_DEMO_FATE_H

#include "reports/demo_story.h"

/**
 * demo_fate_settle(story): Its end, whether it is an emergency, what delays it, and where the plan
 * is left.  Who takes part, and the checklist, are known.
 * demo_fate_turn(story): The acts that turn it to an end that is not successful: NO-GO, something
 * that fails for good, or the decision to go back.
 * demo_fate_resolve(story): The trouble that turned it is over.
 * demo_fate_leaves_out(story, step): Whether its haste leaves out that step.
 * demo_fate_reason(story, buf): Append why it is done, and what else its opening says.
 * demo_fate_make_good(story, at_us): What the haste has left out is done, or waived and given
 * later, for it to be closed at ${at_us}; gives when it can be.
 */
void demo_fate_settle(struct demo_story *story);
void demo_fate_turn(struct demo_story *story);
void demo_fate_resolve(struct demo_story *story);
bool demo_fate_leaves_out(const struct demo_story *story, const struct demo_step *step);
void demo_fate_reason(struct demo_story *story, struct buf *buf);
int64_t demo_fate_make_good(struct demo_story *story, int64_t at_us);

#endif
