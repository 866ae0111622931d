/* command - the program run as a process of its own, from its start to its end: what that takes. */
#ifndef TESTS_BENCH_COMMAND_H
#define TESTS_BENCH_COMMAND_H

#include "tests/bench/bench.h"

/* What a run took. */
struct command_cost {
    double seconds;
    long private_kib; /* at its peak, of what its processes have for themselves alone */
};

/**
 * command_run(bench, words, ret_cost): Run the program with ${words}, up to a NULL, without its
 * output; it must end well.
 * The private memory is the kernel's RssAnon, looked at every 5 ms: no file's pages are in it, be
 * they the ledger's, which LMDB maps, or libraries'.
 */
void command_run(const struct bench *bench, const char *const *words,
                 struct command_cost *ret_cost);

#endif
