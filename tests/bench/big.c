/* What a big ledger costs, beside a small one: taking in, proving, opening, memory, disk. */
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/prove.h"
#include "ledger/rows.h"
#include "ledger/store.h"
#include "tests/bench/host.h"
#include "tests/bench/stock.h"

#define PROOFS 2000
#define ORDERED_FROM 1000000 /* from here on random ids are filled in in order */
#define OPENINGS 9

/* Fills in steps, to tell how far it has come.  A commit is a thousandth of all where that can be:
 * then what it leaves free in the file is little beside the whole. */
static void fill(struct stock *stock, struct pool *pool, uint64_t entries)
{
    double began = bench_now();
    uint64_t most = entries / 1000;
    most = most < 256 ? 256 : most > BATCH_EVENTS_MAX ? BATCH_EVENTS_MAX : most;
    while (stock->next < entries) {
        uint64_t left = entries - stock->next;
        uint64_t batch = left < most ? left : most;
        uint64_t commits = left / batch < 32 ? left / batch : 32;
        stock_take(stock, pool, commits, batch);
        if (entries >= 1000000)
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

static void intake_figure(struct bench *bench, const char *name, struct series *big,
                          struct series *small, double wanted)
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
    char name[64];
    const char *ids = big->random_ids ? "random" : "growing";
    double wanted = big->random_ids ? 2.5 : 1.5;
    for (unsigned i = 0; i < bench->scale.rounds; i++) {
        struct stock small;
        bench_say("taking in, %s ids: round %u of %u", ids, i + 1, bench->scale.rounds);
        stock_new(&small, bench->dir, "small", big->random_ids);
        fill(&small, bench->pool, bench->scale.small);
        for (unsigned j = 0; j < bench->scale.blocks; j++) {
            bench_put(&one[1], take_singly(&small, BLOCK));
            bench_put(&one[0], take_singly(big, BLOCK));
        }
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

/* Make ${count} proofs of entries here and there; ${times} gets the microseconds: of each inclusion
 * proof by the tree alone, and of each whole tlog-proof, checked, by the public interface. */
static void prove(struct ledger *ledger, unsigned count, double *times, double *whole_times)
{
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct buf note = {0}, text = {0};
    struct err_text why;
    uint64_t size = 0, random = 12345;
    bench_must(store_open(ledger_dir(ledger), STORE_SHARED, &store, &why), "a proof", &why);
    bench_must(ledger_checkpoint(ledger, &note, &why), "a proof", &why);
    bench_must(ledger_size(ledger, &size, &why), "a proof", &why);
    for (unsigned i = 0; i < count; i++) {
        struct tree_proof proof;
        random = random * 6364136223846793005 + 1442695040888963407;
        double began = bench_now();
        bench_must(store_begin(store, false, &txn, &why), "a proof", &why);
        bench_must(tree_inclusion((random >> 1) % size, size, rows_node_read, txn, &proof),
                   "a proof", NULL);
        store_abort(txn);
        times[i] = (bench_now() - began) * 1e6;
        random = random * 6364136223846793005 + 1442695040888963407;
        began = bench_now();
        bench_must(prove_entry(ledger, (random >> 1) % size, &note, false, &text, &why), "a proof",
                   &why);
        whole_times[i] = (bench_now() - began) * 1e6;
        buf_clear(&text);
    }
    store_close(store);
    buf_free(&note);
    buf_free(&text);
}

/* Half of the proofs take no longer, and 99 of a hundred; the last is as much the machine's
 * scheduler's as ours, and nothing is wished of it. */
static void proof_figures(struct bench *bench, const char *name, double *times, double wanted)
{
    char line[64];
    qsort(times, PROOFS, sizeof(*times), by_value);
    snprintf(line, sizeof(line), "%s, median", name);
    struct figure *figure = bench_figure(bench, line, "us");
    figure->ours = times[PROOFS / 2];
    figure->wish = isnan(wanted) ? WISH_NONE : WISH_OURS_MAX;
    figure->wanted = wanted;
    snprintf(line, sizeof(line), "%s, 99%%", name);
    bench_figure(bench, line, "us")->ours = times[PROOFS / 100 * 99];
}

static void proofs(struct bench *bench, const char *path)
{
    double *times = mem_zero(PROOFS, sizeof(*times)), *whole = mem_zero(PROOFS, sizeof(*whole));
    struct ledger *ledger = NULL;
    struct err_text why;
    bench_must(ledger_open(path, false, &ledger, &why), path, &why);
    prove(ledger, PROOFS, times, whole);
    proof_figures(bench, "big, inclusion proof", times, 200);
    proof_figures(bench, "big, checked tlog-proof", whole, NAN);
    ledger_close(ledger);
    free(times);
    free(whole);
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

int big_probe(const char *path)
{
    struct stock stock;
    double times[200];
    struct pool *pool = pool_new(0);
    stock_open(&stock, path, false, (uint64_t)1 << 40); /* events that nobody has appended */
    stock_take(&stock, pool, 10, 1000);
    take_singly(&stock, 100);
    prove(stock.ledger, 100, times, times + 100);
    printf("%ld\n", host_resident(getpid()));
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
    pid_t pid = -1;
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

/* Have the index of ids in memory, as a ledger that runs has it: events that came in order have
 * left it alone for long, and the machine may have put it out. */
static void warm(const struct stock *stock)
{
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct store_walk *walk = NULL;
    struct store_row row = {.found = true};
    struct err_text why;
    bench_must(store_open(stock->path, STORE_SHARED, &store, &why), stock->path, &why);
    bench_must(store_begin(store, false, &txn, &why), stock->path, &why);
    bench_must(store_walk_open(txn, STORE_IDS, (struct slice){NULL, 0}, &walk), "the ids", NULL);
    while (row.found)
        bench_must(store_walk_next(walk, &row), "the ids", NULL);
    store_walk_close(walk);
    store_abort(txn);
    store_close(store);
}

static void one_big(struct bench *bench, bool random_ids)
{
    struct stock stock;
    char *path;
    bench_say("big: %llu entries, %s ids", (unsigned long long)bench->scale.big,
              random_ids ? "random" : "growing");
    stock_new(&stock, bench->dir, random_ids ? "random" : "growing", random_ids);
    stock.ordered = bench->scale.big > ORDERED_FROM ? bench->scale.big : 0;
    fill(&stock, bench->pool, bench->scale.big);
    if (stock.ordered == 0 || !random_ids)
        disk(bench, &stock);
    if (random_ids)
        warm(&stock);
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
