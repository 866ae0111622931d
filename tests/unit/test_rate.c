#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "ingest/rate.h"

#define NOW_US 1000000000000LL

/* As many at once as a second has, then one each time that one has come back. */
static void test_rate_take_bursts_then_paces(void **state)
{
    (void)state;
    struct rate *rate = rate_new(10);
    for (int i = 0; i < 10; i++)
        assert_int_equal(rate_take(rate, "ci", 1, NOW_US), 0);
    assert_int_equal(rate_take(rate, "ci", 1, NOW_US), 100000);
    assert_int_equal(rate_take(rate, "ci", 1, NOW_US + 60000), 40000);
    assert_int_equal(rate_take(rate, "other", 1, NOW_US), 0); /* it has its own */
    assert_int_equal(rate_take(rate, "ci", 1, NOW_US + 100000), 0);
    assert_int_equal(rate_take(rate, "ci", 1, NOW_US + 100000), 100000);
    for (int i = 0; i < 10; i++)
        assert_int_equal(rate_take(rate, "ci", 1, NOW_US + 60000000), 0);
    assert_int_equal(rate_take(rate, "ci", 1, NOW_US + 60000000), 100000);
    rate_free(rate);
    rate_free(NULL);
}

/* A batch is let in if there is one, and owes the rest. */
static void test_rate_take_owes(void **state)
{
    (void)state;
    struct rate *rate = rate_new(10);
    assert_int_equal(rate_take(rate, "ci", 100, NOW_US), 0);
    assert_int_equal(rate_take(rate, "ci", 1, NOW_US), 9100000);
    assert_int_equal(rate_take(rate, "ci", 1, NOW_US + 9100000), 0);
    rate_charge(rate, "ci", 20, NOW_US + 9100000);
    assert_int_equal(rate_take(rate, "ci", 1, NOW_US + 9100000), 2100000);
    rate_free(rate);
}

static void test_rate_take_fastest(void **state)
{
    (void)state;
    struct rate *rate = rate_new(RATE_MAX);
    assert_int_equal(rate_take(rate, "ci", RATE_MAX, NOW_US), 0);
    assert_int_equal(rate_take(rate, "ci", 1, NOW_US), 1);
    rate_free(rate);
}

/* Past the bound the rest share one bucket; those that are full again make room. */
static void test_rate_take_many_principals(void **state)
{
    (void)state;
    struct rate *rate = rate_new(1);
    char name[32];
    for (int i = 0; i < RATE_PRINCIPALS_MAX; i++) {
        snprintf(name, sizeof(name), "p%d", i);
        assert_int_equal(rate_take(rate, name, 1, NOW_US), 0);
    }
    assert_int_equal(rate_take(rate, "late", 1, NOW_US), 0);
    assert_int_equal(rate_take(rate, "later", 1, NOW_US), 1000000);
    assert_int_equal(rate_take(rate, "p7", 1, NOW_US), 1000000);
    for (int i = 0; i < RATE_PRINCIPALS_MAX; i++) {
        snprintf(name, sizeof(name), "q%d", i);
        assert_int_equal(rate_take(rate, name, 1, NOW_US + 1000000), 0);
    }
    assert_int_equal(rate_take(rate, "q7", 1, NOW_US + 1000000), 1000000);
    rate_free(rate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate_take_bursts_then_paces),
        cmocka_unit_test(test_rate_take_owes),
        cmocka_unit_test(test_rate_take_fastest),
        cmocka_unit_test(test_rate_take_many_principals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
