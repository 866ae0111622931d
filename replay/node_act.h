/* node_act - the events of acts on one node of the checklist, and of samples. */
#ifndef REPLAY_NODE_ACT_H
#define REPLAY_NODE_ACT_H

#include "replay/verb.h"

/**
 * node_act_check, node_act_waive, node_act_reopen, node_act_record, node_act_status,
 * node_act_sample, node_act_attest(args, ret_event, ret_why):
 * Fill in type and data of the event that the verb of this name makes (verb_make_fn).  A value that
 * is a JSON number is sent as one.  Errors: USAGE; of attest also those of evidence_attach.
 */
enum err node_act_check(const struct args *args, struct errand_event *ret_event,
                        struct err_text *ret_why);
enum err node_act_waive(const struct args *args, struct errand_event *ret_event,
                        struct err_text *ret_why);
enum err node_act_reopen(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why);
enum err node_act_record(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why);
enum err node_act_status(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why);
enum err node_act_sample(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why);
enum err node_act_attest(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why);

#endif
