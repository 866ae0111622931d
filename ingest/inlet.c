#include "ingest/inlet.h"

#include <pthread.h>
#include <stdlib.h>

#include "ingest/admitters.h"

#define INLET_MAGIC MAGIC('I', 'n', 'l', 't')

struct inlet {
    uint32_t magic;
    struct queue *queue;
    struct screen *screen;
    struct admitters *admitters; /* until it is stopped */
    struct appender *appender;
    bool stopped;
};

enum err inlet_start(const struct inlet_config *config, struct inlet **ret_inlet,
                     struct err_text *ret_why)
{
    struct inlet *inlet = mem_zero(1, sizeof(*inlet));
    inlet->magic = INLET_MAGIC;
    inlet->queue = queue_new(QUEUE_EVENTS_MAX, QUEUE_BYTES_MAX);
    inlet->screen = screen_new(config->ledger, config->rate);
    const struct appender_config appending = {.ledger = config->ledger,
                                              .judge = config->judge,
                                              .queue = inlet->queue,
                                              .screen = inlet->screen,
                                              .fatal = config->fatal,
                                              .ctx = config->ctx};
    enum err err = admitters_start(inlet->queue, inlet->screen, &inlet->admitters, ret_why);
    if (err == ERR_OK)
        err = appender_start(&appending, &inlet->appender, ret_why);
    if (err == ERR_OK) {
        *ret_inlet = inlet;
        inlet = NULL;
    }
    inlet_free(inlet);
    return err;
}

void inlet_stop(struct inlet *inlet)
{
    CHECK_OBJ(inlet, INLET_MAGIC);
    if (inlet->stopped)
        return;
    inlet->stopped = true;
    queue_close(inlet->queue);
    if (inlet->appender != NULL)
        appender_join(inlet->appender);
    queue_end(inlet->queue);
    admitters_join(inlet->admitters);
}

void inlet_free(struct inlet *inlet)
{
    if (inlet == NULL)
        return;
    inlet_stop(inlet);
    appender_free(inlet->appender);
    queue_free(inlet->queue);
    screen_free(inlet->screen);
    inlet->magic = 0;
    free(inlet);
}

struct job *inlet_push(struct inlet *inlet, struct job *jobs)
{
    CHECK_OBJ(inlet, INLET_MAGIC);
    return queue_push(inlet->queue, jobs);
}

size_t inlet_waiting(struct inlet *inlet)
{
    return queue_events(inlet->queue);
}

struct appender_counts inlet_counts(struct inlet *inlet)
{
    return appender_counts(inlet->appender);
}

const struct appender_times *inlet_times(const struct inlet *inlet)
{
    return appender_times(inlet->appender);
}

void inlet_watch(struct inlet *inlet, int bell)
{
    appender_watch(inlet->appender, bell);
}

bool inlet_clock_leapt(struct inlet *inlet)
{
    return screen_clock_leapt(inlet->screen);
}
