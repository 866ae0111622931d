#include "ingest/queue.h"

#include <pthread.h>
#include <stdlib.h>

struct queue {
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t filled; /* something came in, or the queue was closed */
    struct job *first;
    struct job **end; /* where the next job is linked in */
    size_t events;
    size_t bytes;
    size_t events_max;
    size_t bytes_max;
    bool closed;
};

struct job *queue_job_new(struct admitted *admitted, void *owner)
{
    struct job *job = mem_zero(1, sizeof(*job));
    job->admitted = admitted;
    job->bytes = sizeof(*job) + admitted->event.bytes + admitted->part_bytes.bytes;
    job->owner = owner;
    return job;
}

void queue_job_free(struct job *job)
{
    if (job == NULL)
        return;
    admit_free(job->admitted);
    verdict_clear(&job->receipt.verdict);
    free(job);
}

struct queue *queue_new(size_t events_max, size_t bytes_max)
{
    struct queue *queue = mem_zero(1, sizeof(*queue));
    ASSERT(pthread_mutex_init(&queue->mutex, NULL) == 0);
    ASSERT(pthread_cond_init(&queue->filled, NULL) == 0);
    queue->end = &queue->first;
    queue->events_max = events_max;
    queue->bytes_max = bytes_max;
    return queue;
}

void queue_free(struct queue *queue)
{
    if (queue == NULL)
        return;
    while (queue->first != NULL) {
        struct job *job = queue->first;
        queue->first = job->next;
        queue_job_free(job);
    }
    ASSERT(pthread_cond_destroy(&queue->filled) == 0);
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

bool queue_push(struct queue *queue, struct job *job)
{
    lock(queue);
    bool room = queue->events == 0 ||
                (queue->events < queue->events_max && job->bytes <= queue->bytes_max &&
                 queue->bytes <= queue->bytes_max - job->bytes);
    bool taken = room && !queue->closed;
    if (taken) {
        job->next = NULL;
        *queue->end = job;
        queue->end = &job->next;
        queue->events++;
        queue->bytes += job->bytes;
        ASSERT(pthread_cond_signal(&queue->filled) == 0);
    }
    unlock(queue);
    return taken;
}

/* Unlink the oldest jobs within the bounds, at least one; NULL of an empty queue.  Locked. */
static struct job *unlink_oldest(struct queue *queue, size_t events_max, size_t bytes_max)
{
    struct job *first = queue->first;
    struct job *last = NULL;
    size_t events = 0, bytes = 0;
    for (struct job *job = first; job != NULL; job = job->next) {
        bool fits =
            events < events_max && job->bytes <= bytes_max && bytes <= bytes_max - job->bytes;
        if (last != NULL && !fits)
            break;
        events++;
        bytes += job->bytes;
        last = job;
    }
    if (last == NULL)
        return NULL;
    queue->first = last->next;
    if (queue->first == NULL)
        queue->end = &queue->first;
    last->next = NULL;
    queue->events -= events;
    queue->bytes -= bytes;
    return first;
}

struct job *queue_take(struct queue *queue, size_t events_max, size_t bytes_max)
{
    lock(queue);
    while (queue->first == NULL && !queue->closed)
        ASSERT(pthread_cond_wait(&queue->filled, &queue->mutex) == 0);
    struct job *jobs = unlink_oldest(queue, events_max, bytes_max);
    unlock(queue);
    return jobs;
}

struct job *queue_take_now(struct queue *queue)
{
    lock(queue);
    struct job *jobs = unlink_oldest(queue, SIZE_MAX, SIZE_MAX);
    unlock(queue);
    return jobs;
}

void queue_close(struct queue *queue)
{
    lock(queue);
    queue->closed = true;
    ASSERT(pthread_cond_broadcast(&queue->filled) == 0);
    unlock(queue);
}

size_t queue_events(struct queue *queue)
{
    lock(queue);
    size_t events = queue->events;
    unlock(queue);
    return events;
}
