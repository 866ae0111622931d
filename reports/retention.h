/* retention - how long each stream of a ledger must be kept, and what holds it beyond that.
 * Nothing is ever disposed of in this release: it says what could be, and why the rest could not.
 * Pure, but for reading the ledger: the same entries below a size and the same moment give the same
 * answer.
 */
#ifndef REPORTS_RETENTION_H
#define REPORTS_RETENTION_H

#include "replay/replay.h"

enum retention_state {
    RETENTION_KEPT, /* its time has not come */
    RETENTION_HELD, /* a hold is on it, whether or not its time has come */
    RETENTION_DUE   /* its time has come */
};

/* What is asked of one stream: a deployment's, or `inbox`.  Borrowed. */
struct retention_stream {
    const char *id;
    const char *environment; /* as it was opened; NULL: none, or never opened */
    uint64_t opened_seq;     /* SEQ_NONE: never opened */
    int64_t last_us;         /* time_us of its last entry below the size */
};

/* As of which moment. */
struct retention_at {
    const struct registry *registry;
    uint64_t size; /* what the stream `ledger` says below it counts */
    int64_t at_us;
};

struct retention {
    enum retention_state state;
    const char *class_name; /* of the policy, or "default"; lives as the registry */
    uint64_t days;
    uint64_t policy_seq;              /* of the policy that says so; 0: the default */
    int64_t until_us;                 /* last_us and the days: from then on it is due */
    const struct registry_hold *hold; /* the oldest in force; NULL: none; lives as the registry */
    size_t hold_count;                /* in force */
};

/**
 * retention_of(at, stream, ret):
 * How long it must be kept: so many days after its last entry as the policy in force at its opening
 * says for its environment or, if that is longer, the policy in force now.  What was never opened
 * has the latter alone.
 * retention_state_name(state): "kept", "held" or "due".
 */
void retention_of(const struct retention_at *at, const struct retention_stream *stream,
                  struct retention *ret);
const char *retention_state_name(enum retention_state state);

/* The stream `ledger`: all others rely on it. */
struct retention_ledger {
    enum retention_state state;
    int64_t until_us; /* when the last that relies on it is due; its own last entry and
                         RETENTION_DAYS_MIN if that is later */
    char longest[STREAM_BYTES_MAX + 1]; /* the stream that is; "": none is longer than itself */
    size_t held;                        /* streams that a hold is on */
};

/**
 * retention_ledger_begin(last_us, ret), retention_ledger_add(ledger, id, retention),
 * retention_ledger_end(ledger, at_us):
 * Find that of the stream `ledger`, whose last entry below the size has ${last_us}: add every other
 * stream, in any order, then its state follows.
 * retention_ledger_move(from, to): Add what was added to *${from}, zero-initialised at first, and
 * leave it so.
 */
void retention_ledger_begin(int64_t last_us, struct retention_ledger *ret);
void retention_ledger_add(struct retention_ledger *ledger, const char *id,
                          const struct retention *retention);
void retention_ledger_end(struct retention_ledger *ledger, int64_t at_us);
void retention_ledger_move(struct retention_ledger *from, struct retention_ledger *to);

/**
 * A retention_fn is told of each stream but `ledger`, in the order of their names.
 *
 * retention_each(ledger, at, fn, ctx, ret_ledger, ret_why):
 * Tell of all streams of ${ledger} that have an entry below the size, and then give that of the
 * stream `ledger`.  Cost: of each the entries up to its opening, and some descents.  Errors:
 * NOT_FOUND (no entry, or fewer than the size), IO, DAMAGED, BUSY.
 */
typedef void retention_fn(void *ctx, const struct retention_stream *stream,
                          const struct retention *retention);

MUST_CHECK enum err retention_each(struct ledger *ledger, const struct retention_at *at,
                                   retention_fn *fn, void *ctx, struct retention_ledger *ret_ledger,
                                   struct err_text *ret_why);

#endif
