/* broker - a publisher to RabbitMQ: into the quorum queue that the daemon consumes, each message
 * confirmed.
 */
#ifndef TESTS_BENCH_BROKER_H
#define TESTS_BENCH_BROKER_H

#include "tests/bench/bench.h"

#define BROKER_USER "guest"

/**
 * broker_publish(port, media, bodies, count): Publish them, persistent, to the exchange
 * countersign, and wait until each is confirmed; gives messages a second.
 */
double broker_publish(uint16_t port, const char *media, const struct buf *bodies, size_t count);

#endif
