/* turnstile - threads that come and go, and now and then one that needs all of them gone for a
 * moment.  Any thread may call.
 */
#ifndef LEDGER_TURNSTILE_H
#define LEDGER_TURNSTILE_H

#include <pthread.h>
#include <stdbool.h>

#include "ledger/check.h"

struct turnstile {
    pthread_mutex_t lock; /* guards what is below, and what its owner says */
    pthread_cond_t moved;
    unsigned inside;
    bool closed; /* none may enter */
};

/**
 * turnstile_init(turnstile), turnstile_destroy(turnstile): Make it open and empty; end it.
 *
 * turnstile_enter(turnstile), turnstile_leave(turnstile): Come, waiting while it is closed; go.
 *
 * turnstile_close(turnstile, seconds): Let none in, and wait until all have gone: true with the
 * lock held until turnstile_open, or false if some have not gone in so many seconds (it is open
 * again). Not to be called from inside: it would wait for itself.
 *
 * turnstile_open(turnstile): Let them in again.
 */
void turnstile_init(struct turnstile *turnstile);
void turnstile_destroy(struct turnstile *turnstile);
void turnstile_enter(struct turnstile *turnstile);
void turnstile_leave(struct turnstile *turnstile);
MUST_CHECK bool turnstile_close(struct turnstile *turnstile, unsigned seconds);
void turnstile_open(struct turnstile *turnstile);

#endif
