/* course_act - the events of acts on the course of a deployment as a whole. */
#ifndef REPLAY_COURSE_ACT_H
#define REPLAY_COURSE_ACT_H

#include "replay/verb.h"

/**
 * course_act_note, course_act_issue, course_act_clock, course_act_reschedule, course_act_assign,
 * course_act_emergency, course_act_rollback, course_act_close(args, ret_event, ret_why):
 * Fill in type and data of the event that the verb of this name makes (verb_make_fn).  Errors:
 * USAGE.
 */
enum err course_act_note(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why);
enum err course_act_issue(const struct args *args, struct errand_event *ret_event,
                          struct err_text *ret_why);
enum err course_act_clock(const struct args *args, struct errand_event *ret_event,
                          struct err_text *ret_why);
enum err course_act_reschedule(const struct args *args, struct errand_event *ret_event,
                               struct err_text *ret_why);
enum err course_act_assign(const struct args *args, struct errand_event *ret_event,
                           struct err_text *ret_why);
enum err course_act_emergency(const struct args *args, struct errand_event *ret_event,
                              struct err_text *ret_why);
enum err course_act_rollback(const struct args *args, struct errand_event *ret_event,
                             struct err_text *ret_why);
enum err course_act_close(const struct args *args, struct errand_event *ret_event,
                          struct err_text *ret_why);

#endif
