/* host - the program's own `serve` as a process, on loopback, with a ledger that nobody else has
 * open.
 */
#ifndef TESTS_BENCH_HOST_H
#define TESTS_BENCH_HOST_H

#include <sys/types.h>

#include "tests/bench/bench.h"

struct host {
    pid_t pid;
    uint16_t port;
    char *ledger; /* owned: its directory */
};

/**
 * host_start(bench, ledger, amqp, ret_host): Serve ${ledger}, and consume from the broker at the
 * URL ${amqp} unless that is NULL; returns once connections are accepted.
 * host_stop(bench, host): By a signal; it must end well.
 */
void host_start(const struct bench *bench, const char *ledger, const char *amqp,
                struct host *ret_host);
void host_stop(const struct bench *bench, struct host *host);

/**
 * host_resident(pid): Resident KiB of a process without the pages of a ledger's map.
 */
long host_resident(pid_t pid);

#endif
