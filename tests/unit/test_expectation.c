#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "replay/expectation.h"

static enum held judge(const char *expected, int exit_code, const char *output)
{
    struct buf buf = {0};
    buf_text(&buf, output);
    enum held held = expectation_judge(expected, exit_code, &buf);
    buf_free(&buf);
    return held;
}

static void test_expectation_judge_each_kind(void **state)
{
    static const struct {
        const char *expected;
        int exit_code;
        const char *output;
        enum held held;
    } cases[] = {
        {"exit status 0", 0, "whatever", HELD_YES},
        {"exit status 0", 1, "", HELD_NO},
        {"Exit status 3", 3, "", HELD_YES},
        {"Empty output", 0, " \n\t\n", HELD_YES},
        {"empty output", 0, "x", HELD_NO},
        {"PONG", 0, "PONG\n", HELD_YES},
        {"PONG", 0, "pong\n", HELD_NO},
        {"PONG", 0, "NO PONG\n", HELD_NO},
        {"\"1\"", 0, " ?column? \n----------\n 1\n(1 row)\n", HELD_YES},
        {"\"1\"", 0, "11\n", HELD_NO},
        {"\"all is well\"", 0, "so\nall is well\n", HELD_YES},
        {"2.1.0", 0, " version \n---------\n 2.1.0\n(1 row)\n", HELD_YES},
        {"2.1.0", 0, "2.1.01\n", HELD_NO},
        {"202", 0, "202\n", HELD_YES},
        {"true", 0, "false\n", HELD_NO},
        {"status = \"ok\"", 0, "{\"status\": \"ok\", \"more\": 1}\n", HELD_YES},
        {"status = \"ok\"", 0, "{\"status\": \"okay\"}", HELD_NO},
        {"status = \"ok\"", 0, "status = \"ok\"", HELD_NO},
        {"status = \"ok\", version = \"2.1.0\"", 0, "{\"version\":\"2.1.0\",\"status\":\"ok\"}",
         HELD_YES},
        {"status = \"ok\", version = \"2.1.0\"", 0, "{\"version\":\"2.0.9\",\"status\":\"ok\"}",
         HELD_NO},
        {"a.b = 1.0, c = true", 0, "{\"a\":{\"b\":1},\"c\":true}", HELD_YES},
        {"a.b = 1.0, c = true", 0, "{\"a\":{\"b\":1},\"c\":\"true\"}", HELD_NO},
        {"HTTP 200", 0, "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{}", HELD_YES},
        {"HTTP 200", 0, "HTTP/2 301 \n\nHTTP/2 200 \n", HELD_YES},
        {"HTTP 200", 0, "HTTP/1.1 503 Unavailable\n", HELD_NO},
        {"HTTP 200", 0, "{\"management_version\":\"3\"}", HELD_UNKNOWN},
        {"202 Accepted", 0, "202\n", HELD_YES},
        {"202 Accepted", 0, "< HTTP/1.1 400 Bad Request\n", HELD_NO},
        {"0 vulnerabilities", 0, "found 0 vulnerabilities\n", HELD_YES},
        {"0 vulnerabilities", 1, "found 10 vulnerabilities (2 low)\n", HELD_NO},
        {"0 vulnerabilities", 0, "found 1.0 vulnerabilities\n", HELD_UNKNOWN},
        {"0 vulnerabilities", 0, "none", HELD_UNKNOWN},
        {"All validations PASS", 0, "ok\nAll validations pass.\n", HELD_YES},
        {"All validations PASS", 0, "not All validations PASS\n", HELD_UNKNOWN},
        {"All tests pass, coverage > 85%", 0, "All tests pass, coverage 84%", HELD_UNKNOWN},
        {"a number below 100; an empty line says otherwise", 0, "7", HELD_UNKNOWN},
        {"exit status 0\nPONG\n", 0, "PONG", HELD_YES},
        {"exit status 0\nPONG\n", 0, "PANG", HELD_NO},
        {"all good\nPONG\n", 0, "PONG", HELD_UNKNOWN},
        {"all good\nPONG\n", 0, "PANG", HELD_NO},
        {"", 0, "x", HELD_YES},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum held held = judge(cases[i].expected, cases[i].exit_code, cases[i].output);
        if (held != cases[i].held)
            fail_msg("'%s' of '%s' (%d) gave %d", cases[i].expected, cases[i].output,
                     cases[i].exit_code, (int)held);
    }
}

static void test_expectation_judge_bytes(void **state)
{
    (void)state;
    struct buf buf = {0};
    buf_add(&buf, "\0\xff\nPONG\n\0", 9);
    assert_int_equal(expectation_judge("PONG", 0, &buf), HELD_YES);
    assert_int_equal(expectation_judge("0 errors", 0, &buf), HELD_UNKNOWN);
    assert_int_equal(expectation_judge("a = 1", 0, &buf), HELD_NO);
    buf_free(&buf);
}

static void test_expectation_by_words(void **state)
{
    (void)state;
    assert_true(expectation_by_words("All tests pass, coverage > 85%\n"));
    assert_true(expectation_by_words("PONG\nand so on\n"));
    assert_false(expectation_by_words("PONG\n0 errors\nexit status 0\nEmpty output\nHTTP 200\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expectation_judge_each_kind),
        cmocka_unit_test(test_expectation_judge_bytes),
        cmocka_unit_test(test_expectation_by_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
