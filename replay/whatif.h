/* whatif - how a deployment would have gone without some of its entries, or by another policy. */
#ifndef REPLAY_WHATIF_H
#define REPLAY_WHATIF_H

#include "replay/moment.h"

/* What is supposed; strings are borrowed. */
struct whatif {
    const char *id;
    const char *at;             /* up to which moment (moment.h); NULL: now */
    const char *const *without; /* entries to leave out, as people name them: SEQ or #POS */
    size_t without_count;
    const char *policy; /* a file with the data of a policy.set; NULL */
};

/**
 * whatif_make(errand, whatif, json, buf, ret_why): Append what would have been judged otherwise,
 * and what the state would be instead, for people or as JSON {id, without: [seq], policy, verdicts:
 * [{seq, pos, kind, node, by, was, would}], changes: [as difference_json]}; `was` and `would` are
 * {verdict, rule, flags, reason}.  Errors: NOT_FOUND (no such deployment, entry or moment), USAGE
 * (no moment, no entry's name), INVALID (the policy), IO, DAMAGED.
 */
MUST_CHECK enum err whatif_make(struct errand *errand, const struct whatif *whatif, bool json,
                                struct buf *buf, struct err_text *ret_why);

#endif
