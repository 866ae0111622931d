/* sshsig - SSH signatures (PROTOCOL.sshsig of OpenSSH): blob, armor, check.  Pure.
 * Blobs that differ from their canonical re-encoding are refused, though ssh-keygen takes some of
 * them: version 1, reserved empty, nothing behind the signature.
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

struct sshsig {
    struct sshkey key;
    bool sha512; /* else sha256 */
    uint8_t signature[ED25519_SIG_BYTES];
};

/**
 * sshsig_parse(blob, blob_bytes, ret, ret_why): Parse a blob whose namespace is SSHSIG_NAMESPACE.
 * Errors: INVALID, MEDIA_TYPE (a key type that is not supported yet).  Two blobs that parse to the
 * same struct are the same bytes.
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
