#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/leap.h"
#include "ledger/ledger.h"

#define REAL_US 1767225600000000LL
#define STEADY_US 5000000LL

static void test_leap_seen_steady(void **state)
{
    (void)state;
    struct leap leap = {0};
    for (int64_t us = 0; us < 10 * INSTANT_DAY_US; us += INSTANT_DAY_US / 7)
        assert_false(leap_seen(&leap, REAL_US + us, STEADY_US + us));
}

static void test_leap_seen_at_the_bound(void **state)
{
    (void)state;
    struct leap leap = {0};
    assert_false(leap_seen(&leap, REAL_US, STEADY_US));
    assert_false(leap_seen(&leap, REAL_US + 1000 + CLOCK_LEAP_US, STEADY_US + 1000));
    assert_true(leap_seen(&leap, REAL_US + 1001 + CLOCK_LEAP_US, STEADY_US + 1000));
    assert_false(leap_seen(&leap, REAL_US + 1000 - CLOCK_LEAP_US, STEADY_US + 1000));
    assert_true(leap_seen(&leap, REAL_US + 999 - CLOCK_LEAP_US, STEADY_US + 1000));
}

static void test_leap_accept_forgives(void **state)
{
    (void)state;
    struct leap leap = {0};
    int64_t leapt_us = REAL_US + INSTANT_DAY_US;
    assert_false(leap_seen(&leap, REAL_US, STEADY_US));
    assert_true(leap_seen(&leap, leapt_us, STEADY_US + 1));
    assert_true(leap_seen(&leap, leapt_us + 1, STEADY_US + 2)); /* time alone does not mend it */
    leap_accept(&leap, leapt_us, STEADY_US + 1);
    assert_false(leap_seen(&leap, leapt_us + 1, STEADY_US + 2));
    assert_true(leap_seen(&leap, REAL_US, STEADY_US + 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leap_seen_steady),
        cmocka_unit_test(test_leap_seen_at_the_bound),
        cmocka_unit_test(test_leap_accept_forgives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
