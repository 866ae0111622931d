/* load - an HTTP client on loopback: many kept-alive connections, each with one request under way.
 * Requests are made beforehand, head and body.
 */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include "tests/bench/bench.h"

struct load {
    uint16_t port;
    unsigned connections;
    unsigned status;            /* that every reply must have */
    const struct buf *requests; /* borrowed */
    size_t distinct;            /* of them; after the last comes the first again */
    size_t count;               /* requests in all */
};

struct load_result {
    double rate;           /* replies a second */
    double p50_us, p99_us; /* from a request's first byte to its reply's last */
};

/**
 * load_run(load, ret_result): Send all, one after another on each connection.
 */
void load_run(const struct load *load, struct load_result *ret_result);

/**
 * load_connect(port): A connection, blocking; close() it.
 * load_send(fd, data, bytes): Send all of it.
 * load_ask(fd, request, ret_reply): Send a request and append the whole reply, head and body, to
 * ${ret_reply}.
 */
int load_connect(uint16_t port);
void load_send(int fd, const void *data, size_t bytes);
void load_ask(int fd, const struct buf *request, struct buf *ret_reply);

/**
 * load_get(request, path, token): Append a GET with that bearer token; NULL: none.
 * load_post(request, media, token, body): Append a POST to /v1/events.
 */
void load_get(struct buf *request, const char *path, const char *token);
void load_post(struct buf *request, const char *media, const char *token, const struct buf *body);

#endif
