/* stock - ledgers to measure with, and the events that go into them.
 * Events as deployments make them: 512 bytes, from four sources, by one token; 32 deployments
 * are open at a time, each of 500 events.
 */
#ifndef TESTS_BENCH_STOCK_H
#define TESTS_BENCH_STOCK_H

#include "tests/bench/bench.h"

#define STOCK_TOKEN_BYTES 44 /* of its token as text, with the NUL */

/* A key that its owner signs with, in software. */
struct stock_key {
    struct sshkey key;
    uint8_t secret[64];
};

struct stock {
    char *path; /* owned: the ledger's directory */
    struct ledger *ledger;
    bool random_ids;  /* else they grow with time, as UUIDv7 does */
    uint64_t ordered; /* so many of the random ids come in order: that fills a ledger fast */
    uint64_t next;    /* number of the next event */
    struct courier courier;
};

/**
 * stock_new(stock, dir, name, random_ids): Make a ledger ${dir}/${name} with a token, and open it.
 * stock_new_simulated(stock, dir, name, time_us): A simulated one that was made then, ids growing.
 * stock_open(stock, path, random_ids, next): Open one that was made so, with ${next} events.
 * stock_close(stock): Close it; it stays on disk.
 * stock_leave(stock): Close it for another process, and go on numbering events.
 * stock_remove(stock): Close it, and remove it.
 */
void stock_new(struct stock *stock, const char *dir, const char *name, bool random_ids);
void stock_new_simulated(struct stock *stock, const char *dir, const char *name, int64_t time_us);
void stock_open(struct stock *stock, const char *path, bool random_ids, uint64_t next);
void stock_close(struct stock *stock);
void stock_leave(struct stock *stock);
void stock_remove(struct stock *stock);

/**
 * stock_key(number, ret): A key, the same for the same number; that of 1 is the ledger's admin's.
 * stock_sign(key, text, ret): Append the envelope of an event that the key's owner signs.
 * stock_let_in(stock, text, is_envelope): Admit an event by the token, or its envelope by nobody;
 * the caller frees it (admit_free).  With other threads about: it takes the ledger's lock.
 */
void stock_key(uint8_t number, struct stock_key *ret);
void stock_sign(const struct stock_key *key, const struct buf *text, struct buf *ret);
struct admitted *stock_let_in(const struct stock *stock, const struct buf *text, bool is_envelope);

/**
 * stock_token(ret): The token as HTTP has it.
 * stock_event(stock, number, ret): Append the text of event ${number}.
 * stock_envelope(stock, number, ret): The same, signed with the key of the ledger's admin.
 * stock_admit(stock, number): Admit it; the caller frees it (admit_free).
 * stock_append(stock, admitted, count, ret_receipts): Append in one commit; ${ret_receipts} may be
 * NULL, else they are the caller's.
 */
void stock_token(char ret[STOCK_TOKEN_BYTES]);
void stock_event(const struct stock *stock, uint64_t number, struct buf *ret);
void stock_envelope(const struct stock *stock, uint64_t number, struct buf *ret);
struct admitted *stock_admit(const struct stock *stock, uint64_t number);
void stock_append(struct stock *stock, struct admitted *const *admitted, size_t count,
                  struct receipt *ret_receipts);

/**
 * stock_take(stock, pool, commits, batch): Admit, in the pool, and append so many commits of
 * ${batch} new events each; gives the seconds that took.
 */
double stock_take(struct stock *stock, struct pool *pool, uint64_t commits, size_t batch);

#endif
