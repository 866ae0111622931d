#include "ingest/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ingest/sink.h"

#define HUNGRY_MAX 8         /* fronts of one process */
#define ALONE_MAX 8          /* waiting jobs that one thread admits before another would be awake */
#define ALONE_BYTES_MAX 2048 /* of such a job */

struct queue {
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t came;   /* a job waits to be admitted or finished, or the queue has ended */
    pthread_cond_t ready;  /* the oldest job may be taken, or the queue was closed */
    struct job *first;     /* the oldest */
    struct job **end;      /* where the next job is linked in */
    struct job *waits;     /* the oldest that waits to be admitted; NULL: none does */
    size_t waiting;        /* how many do */
    struct job *unready;   /* the oldest that is not ready; NULL: all are */
    uint64_t came_last;    /* the ticket of the newest */
    uint64_t goal;         /* whoever takes jobs waits for those up to this ticket */
    struct job *decided;   /* those to be finished, the oldest first; they are in no other list */
    struct job **decided_end;
    size_t events;
    size_t bytes;
    size_t events_max;
    size_t bytes_max;
    struct sink *hungry[HUNGRY_MAX]; /* found no room */
    size_t hungry_count;
    bool idle;   /* whoever takes jobs waits for any to come */
    bool closed; /* no more are pushed */
    bool ended;  /* nor decided */
};

/* What a batch counts until it is known how many events it has: no less. */
static size_t events_guess(const struct job *job)
{
    size_t most = job->message.bytes / EVENT_BYTES_MIN + 1;
    return !job_is_batch(job) ? 1 : most < BATCH_EVENTS_MAX ? most : BATCH_EVENTS_MAX;
}

struct queue *queue_new(size_t events_max, size_t bytes_max)
{
    struct queue *queue = mem_zero(1, sizeof(*queue));
    ASSERT(pthread_mutex_init(&queue->mutex, NULL) == 0);
    ASSERT(pthread_cond_init(&queue->came, NULL) == 0);
    ASSERT(pthread_cond_init(&queue->ready, NULL) == 0);
    queue->end = &queue->first;
    queue->decided_end = &queue->decided;
    queue->events_max = events_max;
    queue->bytes_max = bytes_max;
    return queue;
}

void queue_free(struct queue *queue)
{
    if (queue == NULL)
        return;
    ASSERT(queue->decided == NULL);
    while (queue->first != NULL) {
        struct job *job = queue->first;
        queue->first = job->next;
        job_free(job);
    }
    ASSERT(pthread_cond_destroy(&queue->came) == 0);
    ASSERT(pthread_cond_destroy(&queue->ready) == 0);
    ASSERT(pthread_mutex_destroy(&queue->mutex) == 0);
    free(queue);
}

static void lock(struct queue *queue)
{
    ASSERT(pthread_mutex_lock(&queue->mutex) == 0);
}

static void unlock(struct queue *queue)
{
    ASSERT(pthread_mutex_unlock(&queue->mutex) == 0);
}

/* Locked. */
static bool has_room(const struct queue *queue, const struct job *job)
{
    bool half = job->courier.origin == ORIGIN_AMQP || job->courier.principal[0] == '\0';
    size_t events_max = half ? queue->events_max / 2 : queue->events_max;
    size_t bytes_max = half ? queue->bytes_max / 2 : queue->bytes_max;
    return queue->first == NULL ||
           (job->events <= events_max && queue->events <= events_max - job->events &&
            job->bytes <= bytes_max && queue->bytes <= bytes_max - job->bytes);
}

/* Remember whom to wake.  Locked. */
static void note_hungry(struct queue *queue, struct sink *sink)
{
    for (size_t i = 0; i < queue->hungry_count; i++) {
        if (queue->hungry[i] == sink)
            return;
    }
    ASSERT(queue->hungry_count < HUNGRY_MAX);
    queue->hungry[queue->hungry_count++] = sink;
}

/* Locked. */
static void link_in(struct queue *queue, struct job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
    queue->events += job->events;
    queue->bytes += job->bytes;
    job->ticket = ++queue->came_last;
    if (job->state == JOB_WAITS && queue->waits == NULL)
        queue->waits = job;
    if (job->state == JOB_WAITS && queue->unready == NULL)
        queue->unready = job;
    if (job->state == JOB_WAITS)
        queue->waiting++;
    else if (job == queue->first)
        ASSERT(pthread_cond_signal(&queue->ready) == 0);
}

/* Whether a job is admitted in no time. */
static bool is_quick(const struct job *job)
{
    return job->message.bytes <= ALONE_BYTES_MAX && !job_is_batch(job);
}

/* Whether a job that has come alone goes to whoever appends it, who has nothing else to do: one
 * thread is woken then, not two.  Locked. */
static bool wants_taker(const struct queue *queue)
{
    return queue->idle && queue->waiting == 1 && is_quick(queue->waits);
}

/* Locked. */
static bool push_one(struct queue *queue, struct job *job)
{
    bool taken = !queue->closed && has_room(queue, job);
    if (taken)
        link_in(queue, job);
    else if (!queue->closed)
        note_hungry(queue, job->sink);
    return taken;
}

struct job *queue_push(struct queue *queue, struct job *jobs)
{
    struct job *left = NULL, **left_end = &left;
    int64_t now_us = clock_monotonic_us();
    for (struct job *job = jobs; job != NULL; job = job->next) {
        job->events = events_guess(job);
        job->pushed_us = now_us;
        job->bytes = sizeof(*job) + job->message.bytes;
    }
    lock(queue);
    for (struct job *job = jobs, *next = NULL; job != NULL; job = next) {
        next = job->next;
        if (push_one(queue, job))
            continue;
        *left_end = job;
        left_end = &job->next;
    }
    *left_end = NULL;
    if (queue->waits != NULL)
        ASSERT(pthread_cond_signal(wants_taker(queue) ? &queue->ready : &queue->came) == 0);
    unlock(queue);
    return left;
}

/* Whether whoever takes the job must not be left alone with those behind it.  Locked. */
static bool wants_help(const struct queue *queue, const struct job *job)
{
    bool quick = job->state == JOB_BEGUN && is_quick(job);
    return queue->waiting >= (quick ? ALONE_MAX : 1);
}

/* Somebody takes the oldest that waits, to admit it.  Locked. */
static void begin(struct queue *queue, struct job *job)
{
    job->state = JOB_BEGUN;
    queue->waiting--;
    while (queue->waits != NULL && queue->waits->state != JOB_WAITS)
        queue->waits = queue->waits->next;
}

struct job *queue_next(struct queue *queue)
{
    lock(queue);
    while (queue->decided == NULL && queue->waits == NULL && !queue->ended)
        ASSERT(pthread_cond_wait(&queue->came, &queue->mutex) == 0);
    struct job *job = queue->decided != NULL ? queue->decided : queue->waits;
    if (queue->decided != NULL) {
        queue->decided = job->next;
        if (queue->decided == NULL)
            queue->decided_end = &queue->decided;
        job->next = NULL;
    } else if (job != NULL) {
        begin(queue, job);
    }
    if (job != NULL && wants_help(queue, job))
        ASSERT(pthread_cond_signal(&queue->came) == 0);
    unlock(queue);
    return job;
}

/* Whether all jobs up to the goal are ready; there is one at least.  Locked. */
static bool is_ready(const struct queue *queue)
{
    return queue->first != queue->unready &&
           (queue->unready == NULL || queue->unready->ticket > queue->goal);
}

void queue_ready(struct queue *queue, struct job *job)
{
    size_t events = job->count > 0 ? job->count : 1;
    lock(queue);
    queue->events = queue->events - job->events + events;
    job->events = events;
    job->state = JOB_READY;
    if (job == queue->unready) {
        while (queue->unready != NULL && queue->unready->state == JOB_READY)
            queue->unready = queue->unready->next;
        if (is_ready(queue))
            ASSERT(pthread_cond_signal(&queue->ready) == 0);
    }
    unlock(queue);
}

/* Unlink the oldest jobs that are ready within the bounds, at least one.  Locked. */
static struct job *unlink_ready(struct queue *queue, size_t events_max, size_t bytes_max)
{
    struct job *first = queue->first, *last = first;
    size_t events = first->events, bytes = first->bytes;
    for (struct job *job = first->next; job != NULL && job->state == JOB_READY; job = job->next) {
        if (events + job->events > events_max || bytes + job->bytes > bytes_max)
            break;
        events += job->events;
        bytes += job->bytes;
        last = job;
    }
    queue->first = last->next;
    if (queue->first == NULL)
        queue->end = &queue->first;
    last->next = NULL;
    queue->events -= events;
    queue->bytes -= bytes;
    return first;
}

/* Whoever takes jobs waits for those that have come by now.  Locked. */
static void set_goal(struct queue *queue)
{
    uint64_t most = queue->first->ticket + GROUP_JOBS_MAX - 1;
    queue->goal = queue->came_last < most ? queue->came_last : most;
}

/* Whether there is nothing to take yet, and there may be.  Locked. */
static bool must_wait(const struct queue *queue)
{
    return queue->first != NULL ? !is_ready(queue) : !queue->closed;
}

/* Whether the oldest that waits to be admitted is one that holds up nobody.  Locked. */
static bool can_help(const struct queue *queue)
{
    return queue->waits != NULL && is_quick(queue->waits);
}

bool queue_wait(struct queue *queue, int64_t wait_us)
{
    const int64_t until_us = clock_monotonic_us() + wait_us;
    const struct timespec until = {.tv_sec = until_us / INSTANT_SECOND_US,
                                   .tv_nsec = until_us % INSTANT_SECOND_US * 1000};
    int waited = 0;
    lock(queue);
    queue->goal = 0;
    queue->idle = true;
    while (must_wait(queue) && !can_help(queue) && waited != ETIMEDOUT) {
        waited = pthread_cond_clockwait(&queue->ready, &queue->mutex, CLOCK_MONOTONIC, &until);
        ASSERT(waited == 0 || waited == ETIMEDOUT);
    }
    queue->idle = false;
    bool some = !must_wait(queue) || can_help(queue);
    unlock(queue);
    return some;
}

struct job *queue_help(struct queue *queue)
{
    struct job *job = NULL;
    lock(queue);
    if (queue->first != NULL)
        set_goal(queue);
    if (queue->first != NULL && !is_ready(queue) && can_help(queue)) {
        job = queue->waits;
        begin(queue, job);
    }
    unlock(queue);
    return job;
}

/* Wait until jobs may be taken; nothing if the queue is closed and empty.  Locked. */
static void wait_ready(struct queue *queue)
{
    queue->goal = 0;
    while (must_wait(queue))
        ASSERT(pthread_cond_wait(&queue->ready, &queue->mutex) == 0);
    if (queue->first == NULL)
        return;
    set_goal(queue);
    while (!is_ready(queue))
        ASSERT(pthread_cond_wait(&queue->ready, &queue->mutex) == 0);
}

struct job *queue_take(struct queue *queue, size_t events_max, size_t bytes_max)
{
    struct sink *hungry[HUNGRY_MAX];
    struct job *jobs = NULL;
    lock(queue);
    wait_ready(queue);
    if (queue->first != NULL)
        jobs = unlink_ready(queue, events_max, bytes_max);
    size_t count = queue->hungry_count;
    memcpy(hungry, queue->hungry, sizeof(hungry));
    queue->hungry_count = 0;
    unlock(queue);
    for (size_t i = 0; i < count; i++)
        sink_wake(hungry[i]);
    return jobs;
}

void queue_finish(struct queue *queue, struct job *job)
{
    lock(queue);
    job->next = NULL;
    *queue->decided_end = job;
    queue->decided_end = &job->next;
    ASSERT(pthread_cond_signal(&queue->came) == 0);
    unlock(queue);
}

void queue_end(struct queue *queue)
{
    lock(queue);
    queue->closed = true;
    queue->ended = true;
    ASSERT(pthread_cond_broadcast(&queue->came) == 0);
    ASSERT(pthread_cond_broadcast(&queue->ready) == 0);
    unlock(queue);
}

void queue_close(struct queue *queue)
{
    lock(queue);
    queue->closed = true;
    ASSERT(pthread_cond_broadcast(&queue->ready) == 0);
    unlock(queue);
}

size_t queue_events(struct queue *queue)
{
    lock(queue);
    size_t events = queue->events;
    unlock(queue);
    return events;
}
