#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "ingest/journal.h"

/* Standard error goes into a pipe meanwhile. */
struct capture {
    int pipe[2];
    int saved;
};

static void capture_begin(struct capture *capture)
{
    assert_int_equal(pipe(capture->pipe), 0);
    capture->saved = dup(STDERR_FILENO);
    assert_int_equal(dup2(capture->pipe[1], STDERR_FILENO), STDERR_FILENO);
}

static void capture_end(struct capture *capture, char *text, size_t text_bytes)
{
    assert_int_equal(dup2(capture->saved, STDERR_FILENO), STDERR_FILENO);
    close(capture->saved);
    close(capture->pipe[1]);
    ssize_t bytes = read(capture->pipe[0], text, text_bytes - 1);
    text[bytes > 0 ? bytes : 0] = '\0';
    close(capture->pipe[0]);
}

static void test_journal_line_pairs(void **state)
{
    (void)state;
    struct capture capture;
    char text[512];
    capture_begin(&capture);
    journal_line("serving", "url", "http://127.0.0.1:1", "detail", "two words", "none", "", NULL);
    capture_end(&capture, text, sizeof(text));
    assert_memory_equal(text, "time=20", 7);
    assert_string_equal(strchr(text, ' '),
                        " what=serving url=http://127.0.0.1:1 detail=\"two words\" none=\"\"\n");
}

static void test_journal_line_harmless(void **state)
{
    (void)state;
    struct capture capture;
    char text[512];
    capture_begin(&capture);
    journal_line("refused", "detail", "a\nwhat=forged \"x\"\x1b[2J", NULL);
    capture_end(&capture, text, sizeof(text));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1); /* one line */
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(text, "detail=\"a\\nwhat=forged \\\"x\\\""));
}

static void test_journal_allows_a_few_a_second(void **state)
{
    (void)state;
    struct journal_limit limit = {0};
    struct capture capture;
    char text[512];
    unsigned allowed = 0;
    capture_begin(&capture);
    for (int i = 0; i < 1000; i++)
        allowed += journal_allows(&limit);
    unsigned long held_back = limit.held_back;
    limit.second--; /* the next second begins */
    assert_true(journal_allows(&limit));
    capture_end(&capture, text, sizeof(text));
    assert_in_range(allowed, 1, 100); /* at most two seconds' worth */
    assert_in_range(held_back, 1, 999);
    assert_non_null(strstr(text, "what=held-back lines="));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_journal_line_pairs),
        cmocka_unit_test(test_journal_line_harmless),
        cmocka_unit_test(test_journal_allows_a_few_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
