#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ingest/notify.h"

/* A manager that listens at an abstract name; *${ret_name} is what NOTIFY_SOCKET calls it. */
static int listen_abstract(char ret_name[64])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int bytes = snprintf(ret_name, 64, "@countersign-unit-%ld", (long)getpid());
    memcpy(address.sun_path + 1, ret_name + 1, (size_t)bytes - 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)bytes)),
                     0);
    return fd;
}

static void heard(int fd, const char *expected)
{
    char said[128];
    ssize_t bytes = recv(fd, said, sizeof(said) - 1, MSG_DONTWAIT);
    assert_true(bytes > 0);
    said[bytes] = '\0';
    assert_memory_equal(said, expected, strlen(expected));
}

static void test_notify_say_is_heard(void **state)
{
    char name[64];
    int fd = listen_abstract(name);
    (void)state;
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    notify_say("READY=1");
    heard(fd, "READY=1");
    notify_reloading();
    heard(fd, "RELOADING=1\nMONOTONIC_USEC=");
    close(fd);
    notify_say("READY=1"); /* to nobody */
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
}

static void test_notify_say_without_a_socket(void **state)
{
    static const char *const names[] = {"", "x", "@", "no/path"};
    char too_long[300];
    (void)state;
    notify_say("READY=1");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        notify_say("READY=1");
    }
    memset(too_long, 'a', sizeof(too_long) - 1);
    too_long[0] = '/';
    too_long[sizeof(too_long) - 1] = '\0';
    assert_int_equal(setenv("NOTIFY_SOCKET", too_long, 1), 0);
    notify_say("READY=1");
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
}

static int64_t watchdog(const char *every, const char *whose)
{
    assert_int_equal(every != NULL ? setenv("WATCHDOG_USEC", every, 1) : unsetenv("WATCHDOG_USEC"),
                     0);
    assert_int_equal(whose != NULL ? setenv("WATCHDOG_PID", whose, 1) : unsetenv("WATCHDOG_PID"),
                     0);
    return notify_watchdog_us();
}

static void test_notify_watchdog_us_cases(void **state)
{
    char pid[24];
    (void)state;
    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    assert_int_equal(watchdog(NULL, NULL), 0);
    assert_int_equal(watchdog("3000000", NULL), 1500000);
    assert_int_equal(watchdog("3000000", pid), 1500000);
    assert_int_equal(watchdog("3000000", "1"), 0); /* another process' */
    assert_int_equal(watchdog("3000000", "me"), 0);
    assert_int_equal(watchdog("soon", NULL), 0);
    assert_int_equal(watchdog("-1", NULL), 0);
    assert_int_equal(watchdog("99999999999999999", NULL), 0);
    assert_int_equal(watchdog(NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notify_say_is_heard),
        cmocka_unit_test(test_notify_say_without_a_socket),
        cmocka_unit_test(test_notify_watchdog_us_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
