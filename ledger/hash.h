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

struct hash_run;

/**
 * hash_run_new(): A message of no bytes yet.
 * hash_run_add(run, data, bytes): Put bytes behind it.
 * hash_run_end(run, ret): SHA-256 of the message so far, which goes on.
 * hash_run_free(run): NULL is fine.
 */
struct hash_run *hash_run_new(void);
void hash_run_add(struct hash_run *run, const void *data, size_t bytes);
void hash_run_end(const struct hash_run *run, uint8_t ret[HASH_BYTES]);
void hash_run_free(struct hash_run *run);

#endif
