/* difference - what differs between two states of deployments of one checklist, fact by fact. Pure.
 */
#ifndef REPLAY_DIFFERENCE_H
#define REPLAY_DIFFERENCE_H

#include "replay/facts.h"

/* A fact that is not the same in both; one of the two is NULL if it holds in the other alone. */
struct difference {
    const struct fact *before;
    const struct fact *after;
};

/* The facts are borrowed. */
struct differences {
    struct difference *list; /* owned */
    size_t count, cap;
};

/**
 * difference_find(before, after, acts, ret): What differs, in the order of ${after}; what holds in
 * ${before} alone stands where it stood there.  With ${acts} the same statement by another act is a
 * difference, too: for two states of one deployment.  Free with difference_free.
 * difference_text(differences, buf): For people, on 100 columns; nothing without a difference.
 * difference_json(differences): [{kind, name, label, before, after}], each of the last two null or
 * {text, seq, pos, by, time}; a new reference.
 */
void difference_find(const struct facts *before, const struct facts *after, bool acts,
                     struct differences *ret);
void difference_free(struct differences *differences);
void difference_text(const struct differences *differences, struct buf *buf);
json_t *difference_json(const struct differences *differences);

#endif
