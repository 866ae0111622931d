/* What the whole check costs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peer.h"
#include "tests/bench/raw.h"
#include "tests/bench/stock.h"

#define FILL_BATCH 4096

static void fill(struct stock *stock, struct pool *pool, uint64_t entries)
{
    uint64_t batch = entries < FILL_BATCH ? entries : FILL_BATCH;
    stock_take(stock, pool, (entries + batch - 1) / batch, batch);
}

/* Gives entries a second, and the signatures. */
static double check(const struct stock *stock, bool only_hashes, uint64_t *ret_signatures)
{
    const struct verify_options options = {.only_hashes = only_hashes};
    struct verify_result *result = NULL;
    struct err_text why;
    double began = bench_now();
    bench_must(verify_ledger(stock->path, &options, &result, &why), "verify", &why);
    double seconds = bench_now() - began;
    if (!result->ok) {
        bench_say("%s", result->first_bad.what);
        bench_must(ERR_DAMAGED, "verify", NULL);
    }
    double rate = (double)result->entries / seconds;
    *ret_signatures = result->signatures;
    verify_result_free(result);
    return rate;
}

static void all(struct bench *bench)
{
    struct stock stock;
    struct series ours = {0}, raw = {0};
    stock_new(&stock, bench->dir, "verify", false);
    bench_say("verify: %llu entries", (unsigned long long)bench->scale.verified);
    fill(&stock, bench->pool, bench->scale.verified);
    for (unsigned i = 0; i < bench->scale.rounds; i++) {
        uint64_t signatures = 0;
        bench_say("verify: round %u of %u", i + 1, bench->scale.rounds);
        bench_put(&raw, raw_verify(&stock, bench->pool, bench->scale.raw_s));
        double began = bench_now();
        check(&stock, false, &signatures);
        bench_put(&ours, (double)signatures / (bench_now() - began));
    }
    struct figure *figure = bench_figure(bench, "verify, all", "signatures/s");
    figure->ours = bench_median(&ours);
    figure->raw = bench_median(&raw);
    figure->wish = WISH_RATIO_MIN;
    figure->wanted = 0.85;
    stock_remove(&stock);
}

/* The same events in SQLite. */
static struct peer *peer_filled(const struct bench *bench, const struct stock *stock)
{
    struct peer *sqlite = peer_sqlite(bench->dir);
    struct buf *texts = mem_zero(FILL_BATCH, sizeof(*texts));
    for (uint64_t i = 0; i < stock->next;) {
        size_t count = 0;
        for (; count < FILL_BATCH && i < stock->next; count++, i++) {
            buf_clear(&texts[count]);
            stock_event(stock, i, &texts[count]);
        }
        peer_append(sqlite, texts, count, FILL_BATCH);
    }
    for (size_t i = 0; i < FILL_BATCH; i++)
        buf_free(&texts[i]);
    free(texts);
    return sqlite;
}

static void hashes(struct bench *bench)
{
    struct stock stock;
    struct series ours = {0}, raw = {0}, by_sqlite = {0};
    uint64_t signatures;
    stock_new(&stock, bench->dir, "hashes", false);
    bench_say("verify --only hashes: %llu entries", (unsigned long long)bench->scale.hashed);
    fill(&stock, bench->pool, bench->scale.hashed);
    struct peer *sqlite = peer_filled(bench, &stock);
    for (unsigned i = 0; i < bench->scale.rounds; i++) {
        bench_say("verify --only hashes: round %u of %u", i + 1, bench->scale.rounds);
        bench_put(&raw, raw_hash(bench->pool, bench->scale.raw_s));
        bench_put(&ours, check(&stock, true, &signatures));
        bench_put(&by_sqlite, peer_check(sqlite));
    }
    struct figure *figure = bench_figure(bench, "verify, only hashes", "entries/s");
    figure->ours = bench_median(&ours);
    figure->raw = bench_median(&raw);
    figure->sqlite = bench_median(&by_sqlite);
    figure->wish = WISH_OURS_MIN;
    figure->wanted = 1500000;
    figure->ahead_of_sqlite = true;
    peer_close(sqlite);
    stock_remove(&stock);
}

void verify_figures(struct bench *bench)
{
    if (bench_wanted(bench, "verify"))
        all(bench);
    if (bench_wanted(bench, "hashes"))
        hashes(bench);
}
