#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/turnstile.h"

#define LONG_S 600 /* longer than any test takes */

/* A thread at the turnstile, and what it and the test tell each other. */
struct guest {
    struct turnstile *turnstile;
    pthread_t thread;
    atomic_bool about; /* it is about to go through */
    atomic_bool open;  /* the test has let it */
    bool early;        /* it got through before that */
};

static void guest_start(struct guest *guest, struct turnstile *turnstile, void *(*run)(void *))
{
    *guest = (struct guest){.turnstile = turnstile};
    assert_int_equal(pthread_create(&guest->thread, NULL, run, guest), 0);
    while (!atomic_load(&guest->about))
        usleep(1000);
    usleep(20000); /* so that what does not wait is seen; what waits passes in any case */
}

static void guest_end(const struct guest *guest)
{
    assert_int_equal(pthread_join(guest->thread, NULL), 0);
    assert_false(guest->early);
}

static void *enter(void *ctx)
{
    struct guest *guest = ctx;
    atomic_store(&guest->about, true);
    turnstile_enter(guest->turnstile);
    guest->early = !atomic_load(&guest->open);
    turnstile_leave(guest->turnstile);
    return NULL;
}

static void *close_and_open(void *ctx)
{
    struct guest *guest = ctx;
    atomic_store(&guest->about, true);
    guest->early = !turnstile_close(guest->turnstile, LONG_S);
    if (guest->early)
        return NULL;
    guest->early = !atomic_load(&guest->open);
    turnstile_open(guest->turnstile);
    return NULL;
}

static void test_turnstile_close_when_empty(void **state)
{
    (void)state;
    struct turnstile turnstile;
    turnstile_init(&turnstile);
    for (int i = 0; i < 3; i++) {
        turnstile_enter(&turnstile);
        turnstile_enter(&turnstile);
        turnstile_leave(&turnstile);
        turnstile_leave(&turnstile);
        assert_true(turnstile_close(&turnstile, 0));
        assert_int_equal(turnstile.inside, 0);
        turnstile_open(&turnstile);
    }
    turnstile_destroy(&turnstile);
}

static void test_turnstile_close_gives_up(void **state)
{
    (void)state;
    struct turnstile turnstile;
    turnstile_init(&turnstile);
    turnstile_enter(&turnstile);
    assert_false(turnstile_close(&turnstile, 0));
    turnstile_enter(&turnstile); /* it is open again, and its lock is free */
    turnstile_leave(&turnstile);
    turnstile_leave(&turnstile);
    assert_true(turnstile_close(&turnstile, 0));
    turnstile_open(&turnstile);
    turnstile_destroy(&turnstile);
}

static void test_turnstile_close_waits_for_the_last(void **state)
{
    (void)state;
    struct turnstile turnstile;
    struct guest guest;
    turnstile_init(&turnstile);
    turnstile_enter(&turnstile);
    turnstile_enter(&turnstile);
    guest_start(&guest, &turnstile, close_and_open);
    turnstile_leave(&turnstile);
    atomic_store(&guest.open, true);
    turnstile_leave(&turnstile);
    guest_end(&guest);
    turnstile_destroy(&turnstile);
}

static void test_turnstile_enter_waits_while_closed(void **state)
{
    (void)state;
    struct turnstile turnstile;
    struct guest guest;
    turnstile_init(&turnstile);
    assert_true(turnstile_close(&turnstile, 0));
    guest_start(&guest, &turnstile, enter);
    atomic_store(&guest.open, true);
    turnstile_open(&turnstile);
    guest_end(&guest);
    turnstile_destroy(&turnstile);
}

static void test_turnstile_close_one_after_the_other(void **state)
{
    (void)state;
    struct turnstile turnstile;
    struct guest guest;
    turnstile_init(&turnstile);
    assert_true(turnstile_close(&turnstile, 0));
    guest_start(&guest, &turnstile, close_and_open);
    atomic_store(&guest.open, true);
    turnstile_open(&turnstile);
    guest_end(&guest);
    turnstile_destroy(&turnstile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turnstile_close_when_empty),
        cmocka_unit_test(test_turnstile_close_gives_up),
        cmocka_unit_test(test_turnstile_close_waits_for_the_last),
        cmocka_unit_test(test_turnstile_enter_waits_while_closed),
        cmocka_unit_test(test_turnstile_close_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
