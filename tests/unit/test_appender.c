#include "tests/unit/ledger_kit.h"

#include <semaphore.h>

#include "ingest/appender.h"

struct bench {
    struct kit kit;
    struct appender *appender;
    sem_t woken;
};

static void wake(void *ctx)
{
    struct bench *bench = ctx;
    assert_int_equal(sem_post(&bench->woken), 0);
}

static void fatal(void *ctx, enum err err, const struct err_text *why)
{
    (void)ctx;
    fail_msg("%s: %s", err_name(err), why->s);
}

static void bench_new(struct bench *bench)
{
    kit_new(&bench->kit);
    assert_int_equal(sem_init(&bench->woken, 0, 0), 0);
    struct appender_config config = {
        .ledger = bench->kit.ledger, .wake = wake, .fatal = fatal, .ctx = bench};
    assert_int_equal(appender_start(&config, &bench->appender, NULL), ERR_OK);
}

static void bench_end(struct bench *bench)
{
    appender_free(bench->appender);
    sem_destroy(&bench->woken);
    kit_end(&bench->kit);
}

static void push(struct bench *bench, const char *id, void *owner)
{
    struct kit_event event = {.id = id, .deployment = "d"};
    struct job *job = queue_job_new(kit_admit(&bench->kit, &event), owner);
    assert_true(appender_push(bench->appender, job));
}

static void test_appender_done_after_commit(void **state)
{
    (void)state;
    struct bench bench;
    int owner;
    uint64_t size = 0;
    bench_new(&bench);
    push(&bench, "one", &owner);
    assert_int_equal(sem_wait(&bench.woken), 0);
    struct job *job = appender_done(bench.appender);
    assert_non_null(job);
    assert_ptr_equal(job->owner, &owner);
    assert_int_equal(job->err, ERR_OK);
    assert_int_equal(job->receipt.err, ERR_OK);
    assert_int_equal(job->receipt.seq, 1);
    assert_int_equal(ledger_size(bench.kit.ledger, &size, NULL), ERR_OK);
    assert_int_equal(size, 2);
    queue_job_free(job);
    assert_null(appender_done(bench.appender));
    bench_end(&bench);
}

static void test_appender_done_duplicate_and_conflict(void **state)
{
    (void)state;
    struct bench bench;
    bench_new(&bench);
    push(&bench, "same", NULL);
    push(&bench, "same", NULL);
    struct kit_event other = {.id = "same", .deployment = "d", .data = "{\"other\":1}"};
    struct job *job = queue_job_new(kit_admit(&bench.kit, &other), NULL);
    assert_true(appender_push(bench.appender, job));
    appender_stop(bench.appender);
    struct job *first = appender_done(bench.appender);
    struct job *second = first->next, *third = second->next;
    assert_false(first->receipt.duplicate);
    assert_true(second->receipt.duplicate);
    assert_int_equal(second->receipt.seq, first->receipt.seq);
    assert_int_equal(third->receipt.err, ERR_CONFLICT);
    assert_null(third->next);
    queue_job_free(first);
    queue_job_free(second);
    queue_job_free(third);
    bench_end(&bench);
}

static void test_appender_stop_appends_the_rest(void **state)
{
    (void)state;
    enum { JOBS = 300 };
    struct bench bench;
    uint64_t size = 0, seq = 0;
    bench_new(&bench);
    for (int i = 0; i < JOBS; i++) {
        char id[16];
        snprintf(id, sizeof(id), "e%d", i);
        push(&bench, id, NULL);
    }
    appender_stop(bench.appender);
    assert_int_equal(ledger_size(bench.kit.ledger, &size, NULL), ERR_OK);
    assert_int_equal(size, JOBS + 1);
    for (struct job *job = appender_done(bench.appender), *next; job != NULL; job = next) {
        next = job->next;
        assert_int_equal(job->receipt.seq, ++seq); /* in the order of pushing */
        queue_job_free(job);
    }
    assert_int_equal(seq, JOBS);
    struct appender_counts counts = appender_counts(bench.appender);
    assert_int_equal(counts.events, JOBS);
    assert_int_equal(counts.appended + counts.duplicates + counts.conflicts, JOBS);
    assert_int_equal(counts.refused, 0);
    assert_in_range(counts.commits, 1, JOBS);
    assert_in_range(counts.batch_max, 1, JOBS);
    assert_int_equal(appender_waiting(bench.appender), 0);
    bench_end(&bench);
}

static void test_appender_push_stopped(void **state)
{
    (void)state;
    struct bench bench;
    struct kit_event event = {.id = "late", .deployment = "d"};
    bench_new(&bench);
    appender_stop(bench.appender);
    struct job *job = queue_job_new(kit_admit(&bench.kit, &event), NULL);
    assert_false(appender_push(bench.appender, job));
    queue_job_free(job);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appender_done_after_commit),
        cmocka_unit_test(test_appender_done_duplicate_and_conflict),
        cmocka_unit_test(test_appender_stop_appends_the_rest),
        cmocka_unit_test(test_appender_push_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
