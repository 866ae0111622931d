/* How long to wait before a broker is tried again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/amqp_side.h"

static void test_amqp_side_backoff_ms_bounds(void **state)
{
    (void)state;
    unsigned most = 0;
    for (unsigned tries = 0; tries < 100; tries++) {
        unsigned longest = 0;
        for (uint32_t random = 0; random < 70000; random += 7) {
            unsigned wait = amqp_side_backoff_ms(tries, random);
            assert_in_range(wait, AMQP_BACKOFF_MIN_MS, AMQP_BACKOFF_MAX_MS);
            longest = wait > longest ? wait : longest;
        }
        assert_true(longest >= most);
        most = longest;
    }
    assert_in_range(most, AMQP_BACKOFF_MAX_MS - 10, AMQP_BACKOFF_MAX_MS);
    assert_int_equal(amqp_side_backoff_ms(0, UINT32_MAX), AMQP_BACKOFF_MIN_MS);
}

static void test_amqp_side_backoff_ms_jitter(void **state)
{
    (void)state;
    assert_int_not_equal(amqp_side_backoff_ms(6, 1), amqp_side_backoff_ms(6, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amqp_side_backoff_ms_bounds),
        cmocka_unit_test(test_amqp_side_backoff_ms_jitter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
