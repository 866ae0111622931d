#include "ingest/reading.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/bell.h"

#define READING_MAGIC MAGIC('R', 'd', 'n', 'g')

struct list {
    struct reading_work *first;
    struct reading_work **end; /* where the next piece is linked in */
};

struct reading {
    uint32_t magic;
    size_t work_max;
    size_t waiting; /* pieces that are not ended; the event loop's */
    int wake_fd;    /* a bell: pieces have run */
    struct event_base *base;
    pthread_t *threads;
    size_t thread_count;
    pthread_mutex_t mutex; /* guards what is below */
    pthread_cond_t filled; /* there is something to do, or the end has come */
    struct list todo;
    size_t todo_count;
    struct list done;
    bool stop;
};

static void lock(struct reading *reading)
{
    ASSERT(pthread_mutex_lock(&reading->mutex) == 0);
}

static void unlock(struct reading *reading)
{
    ASSERT(pthread_mutex_unlock(&reading->mutex) == 0);
}

static void list_add(struct list *list, struct reading_work *work)
{
    work->next = NULL;
    *list->end = work;
    list->end = &work->next;
}

static struct reading_work *list_take_all(struct list *list)
{
    struct reading_work *first = list->first;
    list->first = NULL;
    list->end = &list->first;
    return first;
}

/* The oldest piece, waited for; NULL at the end.  Locked. */
static struct reading_work *take(struct reading *reading)
{
    while (reading->todo.first == NULL && !reading->stop)
        ASSERT(pthread_cond_wait(&reading->filled, &reading->mutex) == 0);
    struct reading_work *work = reading->stop ? NULL : reading->todo.first;
    if (work == NULL)
        return NULL;
    reading->todo.first = work->next;
    if (reading->todo.first == NULL)
        reading->todo.end = &reading->todo.first;
    reading->todo_count--;
    return work;
}

static void *reading_main(void *arg)
{
    struct reading *reading;
    CAST_OBJ(reading, arg, READING_MAGIC);
    struct reading_work *work;
    lock(reading);
    while ((work = take(reading)) != NULL) {
        unlock(reading);
        work->run(work->ctx);
        lock(reading);
        bool first = reading->done.first == NULL;
        list_add(&reading->done, work);
        if (first)
            bell_ring(reading->wake_fd);
    }
    unlock(reading);
    return NULL;
}

static void end_all(struct reading *reading, struct reading_work *work)
{
    while (work != NULL) {
        struct reading_work *next = work->next;
        reading->waiting--;
        work->end(work->ctx);
        work = next;
    }
}

static void on_woken(evutil_socket_t fd, short what, void *ctx);

/* The ledger has an event_free of its own, so an event of libevent's is made for one time only. */
static void watch(struct reading *reading)
{
    ASSERT(event_base_once(reading->base, reading->wake_fd, EV_READ, on_woken, reading, NULL) == 0);
}

static void on_woken(evutil_socket_t fd, short what, void *ctx)
{
    struct reading *reading;
    CAST_OBJ(reading, ctx, READING_MAGIC);
    (void)what;
    bell_hush(fd);
    lock(reading);
    struct reading_work *done = list_take_all(&reading->done);
    unlock(reading);
    watch(reading);
    end_all(reading, done);
}

static enum err start_threads(struct reading *reading, size_t count, struct err_text *ret_why)
{
    reading->threads = mem_zero(count, sizeof(pthread_t));
    while (reading->thread_count < count) {
        int failed =
            thread_start(reading_main, reading, 0, &reading->threads[reading->thread_count]);
        if (failed != 0)
            return err_say(ret_why, ERR_IO, "no thread for reading: %s", strerror(failed));
        reading->thread_count++;
    }
    return ERR_OK;
}

enum err reading_start(struct event_base *base, size_t threads, size_t work_max,
                       struct reading **ret_reading, struct err_text *ret_why)
{
    struct reading *reading = mem_zero(1, sizeof(*reading));
    reading->magic = READING_MAGIC;
    reading->base = base;
    reading->work_max = work_max;
    reading->todo.end = &reading->todo.first;
    reading->done.end = &reading->done.first;
    ASSERT(pthread_mutex_init(&reading->mutex, NULL) == 0);
    ASSERT(pthread_cond_init(&reading->filled, NULL) == 0);
    reading->wake_fd = -1;
    enum err err = bell_new(&reading->wake_fd, ret_why);
    if (err == ERR_OK)
        err = start_threads(reading, threads, ret_why);
    if (err != ERR_OK) {
        reading_free(reading);
        return err;
    }
    watch(reading);
    *ret_reading = reading;
    return ERR_OK;
}

bool reading_push(struct reading *reading, struct reading_work *work)
{
    lock(reading);
    bool taken = !reading->stop && reading->todo_count < reading->work_max;
    if (taken) {
        list_add(&reading->todo, work);
        reading->todo_count++;
        ASSERT(pthread_cond_signal(&reading->filled) == 0);
    }
    unlock(reading);
    if (taken)
        reading->waiting++;
    return taken;
}

size_t reading_waiting(const struct reading *reading)
{
    return reading->waiting;
}

void reading_free(struct reading *reading)
{
    if (reading == NULL)
        return;
    lock(reading);
    reading->stop = true;
    ASSERT(pthread_cond_broadcast(&reading->filled) == 0);
    unlock(reading);
    for (size_t i = 0; i < reading->thread_count; i++)
        ASSERT(pthread_join(reading->threads[i], NULL) == 0);
    end_all(reading, list_take_all(&reading->done));
    end_all(reading, list_take_all(&reading->todo));
    if (reading->wake_fd >= 0)
        close(reading->wake_fd);
    ASSERT(pthread_cond_destroy(&reading->filled) == 0);
    ASSERT(pthread_mutex_destroy(&reading->mutex) == 0);
    free(reading->threads);
    free(reading);
}
