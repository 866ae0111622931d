/* How long the report of a made-up year takes, from the process's start to its end, and what
 * memory; and of a year with ten times the events. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/command.h"

#define DEPLOYMENT_EVENTS 400 /* so many, about, has one of `demo` */
#define FOUR "html,csv,json,oscal"
#define FIVE FOUR ",pdf"

/* A year and what its rounds took; left to whoever removes the directory for scratch files. */
struct year {
    char *path; /* owned */
    double events;
    struct series four, more, hashes; /* seconds: of four formats, of PDF beyond them, of hashes */
    long private_kib;                 /* at the most */
};

static void year_make(const struct bench *bench, uint64_t deployments, struct year *ret)
{
    char name[32], count[24];
    struct command_cost cost;
    struct ledger *ledger = NULL;
    struct err_text why;
    uint64_t size = 0;
    snprintf(name, sizeof(name), "year-%llu", (unsigned long long)deployments);
    snprintf(count, sizeof(count), "%llu", (unsigned long long)deployments);
    *ret = (struct year){.path = files_path(bench->dir, name)};
    const char *const words[] = {"demo",   ret->path, "--deployments", count,
                                 "--seed", "7",       "--json",        NULL};
    bench_say("making a year of %s deployments", count);
    command_run(bench, words, &cost);
    bench_must(ledger_open(ret->path, false, &ledger, &why), ret->path, &why);
    bench_must(ledger_size(ledger, &size, &why), ret->path, &why);
    ledger_close(ledger);
    ret->events = (double)size;
}

/* Seconds of its report in some formats. */
static double report(const struct bench *bench, struct year *year, const char *formats)
{
    char *out = files_path(bench->dir, "report");
    struct command_cost cost;
    const char *const words[] = {"report", year->path, "--year", "2026", "--format",
                                 formats,  "--out",    out,      NULL};
    command_run(bench, words, &cost);
    if (cost.private_kib > year->private_kib)
        year->private_kib = cost.private_kib;
    free(out);
    return cost.seconds;
}

static void round_of(const struct bench *bench, struct year *year)
{
    const char *const words[] = {"verify", year->path, "--only", "hashes", NULL};
    struct command_cost cost;
    double four = report(bench, year, FOUR);
    bench_put(&year->four, four);
    bench_put(&year->more, report(bench, year, FIVE) - four);
    command_run(bench, words, &cost);
    bench_put(&year->hashes, cost.seconds);
}

static void year_lines(struct bench *bench, struct year *year, double four)
{
    struct figure *figure = bench_figure(bench, "report, four formats of 1,000,000 events", "s");
    figure->ours = four * 1e6 / year->events;
    figure->raw = bench_median(&year->hashes) * 1e6 / year->events;
    bench_wish(figure, WISH_OURS_MAX, 6);
    figure = bench_figure(bench, "report, PDF more", "s");
    figure->ours = bench_median(&year->more);
    bench_wish(figure, WISH_OURS_MAX, 10);
    figure = bench_figure(bench, "report, memory", "MiB");
    figure->ours = (double)year->private_kib / 1024;
    bench_wish(figure, WISH_OURS_MAX, 256);
}

/* Of two years, one about ten times the other. */
static void tenfold_line(struct bench *bench, const struct year *big, double big_s,
                         const struct year *small, double small_s)
{
    struct figure *figure = bench_figure(bench, "report, ten times the events", "s");
    figure->ours = big_s * small->events * 10 / big->events;
    figure->raw = small_s;
    bench_wish(figure, WISH_RATIO_MAX, 11);
}

void annual_figures(struct bench *bench)
{
    uint64_t deployments = bench->scale.year;
    bool more = bench->scale.big / DEPLOYMENT_EVENTS >= deployments * 10;
    struct year year, other;
    if (bench->program == NULL || !bench_wanted(bench, "report"))
        return;
    year_make(bench, deployments, &year);
    year_make(bench, more ? deployments * 10 : deployments / 10, &other);
    bench_say("making reports of %.0f events, and of %.0f", year.events, other.events);
    report(bench, &year, FOUR); /* the pages are in memory from now on */
    report(bench, &other, FOUR);
    year.private_kib = 0;
    for (unsigned i = 0; i < bench->scale.rounds; i++) {
        round_of(bench, &year);
        bench_put(&other.four, report(bench, &other, FOUR));
    }
    double four = bench_median(&year.four), others = bench_median(&other.four);
    year_lines(bench, &year, four);
    if (more)
        tenfold_line(bench, &other, others, &year, four);
    else
        tenfold_line(bench, &year, four, &other, others);
    free(year.path);
    free(other.path);
}
