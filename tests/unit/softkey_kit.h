/* softkey_kit - keys without a device: plain keys that sign as each type of OpenSSH key does, those
 * of security keys among them, with any flags and counter; and blobs with any field wrong. */
#ifndef TESTS_UNIT_SOFTKEY_KIT_H
#define TESTS_UNIT_SOFTKEY_KIT_H

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "tests/unit/keygen_kit.h"

struct softkey {
    enum sshkey_type type;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    EVP_PKEY *p256;
    struct buf wire;
};

static inline void buf_mpint(struct buf *buf, const uint8_t *number, size_t bytes)
{
    static const uint8_t zero = 0;
    struct buf text = {0};
    while (bytes > 0 && number[0] == 0) {
        number++;
        bytes--;
    }
    if (bytes > 0 && number[0] >= 0x80)
        buf_add(&text, &zero, 1);
    buf_add(&text, number, bytes);
    buf_string(buf, text.data, text.bytes);
    buf_free(&text);
}

static inline bool softkey_is_p256(const struct softkey *key)
{
    return key->type == SSHKEY_P256 || key->type == SSHKEY_SK_P256;
}

/* Make a key of any type but RSA; ${application} is that of a security key. */
static inline void softkey_make(enum sshkey_type type, const char *application, struct softkey *ret)
{
    const char *name = sshkey_type_name(type);
    uint8_t public[crypto_sign_PUBLICKEYBYTES], point[P256_POINT_BYTES];
    size_t bytes = 0;
    *ret = (struct softkey){.type = type};
    buf_string(&ret->wire, name, strlen(name));
    if (softkey_is_p256(ret)) {
        assert_non_null(ret->p256 = EVP_EC_gen("P-256"));
        assert_int_equal(
            EVP_PKEY_get_octet_string_param(ret->p256, "pub", point, sizeof(point), &bytes), 1);
        assert_int_equal(bytes, sizeof(point));
        buf_string(&ret->wire, "nistp256", 8);
        buf_string(&ret->wire, point, sizeof(point));
    } else {
        assert_int_equal(crypto_sign_keypair(public, ret->secret), 0);
        buf_string(&ret->wire, public, sizeof(public));
    }
    if (sshkey_type_hardware(type))
        buf_string(&ret->wire, application, strlen(application));
}

static inline void softkey_free(struct softkey *key)
{
    EVP_PKEY_free(key->p256);
    buf_free(&key->wire);
}

/* r | s of libcrypto's signature, each in 32 bytes. */
static inline void softkey_p256(const struct softkey *key, const struct buf *text,
                                uint8_t ret[P256_SIG_BYTES])
{
    uint8_t der[128];
    size_t bytes = sizeof(der);
    const unsigned char *at = der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->p256), 1);
    assert_int_equal(EVP_DigestSign(context, der, &bytes, text->data, text->bytes), 1);
    EVP_MD_CTX_free(context);
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)bytes);
    assert_non_null(pair);
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), ret, P256_SCALAR_BYTES);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), ret + P256_SCALAR_BYTES, P256_SCALAR_BYTES);
    ECDSA_SIG_free(pair);
}

/* What a blob is made of; all that is NULL or 0 is as it should be. */
struct softkey_blob {
    uint32_t version; /* 0: 1 */
    const char *name; /* namespace */
    const char *reserved;
    const char *hash;       /* its name */
    const char *type;       /* of the signature */
    const char *behind;     /* text behind the signature, within its string */
    const char *trailing;   /* behind the blob */
    const struct buf *wire; /* the key's */
};

/* Append a blob around a signature: its string, and what follows that. */
static inline void softkey_wrap(const struct softkey_blob *blob, const struct buf *raw,
                                const struct buf *rest, struct buf *ret)
{
    const char *name = blob->name != NULL ? blob->name : SSHSIG_NAMESPACE;
    const char *hash = blob->hash != NULL ? blob->hash : "sha512";
    const char *reserved = blob->reserved != NULL ? blob->reserved : "";
    struct buf inner = {0};
    buf_string(&inner, blob->type, strlen(blob->type));
    buf_string(&inner, raw->data, raw->bytes);
    if (rest != NULL)
        buf_add(&inner, rest->data, rest->bytes);
    buf_text(&inner, blob->behind != NULL ? blob->behind : "");
    buf_text(ret, "SSHSIG");
    buf_u32(ret, blob->version != 0 ? blob->version : 1);
    buf_string(ret, blob->wire->data, blob->wire->bytes);
    buf_string(ret, name, strlen(name));
    buf_string(ret, reserved, strlen(reserved));
    buf_string(ret, hash, strlen(hash));
    buf_string(ret, inner.data, inner.bytes);
    buf_text(ret, blob->trailing != NULL ? blob->trailing : "");
    buf_free(&inner);
}

/* What SSHSIG has a plain key sign, by SHA-512. */
static inline void softkey_text(const char *message, struct buf *ret)
{
    uint8_t hash[crypto_hash_sha512_BYTES];
    crypto_hash_sha512(hash, (const uint8_t *)message, strlen(message));
    buf_text(ret, "SSHSIG");
    buf_string(ret, SSHSIG_NAMESPACE, strlen(SSHSIG_NAMESPACE));
    buf_string(ret, "", 0);
    buf_string(ret, "sha512", 6);
    buf_string(ret, hash, sizeof(hash));
}

/* The 69 bytes that a security key signs instead. */
static inline void softkey_device_text(const char *application, const struct buf *text,
                                       uint8_t flags, uint32_t counter, struct buf *ret)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const uint8_t *)application, strlen(application));
    buf_add(ret, hash, sizeof(hash));
    buf_u8(ret, flags);
    buf_u32(ret, counter);
    crypto_hash_sha256(hash, text->data, text->bytes);
    buf_add(ret, hash, sizeof(hash));
    assert_int_equal(ret->bytes, 69);
}

/* Sign ${message}: the string of the signature, and what follows it. */
static inline void softkey_raw(const struct softkey *key, const char *application,
                               const char *message, uint8_t flags, uint32_t counter,
                               struct buf *ret_raw, struct buf *ret_rest)
{
    struct buf text = {0}, device = {0};
    uint8_t sig[P256_SIG_BYTES];
    softkey_text(message, &text);
    if (sshkey_type_hardware(key->type)) {
        softkey_device_text(application, &text, flags, counter, &device);
        buf_u8(ret_rest, flags);
        buf_u32(ret_rest, counter);
    } else {
        buf_add(&device, text.data, text.bytes);
    }
    if (softkey_is_p256(key)) {
        softkey_p256(key, &device, sig);
        buf_mpint(ret_raw, sig, P256_SCALAR_BYTES);
        buf_mpint(ret_raw, sig + P256_SCALAR_BYTES, P256_SCALAR_BYTES);
    } else {
        crypto_sign_detached(sig, NULL, device.data, device.bytes, key->secret);
        buf_add(ret_raw, sig, crypto_sign_BYTES);
    }
    buf_free(&text);
    buf_free(&device);
}

static inline void softkey_sign(const struct softkey *key, const char *application,
                                const char *message, uint8_t flags, uint32_t counter,
                                struct buf *blob)
{
    struct buf raw = {0}, rest = {0};
    const struct softkey_blob form = {.type = sshkey_type_name(key->type), .wire = &key->wire};
    softkey_raw(key, application, message, flags, counter, &raw, &rest);
    softkey_wrap(&form, &raw, &rest, blob);
    buf_free(&raw);
    buf_free(&rest);
}

#endif
