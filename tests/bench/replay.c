/* How fast deployments are folded: in process, as the state of one from a command, and searched. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/replay.h"
#include "tests/bench/command.h"
#include "tests/bench/course.h"

#define STATE_EVENTS 500 /* of the deployment whose state is asked for */
#define STATE_ENTRIES ((uint64_t)COURSE_OPEN * STATE_EVENTS)
#define STATE_TURNS 5 /* in a round: of so many deployments */
#define DAY_US ((int64_t)86400 * 1000000)
#define BEGIN_US (10000 * DAY_US) /* of simulated ledgers: in 1997 */

/* Seconds of a command. */
static double run(const struct bench *bench, const char *const *words)
{
    struct command_cost cost;
    command_run(bench, words, &cost);
    return cost.seconds;
}

/* Have no page of a ledger in memory; it must be open nowhere. */
static void drop(const char *path)
{
    char *name = files_path(path, "data.mdb");
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
        bench_must(ERR_IO, name, NULL);
    close(fd);
    free(name);
}

static enum err parse_one(void *ctx, const struct record *record, bool *ret_more)
{
    uint64_t *entries = ctx;
    json_t *json = json_loadb((const char *)record->event.data, record->event.bytes, 0, NULL);
    if (json == NULL)
        return ERR_DAMAGED;
    json_decref(json);
    ++*entries;
    *ret_more = true;
    return ERR_OK;
}

/* Entries a second that one thread reads and parses by jansson, without judging. */
static double parse_all(struct ledger *ledger, uint64_t deployments)
{
    uint64_t entries = 0;
    double began = bench_now();
    for (uint64_t i = 0; i < deployments; i++) {
        char id[COURSE_ID_BYTES];
        struct err_text why;
        course_id(i, id);
        const struct ledger_walk walk = {.stream = id, .to_seq = UINT64_MAX};
        bench_must(ledger_each(ledger, &walk, parse_one, &entries, &why), id, &why);
    }
    return (double)entries / (bench_now() - began);
}

/* What became of a course's acts: a benchmark of refusals would measure something else. */
static void check(const struct deployment *deployment)
{
    if (deployment->refused * 20 > deployment->entries)
        bench_say("%s: %zu of %llu acts were refused", deployment->id, deployment->refused,
                  (unsigned long long)deployment->entries);
}

/* Entries a second that one thread folds. */
static double fold_all(struct ledger *ledger, uint64_t deployments)
{
    struct replay *replay = NULL;
    uint64_t entries = 0;
    double began = bench_now();
    bench_must(replay_open(ledger, &replay), "a replay", NULL);
    for (uint64_t i = 0; i < deployments; i++) {
        struct deployment *deployment = NULL;
        char id[COURSE_ID_BYTES];
        struct err_text why;
        course_id(i, id);
        bench_must(replay_fold(replay, id, UINT64_MAX, NULL, &deployment, &why), id, &why);
        if (i == 0)
            check(deployment);
        entries += deployment->entries;
        deployment_free(deployment);
    }
    replay_close(replay);
    return (double)entries / (bench_now() - began);
}

static void fold_figure(struct bench *bench, const struct course *course)
{
    struct series folds = {0}, parses = {0};
    uint64_t deployments = course->deployments;
    while (deployments > COURSE_OPEN && deployments * course->plan.count > 2 * bench->scale.folded)
        deployments /= 2;
    fold_all(course->stock->ledger, deployments); /* the pages are in memory from now on */
    for (unsigned i = 0; i < bench->scale.rounds; i++) {
        bench_put(&folds, fold_all(course->stock->ledger, deployments));
        bench_put(&parses, parse_all(course->stock->ledger, deployments));
    }
    struct figure *figure = bench_figure(bench, "replay, fold, to parsing", "events/s");
    figure->ours = bench_median(&folds);
    figure->raw = bench_median(&parses);
    bench_wish(figure, WISH_OURS_MIN, 250000);
}

static void search_figure(struct bench *bench, const char *path, uint64_t entries)
{
    struct series times = {0};
    const char *const words[] = {"search", path, "refused", NULL};
    for (unsigned i = 0; i < bench->scale.rounds; i++)
        bench_put(&times, run(bench, words) * 1e6 / (double)entries);
    struct figure *figure = bench_figure(bench, "replay, search of 1,000,000 events", "s");
    figure->ours = bench_median(&times);
    bench_wish(figure, WISH_OURS_MAX, 4);
}

/* One ledger of nothing but deployments: folded in process, then searched by the program. */
static void many(struct bench *bench)
{
    struct stock stock;
    struct course course;
    bool searched = bench->program != NULL && bench_wanted(bench, "replay-search");
    uint64_t wanted = searched ? bench->scale.searched : bench->scale.folded;
    stock_new_simulated(&stock, bench->dir, "courses", BEGIN_US);
    course_new(&course, &stock, bench->pool);
    while (course.entries < wanted) {
        course_play(&course, SIZE_MAX);
        if (course.deployments % (UINT64_C(8) * COURSE_OPEN) == 0)
            bench_say("playing deployments: %llu of %llu events",
                      (unsigned long long)course.entries, (unsigned long long)wanted);
    }
    if (bench_wanted(bench, "replay-fold"))
        fold_figure(bench, &course);
    stock_leave(&stock);
    if (searched)
        search_figure(bench, stock.path, course.entries);
    course_free(&course);
    stock_remove(&stock);
}

/* A ledger with so many entries, the last of which are COURSE_OPEN deployments'. */
static void fill(struct bench *bench, uint64_t entries, const char *name, struct stock *ret)
{
    struct course course;
    const uint64_t commit = 4096;
    stock_new_simulated(ret, bench->dir, name, BEGIN_US);
    uint64_t rest = entries > STATE_ENTRIES ? entries - STATE_ENTRIES : 1;
    bench_say("filling %s: %llu entries", name, (unsigned long long)entries);
    while (ret->next < rest) {
        uint64_t left = rest - ret->next;
        stock_take(ret, bench->pool,
                   left < commit        ? 1
                   : left / commit < 64 ? left / commit
                                        : 64,
                   left < commit ? left : commit);
    }
    course_new(&course, ret, bench->pool);
    plan_stretch(&course.plan, STATE_EVENTS - 1); /* and the opening */
    course_play(&course, STATE_EVENTS);
    course_free(&course);
    stock_leave(ret);
}

static void state_line(struct bench *bench, const char *name, struct series *big,
                       struct series *small)
{
    char line[64];
    snprintf(line, sizeof(line), "replay, state, %s", name);
    struct figure *figure = bench_figure(bench, line, "ms");
    figure->ours = bench_median(big);
    figure->raw = bench_median(small);
    bench_wish(figure, WISH_OURS_MAX, 30);
    double ours = figure->ours, raw = figure->raw;
    snprintf(line, sizeof(line), "replay, state, %s, to the small one", name);
    figure = bench_figure(bench, line, "ms");
    figure->ours = ours;
    figure->raw = raw;
    bench_wish(figure, WISH_RATIO_MAX, 1.2);
}

static void state_figures(struct bench *bench)
{
    struct stock stocks[2]; /* the big one, the small one */
    struct series warm[2] = {0}, cold[2] = {0};
    fill(bench, bench->scale.big, "big-state", &stocks[0]);
    fill(bench, bench->scale.small, "small-state", &stocks[1]);
    for (unsigned i = 0; i < bench->scale.rounds * STATE_TURNS; i++) {
        char id[COURSE_ID_BYTES];
        course_id(i % COURSE_OPEN, id);
        if (i == 0)
            bench_say("asking for the state of deployments of %d events", STATE_EVENTS);
        for (size_t j = 0; j < 2; j++) {
            const char *const words[] = {"status", stocks[j].path, id, NULL};
            drop(stocks[j].path);
            bench_put(&cold[j], run(bench, words) * 1e3);
            bench_put(&warm[j], run(bench, words) * 1e3);
        }
    }
    state_line(bench, "pages in memory", &warm[0], &warm[1]);
    state_line(bench, "pages on disk", &cold[0], &cold[1]);
    stock_remove(&stocks[0]);
    stock_remove(&stocks[1]);
}

void replay_figures(struct bench *bench)
{
    if (bench_wanted(bench, "replay-fold") ||
        (bench->program != NULL && bench_wanted(bench, "replay-search")))
        many(bench);
    if (bench->program != NULL && bench_wanted(bench, "replay-state"))
        state_figures(bench);
}
