#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "replay/threshold.h"

/* The threshold as "metric|op|value|unit", "" for none. */
static void expect(const char *line, const char *expected)
{
    char text[128] = "";
    struct threshold *threshold = threshold_parse(span_of(line));
    if (threshold != NULL) {
        snprintf(text, sizeof(text), "%s|%s|%s|%s", threshold->metric,
                 threshold_op_text(threshold->op), threshold->value_text, threshold->unit);
    }
    assert_string_equal(text, expected);
    threshold_free(threshold);
}

static void test_threshold_parse_comparisons(void **state)
{
    (void)state;
    expect("Monitor error rate (must remain < 0.1%)", "monitor error rate must remain|<|0.1|%");
    expect("Response (must remain < 200ms p95)", "response must remain|<|200|ms");
    expect("TLS certificates valid for > 30 days", "tls certificates valid for|>|30|days");
    expect("Image size (< 500MB)", "image size|<|500|MB");
    expect("Replicas >= 3", "replicas|>=|3|");
    expect("Lag \u2264 1,000 ms", "lag|<=|1,000|ms");
    expect("Free space \u2265 20 %.", "free space|>=|20|%");
    expect("P95<200 ms, errors < 1%", "p95|<|200|ms");
    expect("`a < 5` holds, and b < 6", "a 5 holds and b|<|6|");
}

static void test_threshold_parse_equalities(void **state)
{
    (void)state;
    expect("Scan passed (0 critical)", "scan passed|=|0|critical");
    expect("0 open incidents", "|=|0|open");
    expect("Unit tests passing (100%)", "unit tests passing|=|100|%");
    expect("End-to-end tests ( 100 % )", "end to end tests|=|100|%");
}

static void test_threshold_parse_other_scripts(void **state)
{
    (void)state;
    expect("Fehlerrate < 0,1 %", "fehlerrate|<|0,1|%");
    expect("Latence < 200\u00a0ms", "latence|<|200|ms");
    expect("\u9519\u8bef\u7387\uff1c0.5%\uff09", "\u9519\u8bef\u7387|<|0.5|%");
    struct threshold *threshold = threshold_parse(span_of("a < 1,234,567.5 b"));
    assert_true(threshold->value > 1234567.4 && threshold->value < 1234567.6);
    threshold_free(threshold);
    threshold = threshold_parse(span_of("a < 0,125 b"));
    assert_true(threshold->value > 0.124 && threshold->value < 0.126);
    threshold_free(threshold);
}

static void test_threshold_doubt_by_text(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum threshold_doubt doubt;
    } lines[] = {{"a < 5", THRESHOLD_SURE},
                 {"open Settings > Network", THRESHOLD_SURE},
                 {"a <b>c</b> <https://d>", THRESHOLD_SURE},
                 {"`a < b` < 5", THRESHOLD_SURE},
                 {"a -> b", THRESHOLD_SURE},
                 {"", THRESHOLD_SURE},
                 {"a < b", THRESHOLD_NUMBERLESS},
                 {"a > baseline", THRESHOLD_NUMBERLESS},
                 {"a >= $MIN", THRESHOLD_NUMBERLESS},
                 {"a < 5 and b < c", THRESHOLD_NUMBERLESS},
                 {"a < 5 and b > 6", THRESHOLD_SECOND},
                 {"await a < 5", THRESHOLD_SURE},
                 {"TTL < 5", THRESHOLD_WAITS},
                 {"takes no more than 5 s", THRESHOLD_WORDED},
                 {"under load", THRESHOLD_SURE},
                 {"is acceptable", THRESHOLD_VAGUE},
                 {"within SLA", THRESHOLD_VAGUE}};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (threshold_doubt(span_of(lines[i].line)) != lines[i].doubt)
            fail_msg("%s", lines[i].line);
    }
}

static void test_threshold_parse_none(void **state)
{
    (void)state;
    expect("", "");
    expect("Wait for propagation (30 seconds)", "");
    expect("Wait until the queue is < 5", "");
    expect("DNS TTL < 60 seconds", "");
    expect("DNS TTL reduced to 60 seconds", "");
    expect("Green: 100% traffic, Blue: 0% traffic", "");
    expect("Blue: 100, Green: 0", "");
    expect("Shift (Green: 100%, Blue: 0%)", "");
    expect("Health check responds (HTTP 200)", "");
    expect("Weights go 100/0 -> 50/50 => 0/100", "");
    expect("Downtime: 0 minutes", "");
    expect("T-0 reached, v2.0 tagged, 10 replicas", "");
    expect("Load < 1111111111111111", "");
    expect("a < b", "");
}

static void test_threshold_parse_values(void **state)
{
    (void)state;
    struct threshold *threshold = threshold_parse(span_of("Users < 12,500.5 heads"));
    assert_non_null(threshold);
    assert_true(threshold->value > 12500.49 && threshold->value < 12500.51);
    assert_int_equal(threshold->op, OP_LESS);
    threshold_free(threshold);
    threshold_free(NULL);
}

static void test_threshold_measured_by_words(void **state)
{
    (void)state;
    struct span line = span_of("Monitor response time (must remain < 200ms p95)");
    struct threshold *threshold = threshold_parse(line);
    assert_true(threshold_measured(threshold, line, "Response Time P95", "ms"));
    assert_true(threshold_measured(threshold, line, "response_time", "MS"));
    assert_true(threshold_measured(threshold, line, "Response time at 50%", "ms"));
    assert_true(threshold_measured(threshold, line, "at 5.5 % Time", "ms"));
    assert_false(threshold_measured(threshold, line, "Response Time P99", "ms"));
    assert_false(threshold_measured(threshold, line, "Response time at load", "ms"));
    assert_false(threshold_measured(threshold, line, "Response Time", "s"));
    assert_false(threshold_measured(threshold, line, "Response Time", NULL));
    assert_false(threshold_measured(threshold, line, "at 50%", "ms"));
    assert_false(threshold_measured(threshold, line, "", "ms"));
    threshold_free(threshold);
}

static void test_threshold_signature_covers(void **state)
{
    (void)state;
    uint64_t line = threshold_signature(span_of("Monitor ERROR rate at noon (< 0.1%)"), false);
    assert_int_equal(threshold_signature(span_of("Error Rate at 50%"), true) & ~line, 0);
    assert_int_equal(threshold_signature(span_of("error at"), true) & ~line, 0);
    assert_int_equal(threshold_signature(span_of("at 50%"), true), 0);
    assert_int_not_equal(threshold_signature(span_of("error"), true),
                         threshold_signature(span_of("latency"), true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threshold_parse_comparisons),
        cmocka_unit_test(test_threshold_parse_equalities),
        cmocka_unit_test(test_threshold_parse_other_scripts),
        cmocka_unit_test(test_threshold_doubt_by_text),
        cmocka_unit_test(test_threshold_parse_none),
        cmocka_unit_test(test_threshold_parse_values),
        cmocka_unit_test(test_threshold_measured_by_words),
        cmocka_unit_test(test_threshold_signature_covers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
