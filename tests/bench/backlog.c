/* How fast the daemon takes in what waits in a RabbitMQ quorum queue, broker on the same cores. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/broker.h"
#include "tests/bench/host.h"
#include "tests/bench/load.h"
#include "tests/bench/stock.h"

#define LOOK_US 50000        /* between two looks at what is acked */
#define PATIENCE_SECONDS 300 /* for a backlog */

/* A metric of the daemon; it must have it. */
static uint64_t metric(int fd, const struct buf *request, const char *name)
{
    struct buf reply = {0}, line = {0};
    uint64_t value = 0;
    load_ask(fd, request, &reply);
    buf_printf(&line, "\n%s ", name);
    const char *at = strstr((const char *)reply.data, (const char *)line.data);
    if (at == NULL)
        bench_must(ERR_NOT_FOUND, name, NULL);
    value = strtoull(at + line.bytes, NULL, 10);
    buf_free(&line);
    buf_free(&reply);
    return value;
}

/* Serve the ledger until ${count} more are on disk and acked; messages a second from the start of
 * the process. */
static double drain(const struct bench *bench, const struct stock *stock, size_t count)
{
    char token[STOCK_TOKEN_BYTES], url[64];
    struct buf request = {0};
    struct host host;
    stock_token(token);
    load_get(&request, "/metrics", token);
    snprintf(url, sizeof(url), "amqp://" BROKER_USER "@127.0.0.1:%u", (unsigned)bench->broker);
    double began = bench_now(), took;
    host_start(bench, stock->path, url, &host);
    int fd = load_connect(host.port);
    while (metric(fd, &request, "countersign_amqp_acks_total") < count) {
        if (bench_now() - began > PATIENCE_SECONDS)
            bench_must(ERR_BUSY, "the queue does not get empty", NULL);
        usleep(LOOK_US);
    }
    took = bench_now() - began;
    if (metric(fd, &request, "countersign_messages_total{way=\"amqp\",outcome=\"appended\"}") <
        count)
        bench_must(ERR_DAMAGED, "acked, and not in the ledger", NULL);
    close(fd);
    host_stop(bench, &host);
    buf_free(&request);
    return (double)count / took;
}

static void backlog(struct bench *bench, bool is_signed, double wanted)
{
    const char *name = is_signed ? "amqp, signed, to confirms" : "amqp, to confirms";
    size_t count = bench->scale.backlog;
    struct series ours = {0}, confirms = {0};
    struct buf *bodies = mem_zero(count, sizeof(*bodies));
    struct stock stock;
    stock_new(&stock, bench->dir, "consumer", false);
    stock_leave(&stock);
    for (unsigned i = 0; i < bench->scale.backlogs; i++) {
        bench_say("%s: round %u of %u", name, i + 1, bench->scale.backlogs);
        for (size_t j = 0; j < count; j++) {
            buf_clear(&bodies[j]);
            if (is_signed)
                stock_envelope(&stock, stock.next++, &bodies[j]);
            else
                stock_event(&stock, stock.next++, &bodies[j]);
        }
        bench_put(&confirms,
                  broker_publish(bench->broker, is_signed ? DSSE_MEDIA_TYPE : EVENT_MEDIA_TYPE,
                                 bodies, count));
        bench_put(&ours, drain(bench, &stock, count));
    }
    struct figure *figure = bench_figure(bench, name, "events/s");
    figure->ours = bench_median(&ours);
    figure->raw = bench_median(&confirms);
    bench_wish(figure, WISH_RATIO_MIN, wanted);
    for (size_t i = 0; i < count; i++)
        buf_free(&bodies[i]);
    free(bodies);
    stock_remove(&stock);
}

void backlog_figures(struct bench *bench)
{
    if (bench->program == NULL || bench->broker == 0)
        return;
    setenv("COUNTERSIGN_AMQP_PASSWORD", BROKER_USER, 1);
    if (bench_wanted(bench, "amqp-plain"))
        backlog(bench, false, 0.5);
    if (bench_wanted(bench, "amqp-signed"))
        backlog(bench, true, 0.3);
}
