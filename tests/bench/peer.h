/* peer - databases with a table that is a hash chain: seq, SHA-256(prev hash | event), event.
 * The least that a ledger of this kind needs: no index but seq, no signature, no tree.
 */
#ifndef TESTS_BENCH_PEER_H
#define TESTS_BENCH_PEER_H

#include "tests/bench/bench.h"

struct peer;

/**
 * peer_sqlite(dir): SQLite in ${dir}: WAL, synchronous=FULL.
 * peer_postgres(where): A table of its own in PostgreSQL, as the server is set up (fsync on);
 * NULL where ${where} is.
 * peer_close(peer): NULL is fine.
 */
struct peer *peer_sqlite(const char *dir);
struct peer *peer_postgres(const char *where);
void peer_close(struct peer *peer);

/**
 * peer_append(peer, events, count, batch): Append ${count} events, ${batch} a transaction; the
 * hashes are made here, by libcrypto, not in SQL.  Gives events a second, NAN without a peer.
 * peer_check(peer): Read all in order and check the chain; gives events a second, NAN without one.
 */
double peer_append(struct peer *peer, const struct buf *events, size_t count, size_t batch);
double peer_check(struct peer *peer);

/* What a kind of peer does; `commit` puts rows from peer->seq on, in one transaction. */
struct peer_kind {
    void (*commit)(struct peer *peer, const struct buf *events, const uint8_t (*hashes)[HASH_BYTES],
                   size_t count);
    uint64_t (*check)(struct peer *peer);
    void (*close)(struct peer *peer);
};

struct peer {
    const struct peer_kind *kind;
    uint64_t seq; /* of the next row */
    uint8_t last[HASH_BYTES];
};

#endif
