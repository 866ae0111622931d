#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/interrupt.h"

static void test_interrupt_came_after_each_signal(void **state)
{
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction action;
        interrupt_catch();
        assert_false(interrupt_came(NULL));
        assert_int_equal(raise(numbers[i]), 0);
        assert_true(interrupt_came(&action)); /* whatever it is handed */
        /* The next one ends the program. */
        assert_int_equal(sigaction(numbers[i], NULL, &action), 0);
        assert_true(action.sa_handler == SIG_DFL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interrupt_came_after_each_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
