#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <pthread.h>

#include "ingest/reading.h"

#define PIECE_MAGIC MAGIC('T', 's', 't', 'R')

struct piece_of_work {
    uint32_t magic;
    struct reading_work work;
    pthread_t ran_in;
    bool ran, ended;
    pthread_mutex_t *gate; /* NULL, or held by the test while it must not run on */
    struct event_base *stops;
};

static void run(void *ctx)
{
    struct piece_of_work *piece;
    CAST_OBJ(piece, ctx, PIECE_MAGIC);
    if (piece->gate != NULL) {
        ASSERT(pthread_mutex_lock(piece->gate) == 0);
        ASSERT(pthread_mutex_unlock(piece->gate) == 0);
    }
    piece->ran_in = pthread_self();
    piece->ran = true;
}

static void end(void *ctx)
{
    struct piece_of_work *piece;
    CAST_OBJ(piece, ctx, PIECE_MAGIC);
    piece->ended = true;
    if (piece->stops != NULL)
        event_base_loopbreak(piece->stops);
}

static void make(struct piece_of_work *piece)
{
    *piece = (struct piece_of_work){.magic = PIECE_MAGIC,
                                    .work = {.run = run, .end = end, .ctx = piece}};
}

static void test_reading_push_runs_elsewhere_ends_here(void **state)
{
    (void)state;
    struct event_base *base = event_base_new();
    struct reading *reading = NULL;
    struct piece_of_work pieces[50];
    assert_int_equal(reading_start(base, 1, 50, &reading, NULL), ERR_OK);
    for (size_t i = 0; i < 50; i++) {
        make(&pieces[i]);
        pieces[i].stops = i == 49 ? base : NULL;
        assert_true(reading_push(reading, &pieces[i].work));
    }
    assert_int_equal(reading_waiting(reading), 50);
    assert_int_equal(event_base_dispatch(base), 0);
    for (size_t i = 0; i < 50; i++) {
        assert_true(pieces[i].ran && pieces[i].ended);
        assert_false(pthread_equal(pieces[i].ran_in, pthread_self()));
    }
    assert_int_equal(reading_waiting(reading), 0);
    reading_free(reading);
    event_base_free(base);
}

/* What waits is bounded, and is ended in any case. */
static void test_reading_push_full_and_freed(void **state)
{
    (void)state;
    struct event_base *base = event_base_new();
    struct reading *reading = NULL;
    struct piece_of_work pieces[4];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    size_t taken = 0;
    assert_int_equal(pthread_mutex_lock(&gate), 0);
    assert_int_equal(reading_start(base, 1, 2, &reading, NULL), ERR_OK);
    for (size_t i = 0; i < 4; i++) {
        make(&pieces[i]);
        pieces[i].gate = &gate;
        taken += reading_push(reading, &pieces[i].work);
    }
    assert_true(taken == 2 || taken == 3); /* one may be under way */
    assert_int_equal(reading_waiting(reading), taken);
    assert_int_equal(pthread_mutex_unlock(&gate), 0);
    reading_free(reading);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pieces[i].ended, i < taken);
    event_base_free(base);
    reading_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading_push_runs_elsewhere_ends_here),
        cmocka_unit_test(test_reading_push_full_and_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
