#include "ledger/hash.h"

#include <openssl/evp.h>

#include "ledger/check.h"

/* One context a thread and one fetched digest a process: fetching costs more than hashing an entry.
 */
static _Thread_local EVP_MD_CTX *context;
static _Thread_local EVP_MD *digest;

void hash_pieces(const struct piece *pieces, size_t count, uint8_t ret[HASH_BYTES])
{
    if (context == NULL) {
        context = EVP_MD_CTX_new();
        digest = EVP_MD_fetch(NULL, "SHA256", NULL);
        ASSERT(context != NULL && digest != NULL);
    }
    ASSERT(EVP_DigestInit_ex2(context, digest, NULL) == 1);
    for (size_t i = 0; i < count; i++)
        ASSERT(EVP_DigestUpdate(context, pieces[i].data, pieces[i].bytes) == 1);
    ASSERT(EVP_DigestFinal_ex(context, ret, NULL) == 1);
}

void hash_bytes(const void *data, size_t bytes, uint8_t ret[HASH_BYTES])
{
    const struct piece piece = {data, bytes};
    hash_pieces(&piece, 1, ret);
}
