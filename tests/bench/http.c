/* What the daemon takes in over HTTP, with its clients on the same cores. */
#include <stdlib.h>

#include "tests/bench/calls.h"
#include "tests/bench/host.h"
#include "tests/bench/load.h"
#include "tests/bench/raw.h"

#define BATCH 100
#define WARM 256 /* requests before any is counted: threads, pages, and the clients' own */

/* What a request brings. */
enum kind { KIND_TOKEN, KIND_SIGNED, KIND_BATCH };

/* Requests made beforehand. */
struct requests {
    struct buf *each; /* owned */
    size_t count;
};

/* A ledger that is served, and one beside it for what its libraries do alone. */
struct lanes {
    const struct bench *bench;
    struct stock stock, beside;
    struct host host;
    char token[STOCK_TOKEN_BYTES];
};

static void lanes_open(struct lanes *lanes, const struct bench *bench)
{
    lanes->bench = bench;
    stock_new(&lanes->stock, bench->dir, "served", false);
    stock_leave(&lanes->stock);
    stock_new(&lanes->beside, bench->dir, "beside", false);
    stock_token(lanes->token);
}

static void lanes_close(struct lanes *lanes)
{
    stock_remove(&lanes->stock);
    stock_remove(&lanes->beside);
}

static void make_batch(struct stock *stock, struct buf *body)
{
    for (size_t i = 0; i < BATCH; i++) {
        buf_u8(body, i == 0 ? '[' : ',');
        stock_event(stock, stock->next++, body);
    }
    buf_u8(body, ']');
}

static void make_request(struct lanes *lanes, enum kind kind, struct buf *request)
{
    struct stock *stock = &lanes->stock;
    struct buf body = {0};
    if (kind == KIND_TOKEN) {
        stock_event(stock, stock->next++, &body);
        load_post(request, EVENT_MEDIA_TYPE, lanes->token, &body);
    } else if (kind == KIND_SIGNED) {
        stock_envelope(stock, stock->next++, &body);
        load_post(request, DSSE_MEDIA_TYPE, NULL, &body); /* the signature tells who sends it */
    } else {
        make_batch(stock, &body);
        load_post(request, BATCH_MEDIA_TYPE, lanes->token, &body);
    }
    buf_free(&body);
}

/* Send ${count} requests of that kind, all new. */
static void send_new(struct lanes *lanes, enum kind kind, unsigned clients, size_t count,
                     struct load_result *ret_result)
{
    struct requests requests = {.count = count};
    requests.each = mem_zero(count, sizeof(*requests.each));
    for (size_t i = 0; i < count; i++)
        make_request(lanes, kind, &requests.each[i]);
    const struct load load = {.port = lanes->host.port,
                              .connections = clients,
                              .status = 201,
                              .requests = requests.each,
                              .distinct = count,
                              .count = count};
    load_run(&load, ret_result);
    for (size_t i = 0; i < count; i++)
        buf_free(&requests.each[i]);
    free(requests.each);
}

/* Answers of /healthz a second. */
static double ask_health(const struct lanes *lanes, size_t count)
{
    struct buf request = {0};
    struct load_result result;
    load_get(&request, "/healthz", NULL);
    const struct load load = {.port = lanes->host.port,
                              .connections = CLIENTS,
                              .status = 200,
                              .requests = &request,
                              .distinct = 1,
                              .count = count};
    load_run(&load, &result);
    buf_free(&request);
    return result.rate;
}

static void begin_round(struct lanes *lanes, enum kind kind, const char *what, unsigned round)
{
    struct load_result warm;
    bench_say("http, %s: round %u of %u", what, round + 1, lanes->bench->scale.rounds);
    host_start(lanes->bench, lanes->stock.path, NULL, &lanes->host);
    send_new(lanes, kind, kind == KIND_BATCH ? 1 : CLIENTS, kind == KIND_BATCH ? 1 : WARM, &warm);
}

static void p99_figure(struct bench *bench, const char *name, struct series *times)
{
    struct figure *figure = bench_figure(bench, name, "ms");
    figure->ours = bench_median(times);
    bench_wish(figure, WISH_OURS_MAX, 25);
}

/* The same events into databases, one a call, by as many clients. */
static void call_databases(struct lanes *lanes, struct calls *message_db, struct calls *chain,
                           struct series rates[2])
{
    size_t count = lanes->bench->scale.calls;
    struct buf *events = mem_zero(count, sizeof(*events));
    for (size_t i = 0; i < count; i++)
        stock_event(&lanes->stock, lanes->stock.next++, &events[i]);
    bench_put(&rates[0], calls_run(message_db, events, count));
    bench_put(&rates[1], calls_run(chain, events, count));
    for (size_t i = 0; i < count; i++)
        buf_free(&events[i]);
    free(events);
}

static void peer_figure(struct bench *bench, const char *name, double ours, struct series *peer)
{
    struct figure *figure = bench_figure(bench, name, "events/s");
    figure->ours = ours;
    figure->raw = bench_median(peer);
    bench_wish(figure, WISH_RATIO_MIN, 6);
}

static void with_token(struct bench *bench)
{
    struct lanes lanes;
    struct series ours = {0}, health = {0}, p99 = {0}, peers[2] = {0};
    struct load_result result;
    lanes_open(&lanes, bench);
    struct calls *message_db =
        calls_message_db(bench->message_db ? bench->postgres : NULL, CLIENTS);
    struct calls *chain = calls_chain(bench->postgres, CLIENTS);
    for (unsigned i = 0; i < bench->scale.rounds; i++) {
        begin_round(&lanes, KIND_TOKEN, "with a token", i);
        bench_put(&health, ask_health(&lanes, 2 * bench->scale.requests));
        send_new(&lanes, KIND_TOKEN, CLIENTS, bench->scale.requests, &result);
        bench_put(&ours, result.rate);
        bench_put(&p99, result.p99_us / 1e3);
        host_stop(bench, &lanes.host);
        call_databases(&lanes, message_db, chain, peers);
    }
    struct figure *figure = bench_figure(bench, "http, token, to /healthz", "events/s");
    double rate = bench_median(&ours);
    figure->ours = rate;
    figure->raw = bench_median(&health);
    bench_wish(figure, WISH_RATIO_MIN, 0.35);
    p99_figure(bench, "http, token, p99", &p99);
    if (message_db != NULL)
        peer_figure(bench, "http, token, to Message DB", rate, &peers[0]);
    if (chain != NULL)
        peer_figure(bench, "http, token, to a PostgreSQL chain", rate, &peers[1]);
    bench_median(&peers[0]); /* what no figure took */
    bench_median(&peers[1]);
    calls_close(message_db);
    calls_close(chain);
    lanes_close(&lanes);
}

static void signed_by_producer(struct bench *bench)
{
    struct lanes lanes;
    struct series ours = {0}, checks = {0}, p99 = {0};
    struct load_result result;
    struct pool *one_core = pool_new(1);
    lanes_open(&lanes, bench);
    for (unsigned i = 0; i < bench->scale.rounds; i++) {
        begin_round(&lanes, KIND_SIGNED, "signed by the producer", i);
        send_new(&lanes, KIND_SIGNED, CLIENTS, bench->scale.requests, &result);
        bench_put(&ours, result.rate);
        bench_put(&p99, result.p99_us / 1e3);
        host_stop(bench, &lanes.host);
        bench_put(&checks, raw_verify(&lanes.beside, one_core, bench->scale.raw_s));
    }
    struct figure *figure = bench_figure(bench, "http, signed, to verifying", "events/s");
    figure->ours = bench_median(&ours);
    figure->raw = bench_median(&checks);
    bench_wish(figure, WISH_RATIO_MIN, 0.5);
    p99_figure(bench, "http, signed, p99", &p99);
    pool_free(one_core);
    lanes_close(&lanes);
}

static void in_batches(struct bench *bench)
{
    struct lanes lanes;
    struct series ours = {0}, signs = {0};
    struct load_result result;
    size_t count = bench->scale.requests / 20; /* five times as many events */
    lanes_open(&lanes, bench);
    for (unsigned i = 0; i < bench->scale.rounds; i++) {
        begin_round(&lanes, KIND_BATCH, "in batches", i);
        send_new(&lanes, KIND_BATCH, CLIENTS, count, &result);
        bench_put(&ours, result.rate * BATCH);
        host_stop(bench, &lanes.host);
        bench_put(&signs, raw_sign(&lanes.beside, bench->scale.raw_s));
    }
    struct figure *figure = bench_figure(bench, "http, batches of 100, to signing", "events/s");
    figure->ours = bench_median(&ours);
    figure->raw = bench_median(&signs);
    bench_wish(figure, WISH_RATIO_MIN, 0.6);
    lanes_close(&lanes);
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The median microseconds of BLOCK raw commits in a row. */
static double commit_block(struct raw *raw)
{
    double times_us[BLOCK];
    for (unsigned i = 0; i < BLOCK; i++)
        times_us[i] = raw_commit(raw) * 1e6;
    qsort(times_us, BLOCK, sizeof(times_us[0]), by_time);
    return times_us[BLOCK / 2];
}

static void one_client(struct bench *bench)
{
    struct lanes lanes;
    struct series ours = {0}, commits = {0};
    struct load_result result;
    lanes_open(&lanes, bench);
    struct raw *raw = raw_open(&lanes.beside, bench->dir);
    for (unsigned i = 0; i < bench->scale.rounds; i++) {
        begin_round(&lanes, KIND_TOKEN, "one client", i);
        for (unsigned j = 0; j < bench->scale.blocks; j++) {
            send_new(&lanes, KIND_TOKEN, 1, BLOCK, &result);
            bench_put(&ours, result.p50_us);
            bench_put(&commits, commit_block(raw));
        }
        host_stop(bench, &lanes.host);
    }
    struct figure *figure = bench_figure(bench, "http, one client, p50, to one put", "us/event");
    figure->ours = bench_median(&ours);
    figure->raw = bench_median(&commits);
    bench_wish(figure, WISH_RATIO_MAX, 2.5);
    raw_close(raw);
    lanes_close(&lanes);
}

void http_figures(struct bench *bench)
{
    if (bench->program == NULL)
        return;
    if (bench_wanted(bench, "http-token"))
        with_token(bench);
    if (bench_wanted(bench, "http-signed"))
        signed_by_producer(bench);
    if (bench_wanted(bench, "http-batch"))
        in_batches(bench);
    if (bench_wanted(bench, "http-one"))
        one_client(bench);
}
