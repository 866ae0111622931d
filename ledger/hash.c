#include "ledger/hash.h"

#include <openssl/evp.h>
#include <pthread.h>

#include "ledger/check.h"

/* One context and one fetched digest a thread, freed with it: fetching costs more than hashing an
 * entry. */
static _Thread_local EVP_MD_CTX *context;
static _Thread_local EVP_MD *digest;
static pthread_key_t at_thread_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void forget(void *arg)
{
    (void)arg;
    EVP_MD_CTX_free(context);
    EVP_MD_free(digest);
    context = NULL;
    digest = NULL;
}

static void make_key(void)
{
    ASSERT(pthread_key_create(&at_thread_end, forget) == 0);
}

static void fetch(void)
{
    context = EVP_MD_CTX_new();
    digest = EVP_MD_fetch(NULL, "SHA256", NULL);
    ASSERT(context != NULL && digest != NULL);
    ASSERT(pthread_once(&once, make_key) == 0);
    ASSERT(pthread_setspecific(at_thread_end, context) == 0);
}

void hash_pieces(const struct piece *pieces, size_t count, uint8_t ret[HASH_BYTES])
{
    if (context == NULL)
        fetch();
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
