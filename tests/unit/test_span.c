#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "replay/span.h"

static void expect_label(const char *text, const char *expected)
{
    char *label = span_text(span_label(span_of(text)));
    assert_string_equal(label, expected);
    free(label);
}

static void test_span_label_trims(void **state)
{
    (void)state;
    expect_label(" **Lead:** ", "Lead");
    expect_label("| **A** b **c**, ", "A b c");
    expect_label("a (b):", "a (b)");
    expect_label("(a) b", "(a) b");
    expect_label(" ** : ", "");
    expect_label("", "");
}

static void expect_words(const char *text, const char *expected)
{
    struct buf buf = {0};
    span_add_words(&buf, span_of(text));
    char *words = buf_take_text(&buf);
    assert_string_equal(words, expected);
    free(words);
}

static void test_span_words_are_runs(void **state)
{
    (void)state;
    expect_words("SSL/TLS (v1.3)_x", "ssl tls v1 3 x");
    expect_words("gr\u00fcn \u2013 \u00e9t\u00e9 \u2713 \u4e2d\u6587 \U0001f600",
                 "gr\u00fcn \u00e9t\u00e9 \u4e2d\u6587");
    expect_words(" -- ", "");
    assert_true(span_has_word(span_of("If Rollback Needed"), "rollback"));
    assert_false(span_has_word(span_of("Rollbacks"), "rollback"));
    assert_true(span_has_stem(span_of("All APPROVALS"), "approv"));
    assert_false(span_has_stem(span_of("disapproval"), "approv"));
}

static void test_span_bounds_hold(void **state)
{
    (void)state;
    struct span text = span_of("abc");
    assert_int_equal(span_from(text, 9).bytes, 0);
    assert_int_equal(span_to(text, 9).bytes, 3);
    assert_int_equal(span_between(text, 2, 1).bytes, 0);
    assert_int_equal(span_find(text, 1, "bc"), 1);
    assert_int_equal(span_find(text, 2, "bc"), 3);
    assert_int_equal(span_find(text, 9, "a"), 3);
    assert_true(span_in_word(text, 2) && !span_in_word(text, 3));
    assert_true(span_after_word(text, 3) && !span_after_word(text, 0) && !span_after_word(text, 4));
    assert_true(span_after_word(span_of("\u00e9"), 2));
    assert_false(span_after_word(span_of("\u2713"), 3));
}

static void test_span_code_skips(void **state)
{
    (void)state;
    assert_int_equal(span_code(span_of("`a` b"), 0), 3);
    assert_int_equal(span_code(span_of("``a`b`` c"), 0), 7);
    assert_int_equal(span_code(span_of("`a b"), 0), 1);
    assert_int_equal(span_code(span_of("abc"), 1), 1);
}

static void expect_link(const char *text, size_t at, size_t end)
{
    assert_int_equal(span_link(span_of(text), at), end);
}

static void test_span_link_skips(void **state)
{
    (void)state;
    expect_link("a](b/[x]) c", 1, 8);
    expect_link("a](b(c)_d) e", 1, 9);
    expect_link("a](b \"c\")", 1, 4);
    expect_link("- [a]: b/___", 2, 12);
    expect_link("[a]: <b> 'c'", 0, 8);
}

static void test_span_link_none(void **state)
{
    (void)state;
    expect_link("a](____)", 1, 1);
    expect_link("a](b c)", 1, 1);
    expect_link("a](b", 1, 1);
    expect_link("a]()", 1, 1);
    expect_link("a](b((((((((((", 1, 1);
    expect_link("a [b]: c", 2, 2);
    expect_link("[a]: b ____", 0, 0);
    expect_link("[a]: ____", 0, 0);
    expect_link("[a]:", 0, 0);
    expect_link("[ ] a [b]: c", 0, 0);
    expect_link("[", 0, 0);
    expect_link("ab", 2, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_span_label_trims), cmocka_unit_test(test_span_words_are_runs),
        cmocka_unit_test(test_span_bounds_hold), cmocka_unit_test(test_span_code_skips),
        cmocka_unit_test(test_span_link_skips),  cmocka_unit_test(test_span_link_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
