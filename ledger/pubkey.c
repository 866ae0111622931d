#include "ledger/pubkey.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

#include "ledger/check.h"

/* The order n of P-256 (SP 800-186 3.2.1.3). */
static const uint8_t p256_order[P256_SCALAR_BYTES] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

/* The key of the parameters that were built, or NULL if they make none.  Nothing is left in the
 * thread's queue of errors, which libssl goes by. */
static EVP_PKEY *make_key(const char *name, OSSL_PARAM_BLD *build)
{
    EVP_PKEY *key = NULL;
    ERR_set_mark();
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);
    ASSERT(params != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1);
    if (EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    ERR_pop_to_mark();
    return key;
}

/* libcrypto refuses a point that is not on the curve when it reads it. */
static EVP_PKEY *p256_key(const uint8_t point[P256_POINT_BYTES])
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    ASSERT(build != NULL);
    ASSERT(OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1);
    ASSERT(OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point,
                                            P256_POINT_BYTES) == 1);
    EVP_PKEY *key = make_key("EC", build);
    OSSL_PARAM_BLD_free(build);
    return key;
}

static EVP_PKEY *rsa_key(const struct pubkey_rsa *rsa)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *modulus = BN_bin2bn(rsa->modulus, (int)rsa->bytes, NULL), *exponent = BN_new();
    ASSERT(build != NULL && modulus != NULL && exponent != NULL);
    ASSERT(BN_set_word(exponent, rsa->exponent) == 1);
    ASSERT(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) == 1);
    ASSERT(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1);
    EVP_PKEY *key = make_key("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

/* Takes the key over; NULL verifies nothing. */
static bool verify(EVP_PKEY *key, const EVP_MD *hash, const uint8_t *sig, size_t sig_bytes,
                   const void *message, size_t message_bytes)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ASSERT(context != NULL);
    ERR_set_mark();
    bool good = key != NULL && EVP_DigestVerifyInit(context, NULL, hash, NULL, key) == 1 &&
                EVP_DigestVerify(context, sig, sig_bytes, message, message_bytes) == 1;
    ERR_pop_to_mark();
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good;
}

bool pubkey_p256_point(const uint8_t point[P256_POINT_BYTES])
{
    EVP_PKEY *key = point[0] == 0x04 ? p256_key(point) : NULL;
    EVP_PKEY_free(key);
    return key != NULL;
}

bool pubkey_p256_scalar(const uint8_t scalar[P256_SCALAR_BYTES])
{
    static const uint8_t zero[P256_SCALAR_BYTES] = {0};
    return memcmp(scalar, zero, P256_SCALAR_BYTES) != 0 &&
           memcmp(scalar, p256_order, P256_SCALAR_BYTES) < 0;
}

bool pubkey_p256_verify(const uint8_t point[P256_POINT_BYTES], const uint8_t sig[P256_SIG_BYTES],
                        const void *message, size_t message_bytes)
{
    unsigned char *der = NULL;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(sig, P256_SCALAR_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(sig + P256_SCALAR_BYTES, P256_SCALAR_BYTES, NULL);
    ASSERT(pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1);
    int der_bytes = i2d_ECDSA_SIG(pair, &der);
    ASSERT(der_bytes > 0);
    bool good =
        verify(p256_key(point), EVP_sha256(), der, (size_t)der_bytes, message, message_bytes);
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    return good;
}

bool pubkey_rsa_verify(const struct pubkey_rsa *key, const uint8_t *sig, const void *message,
                       size_t message_bytes)
{
    return verify(rsa_key(key), EVP_sha512(), sig, key->bytes, message, message_bytes);
}
