/* cause - an answer to "why": a statement, the act behind it, what would have had to be different,
 * and what it rests on in turn.  Pure.
 */
#ifndef REPLAY_CAUSE_H
#define REPLAY_CAUSE_H

#include "replay/deployment.h"

/* Zero-initialised is empty. */
struct cause {
    char *what;      /* owned */
    struct mark by;  /* the act behind it, if there is one */
    bool elsewhere;  /* that is the entry by.seq of the stream `ledger`, and not looked up yet */
    char *otherwise; /* owned: what would have had to be different; NULL */
    struct cause *list;
    size_t count, cap;
};

/**
 * cause_say(cause, by, format, ...): Say it; ${by} may be NULL.
 * cause_add(parent, by, format, ...): Add one that ${parent} rests on; borrowed until the next is
 * added.
 * cause_elsewhere(cause, seq): The act behind it is an entry of the stream `ledger`, of which no
 * more is known here.
 * cause_otherwise(cause, format, ...): Say what would have had to be different.
 * cause_free(cause): Free what it owns.
 */
void cause_say(struct cause *cause, const struct mark *by, const char *format, ...)
    PRINTF_LIKE(3, 4);
struct cause *cause_add(struct cause *parent, const struct mark *by, const char *format, ...)
    PRINTF_LIKE(3, 4);
void cause_elsewhere(struct cause *cause, uint64_t seq);
void cause_otherwise(struct cause *cause, const char *format, ...) PRINTF_LIKE(2, 3);
void cause_free(struct cause *cause);

/**
 * cause_text(cause, buf): For people, on 100 columns, each under what rests on it.
 * cause_json(cause): {what, seq, pos, by, time, otherwise, because: [...]}; a new reference.
 */
void cause_text(const struct cause *cause, struct buf *buf);
json_t *cause_json(const struct cause *cause);

#endif
