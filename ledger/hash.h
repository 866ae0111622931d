/* hash - SHA-256 (FIPS 180-4), by libcrypto, which uses the processor's own instructions. */
#ifndef LEDGER_HASH_H
#define LEDGER_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/limits.h"

/* One piece of what is hashed. */
struct piece {
    const void *data; /* borrowed */
    size_t bytes;
};

/**
 * hash_bytes(data, bytes, ret): SHA-256 of ${bytes} bytes.
 * hash_pieces(pieces, count, ret): SHA-256 of ${count} pieces, one behind the other.
 */
void hash_bytes(const void *data, size_t bytes, uint8_t ret[HASH_BYTES]);
void hash_pieces(const struct piece *pieces, size_t count, uint8_t ret[HASH_BYTES]);

#endif
