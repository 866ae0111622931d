/* steps - a deployment walked through event by event, both ways, with what each changed. */
#ifndef REPLAY_STEPS_H
#define REPLAY_STEPS_H

#include "replay/moment.h"

/**
 * steps_print(errand, id, at, json, buf, ret_why): Append every entry up to the moment ${at} (NULL:
 * now) with its verdict and the changes that it made, for people or as JSON lines {seq, pos, time,
 * by, kind, node, value, text, verdict, rule, flags, reason, changes: [as difference_json]}.  Cost:
 * one fold, and the nodes for each entry.  Errors: NOT_FOUND, USAGE (no moment), IO, DAMAGED.
 *
 * steps_walk(errand, id, at, ret_why): The same one by one, from the entry at ${at} (NULL: the
 * first) on, asked for on standard input and shown on standard output, until it ends or `q` is
 * entered.  Cost: one fold up to each entry that is shown.  Errors: as above.
 */
MUST_CHECK enum err steps_print(struct errand *errand, const char *id, const char *at, bool json,
                                struct buf *buf, struct err_text *ret_why);
MUST_CHECK enum err steps_walk(struct errand *errand, const char *id, const char *at,
                               struct err_text *ret_why);

#endif
