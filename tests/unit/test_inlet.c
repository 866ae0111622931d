/* The one way in, with its threads, into real ledgers. */
#include "tests/unit/inlet_kit.h"

#include <poll.h>
#include <unistd.h>

#include "ingest/bell.h"

static void test_inlet_push_comes_back_after_commit(void **state)
{
    (void)state;
    struct inlet_kit bench;
    uint64_t size = 0;
    inlet_kit_new(&bench);
    struct kit_event event = {.id = "one", .deployment = "d"};
    inlet_kit_push(&bench, inlet_kit_event(&bench, 5, &event));
    struct job *job = inlet_kit_take(&bench, 1);
    assert_ptr_equal(job->owner, &bench);
    assert_int_equal(job->number, 5);
    assert_int_equal(job->err, ERR_OK);
    assert_int_equal(job->count, 1);
    assert_int_equal(job->receipts[0].err, ERR_OK);
    assert_int_equal(job->receipts[0].seq, 1);
    assert_int_equal(ledger_size(bench.kit.ledger, &size, NULL), ERR_OK);
    assert_int_equal(size, 2);
    assert_null(inlet_kit_next(job));
    inlet_kit_end(&bench);
}

static void test_inlet_push_duplicate_conflict_and_bad(void **state)
{
    (void)state;
    struct inlet_kit bench;
    struct kit_event same = {.id = "same", .deployment = "d"};
    struct kit_event other = {.id = "same", .deployment = "d", .data = "{\"other\":1}"};
    inlet_kit_new(&bench);
    inlet_kit_push(&bench, inlet_kit_event(&bench, 0, &same));
    inlet_kit_push(&bench, inlet_kit_event(&bench, 1, &same));
    inlet_kit_push(&bench, inlet_kit_event(&bench, 2, &other));
    inlet_kit_push(&bench, inlet_kit_job(&bench, 3)); /* without a message */
    struct job *nobody = inlet_kit_event(&bench, 4, &same);
    nobody->courier = (struct courier){.origin = ORIGIN_HTTP};
    inlet_kit_push(&bench, nobody);
    struct job *job = inlet_kit_take(&bench, 5);
    uint64_t seq = job->receipts[0].seq;
    assert_false(job->receipts[0].duplicate);
    job = inlet_kit_next(job);
    assert_true(job->receipts[0].duplicate);
    assert_int_equal(job->receipts[0].seq, seq);
    job = inlet_kit_next(job);
    assert_int_equal(job->err, ERR_CONFLICT);
    assert_string_equal(job->why.s, "another event of this actor has this source and id already");
    job = inlet_kit_next(job);
    assert_int_equal(job->number, 3);
    assert_int_equal(job->err, ERR_INVALID);
    job = inlet_kit_next(job);
    assert_int_equal(job->err, ERR_UNAUTHENTICATED);
    assert_null(inlet_kit_next(job));
    inlet_kit_end(&bench);
}

static void test_inlet_push_many_in_order(void **state)
{
    (void)state;
    enum { JOBS = 300 };
    struct inlet_kit bench;
    inlet_kit_new(&bench);
    for (uint64_t i = 0; i < JOBS; i++) {
        char id[16];
        snprintf(id, sizeof(id), "e%u", (unsigned)i);
        struct kit_event event = {.id = id, .signers = {i % 3 == 0 ? 1 : 0}}; /* some take longer */
        inlet_kit_push(&bench, inlet_kit_event(&bench, i, &event));
    }
    inlet_stop(bench.inlet);
    struct job *job = sink_take(bench.sink);
    for (uint64_t i = 0; i < JOBS; i++) {
        assert_int_equal(job->number, i);
        assert_int_equal(job->receipts[0].seq, i + 1);
        job = inlet_kit_next(job);
    }
    assert_null(job);
    struct appender_counts counts = inlet_counts(bench.inlet);
    assert_int_equal(counts.events, JOBS);
    assert_int_equal(ledger_counted(bench.kit.ledger, ORIGIN_HTTP, CUSTODY_APPENDED), JOBS);
    assert_int_equal(counts.refused, 0);
    assert_in_range(counts.commits, 1, JOBS);
    assert_in_range(counts.batch_max, 1, JOBS);
    assert_int_equal(inlet_waiting(bench.inlet), 0);
    assert_false(inlet_clock_leapt(bench.inlet));
    inlet_kit_end(&bench);
}

static void test_inlet_push_stopped(void **state)
{
    (void)state;
    struct inlet_kit bench;
    inlet_kit_new(&bench);
    inlet_stop(bench.inlet);
    struct job *job = inlet_kit_job(&bench, 0);
    assert_ptr_equal(inlet_push(bench.inlet, job), job);
    job_free(job);
    inlet_kit_end(&bench);
}

/* Every job meets the ledger as if it came alone, after those before it. */
static void test_inlet_push_behind_acts(void **state)
{
    (void)state;
    enum { JOBS = 7 };
    static const enum err wanted[JOBS] = {
        ERR_UNAUTHENTICATED, ERR_OK, ERR_OK, ERR_OK, ERR_OK, ERR_UNAUTHENTICATED,
        ERR_UNAUTHENTICATED};
    struct inlet_kit bench;
    struct courier courier = {.origin = ORIGIN_HTTP};
    inlet_kit_new(&bench);
    assert_int_equal(admit_credential(INLET_TOKEN, &courier), ERR_OK);
    for (uint64_t i = 0; i < JOBS; i++) {
        char id[16];
        snprintf(id, sizeof(id), "e%u", (unsigned)i);
        struct kit_event event = {.id = id};
        struct job *job = i == 1   ? inlet_kit_token(&bench, i, "issued")
                          : i == 4 ? inlet_kit_token(&bench, i, "revoked")
                                   : inlet_kit_event(&bench, i, &event);
        if (i != 1 && i != 4)
            job->courier = courier;
        inlet_kit_push(&bench, job);
    }
    struct job *job = inlet_kit_take(&bench, JOBS);
    for (uint64_t i = 0; i < JOBS; i++) {
        assert_int_equal(job->number, i);
        assert_int_equal(job->err, wanted[i]);
        job = inlet_kit_next(job);
    }
    inlet_kit_end(&bench);
}

/* A commit that failed marks the directory: nothing can be written from then on. */
static void test_inlet_push_after_a_failed_commit(void **state)
{
    (void)state;
    struct inlet_kit bench;
    struct kit_event event = {.id = "one"};
    struct err_text why = {"it is too long"};
    char path[128];
    inlet_kit_new(&bench);
    snprintf(path, sizeof(path), "%s/commit-failed", bench.kit.path);
    FILE *marker = fopen(path, "w");
    assert_non_null(marker);
    fclose(marker);
    for (uint64_t i = 0; i < 2; i++) {
        inlet_kit_push(&bench, inlet_kit_event(&bench, i, &event));
        struct job *job = inlet_kit_take(&bench, 1);
        assert_int_equal(job->err, ERR_IO);
        assert_null(job->receipts);
        job_free(job);
        assert_int_equal(bench.fatal, ERR_IO);
    }
    struct job *refused = inlet_kit_job(&bench, 3);
    job_refuse(refused, ERR_TOO_BIG, &why);
    inlet_kit_push(&bench, refused);
    struct job *job = inlet_kit_take(&bench, 1);
    assert_int_equal(job->err, ERR_TOO_BIG);
    job_free(job);
    assert_int_equal(inlet_counts(bench.inlet).refused, 2);
    assert_int_equal(remove(path), 0);
    inlet_kit_end(&bench);
}

static void test_inlet_push_batches(void **state)
{
    (void)state;
    static const struct {
        const char *ids;
        enum err err;
        const char *why;
    } wanted[] = {{"abc", ERR_OK, NULL},
                  {"abb", ERR_OK, NULL},
                  {"", ERR_OK, NULL},
                  {"de!f", ERR_NOT_EVENT, "the event at 2 of the batch"},
                  {"xa", ERR_OK, NULL}};
    enum { JOBS = sizeof(wanted) / sizeof(wanted[0]) };
    struct inlet_kit bench;
    uint64_t size = 0;
    inlet_kit_new(&bench);
    for (uint64_t i = 0; i < JOBS; i++)
        inlet_kit_push(&bench, inlet_kit_batch(&bench, i, wanted[i].ids));
    struct job *job = inlet_kit_take(&bench, JOBS);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(job->err, wanted[i].err);
        if (wanted[i].err != ERR_OK)
            assert_non_null(strstr(job->why.s, wanted[i].why));
        else
            assert_int_equal(job->count, strlen(wanted[i].ids));
        if (i == 1)
            assert_int_equal(job->receipts[2].seq, 2);
        job = inlet_kit_next(job);
    }
    assert_int_equal(ledger_size(bench.kit.ledger, &size, NULL), ERR_OK);
    assert_int_equal(size, 5);
    assert_int_equal(inlet_waiting(bench.inlet), 0);
    inlet_kit_end(&bench);
}

static void test_inlet_push_batch_that_conflicts(void **state)
{
    (void)state;
    struct inlet_kit bench;
    struct kit_event other = {.id = "b", .deployment = "d", .data = "[]"};
    inlet_kit_new(&bench);
    inlet_kit_push(&bench, inlet_kit_event(&bench, 0, &other));
    inlet_kit_push(&bench, inlet_kit_batch(&bench, 1, "abc"));
    inlet_kit_push(&bench, inlet_kit_batch(&bench, 2, "ac"));
    struct job *job = inlet_kit_next(inlet_kit_take(&bench, 3));
    assert_int_equal(job->err, ERR_CONFLICT);
    assert_non_null(strstr(job->why.s, "the event at 1 of the batch: another event"));
    job = inlet_kit_next(job);
    assert_int_equal(job->err, ERR_OK);
    assert_false(job->receipts[0].duplicate);
    job_free(job);
    inlet_kit_end(&bench);
}

static void test_inlet_push_batch_by_whom(void **state)
{
    (void)state;
    struct inlet_kit bench;
    inlet_kit_new(&bench);
    struct job *nobody = inlet_kit_batch(&bench, 0, ""), *reader = inlet_kit_batch(&bench, 1, "");
    nobody->courier = (struct courier){.origin = ORIGIN_HTTP};
    reader->courier.scopes = SCOPE_READ;
    inlet_kit_push(&bench, nobody);
    inlet_kit_push(&bench, reader);
    struct job *job = inlet_kit_take(&bench, 2);
    assert_int_equal(job->err, ERR_UNAUTHENTICATED);
    job = inlet_kit_next(job);
    assert_int_equal(job->err, ERR_FORBIDDEN);
    job_free(job);
    inlet_kit_end(&bench);
}

/* A change of the ledger's keys has a commit of its own: it cannot be joined to others. */
static void test_inlet_push_batch_with_new_keys(void **state)
{
    (void)state;
    struct inlet_kit bench;
    struct kit_event event = {.id = "k", .type = "dev.countersign.ledger.rekeyed.v1"};
    inlet_kit_new(&bench);
    struct job *job = inlet_kit_job(&bench, 0);
    job->media = BATCH_MEDIA_TYPE;
    buf_text(&job->message, "[");
    kit_event_text(&bench.kit, &event, &job->message);
    buf_text(&job->message, "]");
    inlet_kit_push(&bench, job);
    job = inlet_kit_take(&bench, 1);
    assert_int_equal(job->err, ERR_NOT_EVENT);
    job_free(job);
    inlet_kit_end(&bench);
}

static void note_finished(struct job *job)
{
    buf_text(&job->reply, job->err == ERR_OK ? "good" : err_name(job->err));
}

static void test_inlet_push_to_be_finished(void **state)
{
    (void)state;
    struct inlet_kit bench;
    inlet_kit_new(&bench);
    for (uint64_t i = 0; i < 4; i++) {
        struct job *job = inlet_kit_batch(&bench, i, i % 2 == 0 ? "a" : "!");
        job->finish = note_finished;
        inlet_kit_push(&bench, job);
    }
    inlet_stop(bench.inlet); /* which finishes all */
    struct job *job = sink_take(bench.sink);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal((const char *)job->reply.data,
                            job->number % 2 == 0 ? "good" : "NOT_EVENT");
        job = inlet_kit_next(job);
    }
    assert_null(job);
    inlet_kit_end(&bench);
}

/* Whether the bell was rung; it is silent then. */
static bool rung(int bell)
{
    struct pollfd fd = {.fd = bell, .events = POLLIN};
    bool was = poll(&fd, 1, 0) == 1;
    bell_hush(bell);
    return was;
}

static void test_inlet_watch_rings_for_commits(void **state)
{
    (void)state;
    struct inlet_kit bench;
    int bell = -1;
    struct kit_event one = {.id = "one"}, two = {.id = "two"}, three = {.id = "three"};
    inlet_kit_new(&bench);
    assert_int_equal(bell_new(&bell, NULL), ERR_OK);
    inlet_kit_push(&bench, inlet_kit_event(&bench, 0, &one));
    assert_null(inlet_kit_next(inlet_kit_take(&bench, 1)));
    assert_false(rung(bell));
    inlet_watch(bench.inlet, bell);
    inlet_kit_push(&bench, inlet_kit_event(&bench, 1, &two));
    assert_null(inlet_kit_next(inlet_kit_take(&bench, 1)));
    assert_true(rung(bell));                          /* before the job came back */
    inlet_kit_push(&bench, inlet_kit_job(&bench, 2)); /* refused: there is no commit */
    assert_null(inlet_kit_next(inlet_kit_take(&bench, 1)));
    assert_false(rung(bell));
    inlet_watch(bench.inlet, -1);
    inlet_kit_push(&bench, inlet_kit_event(&bench, 3, &three));
    assert_null(inlet_kit_next(inlet_kit_take(&bench, 1)));
    assert_false(rung(bell));
    close(bell);
    inlet_kit_end(&bench);
}

/* A day after entry 0, at the start already; and not where nothing has come since. */
static void test_inlet_start_says_the_heads_of_a_new_day(void **state)
{
    (void)state;
    struct kit kit;
    size_t count = 0;
    kit_dir(&kit);
    assert_int_equal(kit_create(&kit, "test.example/real"), ERR_OK);
    kit_open(&kit, true);
    kit_fill(&kit, 5);
    const struct inlet_config config = {.ledger = kit.ledger};
    for (unsigned i = 0; i < 2; i++) {
        struct inlet *inlet = NULL;
        assert_int_equal(inlet_start(&config, &inlet, NULL), ERR_OK);
        inlet_stop(inlet);
        assert_int_equal(inlet_counts(inlet).commits, 1 - i);
        inlet_free(inlet);
        const struct registry_heads *said = registry_heads(ledger_registry(kit.ledger), &count);
        assert_int_equal(count, 1);
        assert_int_equal(said[0].size, 5);
    }
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inlet_push_comes_back_after_commit),
        cmocka_unit_test(test_inlet_push_duplicate_conflict_and_bad),
        cmocka_unit_test(test_inlet_push_many_in_order),
        cmocka_unit_test(test_inlet_push_stopped),
        cmocka_unit_test(test_inlet_push_behind_acts),
        cmocka_unit_test(test_inlet_push_after_a_failed_commit),
        cmocka_unit_test(test_inlet_push_batches),
        cmocka_unit_test(test_inlet_push_batch_that_conflicts),
        cmocka_unit_test(test_inlet_push_batch_by_whom),
        cmocka_unit_test(test_inlet_push_batch_with_new_keys),
        cmocka_unit_test(test_inlet_push_to_be_finished),
        cmocka_unit_test(test_inlet_watch_rings_for_commits),
        cmocka_unit_test(test_inlet_start_says_the_heads_of_a_new_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
