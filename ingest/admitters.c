#include "ingest/admitters.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/sink.h"

#define ADMITTERS_MAGIC MAGIC('A', 'd', 'm', 's')

struct admitters {
    uint32_t magic;
    struct queue *queue;   /* borrowed */
    struct screen *screen; /* borrowed */
    pthread_t *threads;
    unsigned count;
};

static void *admit_all(void *arg)
{
    struct admitters *admitters;
    struct job *job;
    CAST_OBJ(admitters, arg, ADMITTERS_MAGIC);
    pthread_setname_np(pthread_self(), "admit");
    while ((job = queue_next(admitters->queue)) != NULL) {
        if (job->state == JOB_DECIDED) {
            job->finish(job);
            sink_give(job);
        } else {
            screen_job(admitters->screen, job);
            queue_ready(admitters->queue, job);
        }
    }
    return NULL;
}

enum err admitters_start(struct queue *queue, struct screen *screen,
                         struct admitters **ret_admitters, struct err_text *ret_why)
{
    struct admitters *admitters = mem_zero(1, sizeof(*admitters));
    unsigned wanted = pool_cores();
    int failed = 0;
    admitters->magic = ADMITTERS_MAGIC;
    admitters->queue = queue;
    admitters->screen = screen;
    admitters->threads = mem_zero(wanted, sizeof(*admitters->threads));
    while (failed == 0 && admitters->count < wanted) {
        failed = thread_start(admit_all, admitters, 0, &admitters->threads[admitters->count]);
        admitters->count += failed == 0;
    }
    if (admitters->count == 0) {
        admitters_join(admitters);
        return err_say(ret_why, ERR_IO, "no thread to admit events: %s", strerror(failed));
    }
    *ret_admitters = admitters;
    return ERR_OK;
}

void admitters_join(struct admitters *admitters)
{
    if (admitters == NULL)
        return;
    CHECK_OBJ(admitters, ADMITTERS_MAGIC);
    for (unsigned i = 0; i < admitters->count; i++)
        ASSERT(pthread_join(admitters->threads[i], NULL) == 0);
    free(admitters->threads);
    free(admitters);
}
