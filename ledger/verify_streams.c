#include "ledger/verify_streams.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/check.h"
#include "ledger/mem.h"

#define SLOTS_FIRST 1024

struct verify_streams {
    uint8_t secret[crypto_shorthash_siphashx24_KEYBYTES];
    struct verify_stream *slots; /* a power of two, at most three quarters in use */
    size_t slot_count, used;
};

struct verify_streams *verify_streams_new(void)
{
    struct verify_streams *streams = mem_zero(1, sizeof(*streams));
    ASSERT(sodium_init() >= 0);
    randombytes_buf(streams->secret, sizeof(streams->secret));
    streams->slot_count = SLOTS_FIRST;
    streams->slots = mem_zero(SLOTS_FIRST, sizeof(*streams->slots));
    return streams;
}

void verify_streams_free(struct verify_streams *streams)
{
    if (streams == NULL)
        return;
    free(streams->slots);
    free(streams);
}

void verify_streams_key(const struct verify_streams *streams, const char *name, size_t name_bytes,
                        uint8_t ret[16])
{
    crypto_shorthash_siphashx24(ret, (const uint8_t *)name, name_bytes, streams->secret);
}

static struct verify_stream *find(struct verify_stream *slots, size_t slot_count,
                                  const uint8_t key[16])
{
    uint64_t at;
    memcpy(&at, key, sizeof(at));
    for (;; at++) {
        struct verify_stream *slot = &slots[at & (slot_count - 1)];
        if (slot->count == 0 || memcmp(slot->key, key, sizeof(slot->key)) == 0)
            return slot;
    }
}

static void grow(struct verify_streams *streams)
{
    size_t slot_count = streams->slot_count * 2;
    struct verify_stream *slots = mem_zero(slot_count, sizeof(*slots));
    for (size_t i = 0; i < streams->slot_count; i++) {
        const struct verify_stream *old = &streams->slots[i];
        if (old->count > 0)
            *find(slots, slot_count, old->key) = *old;
    }
    free(streams->slots);
    streams->slots = slots;
    streams->slot_count = slot_count;
}

struct verify_stream *verify_streams_at(struct verify_streams *streams, const uint8_t key[16])
{
    if (streams->used >= streams->slot_count / 4 * 3)
        grow(streams);
    struct verify_stream *slot = find(streams->slots, streams->slot_count, key);
    if (slot->count == 0) {
        memcpy(slot->key, key, sizeof(slot->key));
        streams->used++;
    }
    return slot;
}
