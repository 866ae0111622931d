#include "ingest/rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS ((size_t)2 * RATE_PRINCIPALS_MAX) /* at most half of them are taken */

/* A principal whose bucket is not full, or was not when it was last looked at. */
struct slot {
    char *principal; /* owned; NULL: the slot is free */
    int64_t full_us; /* when the bucket is full again */
};

struct rate {
    int64_t interval_us;   /* in which one comes back */
    pthread_mutex_t mutex; /* guards what is below */
    struct slot *slots;    /* by hash, then the next free one */
    size_t count;
    struct slot shared; /* for those who find no place */
};

struct rate *rate_new(uint64_t per_second)
{
    struct rate *rate = mem_zero(1, sizeof(*rate));
    ASSERT(per_second >= 1 && per_second <= RATE_MAX);
    rate->interval_us = INSTANT_SECOND_US / (int64_t)per_second;
    rate->slots = mem_zero(SLOTS, sizeof(struct slot));
    ASSERT(pthread_mutex_init(&rate->mutex, NULL) == 0);
    return rate;
}

void rate_free(struct rate *rate)
{
    if (rate == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        free(rate->slots[i].principal);
    ASSERT(pthread_mutex_destroy(&rate->mutex) == 0);
    free(rate->slots);
    free(rate);
}

/* FNV-1a: principals are enrolled by admins, not chosen by whoever wants to collide. */
static size_t hash(const char *text)
{
    uint64_t value = 14695981039346656037u;
    for (; *text != '\0'; text++)
        value = (value ^ (uint8_t)*text) * 1099511628211u;
    return (size_t)(value % SLOTS);
}

/* Where the principal is, or would be. */
static struct slot *find(struct slot *slots, const char *principal)
{
    size_t at = hash(principal);
    while (slots[at].principal != NULL && strcmp(slots[at].principal, principal) != 0)
        at = (at + 1) % SLOTS;
    return &slots[at];
}

/* Forget whose bucket is full again. */
static void sweep(struct rate *rate, int64_t now_us)
{
    struct slot *kept = mem_zero(SLOTS, sizeof(struct slot));
    rate->count = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &rate->slots[i];
        if (slot->principal != NULL && slot->full_us > now_us) {
            *find(kept, slot->principal) = *slot;
            rate->count++;
        } else {
            free(slot->principal);
        }
    }
    free(rate->slots);
    rate->slots = kept;
}

/* The principal's place, made if need be.  Locked. */
static struct slot *place(struct rate *rate, const char *principal, int64_t now_us)
{
    struct slot *slot = find(rate->slots, principal);
    if (slot->principal != NULL)
        return slot;
    if (rate->count == RATE_PRINCIPALS_MAX) {
        sweep(rate, now_us);
        slot = find(rate->slots, principal);
    }
    if (rate->count == RATE_PRINCIPALS_MAX)
        return &rate->shared;
    slot->principal = mem_text(principal);
    slot->full_us = now_us;
    rate->count++;
    return slot;
}

/* Take so many, if there is one or it is forced; else say how long to wait. */
static int64_t take(struct rate *rate, const char *principal, uint64_t count, int64_t now_us,
                    bool forced)
{
    int64_t wait_us = 0;
    ASSERT(pthread_mutex_lock(&rate->mutex) == 0);
    struct slot *slot = place(rate, principal, now_us);
    int64_t full_us = slot->full_us > now_us ? slot->full_us : now_us;
    if (!forced && full_us + rate->interval_us > now_us + INSTANT_SECOND_US)
        wait_us = full_us + rate->interval_us - now_us - INSTANT_SECOND_US;
    else
        slot->full_us = full_us + (int64_t)count * rate->interval_us;
    ASSERT(pthread_mutex_unlock(&rate->mutex) == 0);
    return wait_us;
}

int64_t rate_take(struct rate *rate, const char *principal, uint64_t count, int64_t now_us)
{
    return take(rate, principal, count, now_us, false);
}

void rate_charge(struct rate *rate, const char *principal, uint64_t count, int64_t now_us)
{
    (void)take(rate, principal, count, now_us, true);
}
