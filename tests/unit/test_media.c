#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/media.h"

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
        "",       "application/json",      "application/cloudevents-batch+json",
        TYPE "x", TYPE "; charset=latin1", TYPE "; charset=utf-8; charset=utf-16",
        "x;" TYPE};
    assert_false(media_is(NULL, TYPE));
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        assert_false(media_is(other[i], TYPE));
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
        cmocka_unit_test(test_media_is_good),
        cmocka_unit_test(test_media_is_other),
        cmocka_unit_test(test_media_accepts_named),
        cmocka_unit_test(test_media_accepts_long_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
