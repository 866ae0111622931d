/* moment - a point in a deployment's life, as people name it: a time, a place, or an event. */
#ifndef REPLAY_MOMENT_H
#define REPLAY_MOMENT_H

#include "replay/errand.h"

struct moment {
    uint64_t to_seq; /* entries with seq < to_seq are in */
    int64_t time_us; /* named as a time: that time; else -1 */
    size_t left_out; /* entries that moment_fold left out */
};

#define MOMENT_USAGE                                                                               \
    "  --at WHEN         that entry or moment inclusive: a time (2026-03-03T10:57:30Z), a seq\n"   \
    "                    (412), a position in the stream ('#38'), or what happened: open,\n"       \
    "                    gate-1 (the first gate's GO), rollback, close, now\n"

/**
 * moment_find(errand, id, text, ret_moment, ret_why):
 * The moment that ${text} names, inclusive: TIME (RFC 3339: all entries with time_us up to it; as
 * we print it, "2026-03-03 10:57:30 UTC": also those within that second), SEQ, #POS, or `open`,
 * `gate-N` (when it last opened), `rollback`, `close`, `now`, which NULL is, too.
 * Cost: a name folds the deployment.  Errors: USAGE (none of these), NOT_FOUND (no such seq or
 * position, or it has not happened), IO, DAMAGED.
 */
MUST_CHECK enum err moment_find(struct errand *errand, const char *id, const char *text,
                                struct moment *ret_moment, struct err_text *ret_why);

/**
 * moment_entry(errand, id, text, ret_moment, ret_why): The moment of one entry, named SEQ or #POS.
 * Errors: USAGE (neither), NOT_FOUND, IO, DAMAGED.
 */
MUST_CHECK enum err moment_entry(struct errand *errand, const char *id, const char *text,
                                 struct moment *ret_moment, struct err_text *ret_why);

/* What is to be taken otherwise than it is.  An entry that is left out keeps its position and has
 * no effect, as if its event were erased. */
struct supposition {
    bool occurred;           /* leave out what by its claimed time (time_us without one) was after
                                moment->time_us, wherever it stands */
    const uint64_t *without; /* leave out the entries of these seqs; borrowed */
    size_t without_count;
    const struct registry_policy *policy; /* instead of the one in force at opening; NULL; borrowed,
                                             as long as the deployment lives */
    replay_step_fn *watch;                /* called after each entry that is not left out; NULL */
    void *ctx;
};

/**
 * moment_fold(errand, id, moment, supposition, ret_deployment, ret_why):
 * The deployment's state at the moment; with a supposition (may be NULL) what it would have been,
 * in ledger order.  The caller owns *${ret_deployment}, and frees it before ${errand} is closed.
 * Errors: IO, DAMAGED.
 */
MUST_CHECK enum err moment_fold(struct errand *errand, const char *id, struct moment *moment,
                                const struct supposition *supposition,
                                struct deployment **ret_deployment, struct err_text *ret_why);

#endif
