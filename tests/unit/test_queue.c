/* Jobs between threads: admitted in any order, taken in the order in which they came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/queue.h"
#include "ingest/sink.h"

static void count_wakes(void *ctx)
{
    unsigned *wakes = ctx;
    (*wakes)++;
}

/* A job of somebody who is known, with a message of so many bytes; `number` tells them apart. */
static struct job *make(size_t message_bytes, uint64_t number)
{
    struct job *job = job_new(NULL, NULL);
    job->number = number;
    snprintf(job->courier.principal, sizeof(job->courier.principal), "robot");
    memset(buf_room(&job->message, message_bytes), 'e', message_bytes);
    return job;
}

static size_t free_list(struct job *jobs)
{
    size_t count = 0;
    while (jobs != NULL) {
        struct job *job = jobs;
        jobs = job->next;
        job_free(job);
        count++;
    }
    return count;
}

/* Admits all that waits. */
static void ready_all(struct queue *queue, size_t count)
{
    for (size_t i = 0; i < count; i++)
        queue_ready(queue, queue_next(queue));
}

static void test_queue_take_in_order(void **state)
{
    (void)state;
    struct queue *queue = queue_new(10, SIZE_MAX);
    for (uint64_t i = 0; i < 4; i++)
        assert_null(queue_push(queue, make(1, i)));
    assert_int_equal(queue_events(queue), 4);
    struct job *first = queue_next(queue), *second = queue_next(queue), *third = queue_next(queue);
    assert_int_equal(first->number, 0);
    queue_ready(queue, third);
    queue_ready(queue, second);
    queue_ready(queue, first);
    ready_all(queue, 1);
    struct job *jobs = queue_take(queue, 2, SIZE_MAX);
    assert_ptr_equal(jobs, first);
    assert_ptr_equal(jobs->next, second);
    assert_null(jobs->next->next);
    free_list(jobs);
    jobs = queue_take(queue, 10, SIZE_MAX);
    assert_ptr_equal(jobs, third);
    assert_int_equal(free_list(jobs), 2);
    assert_int_equal(queue_events(queue), 0);
    queue_free(queue);
}

static void test_queue_next_leaves_out_the_refused(void **state)
{
    (void)state;
    struct queue *queue = queue_new(10, SIZE_MAX);
    struct err_text why = {"it is too long"};
    for (uint64_t i = 0; i < 4; i++) {
        struct job *job = make(1, i);
        if (i % 2 == 0)
            job_refuse(job, ERR_TOO_BIG, &why);
        assert_null(queue_push(queue, job));
    }
    struct job *second = queue_next(queue), *fourth = queue_next(queue);
    assert_int_equal(second->number, 1);
    assert_int_equal(fourth->number, 3);
    queue_ready(queue, second);
    queue_ready(queue, fourth);
    struct job *jobs = queue_take(queue, 10, SIZE_MAX);
    assert_int_equal(jobs->number, 0);
    assert_int_equal(jobs->err, ERR_TOO_BIG);
    assert_int_equal(free_list(jobs), 4);
    queue_free(queue);
}

/* Several at once are in order; those that find no room come back, and do not stop the others. */
static void test_queue_push_several(void **state)
{
    (void)state;
    unsigned wakes = 0;
    struct sink *sink = sink_new(count_wakes, &wakes);
    struct queue *queue = queue_new(4, SIZE_MAX);
    struct job *jobs[6];
    for (uint64_t i = 0; i < 6; i++) {
        jobs[i] = make(1, i);
        jobs[i]->sink = sink;
        jobs[i]->courier.principal[0] = i == 3 ? '\0' : 'r'; /* nobody has only half of it */
        if (i > 0)
            jobs[i - 1]->next = jobs[i];
    }
    struct job *left = queue_push(queue, jobs[0]);
    assert_ptr_equal(left, jobs[3]);
    assert_ptr_equal(left->next, jobs[5]);
    assert_null(left->next->next);
    ready_all(queue, 4);
    struct job *taken = queue_take(queue, 10, SIZE_MAX);
    assert_int_equal(wakes, 1);
    assert_ptr_equal(taken->next->next->next, jobs[4]);
    assert_int_equal(free_list(taken), 4);
    assert_int_equal(free_list(left), 2);
    queue_free(queue);
    sink_free(sink);
}

static void *ready_the_last(void *arg)
{
    ready_all(arg, 1);
    return NULL;
}

/* A sync costs more than to wait for those that are there, but only for so many. */
static void test_queue_take_waits_for_a_group(void **state)
{
    (void)state;
    struct queue *queue = queue_new(1000, SIZE_MAX);
    pthread_t other;
    assert_null(queue_push(queue, make(1, 0)));
    assert_null(queue_push(queue, make(1, 1)));
    ready_all(queue, 1);
    assert_int_equal(pthread_create(&other, NULL, ready_the_last, queue), 0);
    assert_int_equal(free_list(queue_take(queue, 1000, SIZE_MAX)), 2);
    assert_int_equal(pthread_join(other, NULL), 0);
    for (uint64_t i = 0; i <= GROUP_JOBS_MAX; i++)
        assert_null(queue_push(queue, make(1, i)));
    ready_all(queue, GROUP_JOBS_MAX);
    assert_int_equal(free_list(queue_take(queue, 1000, SIZE_MAX)), GROUP_JOBS_MAX);
    queue_free(queue);
}

/* Who would wait for a job admits it, unless that takes long. */
static void test_queue_help_instead_of_waiting(void **state)
{
    (void)state;
    struct queue *queue = queue_new(1000, SIZE_MAX);
    assert_null(queue_help(queue));
    assert_false(queue_wait(queue, 0));
    assert_null(queue_push(queue, make(1, 0)));
    assert_true(queue_wait(queue, 0));
    struct job *job = queue_help(queue);
    assert_int_equal(job->number, 0);
    assert_null(queue_help(queue));
    assert_false(queue_wait(queue, 0)); /* it is being admitted */
    queue_ready(queue, job);
    assert_null(queue_help(queue));
    assert_null(queue_push(queue, make(1, 1)));
    job = queue_help(queue); /* one of the same group */
    assert_int_equal(job->number, 1);
    queue_ready(queue, job);
    assert_int_equal(free_list(queue_take(queue, 1000, SIZE_MAX)), 2);
    for (uint64_t i = 0; i <= GROUP_JOBS_MAX; i++)
        assert_null(queue_push(queue, make(1, i)));
    ready_all(queue, GROUP_JOBS_MAX);
    assert_null(queue_help(queue)); /* there is a group without the last */
    queue_free(queue);
}

static void test_queue_help_not_with_what_takes_long(void **state)
{
    (void)state;
    struct queue *queue = queue_new(1000, SIZE_MAX);
    struct job *batch = make(1, 1);
    batch->media = BATCH_MEDIA_TYPE;
    assert_null(queue_push(queue, make(5000, 0)));
    assert_false(queue_wait(queue, 0));
    assert_null(queue_help(queue));
    ready_all(queue, 1);
    assert_null(queue_push(queue, batch));
    assert_null(queue_help(queue));
    queue_free(queue);
}

static void *help_one(void *arg)
{
    struct queue *queue = arg;
    while (!queue_wait(queue, INT64_C(1000000)))
        sched_yield();
    struct job *job = queue_help(queue);
    assert_non_null(job);
    queue_ready(queue, job);
    return queue_take(queue, 1000, SIZE_MAX);
}

/* Whoever waits for anything to come is woken by a job that nobody else admits. */
static void test_queue_help_wakes_who_waits(void **state)
{
    (void)state;
    struct queue *queue = queue_new(1000, SIZE_MAX);
    pthread_t taker;
    void *jobs = NULL;
    for (uint64_t i = 0; i < 20; i++) {
        assert_int_equal(pthread_create(&taker, NULL, help_one, queue), 0);
        for (uint64_t j = 0; j < i; j++)
            sched_yield();
        assert_null(queue_push(queue, make(1, i)));
        assert_int_equal(pthread_join(taker, &jobs), 0);
        assert_int_equal(((struct job *)jobs)->number, i);
        assert_int_equal(free_list(jobs), 1);
    }
    queue_free(queue);
}

static void test_queue_push_full_of_events(void **state)
{
    (void)state;
    struct queue *queue = queue_new(2, SIZE_MAX);
    unsigned wakes = 0;
    struct sink *sink = sink_new(count_wakes, &wakes);
    assert_null(queue_push(queue, make(1, 0)));
    assert_null(queue_push(queue, make(1, 1)));
    struct job *third = make(1, 2);
    third->sink = sink;
    assert_ptr_equal(queue_push(queue, third), third);
    assert_ptr_equal(queue_push(queue, third), third);
    assert_int_equal(wakes, 0);
    ready_all(queue, 2);
    assert_int_equal(free_list(queue_take(queue, 1, SIZE_MAX)), 1);
    assert_int_equal(wakes, 1); /* there is room */
    assert_null(queue_push(queue, third));
    queue_free(queue);
    sink_free(sink);
}

static void test_queue_push_full_of_bytes(void **state)
{
    (void)state;
    const size_t own = sizeof(struct job);
    struct queue *queue = queue_new(10, own + 100);
    unsigned wakes = 0;
    struct sink *sink = sink_new(count_wakes, &wakes);
    struct job *large = make(5000, 1), *next = make(10, 2);
    large->sink = next->sink = sink;
    assert_null(queue_push(queue, make(10, 0)));
    assert_ptr_equal(queue_push(queue, large), large);
    ready_all(queue, 1);
    free_list(queue_take(queue, 10, SIZE_MAX));
    assert_null(queue_push(queue, large)); /* an empty queue takes a job of any size */
    assert_ptr_equal(queue_push(queue, next), next);
    job_free(next);
    queue_free(queue);
    sink_free(sink);
}

/* Who waits without loss, and who is unknown, leave half to the others. */
static void test_queue_push_half_full(void **state)
{
    (void)state;
    struct queue *queue = queue_new(4, SIZE_MAX);
    unsigned wakes = 0;
    struct sink *sink = sink_new(count_wakes, &wakes);
    struct job *nobody = make(1, 0), *broker = make(1, 1), *known = make(1, 2);
    nobody->sink = broker->sink = known->sink = sink;
    nobody->courier.principal[0] = '\0';
    broker->courier.origin = ORIGIN_AMQP;
    assert_null(queue_push(queue, make(1, 3)));
    assert_null(queue_push(queue, make(1, 4)));
    assert_ptr_equal(queue_push(queue, nobody), nobody);
    assert_ptr_equal(queue_push(queue, broker), broker);
    assert_null(queue_push(queue, known));
    ready_all(queue, 3);
    free_list(queue_take(queue, 10, SIZE_MAX));
    assert_null(queue_push(queue, nobody));
    assert_null(queue_push(queue, broker));
    queue_free(queue);
    sink_free(sink);
}

/* A batch counts for as many events as it may have, until it is known. */
static void test_queue_push_batch(void **state)
{
    (void)state;
    struct queue *queue = queue_new(BATCH_EVENTS_MAX, SIZE_MAX);
    unsigned wakes = 0;
    struct sink *sink = sink_new(count_wakes, &wakes);
    struct job *batch = make(100 * EVENT_BYTES_MIN, 0), *huge = make(BATCH_BYTES_MAX, 1);
    batch->media = huge->media = BATCH_MEDIA_TYPE;
    batch->sink = huge->sink = sink;
    assert_null(queue_push(queue, batch));
    assert_int_equal(queue_events(queue), 101);
    assert_ptr_equal(queue_push(queue, huge), huge);
    assert_ptr_equal(queue_next(queue), batch);
    batch->count = 7;
    queue_ready(queue, batch);
    assert_int_equal(queue_events(queue), 7);
    batch->count = 1;
    free_list(queue_take(queue, 10, SIZE_MAX));
    assert_int_equal(queue_events(queue), 0);
    assert_null(queue_push(queue, huge));
    assert_int_equal(queue_events(queue), BATCH_EVENTS_MAX);
    queue_free(queue);
    sink_free(sink);
}

static void test_queue_take_bounded_by_bytes(void **state)
{
    (void)state;
    const size_t bytes = sizeof(struct job) + 1000;
    struct queue *queue = queue_new(10, SIZE_MAX);
    for (uint64_t i = 0; i < 3; i++)
        assert_null(queue_push(queue, make(1000, i)));
    ready_all(queue, 3);
    assert_int_equal(free_list(queue_take(queue, 10, 2 * bytes)), 2);
    assert_int_equal(free_list(queue_take(queue, 10, 1)), 1); /* at least one */
    queue_free(queue);
}

static void test_queue_push_closed(void **state)
{
    (void)state;
    struct queue *queue = queue_new(10, SIZE_MAX);
    assert_null(queue_push(queue, make(1, 0)));
    queue_close(queue);
    struct job *late = make(1, 1);
    assert_ptr_equal(queue_push(queue, late), late);
    job_free(late);
    ready_all(queue, 1);
    struct job *taken = queue_take(queue, 10, SIZE_MAX);
    assert_null(queue_take(queue, 10, SIZE_MAX));
    queue_finish(queue, taken);
    queue_end(queue);
    assert_ptr_equal(queue_next(queue), taken);
    assert_null(queue_next(queue));
    job_free(taken);
    queue_free(queue);
}

#define CROWD_THREADS 4
#define CROWD_JOBS 500

/* Each pusher's jobs are numbered on from its own 1000000. */
struct pusher {
    struct queue *queue;
    struct sink *sink;
    uint64_t from;
};

static void ignore_wake(void *ctx)
{
    (void)ctx;
}

static void *push_many(void *arg)
{
    const struct pusher *pusher = arg;
    for (uint64_t i = 0; i < CROWD_JOBS; i++) {
        struct job *job = make(1, pusher->from + i);
        job->sink = pusher->sink;
        while (queue_push(pusher->queue, job) != NULL)
            sched_yield();
    }
    return NULL;
}

static void *admit_many(void *arg)
{
    struct queue *queue = arg;
    struct job *job;
    while ((job = queue_next(queue)) != NULL)
        queue_ready(queue, job);
    return NULL;
}

static void *take_all(void *arg)
{
    struct queue *queue = arg;
    uint64_t seen[CROWD_THREADS] = {0};
    struct job *jobs;
    size_t *bad = mem_zero(1, sizeof(*bad));
    while ((jobs = queue_take(queue, 7, SIZE_MAX)) != NULL) {
        for (struct job *job = jobs; job != NULL; job = job->next)
            *bad += seen[job->number / 1000000]++ != job->number % 1000000;
        free_list(jobs);
    }
    for (size_t i = 0; i < CROWD_THREADS; i++)
        *bad += seen[i] != CROWD_JOBS;
    return bad;
}

static void test_queue_take_from_many_threads(void **state)
{
    (void)state;
    struct queue *queue = queue_new(16, SIZE_MAX);
    struct sink *sink = sink_new(ignore_wake, NULL);
    struct pusher pushers[CROWD_THREADS];
    pthread_t pushing[CROWD_THREADS], admitting[CROWD_THREADS], taker;
    void *bad = NULL;
    assert_int_equal(pthread_create(&taker, NULL, take_all, queue), 0);
    for (size_t i = 0; i < CROWD_THREADS; i++) {
        pushers[i] = (struct pusher){queue, sink, i * 1000000};
        assert_int_equal(pthread_create(&admitting[i], NULL, admit_many, queue), 0);
        assert_int_equal(pthread_create(&pushing[i], NULL, push_many, &pushers[i]), 0);
    }
    for (size_t i = 0; i < CROWD_THREADS; i++)
        assert_int_equal(pthread_join(pushing[i], NULL), 0);
    queue_close(queue);
    assert_int_equal(pthread_join(taker, &bad), 0);
    queue_end(queue);
    for (size_t i = 0; i < CROWD_THREADS; i++)
        assert_int_equal(pthread_join(admitting[i], NULL), 0);
    assert_int_equal(*(size_t *)bad, 0);
    free(bad);
    queue_free(queue);
    sink_free(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue_take_in_order),
        cmocka_unit_test(test_queue_next_leaves_out_the_refused),
        cmocka_unit_test(test_queue_take_waits_for_a_group),
        cmocka_unit_test(test_queue_push_several),
        cmocka_unit_test(test_queue_help_instead_of_waiting),
        cmocka_unit_test(test_queue_help_not_with_what_takes_long),
        cmocka_unit_test(test_queue_help_wakes_who_waits),
        cmocka_unit_test(test_queue_push_full_of_events),
        cmocka_unit_test(test_queue_push_full_of_bytes),
        cmocka_unit_test(test_queue_push_half_full),
        cmocka_unit_test(test_queue_push_batch),
        cmocka_unit_test(test_queue_take_bounded_by_bytes),
        cmocka_unit_test(test_queue_push_closed),
        cmocka_unit_test(test_queue_take_from_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
