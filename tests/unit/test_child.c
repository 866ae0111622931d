#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/run.h"

static struct err_text why;
static bool stop_now;

static bool stopped(void)
{
    return stop_now;
}

static struct child_end run_in(const char *command, int64_t timeout_ms)
{
    char path[] = "PATH=/usr/bin:/bin", given[] = "GIVEN=yes";
    char *const environment[] = {path, given, NULL};
    const struct child_config config = {.shell = "/bin/sh",
                                        .command = command,
                                        .environment = environment,
                                        .timeout_ms = timeout_ms,
                                        .out_fd = -1,
                                        .stopped = stopped};
    struct child_end end = {0};
    assert_int_equal(child_run(&config, &end, &why), ERR_OK);
    return end;
}

static void expect(const char *command, int exit_code, const char *output)
{
    uint8_t hash[HASH_BYTES];
    struct child_end end = run_in(command, 60000);
    assert_int_equal(end.exit, exit_code);
    assert_int_equal(end.bytes, strlen(output));
    assert_int_equal(end.head.bytes, strlen(output));
    if (end.head.bytes > 0)
        assert_memory_equal(end.head.data, output, end.head.bytes);
    hash_bytes(output, strlen(output), hash);
    assert_memory_equal(hash, end.sha256, HASH_BYTES);
    assert_true(end.ended_us >= end.started_us);
    assert_false(end.timed_out || end.stopped);
    child_end_free(&end);
}

static void test_child_run_output_and_status(void **state)
{
    (void)state;
    expect("echo out; echo err >&2; exit 7", 7, "out\nerr\n");
    expect("true", 0, "");
    expect("kill -KILL $$", 128 + SIGKILL, "");
    expect("env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD= | sort", 0,
           "GIVEN=yes\nPATH=/usr/bin:/bin\n");
    expect("cat; (echo x >/dev/tty) 2>/dev/null || echo no terminal", 0, "no terminal\n");
}

static void test_child_run_much_output(void **state)
{
    (void)state;
    struct buf buf = {0};
    struct child_end end = run_in("i=0; while [ $i -lt 40000 ]; do echo \"line $i: 0123456789 "
                                  "0123456789 0123456789 0123456789\"; i=$((i+1)); done",
                                  60000);
    assert_int_equal(end.head.bytes, RUN_KEPT_BYTES);
    assert_int_equal(end.tail.bytes, RUN_KEPT_BYTES);
    assert_true(end.bytes > 2 * RUN_KEPT_BYTES);
    assert_memory_equal(end.head.data, "line 0:", 7);
    assert_memory_equal(end.tail.data + end.tail.bytes - 5, "6789\n", 5);
    assert_false(run_output(&end, &buf));
    buf_add(&buf, "", 0);
    for (char *line = (char *)buf.data; *line != '\0'; line = strchr(line, '\n') + 1)
        assert_true(*line == '\n' || (strncmp(line, "line ", 5) == 0 && strstr(line, "6789\n")));
    buf_free(&buf);
    child_end_free(&end);
}

/* A process that is gone, and reaped or about to be. */
static bool is_gone(const char *text)
{
    pid_t pid = (pid_t)strtol(text, NULL, 10);
    char path[64], state = 'Z', line[256];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return true;
    if (fgets(line, sizeof(line), file) != NULL && strrchr(line, ')') != NULL)
        state = strrchr(line, ')')[2];
    fclose(file);
    return state == 'Z' || state == 'X';
}

static void expect_killed(struct child_end *end)
{
    assert_true(end->exit > 128);
    assert_true(end->head.bytes > 1);
    for (int i = 0; i < 500 && !is_gone((const char *)end->head.data); i++)
        usleep(10000);
    assert_true(is_gone((const char *)end->head.data));
    child_end_free(end);
}

/* What the command started goes with it. */
static void test_child_run_timed_out(void **state)
{
    (void)state;
    struct child_end end = run_in("sleep 600 & echo $!; wait; echo never", 200);
    assert_true(end.timed_out);
    expect_killed(&end);
}

static void test_child_run_stopped(void **state)
{
    (void)state;
    stop_now = true;
    struct child_end end = run_in("echo $$; exec sleep 600", 60000);
    stop_now = false;
    assert_true(end.stopped);
    assert_false(end.timed_out);
    child_end_free(&end);
}

/* What it leaves running is not waited for. */
static void test_child_run_leaves_something(void **state)
{
    (void)state;
    struct child_end end = run_in("sleep 600 & echo $!", 60000);
    assert_int_equal(end.exit, 0);
    assert_true(end.head.bytes > 1);
    buf_add(&end.head, "", 0);
    pid_t pid = (pid_t)strtol((const char *)end.head.data, NULL, 10);
    assert_true(pid > 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    child_end_free(&end);
}

static void test_child_run_io(void **state)
{
    (void)state;
    char *const environment[] = {NULL};
    const struct child_config config = {.shell = "/nowhere/at/all",
                                        .command = "true",
                                        .environment = environment,
                                        .timeout_ms = 1000,
                                        .out_fd = -1};
    struct child_end end = {0};
    assert_int_equal(child_run(&config, &end, &why), ERR_IO);
    assert_non_null(strstr(why.s, "/nowhere/at/all"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_child_run_output_and_status),
        cmocka_unit_test(test_child_run_much_output),
        cmocka_unit_test(test_child_run_timed_out),
        cmocka_unit_test(test_child_run_stopped),
        cmocka_unit_test(test_child_run_leaves_something),
        cmocka_unit_test(test_child_run_io),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
