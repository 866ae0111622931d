#define OPENSSL_SUPPRESS_DEPRECATED /* as in hash.c */

#include "ledger/uuid.h"

#include <openssl/sha.h>

#include "ledger/check.h"

void uuid_named(const uint8_t space[16], const struct piece *name, size_t count,
                char ret[UUID_TEXT_BYTES])
{
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[SHA_DIGEST_LENGTH];
    SHA_CTX context;
    ASSERT(SHA1_Init(&context) == 1 && SHA1_Update(&context, space, 16) == 1);
    for (size_t i = 0; i < count; i++)
        ASSERT(SHA1_Update(&context, name[i].data, name[i].bytes) == 1);
    ASSERT(SHA1_Final(digest, &context) == 1);
    digest[6] = (digest[6] & 0x0f) | 0x50;
    digest[8] = (digest[8] & 0x3f) | 0x80;
    char *at = ret;
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = hex[digest[i] >> 4];
        *at++ = hex[digest[i] & 15];
    }
    *at = '\0';
}
