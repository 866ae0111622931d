/* What a big ledger costs, beside a small one: taking in, proving, opening, memory, disk. */
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/rows.h"
#include "ledger/store.h"
#include "tests/bench/stock.h"

#define FILL_BATCH 8192
#define PROOFS 2000
#define OPENINGS 9

/* Fills in steps, to tell how far it has come. */
static void fill(struct stock *stock, struct pool *pool, uint64_t entries)
{
    double began = bench_now();
    while (stock->next < entries) {
        uint64_t left = entries - stock->next;
        uint64_t batch = left < FILL_BATCH ? left : FILL_BATCH;
        uint64_t commits = left / batch < 32 ? left / batch : 32;
        stock_take(stock, pool, commits, batch);
        if (entries > 32 * FILL_BATCH)
            bench_say("filling: %llu of %llu, %.0f/s", (unsigned long long)stock->next,
                      (unsigned long long)entries, (double)stock->next / (bench_now() - began));
    }
}

/* Microseconds that an event takes to be let in and appended, alone in its commit. */
static double take_singly(struct stock *stock, unsigned count)
{
    double began = bench_now();
    for (unsigned i = 0; i < count; i++) {
        struct admitted *admitted = stock_admit(stock, stock->next++);
        stock_append(stock, &admitted, 1, NULL);
        admit_free(admitted);
    }
    return (bench_now() - began) * 1e6 / count;
}

static double take_batched(struct stock *stock, const struct bench *bench)
{
    const struct scale *scale = &bench->scale;
    double seconds = stock_take(stock, bench->pool, scale->batches, scale->batch);
    return seconds * 1e6 / ((double)scale->batches * scale->batch);
}

static void intake_figure(struct bench *bench, const char *name, const struct series *big,
                          const struct series *small, double wanted)
{
    struct figure *figure = bench_figure(bench, name, "us/event");
    figure->ours = bench_median(big);
    figure->raw = bench_median(small);
    figure->wish = WISH_RATIO_MAX;
    figure->wanted = wanted;
}

/* Take in events at the big ledger's size and at the small one's, which is made anew each time. */
static void intake(struct bench *bench, struct stock *big)
{
    struct series many[2] = {0}, one[2] = {0};
    char name[48];
    const char *ids = big->random_ids ? "random" : "growing";
    double wanted = big->random_ids ? 2.5 : 1.5;
    for (unsigned i = 0; i < bench->scale.rounds; i++) {
        struct stock small;
        bench_say("taking in, %s ids: round %u of %u", ids, i + 1, bench->scale.rounds);
        stock_new(&small, bench->dir, "small", big->random_ids);
        fill(&small, bench->pool, bench->scale.small);
        bench_put(&one[1], take_singly(&small, bench->scale.commits));
        bench_put(&one[0], take_singly(big, bench->scale.commits));
        bench_put(&many[1], take_batched(&small, bench));
        bench_put(&many[0], take_batched(big, bench));
        stock_remove(&small);
    }
    snprintf(name, sizeof(name), "big, %s ids, %u a commit", ids, bench->scale.batch);
    intake_figure(bench, name, &many[0], &many[1], wanted);
    snprintf(name, sizeof(name), "big, %s ids, 1 a commit", ids);
    intake_figure(bench, name, &one[0], &one[1], wanted);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Make ${count} inclusion proofs of entries here and there; ${times} gets the microseconds. */
static void prove(const char *path, unsigned count, double *times)
{
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct err_text why;
    uint64_t size = 0, seq = 12345;
    bench_must(store_open(path, STORE_SHARED, &store, &why), path, &why);
    for (unsigned i = 0; i < count; i++) {
        struct tree_proof proof;
        double began = bench_now();
        bench_must(store_begin(store, false, &txn, &why), "a proof", &why);
        bench_must(rows_size(txn, &size, &why), "a proof", &why);
        seq = (seq * 6364136223846793005 + 1442695040888963407) >> 1;
        bench_must(tree_inclusion(seq % size, size, rows_node_read, txn, &proof), "a proof", NULL);
        store_abort(txn);
        times[i] = (bench_now() - began) * 1e6;
    }
    store_close(store);
}

static void proofs(struct bench *bench, const char *path)
{
    double *times = mem_zero(PROOFS, sizeof(*times));
    prove(path, PROOFS, times);
    qsort(times, PROOFS, sizeof(*times), by_value);
    const double points[] = {0.5, 0.99};
    const char *const names[] = {"big, inclusion proof, median", "big, inclusion proof, 99%"};
    for (size_t i = 0; i < 2; i++) {
        struct figure *figure = bench_figure(bench, names[i], "us");
        figure->ours = times[(size_t)(PROOFS * points[i])];
        figure->wish = WISH_OURS_MAX;
        figure->wanted = 200;
    }
    free(times);
}

static void openings(struct bench *bench, const char *path)
{
    struct series times = {0};
    struct err_text why;
    for (unsigned i = 0; i < OPENINGS; i++) {
        struct ledger *ledger = NULL;
        double began = bench_now();
        bench_must(ledger_open(path, true, &ledger, &why), path, &why);
        bench_put(&times, (bench_now() - began) * 1e3);
        ledger_close(ledger);
    }
    struct figure *figure = bench_figure(bench, "big, opening", "ms");
    figure->ours = bench_median(&times);
    figure->wish = WISH_OURS_MAX;
    figure->wanted = 50;
}

/* Resident KiB of this process but for the mapped data.mdb. */
static long resident_outside(void)
{
    char line[1024];
    long sum = 0, some;
    bool map = false;
    FILE *file = fopen("/proc/self/smaps", "re");
    if (file == NULL)
        bench_must(ERR_IO, "/proc/self/smaps", NULL);
    while (fgets(line, sizeof(line), file) != NULL) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            map = strstr(line, "/data.mdb") != NULL;
        else if (!map && sscanf(line, "Rss: %ld kB", &some) == 1)
            sum += some;
    }
    fclose(file);
    return sum;
}

int big_probe(const char *path)
{
    struct stock stock;
    double times[100];
    struct pool *pool = pool_new(0);
    stock_open(&stock, path, false, (uint64_t)1 << 40); /* events that nobody has appended */
    stock_take(&stock, pool, 10, 1000);
    take_singly(&stock, 100);
    prove(path, 100, times);
    printf("%ld\n", resident_outside());
    stock_close(&stock);
    pool_free(pool);
    return 0;
}

/* In a process of its own: this one's memory holds what other figures left. */
static void memory(struct bench *bench, const char *path)
{
    char program[] = "/proc/self/exe", option[] = "--probe", answer[32] = "";
    char *copy = mem_text(path), *argv[] = {program, option, copy, NULL};
    int ends[2], status = -1;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (pipe(ends) != 0 || posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) != 0 ||
        posix_spawn(&pid, program, &actions, NULL, argv, environ) != 0)
        bench_must(ERR_IO, "a process of its own", NULL);
    close(ends[1]);
    ssize_t bytes = read(ends[0], answer, sizeof(answer) - 1);
    if (waitpid(pid, &status, 0) != pid || status != 0 || bytes <= 0)
        bench_must(ERR_IO, "the memory of a process of its own", NULL);
    close(ends[0]);
    posix_spawn_file_actions_destroy(&actions);
    struct figure *figure = bench_figure(bench, "big, memory outside the map", "MiB");
    figure->ours = (double)strtol(answer, NULL, 10) / 1024;
    figure->wish = WISH_OURS_MAX;
    figure->wanted = 64;
    free(copy);
}

static void disk(struct bench *bench, const struct stock *stock)
{
    struct stat info;
    struct figure *figure = bench_figure(bench,
                                         stock->random_ids ? "big, disk over the event, random ids"
                                                           : "big, disk over the event",
                                         "B/entry");
    char *path = files_path(stock->path, "data.mdb");
    if (stat(path, &info) != 0)
        bench_must(ERR_IO, path, NULL);
    figure->ours = (double)info.st_blocks * 512 / (double)stock->next - EVENT_BYTES;
    figure->wish = WISH_OURS_MAX;
    figure->wanted = 750;
    free(path);
}

static void one_big(struct bench *bench, bool random_ids)
{
    struct stock stock;
    char *path;
    bench_say("big: %llu entries, %s ids", (unsigned long long)bench->scale.big,
              random_ids ? "random" : "growing");
    stock_new(&stock, bench->dir, random_ids ? "random" : "growing", random_ids);
    fill(&stock, bench->pool, bench->scale.big);
    disk(bench, &stock);
    intake(bench, &stock);
    if (!random_ids) {
        uint64_t next = stock.next;
        path = mem_text(stock.path);
        stock_close(&stock);
        openings(bench, path);
        proofs(bench, path);
        memory(bench, path);
        stock_open(&stock, path, random_ids, next);
        free(path);
    }
    stock_remove(&stock);
}

void big_figures(struct bench *bench)
{
    if (bench_wanted(bench, "big-growing"))
        one_big(bench, false);
    if (bench_wanted(bench, "big-random"))
        one_big(bench, true);
}
