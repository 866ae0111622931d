#include "tests/bench/bench.h"

#include <getopt.h>
#include <math.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: countersign_bench --dir DIR [--program FILE] [--postgres CONNINFO [--message-db]]\n"
    "                         [--broker PORT] [--quick | --smoke] [--big N] [--json] [PATTERN]\n"
    "       (tests/bench/run.sh does the rest)\n";

static const struct scale normal = {.rounds = 7,
                                    .blocks = 40,
                                    .batches = 20,
                                    .batch = 1000,
                                    .verified = 50000,
                                    .hashed = 500000,
                                    .big = 200000,
                                    .small = 10000,
                                    .raw_s = 0.5,
                                    .requests = 40000,
                                    .calls = 5000,
                                    .crowd = 10000,
                                    .slow = 1000,
                                    .backlog = 200000,
                                    .backlogs = 3,
                                    .folded = 200000,
                                    .searched = 1000000,
                                    .year = 2500};
static const struct scale quick = {.rounds = 3,
                                   .blocks = 12,
                                   .batches = 10,
                                   .batch = 1000,
                                   .verified = 10000,
                                   .hashed = 100000,
                                   .big = 50000,
                                   .small = 10000,
                                   .raw_s = 0.2,
                                   .requests = 20000,
                                   .calls = 3000,
                                   .crowd = 10000,
                                   .slow = 1000,
                                   .backlog = 20000,
                                   .backlogs = 1,
                                   .folded = 100000,
                                   .searched = 200000,
                                   .year = 500};
static const struct scale smoke = {.rounds = 1,
                                   .blocks = 1,
                                   .batches = 2,
                                   .batch = 50,
                                   .verified = 300,
                                   .hashed = 300,
                                   .big = 600,
                                   .small = 200,
                                   .raw_s = 0.01,
                                   .requests = 300,
                                   .calls = 100,
                                   .crowd = 300,
                                   .slow = 30,
                                   .backlog = 300,
                                   .backlogs = 1,
                                   .folded = 1,
                                   .searched = 1,
                                   .year = 10};

double bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void bench_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputs("\n", stderr);
    va_end(args);
}

void bench_must(enum err err, const char *what, const struct err_text *why)
{
    if (err == ERR_OK)
        return;
    bench_say("%s: %s", what, why != NULL && why->s[0] != '\0' ? why->s : err_text(err));
    exit(3);
}

bool bench_wanted(const struct bench *bench, const char *prefix)
{
    return bench->pattern == NULL || strstr(prefix, bench->pattern) != NULL;
}

void bench_put(struct series *series, double value)
{
    *(double *)MEM_PUSH(series->values, series->count, series->cap) = value;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double bench_median(struct series *series)
{
    size_t count = series->count, middle = count / 2;
    double median = NAN;
    if (count > 0) {
        qsort(series->values, count, sizeof(*series->values), by_value);
        median = series->values[middle];
        if (count % 2 == 0)
            median = (median + series->values[middle - 1]) / 2;
    }
    free(series->values);
    *series = (struct series){0};
    return median;
}

struct figure *bench_figure(struct bench *bench, const char *name, const char *unit)
{
    struct figure *figure = MEM_PUSH(bench->figures, bench->figure_count, bench->figure_cap);
    snprintf(figure->name, sizeof(figure->name), "%s", name);
    figure->unit = unit;
    figure->ours = figure->raw = figure->sqlite = figure->postgres = NAN;
    return figure;
}

void bench_wish(struct figure *figure, enum wish wish, double wanted)
{
    figure->wish = wish;
    figure->wanted = wanted;
}

static bool reached(const struct figure *figure)
{
    double ratio = figure->ours / figure->raw;
    if (figure->ahead_of_sqlite && !(figure->ours > figure->sqlite))
        return false;
    switch (figure->wish) {
    case WISH_RATIO_MIN:
        return ratio >= figure->wanted;
    case WISH_RATIO_MAX:
        return ratio <= figure->wanted;
    case WISH_OURS_MIN:
        return figure->ours >= figure->wanted;
    case WISH_OURS_MAX:
        return figure->ours <= figure->wanted;
    case WISH_NONE:
        break;
    }
    return true;
}

static void print_number(double value, int width)
{
    if (isnan(value))
        printf(" %*s", width, "");
    else
        printf(" %*.*f", width, fabs(value) < 100 ? 2 : 0, value);
}

static void print_wish(const struct figure *figure)
{
    static const char *const signs[] = {"", ">=", "<=", ">=", "<="};
    if (figure->wish == WISH_NONE) {
        printf("\n");
        return;
    }
    printf("  %s %-10.*f %s\n", signs[figure->wish], figure->wanted < 100 ? 2 : 0, figure->wanted,
           reached(figure) ? "ok" : "not yet");
}

static void print_table(const struct bench *bench)
{
    printf("%-40s %-12s %10s %10s %7s %10s %10s  %s\n", "figure", "unit", "ours", "beside", "ratio",
           "SQLite", "PostgreSQL", "wanted");
    for (size_t i = 0; i < bench->figure_count; i++) {
        const struct figure *figure = &bench->figures[i];
        printf("%-40s %-12s", figure->name, figure->unit);
        print_number(figure->ours, 10);
        print_number(figure->raw, 10);
        print_number(figure->ours / figure->raw, 7);
        print_number(figure->sqlite, 10);
        print_number(figure->postgres, 10);
        print_wish(figure);
    }
    printf("beside: the raw limit; of a big ledger, the same at %llu entries; \"to X\": X\n",
           (unsigned long long)bench->scale.small);
}

static void set_number(json_t *object, const char *name, double value)
{
    json_object_set_new(object, name, isnan(value) ? json_null() : json_real(value));
}

static void print_json(const struct bench *bench)
{
    static const char *const wishes[] = {"none", "ratio_min", "ratio_max", "ours_min", "ours_max"};
    json_t *lines = json_array(), *all = json_object();
    struct buf text = {0};
    for (size_t i = 0; i < bench->figure_count; i++) {
        const struct figure *figure = &bench->figures[i];
        json_t *line = json_object();
        json_object_set_new(line, "figure", json_string(figure->name));
        json_object_set_new(line, "unit", json_string(figure->unit));
        set_number(line, "ours", figure->ours);
        set_number(line, "raw", figure->raw);
        set_number(line, "sqlite", figure->sqlite);
        set_number(line, "postgresql", figure->postgres);
        json_object_set_new(line, "wish", json_string(wishes[figure->wish]));
        set_number(line, "wanted", figure->wish == WISH_NONE ? NAN : figure->wanted);
        json_object_set_new(line, "ok", json_boolean(reached(figure)));
        json_array_append_new(lines, line);
    }
    json_object_set_new(all, "figures", lines);
    json_object_set_new(all, "big", json_integer((json_int_t)bench->scale.big));
    json_object_set_new(all, "small", json_integer((json_int_t)bench->scale.small));
    json_object_set_new(all, "rounds", json_integer(bench->scale.rounds));
    ijson_pretty(all, &text);
    fputs((const char *)text.data, stdout);
    buf_free(&text);
    json_decref(all);
}

/* False with a word on standard error if the usage is wrong. */
static bool read_options(int argc, char *argv[], struct bench *bench)
{
    static const struct option options[] = {
        {"dir", required_argument, NULL, 'd'},     {"postgres", required_argument, NULL, 'p'},
        {"program", required_argument, NULL, 'P'}, {"message-db", no_argument, NULL, 'm'},
        {"broker", required_argument, NULL, 'B'},  {"quick", no_argument, NULL, 'q'},
        {"smoke", no_argument, NULL, 's'},         {"big", required_argument, NULL, 'b'},
        {"json", no_argument, NULL, 'j'},          {NULL, 0, NULL, 0}};
    uint64_t big = 0, broker = 0;
    bool good = true;
    int option;
    bench->scale = normal;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'd')
            bench->dir = optarg;
        else if (option == 'p')
            bench->postgres = optarg;
        else if (option == 'P')
            bench->program = optarg;
        else if (option == 'm')
            bench->message_db = true;
        else if (option == 'B')
            good = good && args_number(optarg, &broker) && broker <= UINT16_MAX;
        else if (option == 'q')
            bench->scale = quick;
        else if (option == 's')
            bench->scale = smoke;
        else if (option == 'b')
            good = good && args_number(optarg, &big) && big > 0;
        else if (option == 'j')
            bench->json = true;
        else
            good = false;
    }
    if (big > 0)
        bench->scale.big = big;
    bench->broker = (uint16_t)broker;
    if (optind < argc)
        bench->pattern = argv[optind];
    if (good && bench->dir != NULL && argc - optind <= 1)
        return true;
    fputs(usage, stderr);
    return false;
}

int main(int argc, char *argv[])
{
    struct bench bench = {0};
    ASSERT(sodium_init() >= 0);
    if (argc == 3 && strcmp(argv[1], "--probe") == 0)
        return big_probe(argv[2]);
    if (!read_options(argc, argv, &bench))
        return 2;
    bench.pool = pool_new(0);
    append_figures(&bench);
    verify_figures(&bench);
    big_figures(&bench);
    http_figures(&bench);
    crowd_figures(&bench);
    backlog_figures(&bench);
    replay_figures(&bench);
    annual_figures(&bench);
    pool_free(bench.pool);
    if (bench.figure_count == 0)
        bench_say("no figure's name contains '%s'; run.sh --help lists them", bench.pattern);
    else if (bench.json)
        print_json(&bench);
    else
        print_table(&bench);
    free(bench.figures);
    return bench.figure_count > 0 ? 0 : 2;
}
