/* pubkey - ECDSA on P-256 and RSA with PKCS #1 v1.5 padding, checked by libcrypto.
 * Source: FIPS 186-5 6.4.2, RFC 8017 8.2.2.  Pure.
 */
#ifndef LEDGER_PUBKEY_H
#define LEDGER_PUBKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define P256_SCALAR_BYTES 32
#define P256_POINT_BYTES 65 /* 0x04 | x 32 | y 32 */
#define P256_SIG_BYTES 64   /* r 32 | s 32 */

/**
 * pubkey_p256_point(point): Whether ${point} is uncompressed and on the curve.
 * pubkey_p256_scalar(scalar): Whether ${scalar} is in [1, n-1], n being the curve's order.
 * pubkey_p256_verify(point, sig, message, message_bytes):
 * Whether ${sig} is an ECDSA signature with SHA-256 over ${message}.  Cost: about 0.1 ms.
 */
bool pubkey_p256_point(const uint8_t point[P256_POINT_BYTES]);
bool pubkey_p256_scalar(const uint8_t scalar[P256_SCALAR_BYTES]);
bool pubkey_p256_verify(const uint8_t point[P256_POINT_BYTES], const uint8_t sig[P256_SIG_BYTES],
                        const void *message, size_t message_bytes);

/* An RSA public key. */
struct pubkey_rsa {
    const uint8_t *modulus; /* borrowed; big-endian, without zeros in front */
    size_t bytes;           /* of the modulus, and of each signature */
    uint32_t exponent;
};

/**
 * pubkey_rsa_verify(key, sig, message, message_bytes):
 * Whether ${sig}, of as many bytes as the modulus, is a signature with SHA-512 over ${message}.
 */
bool pubkey_rsa_verify(const struct pubkey_rsa *key, const uint8_t *sig, const void *message,
                       size_t message_bytes);

#endif
