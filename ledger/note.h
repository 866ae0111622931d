/* note - C2SP signed notes: keys, signing, checking.
 * Bytes: ledger/FORMAT.md "Checkpoint".  Pure: keys arrive as structs.
 */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/checkpoint.h"
#include "ledger/err.h"
#include "ledger/limits.h"

/* What a key signs: a note's text, or as a witness "cosignature/v1", the time and the text. */
enum note_type { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

/* A key that checks notes. */
struct note_key {
    char name[NOTE_NAME_BYTES_MAX + 1];
    uint32_t id; /* first four bytes of SHA-256(name | 0x0A | type | public key), big-endian */
    uint8_t public_key[ED25519_KEY_BYTES];
    uint8_t type; /* enum note_type */
};

/**
 * note_name_ok(name): Whether it can name a key: 1..NOTE_NAME_BYTES_MAX bytes of UTF-8, no Unicode
 * white space, no plus sign, no control character.
 *
 * note_key_make(name, public_key, ret): Fill *${ret} with a key of type NOTE_ED25519; ${name} is
 * well-formed (ASSERT).
 *
 * note_cosigner_make(name, public_key, ret): The same of type NOTE_COSIGNATURE.
 */
bool note_name_ok(const char *name);
void note_key_make(const char *name, const uint8_t public_key[ED25519_KEY_BYTES],
                   struct note_key *ret);
void note_cosigner_make(const char *name, const uint8_t public_key[ED25519_KEY_BYTES],
                        struct note_key *ret);

/**
 * note_key_parse(vkey, ret): Parse `name+hex8+base64` of type NOTE_ED25519, recomputing the id.
 * Errors: INVALID.
 * note_key_format(key, buf): Append the vkey, without a newline.
 */
MUST_CHECK enum err note_key_parse(const char *vkey, struct note_key *ret);
void note_key_format(const struct note_key *key, struct buf *buf);

/**
 * note_sign(body, key, secret_key, buf):
 * Append the signed note over ${body} (text that ends in a newline) with one signature line by
 * ${key}, whose secret key is libsodium's 64 bytes.
 * note_sign_also(body, key, secret_key, buf): Append a further signature line to the note over
 * ${body} that ${buf} ends in.
 */
void note_sign(const char *body, const struct note_key *key, const uint8_t secret_key[64],
               struct buf *buf);
void note_sign_also(const char *body, const struct note_key *key, const uint8_t secret_key[64],
                    struct buf *buf);

/**
 * note_cosign(body, key, secret_key, time_s, buf):
 * Append to the note over ${body} that ${buf} ends in a line of C2SP cosignature/v1 by ${key} (of
 * type NOTE_COSIGNATURE) at ${time_s}, Unix seconds.
 * note_cosigned(note, note_bytes, key, ret_time_s): Check such a line: note_check with that key
 * alone; the time is that of its last line.  Errors: as note_check.
 */
void note_cosign(const char *body, const struct note_key *key, const uint8_t secret_key[64],
                 uint64_t time_s, struct buf *buf);
MUST_CHECK enum err note_cosigned(const char *note, size_t note_bytes, const struct note_key *key,
                                  uint64_t *ret_time_s);

/**
 * note_check(note, note_bytes, keys, key_count, ret_body_bytes):
 * Check a note from anywhere: well-formed, at least one signature by a key of ${keys}, and each
 * signature under the name and id of one of ${keys} good.  ${ret_body_bytes} (may be NULL): length
 * of the signed text at its start. Errors: INVALID (malformed), TOO_BIG, PROOF (no or bad
 * signature).
 */
MUST_CHECK enum err note_check(const char *note, size_t note_bytes, const struct note_key *keys,
                               size_t key_count, size_t *ret_body_bytes);

/* By whom a signature line says it is. */
struct note_signer {
    char name[NOTE_NAME_BYTES_MAX + 1];
    uint32_t id;
};

/**
 * note_signers(note, note_bytes, ret_signers, ret_count):
 * The names and key ids of a well-formed note's signature lines, in their order; nothing is
 * checked. The caller frees *${ret_signers} with free().  Errors: INVALID, TOO_BIG.
 */
MUST_CHECK enum err note_signers(const char *note, size_t note_bytes,
                                 struct note_signer **ret_signers, size_t *ret_count);

#endif
