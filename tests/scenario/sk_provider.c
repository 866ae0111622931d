/* A security key in software, as ssh-keygen loads one (OpenSSH's sk-api.h, version 10): Ed25519
 * only, the key handle is the secret key, and it is touched whenever it should be.
 * cc -shared -fPIC sk_provider.c -lsodium
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SK_VERSION 0x000a0000u
#define SK_ED25519 1u
#define SK_ERR_UNSUPPORTED (-2)

struct sk_enroll_response {
    uint8_t flags;
    uint8_t *public_key;
    size_t public_key_len;
    uint8_t *key_handle;
    size_t key_handle_len;
    uint8_t *signature;
    size_t signature_len;
    uint8_t *attestation_cert;
    size_t attestation_cert_len;
    uint8_t *authdata;
    size_t authdata_len;
};

struct sk_sign_response {
    uint8_t flags;
    uint32_t counter;
    uint8_t *sig_r;
    size_t sig_r_len;
    uint8_t *sig_s;
    size_t sig_s_len;
};

struct sk_resident_key;
struct sk_option;

uint32_t sk_api_version(void);
int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application,
              uint8_t flags, const char *pin, struct sk_option **options,
              struct sk_enroll_response **ret);
int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application,
            const uint8_t *key_handle, size_t key_handle_len, uint8_t flags, const char *pin,
            struct sk_option **options, struct sk_sign_response **ret);
int sk_load_resident_keys(const char *pin, struct sk_option **options,
                          struct sk_resident_key ***keys, size_t *count);

uint32_t sk_api_version(void)
{
    return SK_VERSION;
}

int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application,
              uint8_t flags, const char *pin, struct sk_option **options,
              struct sk_enroll_response **ret)
{
    (void)challenge, (void)challenge_len, (void)application, (void)pin, (void)options;
    if (alg != SK_ED25519 || sodium_init() < 0)
        return SK_ERR_UNSUPPORTED;
    struct sk_enroll_response *made = calloc(1, sizeof(*made));
    made->flags = flags;
    made->public_key_len = crypto_sign_PUBLICKEYBYTES;
    made->public_key = malloc(made->public_key_len);
    made->key_handle_len = crypto_sign_SECRETKEYBYTES;
    made->key_handle = malloc(made->key_handle_len);
    crypto_sign_keypair(made->public_key, made->key_handle);
    *ret = made;
    return 0;
}

int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application,
            const uint8_t *key_handle, size_t key_handle_len, uint8_t flags, const char *pin,
            struct sk_option **options, struct sk_sign_response **ret)
{
    uint8_t message[crypto_hash_sha256_BYTES + 5 + crypto_hash_sha256_BYTES] = {0};
    (void)pin, (void)options;
    if (alg != SK_ED25519 || key_handle_len != crypto_sign_SECRETKEYBYTES || sodium_init() < 0)
        return SK_ERR_UNSUPPORTED;
    struct sk_sign_response *made = calloc(1, sizeof(*made));
    made->flags = flags;
    made->counter = 7;
    crypto_hash_sha256(message, (const uint8_t *)application, strlen(application));
    message[crypto_hash_sha256_BYTES] = flags;
    message[crypto_hash_sha256_BYTES + 4] = 7;
    crypto_hash_sha256(message + crypto_hash_sha256_BYTES + 5, data, data_len);
    made->sig_r_len = crypto_sign_BYTES;
    made->sig_r = malloc(made->sig_r_len);
    crypto_sign_detached(made->sig_r, NULL, message, sizeof(message), key_handle);
    *ret = made;
    return 0;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options,
                          struct sk_resident_key ***keys, size_t *count)
{
    (void)pin, (void)options, (void)keys, (void)count;
    return SK_ERR_UNSUPPORTED;
}
