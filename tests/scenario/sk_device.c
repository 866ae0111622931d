/* sk_device - a security key in software for stock ssh-keygen (SSH_SK_PROVIDER; OpenSSH's sk-api.h,
 * version 10): its key handle is the secret.  SK_DEVICE_FLAGS: what it attests (default 1,
 * touched); SK_DEVICE_COUNTER: a file with the counter of the last signature. cc -shared -fPIC -o
 * sk_device.so sk_device.c -lcrypto -lsodium
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API_VERSION 0x000a0000
#define FAILED (-1)
#define ALG_ECDSA 0
#define POINT_BYTES 65
#define HANDLE_BYTES_MAX 256

struct sk_option;
struct sk_resident_key;

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

uint32_t sk_api_version(void);
int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application,
              uint8_t flags, const char *pin, struct sk_option **options,
              struct sk_enroll_response **ret);
int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application,
            const uint8_t *key_handle, size_t key_handle_len, uint8_t flags, const char *pin,
            struct sk_option **options, struct sk_sign_response **ret);
int sk_load_resident_keys(const char *pin, struct sk_option **options,
                          struct sk_resident_key ***keys, size_t *count);

static uint8_t *copy(const void *data, size_t bytes)
{
    uint8_t *made = malloc(bytes > 0 ? bytes : 1);
    if (made == NULL)
        abort();
    memcpy(made, data, bytes);
    return made;
}

uint32_t sk_api_version(void)
{
    return API_VERSION;
}

int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application,
              uint8_t flags, const char *pin, struct sk_option **options,
              struct sk_enroll_response **ret)
{
    uint8_t public_key[POINT_BYTES], handle[HANDLE_BYTES_MAX], *at = handle;
    size_t public_bytes = crypto_sign_PUBLICKEYBYTES, handle_bytes = crypto_sign_SECRETKEYBYTES;
    (void)challenge, (void)challenge_len, (void)application, (void)pin, (void)options;
    if (alg == ALG_ECDSA) {
        EVP_PKEY *key = EVP_EC_gen("P-256");
        int bytes = key != NULL ? i2d_PrivateKey(key, NULL) : 0;
        if (bytes <= 0 || bytes > HANDLE_BYTES_MAX ||
            EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, public_key, POINT_BYTES,
                                            &public_bytes) != 1)
            return FAILED;
        handle_bytes = (size_t)i2d_PrivateKey(key, &at);
        EVP_PKEY_free(key);
    } else if (crypto_sign_keypair(public_key, handle) != 0) {
        return FAILED;
    }
    struct sk_enroll_response *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return FAILED;
    *made = (struct sk_enroll_response){.flags = flags,
                                        .public_key = copy(public_key, public_bytes),
                                        .public_key_len = public_bytes,
                                        .key_handle = copy(handle, handle_bytes),
                                        .key_handle_len = handle_bytes,
                                        .signature = copy("", 0),
                                        .attestation_cert = copy("", 0),
                                        .authdata = copy("", 0)};
    *ret = made;
    return 0;
}

static uint32_t next_counter(void)
{
    const char *path = getenv("SK_DEVICE_COUNTER");
    unsigned counter = 0;
    FILE *file = path != NULL ? fopen(path, "r") : NULL;
    if (file != NULL) {
        if (fscanf(file, "%u", &counter) != 1)
            counter = 0;
        fclose(file);
    }
    counter++;
    file = path != NULL ? fopen(path, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "%u\n", counter);
        fclose(file);
    }
    return counter;
}

static int sign_ecdsa(const uint8_t *handle, size_t handle_bytes, const uint8_t *text, size_t bytes,
                      struct sk_sign_response *made)
{
    uint8_t der[128], numbers[2][32];
    const unsigned char *at = der;
    size_t der_bytes = sizeof(der);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY *key = d2i_PrivateKey(EVP_PKEY_EC, NULL, &handle, (long)handle_bytes);
    if (context == NULL || key == NULL ||
        EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(context, der, &der_bytes, text, bytes) != 1)
        return FAILED;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)der_bytes);
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), numbers[0], 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), numbers[1], 32);
    made->sig_r = copy(numbers[0], 32);
    made->sig_s = copy(numbers[1], 32);
    made->sig_r_len = made->sig_s_len = 32;
    ECDSA_SIG_free(pair);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return 0;
}

int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application,
            const uint8_t *key_handle, size_t key_handle_len, uint8_t flags, const char *pin,
            struct sk_option **options, struct sk_sign_response **ret)
{
    const char *attested = getenv("SK_DEVICE_FLAGS");
    struct sk_sign_response *made = calloc(1, sizeof(*made));
    uint8_t text[69], raw[crypto_sign_BYTES];
    (void)flags, (void)pin, (void)options;
    if (made == NULL)
        return FAILED;
    made->flags = (uint8_t)(attested != NULL ? atoi(attested) : 1);
    made->counter = next_counter();
    crypto_hash_sha256(text, (const uint8_t *)application, strlen(application));
    text[32] = made->flags;
    for (int i = 0; i < 4; i++)
        text[33 + i] = (uint8_t)(made->counter >> (24 - 8 * i));
    crypto_hash_sha256(text + 37, data, data_len);
    *ret = made;
    if (alg == ALG_ECDSA)
        return sign_ecdsa(key_handle, key_handle_len, text, sizeof(text), made);
    crypto_sign_detached(raw, NULL, text, sizeof(text), key_handle);
    made->sig_r = copy(raw, sizeof(raw));
    made->sig_r_len = sizeof(raw);
    return 0;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options,
                          struct sk_resident_key ***keys, size_t *count)
{
    (void)pin, (void)options, (void)keys, (void)count;
    return FAILED;
}
