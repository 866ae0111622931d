#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "ingest/queue.h"

/* A job whose event has so many bytes; `owner` tells them apart. */
static struct job *make(size_t event_bytes, void *owner)
{
    struct admitted *admitted = mem_zero(1, sizeof(*admitted));
    uint8_t byte = 'e';
    for (size_t i = 0; i < event_bytes; i++)
        buf_add(&admitted->event, &byte, 1);
    return queue_job_new(admitted, owner);
}

static size_t free_list(struct job *jobs)
{
    size_t count = 0;
    while (jobs != NULL) {
        struct job *job = jobs;
        jobs = job->next;
        queue_job_free(job);
        count++;
    }
    return count;
}

static void test_queue_take_in_order(void **state)
{
    (void)state;
    int owners[3];
    struct queue *queue = queue_new(10, SIZE_MAX);
    for (size_t i = 0; i < 3; i++)
        assert_true(queue_push(queue, make(1, &owners[i])));
    assert_int_equal(queue_events(queue), 3);
    struct job *jobs = queue_take(queue, 2, SIZE_MAX);
    assert_ptr_equal(jobs->owner, &owners[0]);
    assert_ptr_equal(jobs->next->owner, &owners[1]);
    assert_null(jobs->next->next);
    free_list(jobs);
    jobs = queue_take_now(queue);
    assert_ptr_equal(jobs->owner, &owners[2]);
    free_list(jobs);
    assert_null(queue_take_now(queue));
    assert_int_equal(queue_events(queue), 0);
    queue_free(queue);
}

static void test_queue_push_full_of_events(void **state)
{
    (void)state;
    struct queue *queue = queue_new(2, SIZE_MAX);
    assert_true(queue_push(queue, make(1, NULL)));
    assert_true(queue_push(queue, make(1, NULL)));
    struct job *third = make(1, NULL);
    assert_false(queue_push(queue, third));
    assert_int_equal(free_list(queue_take(queue, 1, SIZE_MAX)), 1);
    assert_true(queue_push(queue, third));
    queue_free(queue);
}

static void test_queue_push_full_of_bytes(void **state)
{
    (void)state;
    struct job *small = make(10, NULL), *large = make(5000, NULL);
    struct queue *queue = queue_new(10, small->bytes + 100);
    assert_true(large->bytes > small->bytes + 100);
    assert_true(queue_push(queue, small));
    assert_false(queue_push(queue, large));
    free_list(queue_take_now(queue));
    assert_true(queue_push(queue, large)); /* an empty queue takes a job of any size */
    struct job *next = make(10, NULL);
    assert_false(queue_push(queue, next));
    queue_job_free(next);
    queue_free(queue);
}

static void test_queue_take_bounded_by_bytes(void **state)
{
    (void)state;
    struct queue *queue = queue_new(10, SIZE_MAX);
    struct job *first = make(1000, NULL);
    size_t bytes = first->bytes;
    assert_true(queue_push(queue, first));
    assert_true(queue_push(queue, make(1000, NULL)));
    assert_true(queue_push(queue, make(1000, NULL)));
    assert_int_equal(free_list(queue_take(queue, 10, 2 * bytes)), 2);
    assert_int_equal(free_list(queue_take(queue, 10, 1)), 1); /* at least one */
    queue_free(queue);
}

static void test_queue_push_closed(void **state)
{
    (void)state;
    struct queue *queue = queue_new(10, SIZE_MAX);
    assert_true(queue_push(queue, make(1, NULL)));
    queue_close(queue);
    struct job *late = make(1, NULL);
    assert_false(queue_push(queue, late));
    queue_job_free(late);
    assert_int_equal(free_list(queue_take(queue, 10, SIZE_MAX)), 1);
    assert_null(queue_take(queue, 10, SIZE_MAX));
    queue_free(queue);
}

#define CROWD_THREADS 4
#define CROWD_JOBS 500

static void *push_many(void *arg)
{
    struct queue *queue = arg;
    for (int i = 0; i < CROWD_JOBS; i++) {
        struct job *job = make(1, NULL);
        while (!queue_push(queue, job))
            usleep(100);
    }
    return NULL;
}

static void *take_all(void *arg)
{
    struct queue *queue = arg;
    size_t *count = mem_zero(1, sizeof(*count));
    struct job *jobs;
    while ((jobs = queue_take(queue, 7, SIZE_MAX)) != NULL)
        *count += free_list(jobs);
    return count;
}

static void test_queue_take_from_many_threads(void **state)
{
    (void)state;
    struct queue *queue = queue_new(16, SIZE_MAX);
    pthread_t pushers[CROWD_THREADS], taker;
    void *count = NULL;
    assert_int_equal(pthread_create(&taker, NULL, take_all, queue), 0);
    for (size_t i = 0; i < CROWD_THREADS; i++)
        assert_int_equal(pthread_create(&pushers[i], NULL, push_many, queue), 0);
    for (size_t i = 0; i < CROWD_THREADS; i++)
        assert_int_equal(pthread_join(pushers[i], NULL), 0);
    queue_close(queue);
    assert_int_equal(pthread_join(taker, &count), 0);
    assert_int_equal(*(size_t *)count, CROWD_THREADS * CROWD_JOBS);
    free(count);
    queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue_take_in_order),
        cmocka_unit_test(test_queue_push_full_of_events),
        cmocka_unit_test(test_queue_push_full_of_bytes),
        cmocka_unit_test(test_queue_take_bounded_by_bytes),
        cmocka_unit_test(test_queue_push_closed),
        cmocka_unit_test(test_queue_take_from_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
