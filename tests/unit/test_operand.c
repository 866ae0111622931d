#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "replay/operand.h"

static void test_operand_value_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool number;
    } cases[] = {{"187", true},     {"-5", true},    {"0.05", true},  {"1e3", true},
                 {"187 ms", false}, {"true", false}, {"null", false}, {"\"5\"", false},
                 {"05", false},     {"", false},     {"PASS", false}, {"{}", false},
                 {"0x10", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *json = operand_value(cases[i].text);
        assert_int_equal(json_is_number(json), cases[i].number);
        if (!cases[i].number)
            assert_string_equal(json_string_value(json), cases[i].text);
        json_decref(json);
    }
}

static void test_operand_number_bounds(void **state)
{
    (void)state;
    long number = -1;
    assert_true(operand_number("0", 0, &number));
    assert_int_equal(number, 0);
    assert_true(operand_number("1000000000", 1, &number));
    assert_false(operand_number("0", 1, &number));
    assert_false(operand_number("1000000001", 1, &number));
    assert_false(operand_number("99999999999999999999", 1, &number));
    assert_false(operand_number("-1", 0, &number));
    assert_false(operand_number("1x", 0, &number));
    assert_false(operand_number("", 0, &number));
}

static void test_operand_time_malformed(void **state)
{
    (void)state;
    struct err_text why = {""};
    assert_int_equal(operand_time("2026-03-03T10:00:00Z", &why), ERR_OK);
    assert_int_equal(operand_time("2026-03-03", &why), ERR_USAGE);
    assert_int_equal(operand_time("now", &why), ERR_USAGE);
}

static void test_operand_span_forms(void **state)
{
    (void)state;
    struct err_text why = {""};
    json_t *json = NULL;
    assert_int_equal(operand_span("2026-03-03T10:00:00Z", &json, &why), ERR_USAGE);
    assert_int_equal(operand_span("2026-03-03T10:00:00Z/later", &json, &why), ERR_USAGE);
    assert_null(json);
    assert_int_equal(operand_span("2026-03-03T10:00:00Z/2026-03-03T14:00:00Z", &json, &why),
                     ERR_OK);
    assert_string_equal(ijson_string(json, "from"), "2026-03-03T10:00:00Z");
    assert_string_equal(ijson_string(json, "to"), "2026-03-03T14:00:00Z");
    json_decref(json);
}

static void test_operand_pair_last_equals(void **state)
{
    (void)state;
    char *left = NULL;
    char *right = NULL;
    assert_true(operand_pair("https://x/?a=b=c", &left, &right));
    assert_string_equal(left, "https://x/?a=b");
    assert_string_equal(right, "c");
    free(left);
    free(right);
    assert_false(operand_pair("none", &left, &right));
    assert_false(operand_pair("=x", &left, &right));
    assert_false(operand_pair("x=", &left, &right));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operand_value_kinds),
        cmocka_unit_test(test_operand_number_bounds),
        cmocka_unit_test(test_operand_time_malformed),
        cmocka_unit_test(test_operand_span_forms),
        cmocka_unit_test(test_operand_pair_last_equals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
