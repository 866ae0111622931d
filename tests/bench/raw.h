/* raw - what the machine allows: the same puts into the same tables by LMDB alone, and the rates
 * of Ed25519 and SHA-256 by the libraries that the ledger uses.
 */
#ifndef TESTS_BENCH_RAW_H
#define TESTS_BENCH_RAW_H

#include "tests/bench/stock.h"

struct raw;

/**
 * raw_open(stock, dir): An environment in ${dir} that begins as a copy of the ledger's.
 * raw_load(raw, stock, from, to): Get ready the rows of the ledger's entries ${from} to ${to} - 1.
 * raw_put(raw, batch): Put the rows that are ready, in commits of ${batch} entries, each with a
 * checkpoint's bytes; gives the seconds that took.
 * raw_commit(raw): Put EVENT_BYTES in a transaction of their own; gives the seconds that took.
 * raw_close(raw): Close and remove it; NULL is fine.
 */
struct raw *raw_open(const struct stock *stock, const char *dir);
void raw_load(struct raw *raw, const struct stock *stock, uint64_t from, uint64_t to);
double raw_put(struct raw *raw, uint64_t batch);
double raw_commit(struct raw *raw);
void raw_close(struct raw *raw);

/**
 * raw_sign(stock, seconds): Admission signatures a second, on one core.
 * raw_verify(stock, pool, seconds): Checked Ed25519 signatures a second, on all cores.
 * raw_hash(pool, seconds): SHA-256 of EVENT_BYTES a second, on all cores.
 */
double raw_sign(const struct stock *stock, double seconds);
double raw_verify(const struct stock *stock, struct pool *pool, double seconds);
double raw_hash(struct pool *pool, double seconds);

#endif
