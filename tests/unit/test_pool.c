#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "ledger/limits.h"
#include "ledger/mem.h"
#include "ledger/pool.h"

#define PIECES 5000
#define NONE UINT64_MAX

/* What the pieces of one call have seen. */
struct seen {
    struct pool *pool;
    uint64_t *ring; /* plain memory: a slot that were shared would be a race */
    _Atomic uint64_t worked;
    uint64_t retired; /* plain, too: one at a time */
    uint64_t sum;
    bool in_order, in_window;
    uint64_t fail_work, fail_work_late, fail_retire;
    _Atomic uint64_t retired_at; /* as other threads may see it */
};

static enum err work(void *ctx, uint64_t index)
{
    struct seen *seen = ctx;
    atomic_fetch_add(&seen->worked, 1);
    if (index >= atomic_load(&seen->retired_at) + pool_window(seen->pool))
        seen->in_window = false;
    seen->ring[index % pool_window(seen->pool)] = index * index;
    if (index == seen->fail_work_late) {
        for (volatile int i = 0; i < 200000; i++)
            ;
        return ERR_IO;
    }
    return index == seen->fail_work ? ERR_DAMAGED : ERR_OK;
}

static enum err retire(void *ctx, uint64_t index)
{
    struct seen *seen = ctx;
    seen->in_order = seen->in_order && index == seen->retired;
    if (index == seen->fail_retire)
        return ERR_CONFLICT;
    seen->sum += seen->ring[index % pool_window(seen->pool)];
    seen->retired = index + 1;
    atomic_store(&seen->retired_at, seen->retired);
    return ERR_OK;
}

static void start(struct seen *seen, unsigned threads)
{
    *seen = (struct seen){.in_order = true,
                          .in_window = true,
                          .fail_work = NONE,
                          .fail_work_late = NONE,
                          .fail_retire = NONE};
    seen->pool = pool_new(threads);
    seen->ring = mem_zero(pool_window(seen->pool), sizeof(uint64_t));
}

static void end(struct seen *seen)
{
    assert_true(seen->in_order);
    assert_true(seen->in_window);
    pool_free(seen->pool);
    free(seen->ring);
}

static const unsigned thread_counts[] = {1, 2, 4, 13};
#define THREAD_COUNTS (sizeof(thread_counts) / sizeof(thread_counts[0]))

static void test_pool_each_in_order(void **state)
{
    (void)state;
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        struct seen seen;
        uint64_t sum = 0;
        start(&seen, thread_counts[t]);
        assert_int_equal(pool_threads(seen.pool), thread_counts[t]);
        assert_int_equal(pool_each(seen.pool, PIECES, work, retire, &seen), ERR_OK);
        for (uint64_t i = 0; i < PIECES; i++)
            sum += i * i;
        assert_int_equal(seen.worked, PIECES);
        assert_int_equal(seen.retired, PIECES);
        assert_int_equal(seen.sum, sum);
        end(&seen);
    }
}

static void test_pool_each_again(void **state)
{
    (void)state;
    struct seen seen;
    start(&seen, 3);
    for (uint64_t count = 0; count < 40; count++) {
        seen.retired = 0;
        seen.worked = 0;
        seen.retired_at = 0;
        assert_int_equal(pool_each(seen.pool, count, work, retire, &seen), ERR_OK);
        assert_int_equal(seen.worked, count);
        assert_int_equal(seen.retired, count);
    }
    end(&seen);
}

static void test_pool_each_without_retire(void **state)
{
    (void)state;
    struct seen seen;
    start(&seen, 4);
    seen.retired_at = PIECES;
    assert_int_equal(pool_each(seen.pool, PIECES, work, NULL, &seen), ERR_OK);
    assert_int_equal(seen.worked, PIECES);
    end(&seen);
}

static void test_pool_each_work_fails(void **state)
{
    (void)state;
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        struct seen seen;
        start(&seen, thread_counts[t]);
        seen.fail_work = 2001;
        assert_int_equal(pool_each(seen.pool, PIECES, work, retire, &seen), ERR_DAMAGED);
        assert_int_equal(seen.retired, 2001);
        assert_true(seen.worked >= 2002 && seen.worked <= 2001 + pool_window(seen.pool));
        end(&seen);
    }
}

/* The piece that fails first in time is not the first in order. */
static void test_pool_each_lowest_error_wins(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct seen seen;
        start(&seen, 4);
        seen.fail_work_late = 100;
        seen.fail_work = 103;
        assert_int_equal(pool_each(seen.pool, PIECES, work, retire, &seen), ERR_IO);
        assert_int_equal(seen.retired, 100);
        end(&seen);
    }
}

static void test_pool_each_retire_fails(void **state)
{
    (void)state;
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        struct seen seen;
        start(&seen, thread_counts[t]);
        seen.fail_retire = 77;
        seen.fail_work = 79;
        assert_int_equal(pool_each(seen.pool, PIECES, work, retire, &seen), ERR_CONFLICT);
        assert_int_equal(seen.retired, 77);
        seen.fail_retire = seen.fail_work = NONE; /* the pool is as good as new */
        seen.retired = 0;
        seen.retired_at = 0;
        assert_int_equal(pool_each(seen.pool, 10, work, retire, &seen), ERR_OK);
        assert_int_equal(seen.retired, 10);
        end(&seen);
    }
}

/* Whether piece `index` is done by a thread that a signal may reach. */
static enum err note_mask(void *ctx, uint64_t index)
{
    _Atomic int *open_threads = ctx;
    sigset_t mask;
    (void)index;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (!sigismember(&mask, SIGINT))
        atomic_fetch_add(open_threads, 1);
    for (volatile int i = 0; i < 20000; i++)
        ;
    return ERR_OK;
}

static void test_pool_new_takes_no_signals(void **state)
{
    (void)state;
    _Atomic int open_threads = 0;
    struct pool *pool = pool_new(4);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_false(sigismember(&mask, SIGINT));
    for (int i = 0; i < 10000 && (open_threads == 0 || open_threads == 64); i++) {
        open_threads = 0;
        assert_int_equal(pool_each(pool, 64, note_mask, NULL, &open_threads), ERR_OK);
    }
    assert_in_range(open_threads, 1, 63); /* both kinds of thread took part */
    pool_free(pool);
}

static void test_pool_new_bounds(void **state)
{
    (void)state;
    struct pool *pool = pool_new(0);
    assert_true(pool_threads(pool) >= 1);
    pool_free(pool);
    pool = pool_new(POOL_THREADS_MAX + 1);
    assert_true(pool_threads(pool) <= POOL_THREADS_MAX);
    pool_free(pool);
    pool_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_each_in_order),
        cmocka_unit_test(test_pool_each_again),
        cmocka_unit_test(test_pool_each_without_retire),
        cmocka_unit_test(test_pool_each_work_fails),
        cmocka_unit_test(test_pool_each_lowest_error_wins),
        cmocka_unit_test(test_pool_each_retire_fails),
        cmocka_unit_test(test_pool_new_takes_no_signals),
        cmocka_unit_test(test_pool_new_bounds),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
