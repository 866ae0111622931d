#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/number.h"
#include "reports/scale.h"

static void expect_scale(double most, double step, size_t steps, unsigned places)
{
    double values[] = {most / 2, NAN, most, -1};
    const struct chart chart = {.label_count = 2, .series_count = 2, .values = values};
    struct scale scale = scale_of(&chart);
    assert_true(scale.step == step);
    assert_int_equal(scale.steps, steps);
    assert_true(scale.top == (double)steps * step);
    assert_int_equal(scale.places, places);
}

static void test_scale_of_takes_round_steps(void **state)
{
    (void)state;
    expect_scale(6, 1, 6, 0);
    expect_scale(7, 2, 4, 0);
    expect_scale(100, 20, 5, 0);
    expect_scale(0.6, 0.1, 6, 1);
    expect_scale(0.13, 0.05, 3, 2);
    expect_scale(2500, 500, 5, 0);
    expect_scale(0.00001, 1e-4, 1, 4);
    expect_scale(1e15, 5e9, 12, 0);
    expect_scale(0, 0.2, 5, 1);
}

static void test_scale_of_sets_counts_apart_by_whole_steps(void **state)
{
    (void)state;
    double values[] = {1, 2};
    const struct chart chart = {
        .label_count = 2, .series_count = 1, .values = values, .whole = true};
    struct scale scale = scale_of(&chart);
    assert_true(scale.step == 1);
    assert_int_equal(scale.steps, 2);
    assert_int_equal(scale.places, 0);
    values[0] = values[1] = 0;
    assert_true(scale_of(&chart).step == 1);
}

static void test_scale_of_adds_up_what_is_stacked(void **state)
{
    (void)state;
    double values[] = {3, 1, 2, NAN};
    struct chart chart = {
        .kind = CHART_STACKED, .label_count = 2, .series_count = 2, .values = values};
    assert_int_equal(scale_of(&chart).steps, 5);
    chart.kind = CHART_BARS;
    assert_true(scale_of(&chart).top == 3);
    chart.label_count = chart.series_count = 0;
    assert_true(scale_of(&chart).top == 1);
}

static void expect_decimal(double value, unsigned places, const char *expected)
{
    struct buf buf = {0};
    buf_text(&buf, "|");
    number_add(&buf, value, places);
    assert_string_equal((char *)buf.data + 1, expected);
    buf_free(&buf);
}

static void test_number_add_rounds_and_pads(void **state)
{
    (void)state;
    expect_decimal(0.5, 2, "0.50");
    expect_decimal(-3, 0, "-3");
    expect_decimal(2.5, 0, "3");
    expect_decimal(-0.125, 2, "-0.13");
    expect_decimal(0.04, 1, "0.0");
    expect_decimal(-0.04, 1, "0.0");
    expect_decimal(12.000001, 6, "12.000001");
    expect_decimal(999999999999.0, 3, "999999999999.000");
    expect_decimal(1e12, 0, "");
    expect_decimal(NAN, 1, "");
    expect_decimal(INFINITY, 1, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scale_of_takes_round_steps),
        cmocka_unit_test(test_scale_of_sets_counts_apart_by_whole_steps),
        cmocka_unit_test(test_scale_of_adds_up_what_is_stacked),
        cmocka_unit_test(test_number_add_rounds_and_pads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
