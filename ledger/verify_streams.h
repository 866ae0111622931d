/* verify_streams - where each stream stands while a ledger is checked in order: some 100 bytes
 * each. */
#ifndef LEDGER_VERIFY_STREAMS_H
#define LEDGER_VERIFY_STREAMS_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/limits.h"

struct verify_streams;

/* One stream; `count` entries so far, the last with that leaf hash. */
struct verify_stream {
    uint8_t key[16];
    uint64_t count; /* 0: there is none yet */
    uint8_t leaf[HASH_BYTES];
};

/**
 * verify_streams_new(), verify_streams_free(streams): No stream yet; NULL is fine.
 * verify_streams_key(streams, name, name_bytes, ret): The key that stands for a name, by a secret
 * of these streams: nobody can make two names that have one.  Any thread.
 * verify_streams_at(streams, key): The stream of that key, made if need be; borrowed until the next
 * call.
 */
struct verify_streams *verify_streams_new(void);
void verify_streams_free(struct verify_streams *streams);
void verify_streams_key(const struct verify_streams *streams, const char *name, size_t name_bytes,
                        uint8_t ret[16]);
struct verify_stream *verify_streams_at(struct verify_streams *streams, const uint8_t key[16]);

#endif
