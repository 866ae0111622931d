/* shown - a deployment's state as of a moment, on standard output: what status and replay share. */
#ifndef REPLAY_SHOWN_H
#define REPLAY_SHOWN_H

#include <stdbool.h>

#include "replay/errand.h"

#define SHOWN_GATE_USAGE                                                                           \
    "  --gate GATE       only each thing that this gate needs (its number, or its node), and "     \
    "the\n"                                                                                        \
    "                    events that met it\n"

struct shown_want {
    const char *name; /* the command's */
    const char *dir;
    const char *id;
    const char *at;   /* moment.h; NULL: now */
    const char *gate; /* only what this gate needs: its number, or its node's id; NULL: all */
    bool occurred;    /* by claimed times; then `at` is a time */
    bool json;
    bool digest; /* only the state's digest (digest.h) */
    bool next;   /* say what is next, if it is the state now */
};

/**
 * shown_print(want): Open, fold, print; the exit code.
 */
int shown_print(const struct shown_want *want);

/**
 * shown_json(errand, id, at, buf, ret_why): Append what it prints as JSON: the state now (${at}
 * NULL), or at a moment.  Errors: NOT_FOUND, USAGE (no moment), IO, DAMAGED.
 */
MUST_CHECK enum err shown_json(struct errand *errand, const char *id, const char *at,
                               struct buf *buf, struct err_text *ret_why);

#endif
