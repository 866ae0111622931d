/* What an append costs: one event a commit, and many. */
#include <math.h>
#include <stdlib.h>

#include "tests/bench/peer.h"
#include "tests/bench/raw.h"
#include "tests/bench/stock.h"

/* The same events as the ledger took in, for the peers. */
static struct buf *texts_new(const struct stock *stock, uint64_t from, size_t count)
{
    struct buf *texts = mem_zero(count, sizeof(*texts));
    for (size_t i = 0; i < count; i++)
        stock_event(stock, from + i, &texts[i]);
    return texts;
}

static void texts_free(struct buf *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_free(&texts[i]);
    free(texts);
}

/* All that is measured side by side. */
struct lanes {
    struct stock stock;
    struct raw *raw;
    struct peer *sqlite, *postgres;
    struct series ours, puts, signs, by_sqlite, by_postgres;
};

static void lanes_open(struct lanes *lanes, const struct bench *bench)
{
    *lanes = (struct lanes){0};
    stock_new(&lanes->stock, bench->dir, "append", false);
    lanes->raw = raw_open(&lanes->stock, bench->dir);
    lanes->sqlite = peer_sqlite(bench->dir);
    lanes->postgres = peer_postgres(bench->postgres);
}

static void lanes_close(struct lanes *lanes)
{
    stock_remove(&lanes->stock);
    bench_median(&lanes->signs); /* what no figure took */
    bench_median(&lanes->puts);
    raw_close(lanes->raw);
    peer_close(lanes->sqlite);
    peer_close(lanes->postgres);
}

/* The raw puts and the peers, with the last ${count} events that the ledger took in. */
static void lanes_beside(struct lanes *lanes, size_t count, size_t batch)
{
    uint64_t size = 0;
    struct err_text why;
    bench_must(ledger_size(lanes->stock.ledger, &size, &why), "the ledger", &why);
    raw_load(lanes->raw, &lanes->stock, size - count, size);
    bench_put(&lanes->puts, (double)count / raw_put(lanes->raw, batch));
    struct buf *texts = texts_new(&lanes->stock, lanes->stock.next - count, count);
    bench_put(&lanes->by_sqlite, peer_append(lanes->sqlite, texts, count, batch));
    bench_put(&lanes->by_postgres, peer_append(lanes->postgres, texts, count, batch));
    texts_free(texts, count);
}

static double append_singly(struct stock *stock, size_t count)
{
    struct admitted **admitted = mem_zero(count, sizeof(struct admitted *));
    for (size_t i = 0; i < count; i++)
        admitted[i] = stock_admit(stock, stock->next + i);
    double began = bench_now();
    for (size_t i = 0; i < count; i++)
        stock_append(stock, &admitted[i], 1, NULL);
    double seconds = bench_now() - began;
    stock->next += count;
    for (size_t i = 0; i < count; i++)
        admit_free(admitted[i]);
    free(admitted);
    return (double)count / seconds;
}

static void singly(struct bench *bench)
{
    struct lanes lanes;
    const struct scale *scale = &bench->scale;
    lanes_open(&lanes, bench);
    for (unsigned i = 0; i < scale->rounds; i++) {
        bench_say("one event a commit: round %u of %u", i + 1, scale->rounds);
        for (unsigned j = 0; j < scale->blocks; j++) {
            bench_put(&lanes.ours, append_singly(&lanes.stock, BLOCK));
            lanes_beside(&lanes, BLOCK, 1);
        }
    }
    struct figure *figure = bench_figure(bench, "append, 1 a commit", "events/s");
    figure->ours = bench_median(&lanes.ours);
    figure->raw = bench_median(&lanes.puts);
    figure->sqlite = bench_median(&lanes.by_sqlite);
    figure->postgres = bench_median(&lanes.by_postgres);
    figure->wish = WISH_RATIO_MIN;
    figure->wanted = 0.7;
    lanes_close(&lanes);
}

static void batched(struct bench *bench)
{
    struct lanes lanes;
    const struct scale *scale = &bench->scale;
    size_t count = (size_t)scale->batches * scale->batch;
    char name[64];
    lanes_open(&lanes, bench);
    for (unsigned i = 0; i < scale->rounds; i++) {
        bench_say("%u events a commit: round %u of %u", scale->batch, i + 1, scale->rounds);
        bench_put(&lanes.signs, raw_sign(&lanes.stock, scale->raw_s));
        double seconds = stock_take(&lanes.stock, bench->pool, scale->batches, scale->batch);
        bench_put(&lanes.ours, (double)count / seconds);
        lanes_beside(&lanes, count, scale->batch);
    }
    snprintf(name, sizeof(name), "append, %u a commit, to signing", scale->batch);
    struct figure *figure = bench_figure(bench, name, "events/s");
    double ours = bench_median(&lanes.ours);
    figure->ours = ours;
    figure->raw = bench_median(&lanes.signs);
    figure->sqlite = bench_median(&lanes.by_sqlite);
    figure->postgres = bench_median(&lanes.by_postgres);
    figure->wish = WISH_RATIO_MIN;
    figure->wanted = 0.6;
    snprintf(name, sizeof(name), "append, %u a commit, to puts", scale->batch);
    figure = bench_figure(bench, name, "events/s");
    figure->ours = ours;
    figure->raw = bench_median(&lanes.puts);
    lanes_close(&lanes);
}

void append_figures(struct bench *bench)
{
    if (bench_wanted(bench, "append-1"))
        singly(bench);
    if (bench_wanted(bench, "append-many"))
        batched(bench);
}
