#include "ingest/sink.h"

#include <pthread.h>
#include <stdlib.h>

#define SINK_MAGIC MAGIC('S', 'i', 'n', 'k')

struct sink {
    uint32_t magic;
    sink_wake_fn *wake;
    void *ctx;
    pthread_mutex_t mutex; /* guards what is below */
    struct job *first;
    struct job **end; /* where the next job is linked in */
};

struct sink *sink_new(sink_wake_fn *wake, void *ctx)
{
    struct sink *sink = mem_zero(1, sizeof(*sink));
    sink->magic = SINK_MAGIC;
    sink->wake = wake;
    sink->ctx = ctx;
    sink->end = &sink->first;
    ASSERT(pthread_mutex_init(&sink->mutex, NULL) == 0);
    return sink;
}

void sink_free(struct sink *sink)
{
    if (sink == NULL)
        return;
    CHECK_OBJ(sink, SINK_MAGIC);
    while (sink->first != NULL) {
        struct job *job = sink->first;
        sink->first = job->next;
        job_free(job);
    }
    ASSERT(pthread_mutex_destroy(&sink->mutex) == 0);
    free(sink);
}

struct job *sink_take(struct sink *sink)
{
    CHECK_OBJ(sink, SINK_MAGIC);
    ASSERT(pthread_mutex_lock(&sink->mutex) == 0);
    struct job *jobs = sink->first;
    sink->first = NULL;
    sink->end = &sink->first;
    ASSERT(pthread_mutex_unlock(&sink->mutex) == 0);
    return jobs;
}

/* Whoever empties it gets all that is there: one call is enough until then. */
static void give_run(struct sink *sink, struct job *first, struct job *last)
{
    CHECK_OBJ(sink, SINK_MAGIC);
    last->next = NULL;
    ASSERT(pthread_mutex_lock(&sink->mutex) == 0);
    bool was_empty = sink->first == NULL;
    *sink->end = first;
    sink->end = &last->next;
    ASSERT(pthread_mutex_unlock(&sink->mutex) == 0);
    if (was_empty)
        sink->wake(sink->ctx);
}

void sink_give(struct job *jobs)
{
    while (jobs != NULL) {
        struct job *first = jobs, *last = jobs;
        while (last->next != NULL && last->next->sink == first->sink)
            last = last->next;
        jobs = last->next;
        give_run(first->sink, first, last);
    }
}

void sink_wake(struct sink *sink)
{
    CHECK_OBJ(sink, SINK_MAGIC);
    sink->wake(sink->ctx);
}
