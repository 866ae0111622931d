#include "ingest/scrub.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "ingest/journal.h"

#define SCRUB_MAGIC MAGIC('S', 'c', 'r', 'b')
#define NICE 19
#define RETRY_US (60 * INSTANT_SECOND_US) /* after a try that failed */
#define PAUSE_US_MIN INSTANT_SECOND_US    /* between two passes */

struct scrub {
    uint32_t magic;
    struct scrub_config config;
    pthread_t thread;
    bool running;
    struct checkpoint done; /* up to where this pass has come; the thread's alone */
    int64_t part_us;        /* monotonic: when this part of it began; the thread's alone */
    pthread_mutex_t mutex;  /* guards what is below */
    pthread_cond_t stopped;
    bool stop;
    bool part_moved; /* this part of the pass has found entries good */
    struct scrub_state state;
};

static void lock(struct scrub *scrub)
{
    ASSERT(pthread_mutex_lock(&scrub->mutex) == 0);
}

static void unlock(struct scrub *scrub)
{
    ASSERT(pthread_mutex_unlock(&scrub->mutex) == 0);
}

/* Whether the daemon stops. */
static bool ends(struct scrub *scrub)
{
    lock(scrub);
    bool stop = scrub->stop;
    unlock(scrub);
    return stop;
}

/* A part that has come nowhere yet goes on: the next one would come no further. */
static bool part_ends(void *ctx)
{
    struct scrub *scrub;
    CAST_OBJ(scrub, ctx, SCRUB_MAGIC);
    int64_t us = clock_monotonic_us() - scrub->part_us;
    lock(scrub);
    bool stop = scrub->stop || (scrub->part_moved && us >= scrub->config.part_us);
    unlock(scrub);
    return stop;
}

static void progress(void *ctx, uint64_t done, uint64_t total)
{
    struct scrub *scrub;
    CAST_OBJ(scrub, ctx, SCRUB_MAGIC);
    lock(scrub);
    struct scrub_state *state = &scrub->state;
    scrub->part_moved = true;
    state->entries += done > state->pass_entries ? done - state->pass_entries : 0;
    state->pass_entries = done;
    state->pass_size = total;
    unlock(scrub);
}

static void tell(const char *what, const struct verify_result *result)
{
    char entries[24];
    snprintf(entries, sizeof(entries), "%" PRIu64, result->size);
    journal_line(what, "entries", entries, NULL);
}

static void tell_damage(const struct verify_bad *bad)
{
    char seq[24];
    snprintf(seq, sizeof(seq), "%" PRIu64, bad->seq);
    journal_line("damaged", "level", "error", "seq", seq, "detail", bad->what, "do",
                 "run verify, then repair --index or restore a backup", NULL);
}

/* Takes note of what a part of a pass has found; whether the pass is over. */
static bool part_over(struct scrub *scrub, const struct verify_result *result)
{
    const struct verify_bad *bad = &result->first_bad;
    if (result->stopped && !bad->found) {
        scrub->done.size += result->entries;
        if (result->entries > 0)
            memcpy(scrub->done.root, result->root, HASH_BYTES);
        return false;
    }
    lock(scrub);
    struct scrub_state *state = &scrub->state;
    if (!bad->found) {
        state->passes++;
        state->last_good_us = clock_real_us();
    } else {
        state->damages++;
        if (!state->bad.found)
            state->bad = *bad;
    }
    unlock(scrub);
    if (bad->found)
        tell_damage(bad);
    else
        tell("scrubbed", result);
    return true;
}

static void part_begin(struct scrub *scrub, bool pass)
{
    scrub->part_us = clock_monotonic_us();
    lock(scrub);
    scrub->part_moved = false;
    if (pass)
        scrub->state.pass_entries = 0;
    unlock(scrub);
}

/* Verifies on from where the pass is; gives how long to wait then. */
static int64_t run_part(struct scrub *scrub)
{
    struct verify_result *result = NULL;
    struct err_text why = {""};
    const struct verify_options options = {
        .since = scrub->done.size > 0 ? &scrub->done : NULL,
        .threads = 1,
        .rate = scrub->config.rate,
        .progress = progress,
        .stop = part_ends,
        .ctx = scrub,
    };
    part_begin(scrub, options.since == NULL);
    enum err err = verify_ledger(scrub->config.dir, &options, &result, &why);
    if (err != ERR_OK) {
        journal_line("scrub-failed", "level", "warning", "error", err_name(err), "detail", why.s,
                     NULL);
        lock(scrub);
        scrub->state.failures++;
        unlock(scrub);
        return RETRY_US;
    }
    bool over = part_over(scrub, result);
    verify_result_free(result);
    if (!over)
        return 0;
    scrub->done = (struct checkpoint){0};
    return scrub->config.pause_us > PAUSE_US_MIN ? scrub->config.pause_us : PAUSE_US_MIN;
}

/* Waits, but not beyond the daemon's end. */
static void wait_us(struct scrub *scrub, int64_t us)
{
    int64_t until_us = clock_monotonic_us() + us;
    const struct timespec until = {.tv_sec = until_us / INSTANT_SECOND_US,
                                   .tv_nsec = until_us % INSTANT_SECOND_US * 1000};
    lock(scrub);
    int code = 0;
    while (!scrub->stop && code == 0)
        code = pthread_cond_timedwait(&scrub->stopped, &scrub->mutex, &until);
    unlock(scrub);
}

static void *scrub_main(void *arg)
{
    struct scrub *scrub;
    CAST_OBJ(scrub, arg, SCRUB_MAGIC);
    /* Linux gives each thread a priority of its own; where it cannot be lowered the rate holds. */
    (void)!setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    while (!ends(scrub)) {
        int64_t us = run_part(scrub);
        if (us > 0)
            wait_us(scrub, us);
    }
    return NULL;
}

enum err scrub_start(const struct scrub_config *config, struct scrub **ret_scrub,
                     struct err_text *ret_why)
{
    struct scrub *scrub = mem_zero(1, sizeof(*scrub));
    pthread_condattr_t attributes;
    ASSERT(config->rate > 0);
    scrub->magic = SCRUB_MAGIC;
    scrub->config = *config;
    ASSERT(pthread_mutex_init(&scrub->mutex, NULL) == 0);
    ASSERT(pthread_condattr_init(&attributes) == 0);
    ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    ASSERT(pthread_cond_init(&scrub->stopped, &attributes) == 0);
    ASSERT(pthread_condattr_destroy(&attributes) == 0);
    int failed = thread_start(scrub_main, scrub, 0, &scrub->thread);
    if (failed != 0) {
        scrub_free(scrub);
        return err_say(ret_why, ERR_IO, "no thread for the scrub: %s", strerror(failed));
    }
    scrub->running = true;
    *ret_scrub = scrub;
    return ERR_OK;
}

struct scrub_state scrub_state(struct scrub *scrub)
{
    lock(scrub);
    struct scrub_state state = scrub->state;
    unlock(scrub);
    return state;
}

void scrub_stop(struct scrub *scrub)
{
    if (!scrub->running)
        return;
    lock(scrub);
    scrub->stop = true;
    ASSERT(pthread_cond_broadcast(&scrub->stopped) == 0);
    unlock(scrub);
    ASSERT(pthread_join(scrub->thread, NULL) == 0);
    scrub->running = false;
}

void scrub_free(struct scrub *scrub)
{
    if (scrub == NULL)
        return;
    scrub_stop(scrub);
    ASSERT(pthread_cond_destroy(&scrub->stopped) == 0);
    ASSERT(pthread_mutex_destroy(&scrub->mutex) == 0);
    free(scrub);
}
