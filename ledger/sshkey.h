/* sshkey - OpenSSH public keys: the one notion of key of a person or a machine.
 * Bytes: RFC 4253 6.6, RFC 8709; the text form of authorized_keys and *.pub.  Pure.
 */
#ifndef LEDGER_SSHKEY_H
#define LEDGER_SSHKEY_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"

#define SSHKEY_WIRE_BYTES_MAX 1024
#define SSHKEY_FINGERPRINT_BYTES 51 /* "SHA256:" 43 characters, and the NUL */

struct sshkey {
    uint8_t wire[SSHKEY_WIRE_BYTES_MAX];
    size_t wire_bytes;
    uint8_t id[KEY_ID_BYTES];           /* SHA-256 of wire: the fingerprint */
    uint8_t ed25519[ED25519_KEY_BYTES]; /* the raw key; only ssh-ed25519 is supported so far */
};

/**
 * sshkey_from_wire(wire, wire_bytes, ret, ret_why):
 * Parse a public key in wire format, canonical and with nothing behind it; Ed25519 keys that are no
 * point of the prime-order group (those of small order among them) are refused.
 *
 * sshkey_from_text(text, ret, ret_why):
 * Parse "ssh-ed25519 BASE64[ comment][\n]", one line (\r\n will do).
 * Errors of both: INVALID (malformed), MEDIA_TYPE (a type that is not supported yet; ${ret_why}
 * names it).
 */
MUST_CHECK enum err sshkey_from_wire(const uint8_t *wire, size_t wire_bytes, struct sshkey *ret,
                                     struct err_text *ret_why);
MUST_CHECK enum err sshkey_from_text(const char *text, struct sshkey *ret,
                                     struct err_text *ret_why);

/**
 * sshkey_from_ed25519(public_key, ret): The ssh-ed25519 key of a raw public key (not checked).
 * sshkey_format(key, buf): Append "ssh-ed25519 BASE64", no comment, no newline.
 * sshkey_fingerprint(id, ret): "SHA256:…" as ssh-keygen -l prints it.
 * sshkey_fingerprint_parse(text, ret_id): The reverse.  Errors: INVALID.
 */
void sshkey_from_ed25519(const uint8_t public_key[ED25519_KEY_BYTES], struct sshkey *ret);
void sshkey_format(const struct sshkey *key, struct buf *buf);
void sshkey_fingerprint(const uint8_t id[KEY_ID_BYTES], char ret[SSHKEY_FINGERPRINT_BYTES]);
MUST_CHECK enum err sshkey_fingerprint_parse(const char *text, uint8_t ret_id[KEY_ID_BYTES]);

#endif
