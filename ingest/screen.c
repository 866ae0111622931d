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
    bool leapt = leap_seen(&screen->leap, clock_real_us(), clock_boot_us());
    ASSERT(pthread_mutex_unlock(&screen->mutex) == 0);
    return leapt;
}

void screen_accept_clock(struct screen *screen)
{
    ASSERT(pthread_mutex_lock(&screen->mutex) == 0);
    leap_accept(&screen->leap, clock_real_us(), clock_boot_us());
    ASSERT(pthread_mutex_unlock(&screen->mutex) == 0);
}

/* While the clock has leapt nothing is let in but an admin's word that it is right. */
static enum err check_clock(struct screen *screen, struct job *job)
{
    struct event *event = NULL;
    const struct buf *bytes = job->count == 1 ? &job->admitted[0]->event : NULL;
    if (!screen_clock_leapt(screen))
        return ERR_OK;
    if (bytes != NULL && event_parse(bytes->data, bytes->bytes, &event, NULL) == ERR_OK)
        job->accepts_clock = strcmp(event->type, EVENT_OWN_PREFIX CLOCK_LEAPT ".v1") == 0;
    event_free(event);
    if (job->accepts_clock)
        return ERR_OK;
    return err_say(&job->why, ERR_CLOCK,
                   "this machine's clock has leapt; an admin's " CLOCK_LEAPT " accepts it");
}

/* Authenticate the courier by what the registry says now. */
static enum err authenticate(struct screen *screen, struct job *job)
{
    int64_t now_us = ledger_now(screen->ledger);
    ledger_lock(screen->ledger, false);
    const struct registry *registry = ledger_registry(screen->ledger);
    job->known = registry_size(registry);
    enum err err = admit_courier(registry, job->known, now_us, &job->courier);
    ledger_unlock(screen->ledger);
    if (err != ERR_OK)
        return err_say(&job->why, err, "the token is unknown, expired or revoked");
    return ERR_OK;
}

/* Admit one message of the job. */
static enum err admit_one(struct screen *screen, struct job *job, const char *media,
                          const struct piece *bytes, struct admitted **ret_admitted)
{
    struct ledger *ledger = screen->ledger;
    const struct admit_message message = {
        .media = media, .data = bytes->data, .bytes = bytes->bytes, .deployment = job->deployment};
    ledger_lock(ledger, false);
    enum err err = admit_event(ledger_admission(ledger), ledger_registry(ledger), &job->courier,
                               &message, ret_admitted, &job->why);
    ledger_unlock(ledger);
    return err;
}

/* Who may send a batch at all: one without events has nobody else to ask. */
static enum err check_sender(struct job *job)
{
    const struct courier *courier = &job->courier;
    if (courier->principal[0] == '\0')
        return err_say(&job->why, ERR_UNAUTHENTICATED, "a batch needs a token");
    return admit_unsigned(courier, &job->why);
}

/* Admit the next event of a batch; *${cap} is the room at job->admitted. */
static enum err admit_next(struct screen *screen, struct job *job, const struct piece *event,
                           size_t *cap)
{
    struct admitted *admitted = NULL;
    enum err err = admit_one(screen, job, EVENT_MEDIA_TYPE, event, &admitted);
    if (err != ERR_OK)
        return err;
    admitted->joined = job->count > 0;
    *(struct admitted **)MEM_PUSH(job->admitted, job->count, *cap) = admitted;
    if (admitted->rekeys)
        return err_say(&job->why, ERR_NOT_EVENT, "a change of the ledger's keys comes alone");
    return ERR_OK;
}

static enum err admit_batch(struct screen *screen, struct job *job)
{
    const char *text = job->message.bytes > 0 ? (const char *)job->message.data : "";
    struct batch_reader reader = {.at = text, .end = text + job->message.bytes};
    struct piece event = {0};
    bool found = true;
    size_t cap = 1;
    enum err err = check_sender(job);
    if (err != ERR_OK)
        return err;
    job->count = 0;
    job->admitted = mem_zero(cap, sizeof(struct admitted *));
    while (err == ERR_OK && found) {
        size_t at = job->count;
        err = batch_next(&reader, &event, &found, &job->why);
        if (err == ERR_OK && found)
            err = admit_next(screen, job, &event, &cap);
        if (err != ERR_OK)
            err_say(&job->why, err, "the event at %zu of the batch: %.250s", at, job->why.s);
    }
    return err;
}

/* Authenticate and admit what the job brings. */
static enum err admit(struct screen *screen, struct job *job)
{
    struct admitted *admitted = NULL;
    const struct piece bytes = {job->message.data, job->message.bytes};
    enum err err = authenticate(screen, job);
    if (err == ERR_OK && job_is_batch(job))
        return admit_batch(screen, job);
    if (err == ERR_OK)
        err = admit_one(screen, job, job->media, &bytes, &admitted);
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
    job_clear(job);
    enum err err = admit(screen, job);
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
