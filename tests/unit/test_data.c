#include "replay/data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_data_number_that_is_one(void **state)
{
    static const struct {
        const char *text;
        double number;
    } good[] = {{"0", 0},  {"-1", -1},    {"+2", 2},     {" 0.5\t", 0.5}, {".5", 0.5},
                {"5.", 5}, {"1e3", 1000}, {"1E-1", 0.1}, {"007", 7},      {"1.25e+2", 125}};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        double number = -99;
        if (!data_number(good[i].text, &number))
            fail_msg("'%s' is a number", good[i].text);
        assert_true(number >= good[i].number - 1e-9 && number <= good[i].number + 1e-9);
    }
}

static void test_data_number_that_is_none(void **state)
{
    static const char *const bad[] = {"",    " ",   ".",     "-",  "1 2",   "1e",  "e5",   "0x10",
                                      "nan", "inf", "1,000", "5%", "1e999", "--1", "1.2.3"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        double number;
        if (data_number(bad[i], &number))
            fail_msg("'%s' is no number", bad[i]);
    }
}

static void test_data_unit_same_and_blank(void **state)
{
    (void)state;
    assert_true(data_unit_same("ms", " MS "));
    assert_true(data_unit_same("", "  "));
    assert_false(data_unit_same("ms", "m"));
    assert_false(data_unit_same("%", ""));
    assert_true(data_blank(NULL));
    assert_true(data_blank(" \n\t"));
    assert_false(data_blank(" x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_number_that_is_one),
        cmocka_unit_test(test_data_number_that_is_none),
        cmocka_unit_test(test_data_unit_same_and_blank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
