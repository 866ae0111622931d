#include "tests/bench/peer.h"

#include <math.h>
#include <string.h>

void peer_close(struct peer *peer)
{
    if (peer != NULL)
        peer->kind->close(peer);
}

double peer_append(struct peer *peer, const struct buf *events, size_t count, size_t batch)
{
    if (peer == NULL)
        return NAN;
    uint8_t(*hashes)[HASH_BYTES] = mem_zero(batch, sizeof(*hashes));
    double began = bench_now();
    for (size_t i = 0; i < count; i += batch) {
        size_t some = batch < count - i ? batch : count - i;
        for (size_t j = 0; j < some; j++) {
            const struct piece pieces[] = {{peer->last, HASH_BYTES},
                                           {events[i + j].data, events[i + j].bytes}};
            hash_pieces(pieces, 2, peer->last);
            memcpy(hashes[j], peer->last, HASH_BYTES);
        }
        peer->kind->commit(peer, events + i, (const uint8_t(*)[HASH_BYTES])hashes, some);
        peer->seq += some;
    }
    double seconds = bench_now() - began;
    free(hashes);
    return (double)count / seconds;
}

double peer_check(struct peer *peer)
{
    if (peer == NULL || peer->kind->check == NULL)
        return NAN;
    double began = bench_now();
    uint64_t count = peer->kind->check(peer);
    if (count != peer->seq)
        bench_must(ERR_DAMAGED, "the peer's chain", NULL);
    return (double)count / (bench_now() - began);
}
