/* moment - a point in a deployment's life, as people name it: a time, a place, or an event. */
#ifndef REPLAY_MOMENT_H
#define REPLAY_MOMENT_H

#include "replay/errand.h"

struct moment {
    uint64_t to_seq; /* entries with seq < to_seq are in */
    int64_t time_us; /* named as a time: that time; else -1 */
    size_t left_out; /* entries that moment_fold left out, as not yet occurred */
};

#define MOMENT_USAGE                                                                               \
    "  --at WHEN         that entry or moment inclusive: a time (2026-03-03T10:57:30Z), a seq\n"   \
    "                    (412), a position in the stream ('#38'), or what happened: open,\n"       \
    "                    gate-1 (the first gate's GO), rollback, close\n"

/**
 * moment_find(errand, id, text, ret_moment, ret_why):
 * The moment that ${text} names, inclusive: TIME (RFC 3339: all entries with time_us up to it),
 * SEQ, #POS, or `open`, `gate-N` (when it last opened), `rollback`, `close`.  NULL is now.
 * Cost: a name folds the deployment.  Errors: USAGE (none of these), NOT_FOUND (no such seq or
 * position, or it has not happened), IO, DAMAGED.
 */
MUST_CHECK enum err moment_find(struct errand *errand, const char *id, const char *text,
                                struct moment *ret_moment, struct err_text *ret_why);

/**
 * moment_fold(errand, id, moment, occurred, ret_deployment, ret_why):
 * The deployment's state at the moment.  With ${occurred} an event counts if its claimed time
 * (time_us without one) is not after moment->time_us, wherever it stands; in ledger order.  The
 * caller owns *${ret_deployment}, and frees it before ${errand} is closed.  Errors: IO, DAMAGED.
 */
MUST_CHECK enum err moment_fold(struct errand *errand, const char *id, struct moment *moment,
                                bool occurred, struct deployment **ret_deployment,
                                struct err_text *ret_why);

#endif
