#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "replay/layout.h"

static void expect_text(struct buf *buf, const char *expected)
{
    buf_text(buf, "");
    assert_string_equal(buf->data, expected);
    buf_free(buf);
}

static void test_layout_columns_utf8(void **state)
{
    (void)state;
    assert_int_equal(layout_columns(""), 0);
    assert_int_equal(layout_columns("für ✓"), 5);
    assert_int_equal(layout_columns("⚠\xef\xb8\x8f"), 1);
    assert_int_equal(layout_columns("e\xcc\x81t"), 2);
}

static void test_layout_pad_short_and_long(void **state)
{
    (void)state;
    struct buf buf = {0};
    layout_pad(&buf, "é", 4);
    layout_pad(&buf, "abcdef", 4);
    layout_pad(&buf, "\x1b[1m", 4);
    expect_text(&buf, "é   abcdef \\x1b[1m ");
}

/* No line is too long, and the words come back. */
static void test_layout_wrap_breaks_at_blanks(void **state)
{
    (void)state;
    struct buf buf = {0};
    struct buf words = {0};
    for (size_t i = 0; i < 60; i++)
        buf_printf(&words, "%sword%zu", i > 0 ? " " : "", i);
    buf_text(&buf, "12345 ");
    layout_wrap(&buf, 6, 6, (const char *)words.data);
    char *text = buf_take_text(&buf);
    struct buf again = {0};
    size_t lines = 0;
    for (char *line = text + 6; *line != '\0'; lines++) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        assert_true(layout_columns(line) <= LAYOUT_COLUMNS - (lines == 0 ? 6 : 0));
        buf_printf(&again, "%s%s", lines > 0 ? " " : "", line + (lines > 0 ? 6 : 0));
        line = end + 1;
    }
    assert_true(lines > 3);
    assert_string_equal(again.data, words.data);
    free(text);
    buf_free(&again);
    buf_free(&words);
}

static void test_layout_wrap_long_word(void **state)
{
    (void)state;
    char word[251];
    struct buf buf = {0};
    memset(word, 'x', 250);
    word[250] = '\0';
    layout_wrap(&buf, 20, 10, word);
    const char *text = (const char *)buf.data;
    assert_int_equal(strcspn(text, "\n"), 0);
    assert_int_equal(strcspn(text + 1, "\n"), 100);
    assert_int_equal(strcspn(text + 102, "\n"), 100);
    assert_int_equal(buf.bytes, 1 + 3 * 11 + 250);
    buf_free(&buf);
}

static void test_layout_wrap_harmless(void **state)
{
    (void)state;
    struct buf buf = {0};
    layout_wrap(&buf, 0, 0, "a\nb\x1b[2J\u202e");
    expect_text(&buf, "a\\nb\\x1b[2J\\u202e\n");
}

static void test_layout_flags_names(void **state)
{
    (void)state;
    uint32_t flags = 1u << FLAG_LATE | 1u << FLAG_REPLAYED;
    struct buf buf = {0};
    layout_flags(&buf, flags);
    expect_text(&buf, "late, replayed");
    json_t *json = layout_flags_json(flags);
    assert_int_equal(json_array_size(json), 2);
    assert_string_equal(json_string_value(json_array_get(json, 1)), "replayed");
    json_decref(json);
    layout_flags(&buf, 0);
    expect_text(&buf, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_columns_utf8),
        cmocka_unit_test(test_layout_pad_short_and_long),
        cmocka_unit_test(test_layout_wrap_breaks_at_blanks),
        cmocka_unit_test(test_layout_wrap_long_word),
        cmocka_unit_test(test_layout_wrap_harmless),
        cmocka_unit_test(test_layout_flags_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
