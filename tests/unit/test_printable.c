#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/ledger.h"

static void shows(const char *text, const char *expected)
{
    struct buf buf = {0};
    printable_add(&buf, text);
    buf_add(&buf, "", 0);
    assert_string_equal(buf.data, expected);
    buf_free(&buf);
}

static void test_printable_add_harmless(void **state)
{
    (void)state;
    shows("Freigabe für 2.1.0 ✓ 発布 🚀", "Freigabe für 2.1.0 ✓ 発布 🚀");
    shows("", "");
    shows(NULL, "");
}

static void test_printable_add_control(void **state)
{
    (void)state;
    shows("a\nb\tc\x1b[31m\x7f", "a\\nb\\tc\\x1b[31m\\x7f");
    shows("\xc2\x85\u202e"
          "evil\u2028\ufeff\u200b",
          "\\x85\\u202eevil\\u2028\\ufeff\\u200b");
}

static void test_printable_add_invalid(void **state)
{
    (void)state;
    shows("\xff\xc0\x80\xed\xa0\x80", "\\xff\\xc0\\x80\\xed\\xa0\\x80");
    shows("cut \xe2\x82", "cut \\xe2\\x82");
}

static void test_printable_html_escapes(void **state)
{
    (void)state;
    struct buf buf = {0};
    printable_html(&buf, "<a href=\"x\">'&\x1b\n");
    assert_string_equal(buf.data, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\\x1b\\n");
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printable_add_harmless),
        cmocka_unit_test(test_printable_add_control),
        cmocka_unit_test(test_printable_add_invalid),
        cmocka_unit_test(test_printable_html_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
