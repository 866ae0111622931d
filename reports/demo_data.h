/* demo_data - what stands in the acts of a made-up deployment: values, outputs, words. */
#ifndef REPORTS_DEMO_DATA_H
#define REPORTS_DEMO_DATA_H

#include "reports/demo_story.h"

/* How a step turns out. */
enum demo_turn { DEMO_GOOD, DEMO_BAD, DEMO_DOUBTFUL };

/**
 * demo_data_step(story, step, at_us, turn): Do a step of a plan; what it gives is good, or the
 * value lies outside its threshold, the command fails, the item fails, the status is ✗ or ⚠ (the
 * first option, where there is none such).  The act is borrowed until the next.
 */
struct demo_act *demo_data_step(struct demo_story *story, const struct demo_step *step,
                                int64_t at_us, enum demo_turn turn);

/**
 * demo_data_option(story, step, turn): The option that this is, of a step that has some.
 * demo_data_member(buf, name, text): Append `,"name":"text"`, as JSON.
 * demo_data_instant(buf, name, us): Append `,"name":"2026-…"`.
 */
const char *demo_data_option(const struct demo_story *story, const struct demo_step *step,
                             enum demo_turn turn);
void demo_data_member(struct buf *buf, const char *name, const char *text);
void demo_data_instant(struct buf *buf, const char *name, int64_t us);

#endif
