/* What many open connections cost, some of them slow, and what they cost the others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/host.h"
#include "tests/bench/load.h"
#include "tests/bench/stock.h"

#define SLOW_HEAD_BYTES 15000 /* of a head, without its end */
#define SLOW_BODY_BYTES 61440 /* of a body of 64 KiB */
#define SLOW_READ_BYTES 4096  /* what a reader's socket holds, as far as the kernel heeds it */

struct crowd {
    struct bench *bench;
    struct stock stock;
    struct host host;
    int *fds; /* owned */
    unsigned count;
    char token[STOCK_TOKEN_BYTES];
};

static void add(struct crowd *crowd)
{
    crowd->fds[crowd->count++] = load_connect(crowd->host.port);
}

static int last(const struct crowd *crowd)
{
    return crowd->fds[crowd->count - 1];
}

/* A connection that has been used once, and is kept. */
static void add_idle(struct crowd *crowd)
{
    struct buf event = {0}, request = {0}, reply = {0};
    stock_event(&crowd->stock, crowd->stock.next++, &event);
    load_post(&request, EVENT_MEDIA_TYPE, crowd->token, &event);
    add(crowd);
    load_ask(last(crowd), &request, &reply);
    buf_free(&event);
    buf_free(&request);
    buf_free(&reply);
}

/* A head that does not end. */
static void add_slow_head(struct crowd *crowd)
{
    struct buf head = {0};
    buf_text(&head, "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
    while (head.bytes < SLOW_HEAD_BYTES)
        buf_u8(&head, 'a');
    add(crowd);
    load_send(last(crowd), head.data, head.bytes);
    buf_free(&head);
}

/* A body that does not end. */
static void add_slow_body(struct crowd *crowd)
{
    struct buf text = {0};
    buf_printf(&text,
               "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
               "Content-Type: " EVENT_MEDIA_TYPE "\r\nContent-Length: 65536\r\n\r\n",
               crowd->token);
    memset(buf_room(&text, SLOW_BODY_BYTES), ' ', SLOW_BODY_BYTES);
    add(crowd);
    load_send(last(crowd), text.data, text.bytes);
    buf_free(&text);
}

/* A page of events that is asked for and not read. */
static void add_slow_reader(struct crowd *crowd)
{
    struct buf request = {0};
    int bytes = SLOW_READ_BYTES;
    load_get(&request, "/v1/events?limit=1000", crowd->token);
    add(crowd);
    if (setsockopt(last(crowd), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) != 0)
        bench_must(ERR_IO, "a socket", NULL);
    load_send(last(crowd), request.data, request.bytes);
    buf_free(&request);
}

static void add_slow(struct crowd *crowd, unsigned number)
{
    if (number % 3 == 0)
        add_slow_head(crowd);
    else if (number % 3 == 1)
        add_slow_body(crowd);
    else
        add_slow_reader(crowd);
}

/* Have the daemon say how many connections are open: the slow ones have not been put out. */
static void count(const struct crowd *crowd)
{
    struct buf request = {0}, reply = {0};
    unsigned open = 0;
    load_get(&request, "/metrics", crowd->token);
    load_ask(crowd->fds[0], &request, &reply);
    const char *metric = strstr((const char *)reply.data, "\ncountersign_connections ");
    if (metric == NULL || sscanf(metric, "\ncountersign_connections %u", &open) != 1 ||
        open != crowd->bench->scale.crowd) {
        bench_say("%u of %u connections are open", open, crowd->bench->scale.crowd);
        bench_must(ERR_IO, "connections", NULL);
    }
    buf_free(&request);
    buf_free(&reply);
}

/* As many files as may be open, for the daemon too. */
static void raise_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) == 0)
            return;
    }
    bench_must(ERR_IO, "the limit of open files", NULL);
}

/* 99 of 100 replies to others, in milliseconds. */
static double others(struct crowd *crowd)
{
    size_t requests = crowd->bench->scale.requests;
    struct buf *each = mem_zero(requests, sizeof(*each));
    struct load_result result;
    for (size_t i = 0; i < requests; i++) {
        struct buf event = {0};
        stock_event(&crowd->stock, crowd->stock.next++, &event);
        load_post(&each[i], EVENT_MEDIA_TYPE, crowd->token, &event);
        buf_free(&event);
    }
    const struct load load = {.port = crowd->host.port,
                              .connections = CLIENTS,
                              .status = 201,
                              .requests = each,
                              .distinct = requests,
                              .count = requests};
    load_run(&load, &result);
    for (size_t i = 0; i < requests; i++)
        buf_free(&each[i]);
    free(each);
    return result.p99_us / 1e3;
}

void crowd_figures(struct bench *bench)
{
    struct crowd crowd = {.bench = bench};
    const struct scale *scale = &bench->scale;
    if (bench->program == NULL || !bench_wanted(bench, "connections"))
        return;
    bench_say("connections: %u, of them slow: %u", scale->crowd, scale->slow);
    raise_files();
    stock_new(&crowd.stock, bench->dir, "crowded", false);
    stock_leave(&crowd.stock);
    stock_token(crowd.token);
    crowd.fds = mem_zero(scale->crowd, sizeof(int));
    host_start(bench, crowd.stock.path, NULL, &crowd.host);
    while (crowd.count < scale->crowd - scale->slow - CLIENTS)
        add_idle(&crowd);
    for (unsigned i = 0; i < scale->slow; i++)
        add_slow(&crowd, i);
    double p99_ms = others(&crowd);
    while (crowd.count < scale->crowd)
        add_idle(&crowd);
    count(&crowd);
    struct figure *figure = bench_figure(bench, "connections, memory outside the map", "MiB");
    figure->ours = (double)host_resident(crowd.host.pid) / 1024;
    bench_wish(figure, WISH_OURS_MAX, 256);
    figure = bench_figure(bench, "connections, p99 of others", "ms");
    figure->ours = p99_ms;
    bench_wish(figure, WISH_OURS_MAX, 25);
    while (crowd.count > 0)
        close(crowd.fds[--crowd.count]);
    free(crowd.fds);
    host_stop(bench, &crowd.host);
    stock_remove(&crowd.stock);
}
