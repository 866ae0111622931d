#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/err.h"

static void test_err_table(void **state)
{
    (void)state;
    assert_string_equal(err_name(ERR_OK), "OK");
    assert_int_equal(err_exit(ERR_OK), 0);
    assert_string_equal(err_name(ERR_NOT_EVENT), "NOT_EVENT");
    assert_int_equal(err_http(ERR_NOT_EVENT), 422);
    assert_int_equal(err_http(ERR_CONFLICT), 409);
    assert_string_equal(err_text(ERR_DAMAGED), "the ledger is damaged");
    assert_int_equal(err_exit(ERR_DAMAGED), 4);
    for (int err = ERR_OK + 1; err <= ERR_DAMAGED; err++) {
        assert_true(err_http((enum err)err) >= 400 && err_http((enum err)err) < 600);
        assert_true(err_exit((enum err)err) >= 1 && err_exit((enum err)err) <= 4);
    }
}

static void test_err_say_text(void **state)
{
    (void)state;
    struct err_text why;
    assert_int_equal(err_say(&why, ERR_IO, "%s: %d", "disk", 5), ERR_IO);
    assert_string_equal(why.s, "disk: 5");
    assert_int_equal(err_say(&why, ERR_INVALID, "line %d: %s", 3, why.s), ERR_INVALID);
    assert_string_equal(why.s, "line 3: disk: 5");
    assert_int_equal(err_say(NULL, ERR_BUSY, "%s", "nobody reads it"), ERR_BUSY);
    assert_int_equal(err_say(&why, ERR_BUSY, "%s", ""), ERR_BUSY);
    assert_string_equal(why.s, "");
}

static void test_err_say_printable(void **state)
{
    (void)state;
    struct err_text why;
    assert_int_equal(err_say(&why, ERR_IO, "%s", "a\x1b[31m\n\xff\xe2\x82\xac"), ERR_IO);
    assert_string_equal(why.s, "a\\x1b[31m\\n\\xff\xe2\x82\xac");
}

/* At every length around the limit: whole below it, else cut between characters, with "...". */
static void test_err_say_cut(void **state)
{
    (void)state;
    const size_t room = sizeof(((struct err_text *)0)->s);
    char text[1200];
    for (size_t ascii = 0; ascii < 340; ascii++) {
        struct err_text why;
        memset(text, 'x', ascii);
        for (size_t i = 0; i < 200; i++)
            memcpy(text + ascii + 3 * i, "\xe2\x82\xac", 3);
        for (size_t bytes = ascii; bytes <= ascii + 600; bytes += 3) {
            text[bytes] = '\0';
            assert_int_equal(err_say(&why, ERR_IO, "%s", text), ERR_IO);
            if (bytes < room) {
                assert_string_equal(why.s, text);
            } else {
                size_t cut = strlen(why.s);
                assert_true(cut >= room - 6 && cut < room);
                assert_string_equal(why.s + cut - 3, "...");
                assert_memory_equal(why.s, text, cut - 3);
                assert_true(((uint8_t)text[cut - 3] & 0xc0) != 0x80);
            }
            memcpy(text + bytes, "\xe2\x82\xac", 3);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err_table),
        cmocka_unit_test(test_err_say_text),
        cmocka_unit_test(test_err_say_printable),
        cmocka_unit_test(test_err_say_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
