#include "ingest/appender.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/bell.h"
#include "ingest/journal.h"
#include "ingest/sink.h"

#define APPENDER_MAGIC MAGIC('A', 'p', 'n', 'd')
#define COUNTS_WAIT_US (10 * INSTANT_SECOND_US) /* what custody counts is written by then */

struct appender {
    uint32_t magic;
    struct appender_config config;
    pthread_t thread;
    bool headless;   /* ledger.heads cannot be made */
    enum err failed; /* OK, or why nothing can be written any more */
    struct err_text why;
    struct appender_times times;
    pthread_mutex_t mutex; /* guards what is below */
    struct appender_counts counts;
    int bell; /* borrowed: rung after each commit; -1: none */
};

/* Events that go into one commit together. */
struct commit {
    struct admitted **admitted; /* owned; what they point to is the jobs' */
    struct receipt *receipts;   /* owned */
    size_t count;
};

static void commit_gather(struct commit *commit, const struct job *jobs)
{
    size_t count = 0;
    for (const struct job *job = jobs; job != NULL; job = job->next)
        count += job_is_let_in(job) ? job->count : 0;
    commit->admitted = mem_zero(count + 1, sizeof(struct admitted *));
    commit->receipts = mem_zero(count + 1, sizeof(*commit->receipts));
    for (const struct job *job = jobs; job != NULL; job = job->next) {
        for (size_t i = 0; job_is_let_in(job) && i < job->count; i++)
            commit->admitted[commit->count++] = job->admitted[i];
    }
}

/* Count what became of a commit, and tell of it; one that failed has given its events back. */
static void count_commit(struct appender *appender, const struct commit *commit, enum err err)
{
    struct appender_counts *counts = &appender->counts;
    ASSERT(pthread_mutex_lock(&appender->mutex) == 0);
    for (size_t i = 0; err == ERR_OK && i < commit->count; i++) {
        enum err refused = commit->receipts[i].err;
        *(refused == ERR_OK || refused == ERR_CONFLICT ? &counts->events : &counts->refused) += 1;
    }
    counts->refused += err == ERR_OK ? 0 : commit->count;
    counts->commits += err == ERR_OK;
    if (err == ERR_OK && commit->count > counts->batch_max)
        counts->batch_max = commit->count;
    if (err == ERR_OK && appender->bell >= 0)
        bell_ring(appender->bell);
    ASSERT(pthread_mutex_unlock(&appender->mutex) == 0);
}

/* Note in a job what became of its events. */
static void job_settle(struct job *job, struct receipt *receipts)
{
    job->counted = true;
    job->receipts = mem_zero(job->count, sizeof(*job->receipts));
    memcpy(job->receipts, receipts, job->count * sizeof(*receipts)); /* verdicts move along */
    for (size_t i = 0; job->err == ERR_OK && i < job->count; i++) {
        if (receipts[i].err == ERR_OK || receipts[i].held)
            continue;
        job->err = ledger_receipt_why(&receipts[i], &job->why);
        if (job_is_batch(job))
            err_say(&job->why, job->err, "the event at %zu of the batch: %.250s", i, job->why.s);
    }
}

/* Note in all jobs what became of the commit. */
static void settle_all(struct appender *appender, struct job *jobs, const struct commit *commit,
                       enum err err, const struct err_text *why)
{
    struct receipt *receipts = commit->receipts;
    const int64_t now_us = clock_monotonic_us();
    for (struct job *job = jobs; job != NULL; job = job->next) {
        if (job_is_let_in(job) && err != ERR_OK) {
            job->err = err;
            job->why = *why;
        } else if (job_is_let_in(job)) {
            size_t count = job->count;
            job_settle(job, receipts);
            receipts += count;
        }
        if (job->err == ERR_OK && job->accepts_clock && job->receipts[0].verdict.rule == RULE_NONE)
            screen_accept_clock(appender->config.screen);
        job->state = JOB_DECIDED;
        histogram_note(&appender->times.intake[job->courier.origin], now_us - job->pushed_us, 1);
    }
}

/* Give jobs that are decided back, but for those that are to be finished first. */
static void give_back(struct appender *appender, struct job *jobs)
{
    struct job *finished = NULL, **end = &finished;
    for (struct job *job = jobs, *next = NULL; job != NULL; job = next) {
        next = job->next;
        if (job->finish != NULL) {
            queue_finish(appender->config.queue, job);
            continue;
        }
        *end = job;
        end = &job->next;
    }
    *end = NULL;
    sink_give(finished);
}

/* After a failure of the disk nothing can be written any more. */
static void give_up(struct appender *appender, enum err err, const struct err_text *why)
{
    if (appender->failed != ERR_OK || (err != ERR_IO && err != ERR_DAMAGED))
        return;
    if (appender->config.fatal != NULL)
        appender->config.fatal(appender->config.ctx, err, why);
    appender->failed = err;
    appender->why = *why;
}

/* Append jobs in one commit, and give them back. */
static void append_jobs(struct appender *appender, struct job *jobs)
{
    const struct appender_config *config = &appender->config;
    struct commit commit = {0};
    struct err_text why = appender->why;
    enum err err = appender->failed;
    commit_gather(&commit, jobs);
    if (err == ERR_OK && commit.count > 0) {
        int64_t began_us = clock_monotonic_us();
        err = ledger_append(config->ledger, commit.admitted, commit.count, config->judge,
                            commit.receipts, &why);
        histogram_note(&appender->times.commit, clock_monotonic_us() - began_us, 1);
    }
    give_up(appender, err, &why);
    if (commit.count > 0)
        count_commit(appender, &commit, err);
    settle_all(appender, jobs, &commit, err, &why);
    free(commit.receipts);
    free(commit.admitted);
    give_back(appender, jobs);
}

/* Cut off, and give, the jobs that must meet what those before them write to the stream `ledger`:
 * it may be the very key or token that they lack.  What writes there too needs no commit of its
 * own, unless it was refused. */
static struct job *cut_behind_acts(struct job *jobs)
{
    bool acts = job_acts(jobs);
    for (struct job *job = jobs; job->next != NULL; job = job->next) {
        struct job *next = job->next;
        bool next_acts = job_acts(next);
        if (acts && !next_acts && !next->settled) {
            job->next = NULL;
            return next;
        }
        acts = acts || next_acts;
    }
    return NULL;
}

/* What was refused is counted in some commit; where none comes, in one of its own. */
static void write_counts(struct appender *appender)
{
    struct err_text why = {""};
    if (appender->failed != ERR_OK || !ledger_counts_wait(appender->config.ledger))
        return;
    give_up(appender, ledger_write_counts(appender->config.ledger, &why), &why);
}

/* Where all streams stand is said every day in which something came. */
static void write_heads(struct appender *appender)
{
    struct ledger *ledger = appender->config.ledger;
    struct admitted *admitted = NULL;
    struct receipt receipt = {0};
    struct err_text why = {""};
    bool due = false;
    if (appender->failed != ERR_OK || appender->headless ||
        screen_clock_leapt(appender->config.screen))
        return;
    enum err err = heads_make_due(ledger, ledger_now(ledger), &due, &why);
    if (err == ERR_OK && due)
        err = heads_make_admit(ledger, &admitted, &why);
    if (err != ERR_OK && err != ERR_BUSY) {
        appender->headless = true; /* what cannot be read does not heal */
        journal_line("heads-failed", "level", "error", "detail", why.s, "do", "run verify", NULL);
    } else if (admitted != NULL) {
        err = ledger_append(ledger, &admitted, 1, NULL, &receipt, &why);
        give_up(appender, err, &why);
        struct commit commit = {.receipts = &receipt, .count = 1};
        if (err == ERR_OK) /* else it is tried again */
            count_commit(appender, &commit, err);
    }
    ledger_receipts_free(&receipt, 1);
    admit_free(admitted);
}

/* Admit what must be before more can be appended, rather than wait for others to. */
static void help_admit(const struct appender_config *config)
{
    struct job *job;
    while ((job = queue_help(config->queue)) != NULL) {
        screen_job(config->screen, job);
        queue_ready(config->queue, job);
    }
}

static void *append_all(void *arg)
{
    struct appender *appender;
    CAST_OBJ(appender, arg, APPENDER_MAGIC);
    const struct appender_config *config = &appender->config;
    struct job *jobs;
    pthread_setname_np(pthread_self(), "append");
    int64_t counted_us = clock_monotonic_us();
    bool open = true;
    write_heads(appender);
    while (open) {
        bool some = queue_wait(config->queue, COUNTS_WAIT_US);
        if (clock_monotonic_us() - counted_us >= COUNTS_WAIT_US) {
            write_counts(appender);
            write_heads(appender);
            counted_us = clock_monotonic_us();
        }
        if (some)
            help_admit(config);
        jobs = some ? queue_take(config->queue, BATCH_EVENTS_MAX, BATCH_BYTES_MAX) : NULL;
        open = !some || jobs != NULL;
        while (jobs != NULL) {
            screen_again(config->screen, jobs);
            struct job *rest = cut_behind_acts(jobs);
            append_jobs(appender, jobs);
            jobs = rest;
        }
    }
    write_counts(appender);
    return NULL;
}

enum err appender_start(const struct appender_config *config, struct appender **ret_appender,
                        struct err_text *ret_why)
{
    struct appender *appender = mem_zero(1, sizeof(*appender));
    appender->magic = APPENDER_MAGIC;
    appender->config = *config;
    appender->bell = -1;
    ASSERT(pthread_mutex_init(&appender->mutex, NULL) == 0);
    int failed = thread_start(append_all, appender, 0, &appender->thread);
    if (failed != 0) {
        ASSERT(pthread_mutex_destroy(&appender->mutex) == 0);
        free(appender);
        return err_say(ret_why, ERR_IO, "no thread for the appender: %s", strerror(failed));
    }
    *ret_appender = appender;
    return ERR_OK;
}

void appender_join(struct appender *appender)
{
    CHECK_OBJ(appender, APPENDER_MAGIC);
    ASSERT(pthread_join(appender->thread, NULL) == 0);
}

void appender_free(struct appender *appender)
{
    if (appender == NULL)
        return;
    ASSERT(pthread_mutex_destroy(&appender->mutex) == 0);
    free(appender);
}

void appender_watch(struct appender *appender, int bell)
{
    ASSERT(pthread_mutex_lock(&appender->mutex) == 0);
    appender->bell = bell;
    ASSERT(pthread_mutex_unlock(&appender->mutex) == 0);
}

struct appender_counts appender_counts(struct appender *appender)
{
    ASSERT(pthread_mutex_lock(&appender->mutex) == 0);
    struct appender_counts counts = appender->counts;
    ASSERT(pthread_mutex_unlock(&appender->mutex) == 0);
    return counts;
}

const struct appender_times *appender_times(const struct appender *appender)
{
    return &appender->times;
}
