/* Jobs given back to their fronts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/sink.h"

static void count_wakes(void *ctx)
{
    unsigned *wakes = ctx;
    (*wakes)++;
}

/* A list of jobs 0.., each for the sink that its letter names: a or b. */
static struct job *list(const char *letters, struct sink *a, struct sink *b)
{
    struct job *first = NULL, **end = &first;
    for (uint64_t i = 0; letters[i] != '\0'; i++) {
        struct job *job = job_new(letters[i] == 'a' ? a : b, NULL);
        job->number = i;
        *end = job;
        end = &job->next;
    }
    return first;
}

static void holds(struct sink *sink, const uint64_t *numbers, size_t count)
{
    struct job *jobs = sink_take(sink);
    for (size_t i = 0; i < count; i++) {
        struct job *job = jobs;
        assert_non_null(job);
        assert_int_equal(job->number, numbers[i]);
        jobs = job->next;
        job_free(job);
    }
    assert_null(jobs);
}

static void test_sink_give_to_each_its_own(void **state)
{
    (void)state;
    unsigned wakes_a = 0, wakes_b = 0;
    struct sink *a = sink_new(count_wakes, &wakes_a), *b = sink_new(count_wakes, &wakes_b);
    sink_give(list("aabab", a, b));
    assert_int_equal(wakes_a, 1); /* it was empty once */
    assert_int_equal(wakes_b, 1);
    holds(a, (const uint64_t[]){0, 1, 3}, 3);
    holds(b, (const uint64_t[]){2, 4}, 2);
    assert_null(sink_take(a));
    sink_give(list("a", a, b));
    assert_int_equal(wakes_a, 2);
    sink_give(list("a", a, b));
    assert_int_equal(wakes_a, 2);
    assert_int_equal(wakes_b, 1);
    holds(a, (const uint64_t[]){0, 0}, 2);
    sink_free(a);
    sink_free(b);
}

static void test_sink_free_with_jobs(void **state)
{
    (void)state;
    unsigned wakes = 0;
    struct sink *sink = sink_new(count_wakes, &wakes);
    sink_give(list("aaa", sink, NULL));
    sink_wake(sink);
    assert_int_equal(wakes, 2);
    sink_free(sink);
    sink_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sink_give_to_each_its_own),
        cmocka_unit_test(test_sink_free_with_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
