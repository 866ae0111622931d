#include "ingest/screen.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ingest/leap.h"
#include "ingest/rate.h"

#define SCREEN_MAGIC MAGIC('S', 'c', 'r', 'n')
#define CLOCK_LEAPT "clock.leapt"

struct screen {
    uint32_t magic;
    struct ledger *ledger; /* borrowed */
    struct rate *rate;     /* borrowed; NULL: no limit */
    pthread_mutex_t mutex; /* guards what is below */
    struct leap leap;
};

static int64_t clock_us(clockid_t id)
{
    struct timespec now;
    ASSERT(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * INSTANT_SECOND_US + now.tv_nsec / 1000;
}

struct screen *screen_new(struct ledger *ledger, struct rate *rate)
{
    struct screen *screen = mem_zero(1, sizeof(*screen));
    screen->magic = SCREEN_MAGIC;
    screen->ledger = ledger;
    screen->rate = rate;
    ASSERT(pthread_mutex_init(&screen->mutex, NULL) == 0);
    screen_accept_clock(screen);
    return screen;
}

void screen_free(struct screen *screen)
{
    if (screen == NULL)
        return;
    CHECK_OBJ(screen, SCREEN_MAGIC);
    ASSERT(pthread_mutex_destroy(&screen->mutex) == 0);
    free(screen);
}

/* Boot time counts on while the machine sleeps, as real time does. */
bool screen_clock_leapt(struct screen *screen)
{
    CHECK_OBJ(screen, SCREEN_MAGIC);
    if (ledger_info(screen->ledger)->simulated)
        return false;
    ASSERT(pthread_mutex_lock(&screen->mutex) == 0);
    bool leapt = leap_seen(&screen->leap, clock_us(CLOCK_REALTIME), clock_us(CLOCK_BOOTTIME));
    ASSERT(pthread_mutex_unlock(&screen->mutex) == 0);
    return leapt;
}

void screen_accept_clock(struct screen *screen)
{
    ASSERT(pthread_mutex_lock(&screen->mutex) == 0);
    leap_accept(&screen->leap, clock_us(CLOCK_REALTIME), clock_us(CLOCK_BOOTTIME));
    ASSERT(pthread_mutex_unlock(&screen->mutex) == 0);
}

/* While the clock has leapt nothing is let in but an admin's word that it is right. */
static enum err check_clock(struct screen *screen, struct job *job)
{
    struct event *event = NULL;
    const struct buf *bytes = &job->admitted[0]->event;
    if (!screen_clock_leapt(screen))
        return ERR_OK;
    if (job->count == 1 && event_parse(bytes->data, bytes->bytes, &event, NULL) == ERR_OK)
        job->accepts_clock = strcmp(event->type, EVENT_OWN_PREFIX CLOCK_LEAPT ".v1") == 0;
    event_free(event);
    if (job->accepts_clock)
        return ERR_OK;
    return err_say(&job->why, ERR_CLOCK,
                   "this machine's clock has leapt; an admin's " CLOCK_LEAPT " accepts it");
}

/* Authenticate and admit what the job brings.  Locked. */
static enum err admit(struct screen *screen, struct job *job, int64_t now_us)
{
    struct ledger *ledger = screen->ledger;
    const struct registry *registry = ledger_registry(ledger);
    const struct admit_message message = {.media = job->media,
                                          .data = job->message.data,
                                          .bytes = job->message.bytes,
                                          .deployment = job->deployment};
    struct admitted *admitted = NULL;
    job->known = registry_size(registry);
    enum err err = admit_courier(registry, job->known, now_us, &job->courier);
    if (err != ERR_OK)
        return err_say(&job->why, err, "the token is unknown, expired or revoked");
    err = admit_event(ledger_admission(ledger), registry, &job->courier, &message, &admitted,
                      &job->why);
    if (err != ERR_OK)
        return err;
    job->admitted = mem_zero(1, sizeof(struct admitted *));
    job->admitted[0] = admitted;
    return ERR_OK;
}

/* The front counted one for the courier; here is who signed, and the rest of a batch. */
static enum err check_rate(struct rate *rate, struct job *job)
{
    const char *principal = job->admitted[0]->part.principal;
    int64_t now_us = clock_monotonic_us();
    if (job->courier.principal[0] != '\0')
        rate_charge(rate, job->courier.principal, job->count - 1, now_us);
    else if (rate_take(rate, principal, job->count, now_us) > 0)
        return err_say(&job->why, ERR_RATE, "%s sends more often than this server allows",
                       principal);
    return ERR_OK;
}

void screen_job(struct screen *screen, struct job *job)
{
    CHECK_OBJ(screen, SCREEN_MAGIC);
    CHECK_OBJ(job, JOB_MAGIC);
    int64_t now_us = ledger_now(screen->ledger);
    job_clear(job);
    ledger_lock(screen->ledger, false);
    enum err err = admit(screen, job, now_us);
    ledger_unlock(screen->ledger);
    if (err == ERR_OK)
        err = check_clock(screen, job);
    if (err == ERR_OK && screen->rate != NULL && job->courier.origin == ORIGIN_HTTP)
        err = check_rate(screen->rate, job);
    job->err = err;
}

void screen_again(struct screen *screen, struct job *jobs)
{
    ledger_lock(screen->ledger, false);
    uint64_t known = registry_size(ledger_registry(screen->ledger));
    ledger_unlock(screen->ledger);
    for (struct job *job = jobs; job != NULL; job = job->next) {
        if (!job->settled && job->known != known)
            screen_job(screen, job);
    }
}
