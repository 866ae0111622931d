#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/instant.h"

/* Every day of 1970 to 2400, counted one by one with the calendar's own rules. */
static void test_instant_every_day(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t us = 0;
    for (int year = 1970; year <= 2400; year++) {
        for (int month = 1; month <= 12; month++) {
            int leap = month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);
            for (int day = 1; day <= lengths[month - 1] + leap; day++, us += INSTANT_DAY_US) {
                char text[INSTANT_TEXT_BYTES], expected[64];
                int64_t back = -1;
                int64_t within = us / 7919 % INSTANT_DAY_US;
                assert_true(instant_from_date(year, month, day) == us);
                instant_format(us, text);
                snprintf(expected, sizeof(expected), "%04d-%02d-%02dT00:00:00.000000Z", year, month,
                         day);
                assert_string_equal(text, expected);
                instant_format(us + within, text);
                assert_true(instant_parse(text, &back));
                assert_true(back == us + within);
            }
        }
    }
}

static void test_instant_format_ends(void **state)
{
    (void)state;
    char text[INSTANT_TEXT_BYTES];
    instant_format(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
    instant_format(instant_from_date(10000, 1, 1) - 1, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
    instant_short(1772359205000001LL, text);
    assert_string_equal(text, "2026-03-01 10:00:05");
}

static void test_instant_parse_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00.000001z", 1},
        {"1970-01-01T00:00:00.1Z", 100000},
        {"1970-01-01T00:00:00.123456789Z", 123456},
        {"1970-01-01T01:00:00+01:00", 0},
        {"1969-12-31T23:00:00-01:00", 0},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1970-01-01T00:00:00-00:30", 30 * INSTANT_MINUTE_US},
        {"2026-03-01T10:00:00+00:00", 1772359200000000LL},
        {"2016-12-31T23:59:60Z", 1483228800000000LL},
        {"2024-02-29T00:00:00Z", 1709164800000000LL},
        {"9999-12-31T23:59:59.999999Z", 253402300799999999LL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t us = -1;
        assert_true(instant_parse(cases[i].text, &us));
        assert_true(us == cases[i].us);
    }
}

static void test_instant_parse_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "2026",
        "2026-03-01",
        "2026-03-01T10:00Z",
        "2026-03-01T10:00:00",
        "2026-03-01 10:00:00Z",
        "2026-03-01T10:00:00 Z",
        "2026-03-01T10:00:00Z ",
        " 2026-03-01T10:00:00Z",
        "2026-03-01T10:00:00.Z",
        "2026-03-01T10:00:00,5Z",
        "2026-03-01T10:00:00.1234567890Z",
        "2026-03-01T10:00:00+0100",
        "2026-03-01T10:00:00+01",
        "2026-03-01T10:00:00+24:00",
        "2026-03-01T10:00:00+01:60",
        "2026-00-01T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "2026-03-00T10:00:00Z",
        "2026-02-29T10:00:00Z",
        "2100-02-29T10:00:00Z",
        "2026-04-31T10:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T10:60:00Z",
        "2026-03-01T10:00:61Z",
        "26-03-01T10:00:00Z",
        "+026-03-01T10:00:00Z",
        "2026-3-01T10:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:60Z",
        "9999-12-31T23:59:59-00:01",
        "0000-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t us = -1;
        assert_false(instant_parse(texts[i], &us));
        assert_true(us == -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instant_every_day),
        cmocka_unit_test(test_instant_format_ends),
        cmocka_unit_test(test_instant_parse_forms),
        cmocka_unit_test(test_instant_parse_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
