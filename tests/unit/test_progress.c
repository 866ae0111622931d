#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/progress.h"

#define LONG_AGO_US 1000000
#define PATIENCE_MS 60000
#define DRAWN "\r\033[K2 of 9\r\033[K"

/* Standard error led elsewhere, and back. */
static int lead(int to)
{
    int kept = dup(STDERR_FILENO);
    assert_true(kept >= 0);
    assert_int_equal(dup2(to, STDERR_FILENO), STDERR_FILENO);
    return kept;
}

static void lead_back(int kept)
{
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    close(kept);
}

/* What the kernel hands over piece by piece. */
static void read_all(int fd, size_t bytes, char *ret)
{
    for (size_t got = 0; got < bytes;) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&readable, 1, PATIENCE_MS), 1);
        ssize_t more = read(fd, ret + got, bytes - got);
        assert_true(more > 0);
        got += (size_t)more;
    }
}

static void test_progress_draw_on_a_terminal(void **state)
{
    char name[64], seen[256] = "";
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    (void)state;
    assert_true(terminal >= 0);
    assert_int_equal(grantpt(terminal), 0);
    assert_int_equal(unlockpt(terminal), 0);
    assert_int_equal(ptsname_r(terminal, name, sizeof(name)), 0);
    int screen = open(name, O_RDWR | O_NOCTTY);
    assert_true(screen >= 0);
    int kept = lead(screen);
    struct progress progress = progress_begin();
    progress_end(&progress); /* nothing stands there */
    bool due_early = progress_due(&progress);
    progress_draw(&progress, "%d of 9", 1);
    progress.drawn_us -= LONG_AGO_US;
    bool due = progress_due(&progress);
    progress_draw(&progress, "%d of 9", 2);
    progress_draw(&progress, "%d of 9", 3);
    progress_end(&progress);
    lead_back(kept);
    read_all(terminal, strlen(DRAWN), seen);
    assert_false(due_early);
    assert_true(due);
    assert_string_equal(seen, DRAWN);
    close(screen);
    close(terminal);
}

static void test_progress_draw_on_no_terminal(void **state)
{
    char seen[16];
    int ends[2];
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    int kept = lead(ends[1]);
    struct progress progress = progress_begin();
    progress.drawn_us -= LONG_AGO_US;
    bool due = progress_due(&progress);
    progress_draw(&progress, "1 of 9");
    progress_end(&progress);
    lead_back(kept);
    close(ends[1]);
    assert_false(due);
    assert_int_equal(read(ends[0], seen, sizeof(seen)), 0);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress_draw_on_a_terminal),
        cmocka_unit_test(test_progress_draw_on_no_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
