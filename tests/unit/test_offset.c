#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay/offset.h"

#define SECOND INSTANT_SECOND_US

static void expect_text(struct buf *buf, const char *expected)
{
    buf_text(buf, "");
    assert_string_equal(buf->data, expected);
    buf_free(buf);
}

static void test_offset_add_forms(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {{0, "T+0:00"},
                 {750 * SECOND, "T+12:30"},
                 {4350 * SECOND, "T+1:12:30"},
                 {-86400 * SECOND, "T-24:00:00"},
                 {-SECOND, "T-0:01"},
                 {-SECOND / 2, "T+0:00"},
                 {93600 * SECOND + 999999, "T+26:00:00"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf buf = {0};
        offset_add(&buf, cases[i].us);
        expect_text(&buf, cases[i].text);
    }
}

static void test_offset_window_forms(void **state)
{
    (void)state;
    static const struct {
        struct window window;
        const char *text;
    } cases[] = {{{false, 1, 2}, ""},
                 {{true, -1440, 0}, "T-24 h to T+0"},
                 {{true, 5, 25}, "T+5 min to T+25 min"},
                 {{true, -60, -60}, "T-1 h"},
                 {{true, -10080, -1440}, "T-7 d to T-24 h"},
                 {{true, 360, 720}, "T+6 h to T+12 h"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf buf = {0};
        offset_window(&buf, &cases[i].window);
        expect_text(&buf, cases[i].text);
    }
}

static void test_offset_length_forms(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {{0, "0 s"},
                 {45 * SECOND, "45 s"},
                 {60 * SECOND, "1 min"},
                 {750 * SECOND, "12 min 30 s"},
                 {3600 * SECOND + 30 * SECOND, "1 h"},
                 {93900 * SECOND, "26 h 5 min"},
                 {172800 * SECOND, "2 d"},
                 {266400 * SECOND, "3 d 2 h"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf buf = {0};
        offset_length(&buf, cases[i].us);
        expect_text(&buf, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offset_add_forms),
        cmocka_unit_test(test_offset_window_forms),
        cmocka_unit_test(test_offset_length_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
