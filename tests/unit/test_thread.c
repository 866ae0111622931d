#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/thread.h"

static void *look(void *ctx)
{
    return pthread_sigmask(SIG_BLOCK, NULL, ctx) == 0 ? ctx : NULL;
}

static void check(size_t stack_bytes)
{
    sigset_t before, behind, inside;
    pthread_t thread;
    void *seen = NULL;
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &before), 0);
    assert_int_equal(thread_start(look, &inside, stack_bytes, &thread), 0);
    assert_int_equal(pthread_join(thread, &seen), 0);
    assert_ptr_equal(seen, &inside);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &behind), 0);
    for (int number = 1; number < SIGRTMIN - 2; number++)
        assert_int_equal(sigismember(&before, number), sigismember(&behind, number));
    assert_int_equal(sigismember(&inside, SIGTERM), 1);
    assert_int_equal(sigismember(&inside, SIGUSR1), 1);
    assert_int_equal(sigismember(&inside, SIGBUS), 0);
    assert_int_equal(sigismember(&inside, SIGSEGV), 0);
}

static void test_thread_start_takes_no_signals(void **state)
{
    (void)state;
    check(0);
    check(262144);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thread_start_takes_no_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
