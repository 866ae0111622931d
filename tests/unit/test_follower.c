#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/follower.h"

#define FOLLOWERS 4

/* Followers whose exchanges have ended already: what is done to them is seen in the marks alone. */
struct crowd {
    struct follower_hub hub;
    struct follower followers[FOLLOWERS];
};

static void gather(struct crowd *crowd, const size_t unsent[FOLLOWERS],
                   const int64_t since_us[FOLLOWERS])
{
    *crowd = (struct crowd){.hub = {.count = FOLLOWERS}};
    for (size_t i = 0; i < FOLLOWERS; i++) {
        struct follower *follower = &crowd->followers[i];
        follower->magic = FOLLOWER_MAGIC;
        follower->hub = &crowd->hub;
        follower->unsent_bytes = unsent[i];
        follower->since_us = since_us[i];
        follower->next = i + 1 < FOLLOWERS ? follower + 1 : NULL;
        follower->before = i > 0 ? follower - 1 : NULL;
        crowd->hub.unsent_bytes += unsent[i];
    }
    crowd->hub.first = crowd->followers;
}

static void test_follower_shed_not_over_the_bound(void **state)
{
    (void)state;
    struct crowd crowd;
    const size_t unsent[FOLLOWERS] = {FOLLOWERS_BYTES_MAX - 3, 1, 1, 1};
    gather(&crowd, unsent, (const int64_t[FOLLOWERS]){1, 2, 3, 4});
    follower_shed(&crowd.hub);
    assert_int_equal(crowd.hub.cut, 0);
    for (size_t i = 0; i < FOLLOWERS; i++)
        assert_false(crowd.followers[i].goes);
}

/* Who has taken nothing for the longest time goes first, however little is on its way to it; who
 * has taken all stays; and no more go than must. */
static void test_follower_shed_the_slowest(void **state)
{
    (void)state;
    struct crowd crowd;
    const size_t half = FOLLOWERS_BYTES_MAX / 2;
    const size_t unsent[FOLLOWERS] = {half, 0, half, 10};
    gather(&crowd, unsent, (const int64_t[FOLLOWERS]){40, 1, 30, 20});
    follower_shed(&crowd.hub);
    assert_int_equal(crowd.hub.cut, 1);
    assert_true(crowd.followers[3].goes);
    assert_false(crowd.followers[0].goes || crowd.followers[1].goes || crowd.followers[2].goes);
}

static void test_follower_shed_until_it_is_enough(void **state)
{
    (void)state;
    struct crowd crowd;
    const size_t unsent[FOLLOWERS] = {FOLLOWERS_BYTES_MAX, 5, FOLLOWERS_BYTES_MAX, 5};
    gather(&crowd, unsent, (const int64_t[FOLLOWERS]){3, 4, 1, 2});
    follower_shed(&crowd.hub);
    assert_int_equal(crowd.hub.cut, 3);
    assert_true(crowd.followers[0].goes && crowd.followers[2].goes && crowd.followers[3].goes);
    assert_false(crowd.followers[1].goes);
}

/* One that has ended already, and waits for its page alone, is not ended again. */
static void test_follower_drop_twice(void **state)
{
    (void)state;
    struct crowd crowd;
    struct err_text why = {"over"};
    gather(&crowd, (const size_t[FOLLOWERS]){1, 0, 0, 0}, (const int64_t[FOLLOWERS]){0});
    follower_drop(&crowd.followers[0]);
    follower_finish(&crowd.followers[0], ERR_BUSY, &why);
    assert_int_equal(crowd.hub.count, FOLLOWERS);
    assert_int_equal(crowd.hub.unsent_bytes, 1);
    assert_ptr_equal(crowd.hub.first, &crowd.followers[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follower_shed_not_over_the_bound),
        cmocka_unit_test(test_follower_shed_the_slowest),
        cmocka_unit_test(test_follower_shed_until_it_is_enough),
        cmocka_unit_test(test_follower_drop_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
