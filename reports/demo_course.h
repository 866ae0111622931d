/* demo_course - a made-up deployment played by its plan: from its first step to its end. */
#ifndef REPORTS_DEMO_COURSE_H
#define REPORTS_DEMO_COURSE_H

#include "reports/demo_story.h"

/**
 * demo_course_play(story): Open it, do what its plan asks for, mishaps and all, and close it.  Who
 * takes part and what becomes of it is settled.
 * demo_course_time(story, ms): When a step of the plan that is due at ${ms} is done.
 */
void demo_course_play(struct demo_story *story);
int64_t demo_course_time(const struct demo_story *story, int64_t ms);

#endif
