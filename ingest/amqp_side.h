/* amqp_side - one of our two connections to the broker as it comes and goes: backoff, counts, and
 * the journal's word on it.  One thread runs it; its figures may be read by any.
 */
#ifndef INGEST_AMQP_SIDE_H
#define INGEST_AMQP_SIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "ingest/amqp_link.h"

/* How the connection has fared. */
struct amqp_side_counts {
    bool connected;
    bool blocked;      /* the broker takes no messages on it now */
    uint64_t connects; /* that came up */
    uint64_t losses;   /* of those, that were lost */
    uint64_t failures; /* tries that did not come up */
};

struct amqp_side {
    const struct amqp_link_config *config; /* borrowed */
    const char *role;                      /* for the journal; static */
    struct amqp_link *link;                /* NULL while there is none */
    int wake_fd;                           /* an eventfd: something is to be done */
    unsigned tries;                        /* since it last held for a while */
    int64_t since_us;                      /* monotonic: when it came up */
    pthread_t thread;
    bool running;
    atomic_bool stopping;
    atomic_bool connected, blocked;
    atomic_uint_fast64_t connects, losses, failures;
};

/**
 * An amqp_side_set_up_fn declares on a fresh link what is needed.  Errors: IO.
 */
typedef enum err amqp_side_set_up_fn(void *ctx, struct amqp_link *link, struct err_text *ret_why);

/**
 * amqp_side_init(side, config, role, ret_why): Make it ready to run.  Errors: IO.
 * amqp_side_start(side, main, ctx, ret_why): Run ${main} in a thread of its own, with room on its
 * stack for headers nested as deep as a frame allows.  Errors: IO.
 * amqp_side_ask(side): Set `stopping` and wake the thread, which ends soon.
 * amqp_side_stop(side): The same, and wait for its end.
 * amqp_side_free(side): Free what it holds; stopped before.
 * amqp_side_wake(side): Have the thread look again.  Any thread; never waits.
 */
MUST_CHECK enum err amqp_side_init(struct amqp_side *side, const struct amqp_link_config *config,
                                   const char *role, struct err_text *ret_why);
MUST_CHECK enum err amqp_side_start(struct amqp_side *side, void *(*main)(void *), void *ctx,
                                    struct err_text *ret_why);
void amqp_side_ask(struct amqp_side *side);
void amqp_side_stop(struct amqp_side *side);
void amqp_side_free(struct amqp_side *side);
void amqp_side_wake(struct amqp_side *side);

/**
 * amqp_side_connect(side, set_up, ctx): Bring the link up; false if that failed, after a pause
 * (amqp_side_pause).
 * amqp_side_pause(side): Wait as the number of tries asks for (backoff_ms), or until the side is
 * stopped.
 * amqp_side_lost(side, why): Close the link; it counts as lost.
 * amqp_side_leave(side): Close the link, on our own will.
 * amqp_side_counts(side): How it has fared.  Any thread.
 */
MUST_CHECK bool amqp_side_connect(struct amqp_side *side, amqp_side_set_up_fn *set_up, void *ctx);
void amqp_side_pause(struct amqp_side *side);
void amqp_side_lost(struct amqp_side *side, const struct err_text *why);
void amqp_side_leave(struct amqp_side *side);
struct amqp_side_counts amqp_side_counts(struct amqp_side *side);

#endif
