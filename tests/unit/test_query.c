#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/query.h"

static const char *const names[] = {"after", "deployment", "type", "a b", NULL};

static enum err parse(const char *text, struct query *ret)
{
    struct err_text why = {""};
    enum err err = query_parse(text, names, ret, &why);
    assert_int_equal(err == ERR_OK, why.s[0] == '\0');
    return err;
}

static void test_query_parse_good(void **state)
{
    (void)state;
    struct query query = {0};
    assert_int_equal(parse("after=12&deployment=web-42&type=a%2Eb%2b+c", &query), ERR_OK);
    assert_int_equal(query.count, 3);
    assert_string_equal(query_text(&query, "after"), "12");
    assert_string_equal(query_text(&query, "deployment"), "web-42");
    assert_string_equal(query_text(&query, "type"), "a.b+ c");
    assert_null(query_text(&query, "limit"));
    query_free(&query);
    assert_int_equal(parse("a+b=%C3%A9=&&type", &query), ERR_OK);
    assert_string_equal(query_text(&query, "a b"), "\xC3\xA9=");
    assert_string_equal(query_text(&query, "type"), "");
    query_free(&query);
}

static void test_query_parse_nothing(void **state)
{
    (void)state;
    struct query query = {0};
    assert_int_equal(parse(NULL, &query), ERR_OK);
    assert_int_equal(parse("", &query), ERR_OK);
    assert_int_equal(parse("&&", &query), ERR_OK);
    assert_int_equal(query.count, 0);
}

static void test_query_parse_invalid(void **state)
{
    (void)state;
    static const char *const bad[] = {"other=1",         "=1",
                                      "after=1&after=2", "type=%",
                                      "type=%4",         "type=%4g",
                                      "type=a%00b",      "type=%ff",
                                      "type=%C3",        "%61fter=1&after=1",
                                      "type=%ED%A0%80",  "typ%65=1&type=2"};
    struct query query = {0};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(parse(bad[i], &query), ERR_INVALID);
    assert_int_equal(query.count, 0);
}

static void test_query_parse_too_big(void **state)
{
    (void)state;
    static const char *const many[] = {"p0", "p1",  "p2",  "p3",  "p4",  "p5",  "p6",  "p7",  "p8",
                                       "p9", "p10", "p11", "p12", "p13", "p14", "p15", "p16", NULL};
    struct buf text = {0};
    struct query query = {0};
    for (int i = 0; i < QUERY_PARAMETERS_MAX; i++)
        buf_printf(&text, "&p%d", i);
    assert_int_equal(query_parse((const char *)text.data, many, &query, NULL), ERR_OK);
    query_free(&query);
    buf_text(&text, "&p16");
    assert_int_equal(query_parse((const char *)text.data, many, &query, NULL), ERR_TOO_BIG);
    buf_free(&text);
}

static void test_query_number_bounds(void **state)
{
    (void)state;
    struct query query = {0};
    struct err_text why = {""};
    uint64_t value = 77;
    assert_int_equal(parse("after=1000&type=1001&deployment=-1", &query), ERR_OK);
    assert_int_equal(query_number(&query, "after", 1000, &value, &why), ERR_OK);
    assert_int_equal(value, 1000);
    assert_int_equal(query_number(&query, "type", 1000, &value, &why), ERR_INVALID);
    assert_int_equal(query_number(&query, "deployment", 1000, &value, &why), ERR_INVALID);
    assert_int_equal(query_number(&query, "a b", 1000, &value, &why), ERR_OK);
    assert_int_equal(value, 1000);
    query_free(&query);
}

static void test_query_decimal_edges(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "+1", " 1", "1 ", "0x1", "1e3", "18446744073709551616", "99999999999999999999999"};
    uint64_t value = 5;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(query_decimal(bad[i], UINT64_MAX, &value));
    assert_int_equal(value, 5);
    assert_true(query_decimal("18446744073709551615", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_true(query_decimal("007", 7, &value));
    assert_false(query_decimal("8", 7, &value));
    assert_false(query_decimal("1", 0, &value));
    assert_true(query_decimal("0", 0, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query_parse_good),    cmocka_unit_test(test_query_parse_nothing),
        cmocka_unit_test(test_query_parse_invalid), cmocka_unit_test(test_query_parse_too_big),
        cmocka_unit_test(test_query_number_bounds), cmocka_unit_test(test_query_decimal_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
