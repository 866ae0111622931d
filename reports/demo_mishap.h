/* demo_mishap - what goes otherwise than planned in a made-up deployment. */
#ifndef REPORTS_DEMO_MISHAP_H
#define REPORTS_DEMO_MISHAP_H

#include "reports/demo_story.h"

/**
 * demo_mishap_choose(story): Settle what goes wrong, and at which steps of its plan.
 */
void demo_mishap_choose(struct demo_story *story);

#endif
