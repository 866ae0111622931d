/* How long a stream must be kept: the pure parts. */
#include "tests/unit/registry_kit.h"

#include "reports/retention.h"

#define START_US (1767225600LL * INSTANT_SECOND_US) /* 2026-01-01T00:00:00Z */

static struct retention judge(const struct fold *fold, const struct retention_stream *stream,
                              int64_t at_us)
{
    const struct retention_at at = {fold->registry, fold->seq, at_us};
    struct retention retention;
    retention_of(&at, stream, &retention);
    return retention;
}

static void test_retention_of_to_the_microsecond(void **state)
{
    struct fold *fold = *state;
    const struct retention_stream stream = {
        .id = "d-1", .opened_seq = SEQ_NONE, .last_us = START_US};
    int64_t until_us = START_US + 365 * INSTANT_DAY_US;
    struct retention kept = judge(fold, &stream, until_us - 1);
    assert_int_equal(kept.state, RETENTION_KEPT);
    assert_true(kept.until_us == until_us && kept.days == 365);
    assert_string_equal(kept.class_name, "default");
    assert_null(kept.hold);
    assert_int_equal(judge(fold, &stream, until_us).state, RETENTION_DUE);
}

/* The policy at the opening, and the one now: the longer. */
static void test_retention_of_the_longer_policy(void **state)
{
    struct fold *fold = *state;
    struct retention_stream stream = {
        .id = "d-1", .environment = "Production", .opened_seq = SEQ_NONE, .last_us = START_US};
    uint64_t before = fold->seq;
    accepted(fold, &admin, "policy.set", "{\"retention\":{\"production\":730}}");
    uint64_t long_seq = fold->seq - 1;
    uint64_t during = fold->seq;
    accepted(fold, &admin, "policy.set", "{\"retention\":{\"production\":400,\"default\":500}}");
    stream.opened_seq = during;
    struct retention retention = judge(fold, &stream, START_US);
    assert_true(retention.days == 730 && retention.policy_seq == long_seq);
    assert_string_equal(retention.class_name, "production");
    stream.opened_seq = before;
    assert_int_equal(judge(fold, &stream, START_US).days, 400);
    stream.opened_seq = SEQ_NONE;
    assert_int_equal(judge(fold, &stream, START_US).days, 400);
    stream.environment = NULL;
    retention = judge(fold, &stream, START_US);
    assert_int_equal(retention.days, 500);
    assert_string_equal(retention.class_name, "default");
    /* As of a size, what is said behind it does not count. */
    const struct retention_at at = {fold->registry, during, START_US};
    retention_of(&at, &stream, &retention);
    assert_int_equal(retention.days, 365);
}

static void test_retention_of_what_is_held(void **state)
{
    struct fold *fold = *state;
    const struct retention_stream stream = {
        .id = "d-1", .opened_seq = SEQ_NONE, .last_us = START_US};
    int64_t due_us = START_US + 365 * INSTANT_DAY_US;
    accepted(fold, &admin, "hold.placed", "{\"deployment\":\"d-1\",\"reason\":\"a\"}");
    accepted(fold, &admin, "hold.placed", "{\"deployment\":\"d-1\",\"reason\":\"b\"}");
    struct retention retention = judge(fold, &stream, due_us);
    assert_int_equal(retention.state, RETENTION_HELD);
    assert_string_equal(retention.hold->reason, "a");
    assert_int_equal(retention.hold_count, 2);
    assert_int_equal(judge(fold, &stream, START_US).state, RETENTION_HELD);
    const struct retention_at at = {fold->registry, fold->seq - 2, due_us};
    retention_of(&at, &stream, &retention);
    assert_int_equal(retention.state, RETENTION_DUE);
}

/* There is no moment behind the year 9999. */
static void test_retention_of_the_last_days(void **state)
{
    struct fold *fold = *state;
    int64_t end_us = instant_from_date(10000, 1, 1) - 1;
    struct retention_stream stream = {.id = "d-1", .opened_seq = SEQ_NONE, .last_us = end_us};
    assert_true(judge(fold, &stream, end_us).until_us == end_us);
    stream.last_us = end_us - 365 * INSTANT_DAY_US;
    assert_true(judge(fold, &stream, START_US).until_us == end_us);
    stream.last_us--;
    assert_true(judge(fold, &stream, START_US).until_us == end_us - 1);
}

static void test_retention_ledger_as_long_as_the_longest(void **state)
{
    (void)state;
    struct retention_ledger ledger;
    struct retention one = {.state = RETENTION_DUE, .until_us = START_US};
    int64_t own_us = START_US + 365 * INSTANT_DAY_US;
    retention_ledger_begin(START_US, &ledger);
    retention_ledger_add(&ledger, "d-1", &one);
    retention_ledger_end(&ledger, own_us - 1);
    assert_true(ledger.state == RETENTION_KEPT && ledger.until_us == own_us);
    assert_string_equal(ledger.longest, "");
    retention_ledger_end(&ledger, own_us);
    assert_int_equal(ledger.state, RETENTION_DUE);
    one.until_us = own_us + 1;
    retention_ledger_add(&ledger, "d-2", &one);
    retention_ledger_end(&ledger, own_us);
    assert_true(ledger.state == RETENTION_KEPT && ledger.until_us == own_us + 1);
    assert_string_equal(ledger.longest, "d-2");
    one.state = RETENTION_HELD;
    retention_ledger_add(&ledger, "d-3", &one);
    retention_ledger_end(&ledger, INT64_MAX);
    assert_true(ledger.state == RETENTION_HELD && ledger.held == 1);
}

static void test_retention_ledger_move_adds(void **state)
{
    (void)state;
    struct retention_ledger ledger, some = {.held = 0}, others = {.held = 0};
    struct retention one = {.state = RETENTION_HELD, .until_us = INT64_MAX - 1};
    retention_ledger_begin(START_US, &ledger);
    retention_ledger_add(&some, "d-1", &one);
    one.until_us--;
    retention_ledger_add(&others, "d-2", &one);
    retention_ledger_move(&some, &ledger);
    retention_ledger_move(&others, &ledger);
    assert_true(ledger.until_us == INT64_MAX - 1 && ledger.held == 2);
    assert_string_equal(ledger.longest, "d-1");
    assert_true(some.until_us == 0 && some.held == 0 && some.longest[0] == '\0');
}

static void test_retention_state_name(void **state)
{
    (void)state;
    assert_string_equal(retention_state_name(RETENTION_KEPT), "kept");
    assert_string_equal(retention_state_name(RETENTION_HELD), "held");
    assert_string_equal(retention_state_name(RETENTION_DUE), "due");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_retention_of_to_the_microsecond),
        TEST(test_retention_of_the_longer_policy),
        TEST(test_retention_of_what_is_held),
        TEST(test_retention_of_the_last_days),
        TEST(test_retention_ledger_as_long_as_the_longest),
        TEST(test_retention_ledger_move_adds),
        TEST(test_retention_state_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
