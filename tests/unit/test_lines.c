#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/lines.h"

static char path[64];

static void write_text(const void *text, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "/tmp/lines-XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static void expect(struct lines *lines, enum lines_state state, const char *text)
{
    struct piece line = {0};
    enum lines_state got = LINES_END;
    assert_int_equal(lines_next(lines, &line, &got, NULL), ERR_OK);
    assert_int_equal(got, state);
    if (state == LINES_ONE) {
        assert_int_equal(line.bytes, strlen(text));
        assert_memory_equal(line.data, text, line.bytes);
    }
}

static void test_lines_next_each(void **state)
{
    (void)state;
    struct lines *lines = NULL;
    write_text("one\n\ntwo\r\nlast", 14);
    assert_int_equal(lines_open(path, &lines, NULL), ERR_OK);
    expect(lines, LINES_ONE, "one");
    assert_int_equal(lines_number(lines), 1);
    assert_true(lines_ready(lines));
    expect(lines, LINES_ONE, "");
    expect(lines, LINES_ONE, "two\r");
    expect(lines, LINES_ONE, "last");
    assert_int_equal(lines_number(lines), 4);
    expect(lines, LINES_END, NULL);
    expect(lines, LINES_END, NULL);
    lines_close(lines);
}

static void test_lines_next_empty_file(void **state)
{
    (void)state;
    struct lines *lines = NULL;
    write_text("", 0);
    assert_int_equal(lines_open(path, &lines, NULL), ERR_OK);
    expect(lines, LINES_END, NULL);
    lines_close(lines);
}

static void test_lines_next_too_long(void **state)
{
    (void)state;
    struct lines *lines = NULL;
    size_t bytes = 2 * LINES_BYTES_MAX + 3;
    char *text = mem_alloc(bytes + 16);
    memset(text, 'x', bytes);
    memcpy(text + bytes, "\nshort\n", 7);
    text[LINES_BYTES_MAX] = '\n'; /* the first line is just not too long */
    write_text(text, bytes + 7);
    assert_int_equal(lines_open(path, &lines, NULL), ERR_OK);
    text[LINES_BYTES_MAX] = '\0';
    expect(lines, LINES_ONE, text);
    expect(lines, LINES_TOO_LONG, NULL);
    assert_int_equal(lines_number(lines), 2);
    expect(lines, LINES_ONE, "short");
    expect(lines, LINES_END, NULL);
    lines_close(lines);
    free(text);
}

static void test_lines_next_too_long_at_the_end(void **state)
{
    (void)state;
    struct lines *lines = NULL;
    size_t bytes = LINES_BYTES_MAX + 1;
    char *text = mem_alloc(bytes);
    memset(text, 'x', bytes);
    write_text(text, bytes);
    assert_int_equal(lines_open(path, &lines, NULL), ERR_OK);
    expect(lines, LINES_TOO_LONG, NULL);
    expect(lines, LINES_END, NULL);
    lines_close(lines);
    free(text);
}

static void test_lines_open_not_found(void **state)
{
    (void)state;
    struct lines *lines = NULL;
    struct err_text why = {""};
    assert_int_equal(lines_open("/nowhere/at/all", &lines, &why), ERR_NOT_FOUND);
    assert_non_null(strstr(why.s, "/nowhere/at/all"));
}

static void test_lines_next_io(void **state)
{
    (void)state;
    struct lines *lines = NULL;
    struct piece line = {0};
    enum lines_state got = LINES_END;
    struct err_text why = {""};
    assert_int_equal(lines_open("/", &lines, NULL), ERR_OK); /* a directory cannot be read */
    assert_int_equal(lines_next(lines, &line, &got, &why), ERR_IO);
    assert_true(why.s[0] != '\0');
    lines_close(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines_next_each, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines_next_empty_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines_next_too_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines_next_too_long_at_the_end, set_up, tear_down),
        cmocka_unit_test(test_lines_open_not_found),
        cmocka_unit_test(test_lines_next_io),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
