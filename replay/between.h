/* between - what changed in a deployment between two moments. */
#ifndef REPLAY_BETWEEN_H
#define REPLAY_BETWEEN_H

#include "replay/errand.h"

/**
 * between_make(errand, id, moments, json, buf, ret_why): Append what changed from moments[0] to
 * moments[1] (moment.h, or `now`; also backwards), for people or as JSON {id, from, to, changes:
 * [as difference_json]}, `from` and `to` being {at, seq, pos, time}. Errors: NOT_FOUND (no such
 * deployment or moment), USAGE (no moment), IO, DAMAGED.
 */
MUST_CHECK enum err between_make(struct errand *errand, const char *id,
                                 const char *const moments[2], bool json, struct buf *buf,
                                 struct err_text *ret_why);

#endif
