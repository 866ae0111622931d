/* demo_mishap - what goes otherwise than planned in a made-up deployment. */
#ifndef REPORTS_DEMO_MISHAP_H
#define REPORTS_DEMO_MISHAP_H

#include "reports/demo_story.h"

/**
 * demo_mishap_choose(story): Settle what goes wrong, and at which steps of its plan.
 * demo_mishap_work_on(story, at_us): Somebody does an item of the deployment, whatever its state.
 * demo_mishap_word(story, step): Whether a step is an item that somebody ticks on their word: no
 * command, no threshold, no role, nothing nested in it, and of no gate.
 */
void demo_mishap_choose(struct demo_story *story);

void demo_mishap_work_on(struct demo_story *story, int64_t at_us);
bool demo_mishap_word(const struct demo_story *story, const struct demo_step *step);

#endif
