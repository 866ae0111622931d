#include "ingest/appender.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define APPENDER_MAGIC MAGIC('A', 'p', 'n', 'd')

struct appender {
    uint32_t magic;
    struct appender_config config;
    struct queue *todo;
    struct queue *done;
    pthread_t thread;
    bool running;
    pthread_mutex_t mutex; /* guards what is below */
    struct appender_counts counts;
};

/* Count what became of a batch; without receipts it was given back. */
static void count_batch(struct appender *appender, const struct receipt *receipts, size_t count)
{
    struct appender_counts *counts = &appender->counts;
    ASSERT(pthread_mutex_lock(&appender->mutex) == 0);
    for (size_t i = 0; receipts != NULL && i < count; i++)
        *(receipts[i].err != ERR_OK ? &counts->conflicts
          : receipts[i].duplicate   ? &counts->duplicates
                                    : &counts->appended) += 1;
    *(receipts != NULL ? &counts->events : &counts->refused) += count;
    counts->commits += receipts != NULL;
    if (receipts != NULL && count > counts->batch_max)
        counts->batch_max = count;
    ASSERT(pthread_mutex_unlock(&appender->mutex) == 0);
}

/* Append one batch of `count` jobs in one commit and note in each what became of it. */
static void append_batch(struct appender *appender, struct job *jobs, size_t count)
{
    struct admitted **admitted = mem_zero(count, sizeof(struct admitted *));
    struct receipt *receipts = mem_zero(count, sizeof(*receipts));
    size_t i = 0;
    for (struct job *job = jobs; job != NULL; job = job->next)
        admitted[i++] = job->admitted;
    struct err_text why = {""};
    enum err err = ledger_append(appender->config.ledger, admitted, count, appender->config.judge,
                                 receipts, &why);
    if (err != ERR_OK && err != ERR_DISK_LOW && err != ERR_BUSY)
        appender->config.fatal(appender->config.ctx, err, &why);
    count_batch(appender, err == ERR_OK ? receipts : NULL, count);
    i = 0;
    for (struct job *job = jobs; job != NULL; job = job->next) {
        job->err = err;
        job->why = why;
        if (err == ERR_OK)
            job->receipt = receipts[i++]; /* its verdict moves with it */
    }
    free(receipts);
    free(admitted);
}

static void *appender_main(void *arg)
{
    struct appender *appender;
    CAST_OBJ(appender, arg, APPENDER_MAGIC);
    struct job *jobs;
    while ((jobs = queue_take(appender->todo, BATCH_EVENTS_MAX, BATCH_BYTES_MAX)) != NULL) {
        size_t count = 0;
        for (struct job *job = jobs; job != NULL; job = job->next)
            count++;
        append_batch(appender, jobs, count);
        while (jobs != NULL) {
            struct job *job = jobs;
            jobs = job->next;
            ASSERT(queue_push(appender->done, job));
        }
        appender->config.wake(appender->config.ctx);
    }
    return NULL;
}

enum err appender_start(const struct appender_config *config, struct appender **ret_appender,
                        struct err_text *ret_why)
{
    struct appender *appender = mem_zero(1, sizeof(*appender));
    appender->magic = APPENDER_MAGIC;
    appender->config = *config;
    appender->todo = queue_new(QUEUE_EVENTS_MAX, QUEUE_BYTES_MAX);
    appender->done = queue_new(SIZE_MAX, SIZE_MAX);
    ASSERT(pthread_mutex_init(&appender->mutex, NULL) == 0);
    int failed = pthread_create(&appender->thread, NULL, appender_main, appender);
    if (failed != 0) {
        appender_free(appender);
        return err_say(ret_why, ERR_IO, "no thread for the appender: %s", strerror(failed));
    }
    appender->running = true;
    *ret_appender = appender;
    return ERR_OK;
}

bool appender_push(struct appender *appender, struct job *job)
{
    return queue_push(appender->todo, job);
}

struct job *appender_done(struct appender *appender)
{
    return queue_take_now(appender->done);
}

size_t appender_waiting(struct appender *appender)
{
    return queue_events(appender->todo);
}

void appender_stop(struct appender *appender)
{
    if (!appender->running)
        return;
    queue_close(appender->todo);
    ASSERT(pthread_join(appender->thread, NULL) == 0);
    appender->running = false;
}

void appender_free(struct appender *appender)
{
    if (appender == NULL)
        return;
    appender_stop(appender);
    queue_free(appender->todo);
    queue_free(appender->done);
    ASSERT(pthread_mutex_destroy(&appender->mutex) == 0);
    free(appender);
}

struct appender_counts appender_counts(struct appender *appender)
{
    ASSERT(pthread_mutex_lock(&appender->mutex) == 0);
    struct appender_counts counts = appender->counts;
    ASSERT(pthread_mutex_unlock(&appender->mutex) == 0);
    return counts;
}
