#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

/* The next line, as libevent reads one of a head. */
static void assert_line(struct evbuffer *buffer, const char *expected)
{
    size_t bytes = 0;
    char *line = evbuffer_readln(buffer, &bytes, EVBUFFER_EOL_CRLF);
    if (expected == NULL) {
        assert_null(line);
        return;
    }
    assert_non_null(line);
    assert_string_equal(line, expected);
    assert_int_equal(bytes, strlen(expected));
    free(line);
}

static void test_readln_lines_of_a_head(void **state)
{
    (void)state;
    struct evbuffer *buffer = evbuffer_new();
    assert_line(buffer, NULL);
    assert_int_equal(evbuffer_add_printf(buffer, "one\r\ntwo\n\r\nthr"), 14);
    assert_line(buffer, "one");
    assert_line(buffer, "two");
    assert_line(buffer, "");
    assert_line(buffer, NULL);
    assert_int_equal(evbuffer_add(buffer, "\0ee\0\r\nrest", 10), 0);
    assert_line(buffer, "thr\1ee\1");
    assert_int_equal(evbuffer_get_length(buffer), 4);
    evbuffer_free(buffer);
}

/* What is longer than any head is a line without its end. */
static void test_readln_endless_line(void **state)
{
    (void)state;
    struct evbuffer *buffer = evbuffer_new();
    for (size_t i = 0; i < HTTP_HEAD_BYTES_MAX; i++)
        assert_int_equal(evbuffer_add(buffer, "1", 1), 0);
    assert_line(buffer, NULL);
    assert_null(evbuffer_readln(buffer, NULL, EVBUFFER_EOL_CRLF));
    assert_int_equal(evbuffer_add(buffer, "1", 1), 0);
    char *line = evbuffer_readln(buffer, NULL, EVBUFFER_EOL_CRLF);
    assert_non_null(line);
    assert_string_equal(line, "-");
    assert_int_equal(evbuffer_get_length(buffer), 0);
    free(line);
    evbuffer_free(buffer);
}

/* Without the number of its bytes libevent asks for the size of a chunk. */
static void test_readln_size_of_a_chunk(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t bytes;
        const char *size;
    } lines[] = {
        {"1aF\r\n", 5, "1aF"},  {"0\n", 2, "0"},     {"\r\n", 2, ""},     {"5;a=\"b\"\r\n", 9, "5"},
        {"5 \t;a\r\n", 7, "5"}, {"5  \r\n", 5, "5"}, {"-5\r\n", 4, "-"},  {"+5\r\n", 4, "-"},
        {"0x5\r\n", 5, "-"},    {" 5\r\n", 4, "-"},  {"5 5\r\n", 5, "-"}, {"5,5\r\n", 5, "-"},
        {";a\r\n", 4, "-"},     {"x0\r\n", 4, "-"},  {" \r\n", 3, "-"},   {"5\0\r\n", 4, "-"},
        {"\0\r\n", 3, "-"},     {"g\r\n", 3, "-"},
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct evbuffer *buffer = evbuffer_new();
        assert_int_equal(evbuffer_add(buffer, lines[i].line, lines[i].bytes), 0);
        char *size = evbuffer_readln(buffer, NULL, EVBUFFER_EOL_CRLF);
        assert_non_null(size);
        assert_string_equal(size, lines[i].size);
        assert_int_equal(evbuffer_get_length(buffer), 0);
        free(size);
        evbuffer_free(buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readln_lines_of_a_head),
        cmocka_unit_test(test_readln_endless_line),
        cmocka_unit_test(test_readln_size_of_a_chunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
