#include "ledger/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger/limits.h"
#include "ledger/mem.h"
#include "ledger/thread.h"

#define POOL_MAGIC MAGIC('P', 'O', 'O', 'L')
#define AHEAD 4 /* pieces that may be under way or wait to be retired, for each thread */

enum piece_state { PIECE_NONE, PIECE_DONE, PIECE_FAILED };

/* A piece between its beginning and its retirement. */
struct slot {
    enum piece_state state;
    enum err err; /* of a piece that failed */
};

/* One call of pool_each. */
struct job {
    uint64_t end;  /* pieces from here on are not begun: all there are, or the first that failed */
    uint64_t next; /* to be begun */
    uint64_t retired; /* all below */
    unsigned running; /* pieces that threads are doing now */
    bool retiring;    /* a thread is retiring one */
    bool over;        /* nothing more is begun or retired */
    enum err err;     /* why, if it is over before its end */
    uint64_t count;
    pool_work_fn *work;
    pool_retire_fn *retire;
    void *ctx;
};

struct pool {
    uint32_t magic;
    pthread_mutex_t mutex;  /* guards all below */
    pthread_cond_t changed; /* there may be something to do, or nothing left to wait for */
    struct job *job;        /* borrowed from pool_each; NULL if there is none */
    bool ending;
    struct slot *slots; /* piece i has slot i % window */
    uint64_t window;
    unsigned helpers; /* threads of the pool's own */
    pthread_t *threads;
};

static void lock(struct pool *pool)
{
    ASSERT(pthread_mutex_lock(&pool->mutex) == 0);
}

static void unlock(struct pool *pool)
{
    ASSERT(pthread_mutex_unlock(&pool->mutex) == 0);
}

static void tell_all(struct pool *pool)
{
    ASSERT(pthread_cond_broadcast(&pool->changed) == 0);
}

static void stop(struct job *job, enum err err)
{
    job->over = true;
    job->err = err;
}

static bool can_retire(const struct pool *pool, const struct job *job)
{
    return !job->over && !job->retiring && job->retired < job->next &&
           pool->slots[job->retired % pool->window].state != PIECE_NONE;
}

static bool can_begin(const struct pool *pool, const struct job *job)
{
    return !job->over && job->next < job->end && job->next < job->retired + pool->window;
}

static bool is_finished(const struct job *job)
{
    return job->running == 0 && !job->retiring && (job->over || job->retired == job->count);
}

/* Retires the next piece, or ends the job if that piece failed.  Locked. */
static void retire_one(struct pool *pool, struct job *job)
{
    struct slot *slot = &pool->slots[job->retired % pool->window];
    if (slot->state == PIECE_FAILED) {
        stop(job, slot->err);
        return;
    }
    enum err err = ERR_OK;
    job->retiring = true;
    if (job->retire != NULL) {
        unlock(pool);
        err = job->retire(job->ctx, job->retired);
        lock(pool);
    }
    job->retiring = false;
    slot->state = PIECE_NONE;
    if (err == ERR_OK)
        job->retired++;
    else
        stop(job, err);
}

/* Locked. */
static void begin_one(struct pool *pool, struct job *job)
{
    uint64_t index = job->next++;
    job->running++;
    unlock(pool);
    enum err err = job->work(job->ctx, index);
    lock(pool);
    job->running--;
    pool->slots[index % pool->window] =
        (struct slot){.state = err == ERR_OK ? PIECE_DONE : PIECE_FAILED, .err = err};
    if (err != ERR_OK && index < job->end)
        job->end = index;
}

/* Does one thing of the job, if there is one to do.  Locked. */
static bool step(struct pool *pool, struct job *job)
{
    if (can_retire(pool, job))
        retire_one(pool, job);
    else if (can_begin(pool, job))
        begin_one(pool, job);
    else
        return false;
    tell_all(pool);
    return true;
}

static void wait_for_change(struct pool *pool)
{
    ASSERT(pthread_cond_wait(&pool->changed, &pool->mutex) == 0);
}

static void *help(void *arg)
{
    struct pool *pool;
    CAST_OBJ(pool, arg, POOL_MAGIC);
    lock(pool);
    while (!pool->ending) {
        if (pool->job == NULL || !step(pool, pool->job))
            wait_for_change(pool);
    }
    unlock(pool);
    return NULL;
}

unsigned pool_cores(void)
{
    cpu_set_t set;
    long count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
                                                              : sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (unsigned)count : 1;
}

static void start_helpers(struct pool *pool, unsigned count)
{
    while (pool->helpers < count && thread_start(help, pool, 0, &pool->threads[pool->helpers]) == 0)
        pool->helpers++;
}

struct pool *pool_new(unsigned threads)
{
    unsigned count = threads == 0 ? pool_cores() : threads;
    count = count > POOL_THREADS_MAX ? POOL_THREADS_MAX : count;
    struct pool *pool = mem_zero(1, sizeof(*pool));
    pool->magic = POOL_MAGIC;
    ASSERT(pthread_mutex_init(&pool->mutex, NULL) == 0);
    ASSERT(pthread_cond_init(&pool->changed, NULL) == 0);
    pool->window = (uint64_t)count * AHEAD;
    pool->slots = mem_zero(pool->window, sizeof(*pool->slots));
    pool->threads = mem_zero(count, sizeof(*pool->threads));
    start_helpers(pool, count - 1);
    return pool;
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    lock(pool);
    ASSERT(pool->job == NULL);
    pool->ending = true;
    tell_all(pool);
    unlock(pool);
    for (unsigned i = 0; i < pool->helpers; i++)
        ASSERT(pthread_join(pool->threads[i], NULL) == 0);
    ASSERT(pthread_cond_destroy(&pool->changed) == 0);
    ASSERT(pthread_mutex_destroy(&pool->mutex) == 0);
    free(pool->slots);
    free(pool->threads);
    free(pool);
}

unsigned pool_threads(const struct pool *pool)
{
    return pool->helpers + 1;
}

uint64_t pool_window(const struct pool *pool)
{
    return pool->window;
}

enum err pool_each(struct pool *pool, uint64_t count, pool_work_fn *work, pool_retire_fn *retire,
                   void *ctx)
{
    struct job job = {.end = count, .count = count, .work = work, .retire = retire, .ctx = ctx};
    lock(pool);
    ASSERT(pool->job == NULL);
    for (uint64_t i = 0; i < pool->window; i++)
        pool->slots[i] = (struct slot){.state = PIECE_NONE};
    pool->job = &job;
    tell_all(pool);
    while (!is_finished(&job)) {
        if (!step(pool, &job))
            wait_for_change(pool);
    }
    pool->job = NULL;
    unlock(pool);
    return job.err;
}
