/* demo_extra - what comes to a made-up deployment beside its plan: what machines tell of it,
 * evidence, notes, issues.
 */
#ifndef REPORTS_DEMO_EXTRA_H
#define REPORTS_DEMO_EXTRA_H

#include "reports/demo_story.h"

/**
 * demo_extra_add(story): All that comes beside the plan; the story is told otherwise.
 * demo_extra_other_image(story, at_us): The platform tells that something else was deployed.
 * demo_extra_unopened(story): What came of a deployment that nobody has opened.
 */
void demo_extra_add(struct demo_story *story);
void demo_extra_other_image(struct demo_story *story, int64_t at_us);
void demo_extra_unopened(struct demo_story *story);

#endif
