#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/media.h"

#define TYPE "application/cloudevents+json"
#define BYTES "application/octet-stream"

static void test_media_is_good(void **state)
{
    (void)state;
    static const char *const good[] = {TYPE,
                                       "Application/CloudEvents+JSON",
                                       TYPE "; charset=utf-8",
                                       TYPE ";charset=UTF-8",
                                       TYPE " ; charset=\"utf-8\" ; x=y",
                                       "  " TYPE "\t;"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(media_is(good[i], TYPE));
}

static void test_media_is_other(void **state)
{
    (void)state;
    static const char *const other[] = {
        "",         "application/json",      "application/cloudevents-batch+json",
        TYPE "x",   TYPE "; charset=latin1", TYPE "; charset=utf-8; charset=utf-16",
        ("x;" TYPE)};
    assert_false(media_is(NULL, TYPE));
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        assert_false(media_is(other[i], TYPE));
}

static void test_media_begins_type(void **state)
{
    (void)state;
    assert_true(media_begins(TYPE, "application/cloudevents"));
    assert_true(
        media_begins(" APPLICATION/CloudEvents-batch+avro; charset=x", "application/cloud"));
    assert_true(media_begins("a/b", "a/b"));
    assert_false(media_begins(NULL, "a/b"));
    assert_false(media_begins("", "a/b"));
    assert_false(media_begins("a/", "a/b"));
    assert_false(media_begins("text/plain; application/cloudevents", "application/cloudevents"));
}

static void test_media_json_said(void **state)
{
    (void)state;
    static const char *const json[] = {"application/json",
                                       "TEXT/JSON",
                                       "application/json; charset=utf-8",
                                       "application/problem+json;charset=\"UTF-8\";x=y",
                                       "image/a+b+JSON",
                                       " x/json ;"};
    static const char *const other[] = {"",
                                        "json",
                                        "application/jsonx",
                                        "application/x-json",
                                        "application/json-seq",
                                        "x/y+",
                                        "x/json+xml",
                                        "application/json; charset=utf-16",
                                        "text/plain",
                                        "a/json/b",
                                        "a/b;x=/json"};
    assert_false(media_json(NULL));
    for (size_t i = 0; i < sizeof(json) / sizeof(json[0]); i++)
        assert_true(media_json(json[i]));
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        assert_false(media_json(other[i]));
}

static void test_media_accepts_named(void **state)
{
    (void)state;
    assert_true(media_accepts(BYTES, BYTES));
    assert_true(media_accepts("text/html, " BYTES ";q=0.5", BYTES));
    assert_true(media_accepts("*/*;q=0.1,APPLICATION/octet-stream ; q=0.001", BYTES));
    assert_false(media_accepts(NULL, BYTES));
    assert_false(media_accepts("", BYTES));
    assert_false(media_accepts("*/*", BYTES));
    assert_false(media_accepts("application/*", BYTES));
    assert_false(media_accepts(BYTES "; q=0", BYTES));
    assert_false(media_accepts(BYTES ";q=0.000", BYTES));
}

static void test_media_accepts_long_range(void **state)
{
    (void)state;
    char header[1000];
    for (size_t i = 0; i < sizeof(header) - 1; i++)
        header[i] = 'a';
    header[sizeof(header) - 1] = '\0';
    assert_false(media_accepts(header, BYTES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_media_is_good),       cmocka_unit_test(test_media_is_other),
        cmocka_unit_test(test_media_begins_type),   cmocka_unit_test(test_media_json_said),
        cmocka_unit_test(test_media_accepts_named), cmocka_unit_test(test_media_accepts_long_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
