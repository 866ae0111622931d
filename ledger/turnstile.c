#include "ledger/turnstile.h"

#include <time.h>

void turnstile_init(struct turnstile *turnstile)
{
    pthread_condattr_t clock;
    *turnstile = (struct turnstile){.inside = 0};
    ASSERT(pthread_mutex_init(&turnstile->lock, NULL) == 0 && pthread_condattr_init(&clock) == 0);
    ASSERT(pthread_condattr_setclock(&clock, CLOCK_MONOTONIC) == 0);
    ASSERT(pthread_cond_init(&turnstile->moved, &clock) == 0);
    pthread_condattr_destroy(&clock);
}

void turnstile_destroy(struct turnstile *turnstile)
{
    pthread_mutex_destroy(&turnstile->lock);
    pthread_cond_destroy(&turnstile->moved);
}

void turnstile_enter(struct turnstile *turnstile)
{
    pthread_mutex_lock(&turnstile->lock);
    while (turnstile->closed)
        pthread_cond_wait(&turnstile->moved, &turnstile->lock);
    turnstile->inside++;
    pthread_mutex_unlock(&turnstile->lock);
}

void turnstile_leave(struct turnstile *turnstile)
{
    pthread_mutex_lock(&turnstile->lock);
    ASSERT(turnstile->inside > 0);
    if (--turnstile->inside == 0)
        pthread_cond_broadcast(&turnstile->moved);
    pthread_mutex_unlock(&turnstile->lock);
}

bool turnstile_close(struct turnstile *turnstile, unsigned seconds)
{
    struct timespec end;
    int late = 0;
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &end) == 0);
    end.tv_sec += seconds;
    pthread_mutex_lock(&turnstile->lock);
    while (turnstile->closed)
        pthread_cond_wait(&turnstile->moved, &turnstile->lock);
    turnstile->closed = true;
    while (turnstile->inside > 0 && late == 0)
        late = pthread_cond_timedwait(&turnstile->moved, &turnstile->lock, &end);
    if (turnstile->inside == 0)
        return true;
    turnstile_open(turnstile);
    return false;
}

void turnstile_open(struct turnstile *turnstile)
{
    turnstile->closed = false;
    pthread_cond_broadcast(&turnstile->moved);
    pthread_mutex_unlock(&turnstile->lock);
}
