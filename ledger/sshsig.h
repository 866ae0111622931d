/* sshsig - SSH signatures (PROTOCOL.sshsig of OpenSSH): blob, armor, check.  Pure.
 * Blobs that differ from their canonical re-encoding are refused, though ssh-keygen takes some of
 * them: version 1, reserved empty, nothing behind the signature, numbers in their shortest form.
 * Of an ECDSA signature both s and n-s are taken, as ssh-keygen makes either: what tells two
 * messages apart is the event and the keys, never a signature's bytes.
 */
#ifndef LEDGER_SSHSIG_H
#define LEDGER_SSHSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/sshkey.h"

#define SSHSIG_NAMESPACE "event@countersign"
#define SSHSIG_ARMOR_BYTES_MAX 16384 /* text of one armored file */

#define SSHSIG_TOUCHED 0x01u  /* of a security key's flags: somebody touched it */
#define SSHSIG_VERIFIED 0x04u /* of the same: it knew them by PIN or biometrics */

struct sshsig {
    struct sshkey key;
    bool sha512;                         /* else sha256 */
    uint8_t signature[RSA_BITS_MAX / 8]; /* Ed25519: 64 bytes; P-256: r 32 | s 32; RSA: a number */
    size_t signature_bytes;
    uint8_t flags;    /* of a security key, as it signed them; else 0 */
    uint32_t counter; /* the same */
};

/**
 * sshsig_parse(blob, blob_bytes, ret, ret_why):
 * Parse a blob whose namespace is SSHSIG_NAMESPACE.  Two blobs that parse to the same struct are
 * the same bytes.  Flags of a security key may be any: what is asked of them is policy's to say.
 * Errors: INVALID, MEDIA_TYPE (a type of key or signature that is not supported; ${ret_why} names
 * it).
 *
 * sshsig_check(sig, message, message_bytes): Check it over ${message}.  Errors: UNAUTHENTICATED.
 */
MUST_CHECK enum err sshsig_parse(const uint8_t *blob, size_t blob_bytes, struct sshsig *ret,
                                 struct err_text *ret_why);
MUST_CHECK enum err sshsig_check(const struct sshsig *sig, const void *message,
                                 size_t message_bytes);

/**
 * sshsig_armor(blob, blob_bytes, buf):
 * Append the armored file as ssh-keygen writes it (lines of 70).
 *
 * sshsig_unarmor(text, text_bytes, buf):
 * Append the blob of an armored file of any line length, \n or \r\n; it begins with the header, and
 * nothing follows the footer but white space.
 * Errors: INVALID (malformed, or over SSHSIG_ARMOR_BYTES_MAX).
 */
void sshsig_armor(const uint8_t *blob, size_t blob_bytes, struct buf *buf);
MUST_CHECK enum err sshsig_unarmor(const char *text, size_t text_bytes, struct buf *buf);

#endif
