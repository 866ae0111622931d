/* sshkey - OpenSSH public keys: the one notion of key of a person or a machine.
 * Bytes: RFC 4253 6.6, RFC 5656 3.1, RFC 8709, OpenSSH's PROTOCOL.u2f; the text form of
 * authorized_keys and *.pub.  Pure.
 */
#ifndef LEDGER_SSHKEY_H
#define LEDGER_SSHKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/pubkey.h"

#define SSHKEY_WIRE_BYTES_MAX 1056  /* of an RSA key of RSA_BITS_MAX, and a little */
#define SSHKEY_FINGERPRINT_BYTES 51 /* "SHA256:" 43 characters, and the NUL */

enum sshkey_type {
    SSHKEY_ED25519,
    SSHKEY_SK_ED25519,
    SSHKEY_P256,
    SSHKEY_SK_P256,
    SSHKEY_RSA,
    SSHKEY_TYPES /* how many there are */
};

struct sshkey {
    enum sshkey_type type;
    unsigned bits; /* 256, or of the RSA modulus */
    uint8_t wire[SSHKEY_WIRE_BYTES_MAX];
    size_t wire_bytes;
    uint8_t id[KEY_ID_BYTES];           /* SHA-256 of wire: the fingerprint */
    uint8_t ed25519[ED25519_KEY_BYTES]; /* the raw key of the two types of Ed25519 */
    uint8_t p256[P256_POINT_BYTES];     /* the point of the two types of P-256 */
    uint32_t exponent;                  /* of an RSA key */
    size_t modulus_at, modulus_bytes;   /* of an RSA key: within wire */
    uint8_t application[HASH_BYTES];    /* of a security key: SHA-256 of its application */
};

/**
 * sshkey_from_wire(wire, wire_bytes, ret, ret_why):
 * Parse a public key in wire format, canonical and with nothing behind it.  Refused are Ed25519
 * keys that are no point of the prime-order group (those of small order among them), points of
 * P-256 that are compressed or off the curve, RSA keys of under RSA_BITS_MIN or over RSA_BITS_MAX
 * bits, with an even modulus, or with an exponent that is even, below 3 or over 32 bits, and
 * security keys whose application is empty, over SK_APPLICATION_BYTES_MAX, or has control
 * characters.
 *
 * sshkey_from_text(text, ret, ret_why):
 * Parse "TYPE BASE64[ comment][\n]", one line (\r\n will do).
 * Errors of both: INVALID (malformed), MEDIA_TYPE (a type or size that is not supported; ${ret_why}
 * names it, and what is).
 */
MUST_CHECK enum err sshkey_from_wire(const uint8_t *wire, size_t wire_bytes, struct sshkey *ret,
                                     struct err_text *ret_why);
MUST_CHECK enum err sshkey_from_text(const char *text, struct sshkey *ret,
                                     struct err_text *ret_why);

/**
 * sshkey_type_name(type): The type's name on the wire, as "ssh-ed25519"; static.
 * sshkey_type_hardware(type): Whether such keys are security keys, which attest touch and PIN.
 * sshkey_type_of(name, name_bytes, ret_type): The type of a name; false if it is none of them.
 */
const char *sshkey_type_name(enum sshkey_type type);
bool sshkey_type_hardware(enum sshkey_type type);
bool sshkey_type_of(const uint8_t *name, size_t name_bytes, enum sshkey_type *ret_type);

/**
 * sshkey_from_ed25519(public_key, ret): The ssh-ed25519 key of a raw public key (not checked).
 * sshkey_format(key, buf): Append "TYPE BASE64", no comment, no newline.
 * sshkey_fingerprint(id, ret): "SHA256:…" as ssh-keygen -l prints it.
 * sshkey_fingerprint_parse(text, ret_id): The reverse.  Errors: INVALID.
 */
void sshkey_from_ed25519(const uint8_t public_key[ED25519_KEY_BYTES], struct sshkey *ret);
void sshkey_format(const struct sshkey *key, struct buf *buf);
void sshkey_fingerprint(const uint8_t id[KEY_ID_BYTES], char ret[SSHKEY_FINGERPRINT_BYTES]);
MUST_CHECK enum err sshkey_fingerprint_parse(const char *text, uint8_t ret_id[KEY_ID_BYTES]);

#endif
