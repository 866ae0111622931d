/* comparison - how two deployments of one checklist went, side by side. */
#ifndef REPLAY_COMPARISON_H
#define REPLAY_COMPARISON_H

#include "replay/errand.h"

/**
 * comparison_make(errand, ids, json, buf, ret_why): Append what differs between the deployments
 * ids[0] and ids[1], for people or as JSON {ids, same, rows: [{group, name, label, values: [2]}]}:
 * their course, how long each section took and how late it was, the readings of each threshold,
 * who approved and decided what and when, what was skipped.  A value is null where there is nothing
 * to say.  Errors: NOT_FOUND, CONFLICT (they were run from different checklists), IO, DAMAGED.
 */
MUST_CHECK enum err comparison_make(struct errand *errand, const char *const ids[2], bool json,
                                    struct buf *buf, struct err_text *ret_why);

#endif
