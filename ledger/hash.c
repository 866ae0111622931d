/* The functions of a context are deprecated since 3.0, and still what the others end in; they cost
 * a fifth less for an entry than EVP's, which look up the digest and keep its state elsewhere. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "ledger/hash.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/check.h"
#include "ledger/mem.h"

#define BLOCK_BYTES ((size_t)64)
#define SHORT_BYTES_MAX (16 * BLOCK_BYTES) /* with its padding */

static void be32(uint32_t value, uint8_t ret[4])
{
    for (int i = 3; i >= 0; i--, value >>= 8)
        ret[i] = (uint8_t)value;
}

/* A short message in one run of whole blocks, padded here (FIPS 180-4 5.1.1): cheaper than to have
 * its pieces gathered in the context. */
static void hash_short(const struct piece *pieces, size_t count, size_t bytes,
                       uint8_t ret[HASH_BYTES])
{
    uint8_t blocks[SHORT_BYTES_MAX];
    SHA256_CTX context;
    size_t at = 0, end = (bytes + 9 + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].bytes > 0)
            memcpy(blocks + at, pieces[i].data, pieces[i].bytes);
        at += pieces[i].bytes;
    }
    blocks[at] = 0x80;
    memset(blocks + at + 1, 0, end - at - 1);
    be32((uint32_t)(bytes * 8), blocks + end - 4);
    ASSERT(SHA256_Init(&context) == 1 && SHA256_Update(&context, blocks, end) == 1);
    for (size_t i = 0; i < HASH_BYTES / 4; i++)
        be32(context.h[i], ret + 4 * i);
}

void hash_pieces(const struct piece *pieces, size_t count, uint8_t ret[HASH_BYTES])
{
    SHA256_CTX context;
    size_t bytes = 0;
    for (size_t i = 0; i < count && bytes <= SHORT_BYTES_MAX; i++)
        bytes = pieces[i].bytes > SHORT_BYTES_MAX ? SIZE_MAX : bytes + pieces[i].bytes;
    if (bytes <= SHORT_BYTES_MAX - 9) {
        hash_short(pieces, count, bytes, ret);
        return;
    }
    ASSERT(SHA256_Init(&context) == 1);
    for (size_t i = 0; i < count; i++)
        ASSERT(SHA256_Update(&context, pieces[i].data, pieces[i].bytes) == 1);
    ASSERT(SHA256_Final(ret, &context) == 1);
}

void hash_bytes(const void *data, size_t bytes, uint8_t ret[HASH_BYTES])
{
    const struct piece piece = {data, bytes};
    hash_pieces(&piece, 1, ret);
}

struct hash_run {
    SHA256_CTX context;
};

struct hash_run *hash_run_new(void)
{
    struct hash_run *run = mem_alloc(sizeof(*run));
    ASSERT(SHA256_Init(&run->context) == 1);
    return run;
}

void hash_run_add(struct hash_run *run, const void *data, size_t bytes)
{
    ASSERT(SHA256_Update(&run->context, data, bytes) == 1);
}

void hash_run_end(const struct hash_run *run, uint8_t ret[HASH_BYTES])
{
    SHA256_CTX context = run->context;
    ASSERT(SHA256_Final(ret, &context) == 1);
}

void hash_run_free(struct hash_run *run)
{
    free(run);
}
