#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/histogram.h"

static void test_histogram_print_sums_up_to_each_bound(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    struct buf text = {0};
    histogram_note(&histogram, -5, 1);
    histogram_note(&histogram, 100, 1);
    histogram_note(&histogram, 101, 2);
    histogram_note(&histogram, 2500001, 1);
    histogram_head("x_seconds", "Some.", &text);
    histogram_print(&histogram, "x_seconds", "way=\"http\"", &text);
    const char *s = (const char *)text.data;
    assert_non_null(strstr(s, "# TYPE countersign_x_seconds histogram\n"));
    assert_non_null(strstr(s, "countersign_x_seconds_bucket{way=\"http\",le=\"0.0001\"} 2\n"));
    assert_non_null(strstr(s, "countersign_x_seconds_bucket{way=\"http\",le=\"0.00025\"} 4\n"));
    assert_non_null(strstr(s, "countersign_x_seconds_bucket{way=\"http\",le=\"2.5\"} 4\n"));
    assert_non_null(strstr(s, "countersign_x_seconds_bucket{way=\"http\",le=\"+Inf\"} 5\n"));
    assert_non_null(strstr(s, "countersign_x_seconds_sum{way=\"http\"} 2.500303\n"));
    assert_non_null(strstr(s, "countersign_x_seconds_count{way=\"http\"} 5\n"));
    buf_clear(&text);
    histogram_print(&histogram, "x_seconds", NULL, &text);
    assert_non_null(strstr((const char *)text.data, "countersign_x_seconds_bucket{le=\"1\"} 4\n"));
    assert_non_null(strstr((const char *)text.data, "\ncountersign_x_seconds_count 5\n"));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histogram_print_sums_up_to_each_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
