#include "ledger/sshsig.h"

#include <sodium.h>
#include <string.h>

#include "ledger/hash.h"

/* PROTOCOL.sshsig of OpenSSH; a string is u32 length | bytes.
 *   blob    "SSHSIG" | u32 1 | string public key | string namespace | string reserved, empty |
 *           string "sha256" or "sha512" | string signature
 *   signed  "SSHSIG" | string namespace | string reserved, empty | string hash name | string hash
 * The signature begins with string type, which is the key's (for RSA: "rsa-sha2-512"), and goes on
 *   ssh-ed25519          string 64 bytes
 *   ecdsa-sha2-nistp256  string (mpint r | mpint s)
 *   ssh-rsa              string, as many bytes as the modulus
 *   sk-...               as without sk-, then u8 flags | u32 counter; what such a key signs is
 *                        SHA-256(application) | flags | counter | SHA-256(signed)  (PROTOCOL.u2f)
 */
#define MAGIC_TEXT "SSHSIG"
#define VERSION 1
#define RSA_SIGNATURE_TYPE "rsa-sha2-512"
#define HEADER "-----BEGIN SSH SIGNATURE-----"
#define FOOTER "-----END SSH SIGNATURE-----"
#define LINE_BYTES 70

static bool is_text(const uint8_t *data, size_t bytes, const char *text)
{
    return data != NULL && bytes == strlen(text) && memcmp(data, text, bytes) == 0;
}

/* Check the type that a signature says it is of. */
static enum err check_type(const struct sshkey *key, const uint8_t *type, size_t bytes,
                           struct err_text *ret_why)
{
    static const char webauthn[] = "webauthn-sk-";
    const char *wanted = key->type == SSHKEY_RSA ? RSA_SIGNATURE_TYPE : sshkey_type_name(key->type);
    if (is_text(type, bytes, wanted))
        return ERR_OK;
    if (type != NULL && bytes > strlen(webauthn) && memcmp(type, webauthn, strlen(webauthn)) == 0)
        return err_say(ret_why, ERR_MEDIA_TYPE,
                       "WebAuthn signatures are not supported: sign with ssh-keygen");
    if (is_text(type, bytes, "ssh-rsa") || is_text(type, bytes, "rsa-sha2-256"))
        return err_say(ret_why, ERR_MEDIA_TYPE,
                       "RSA signatures of type %.*s are not supported: " RSA_SIGNATURE_TYPE " is",
                       (int)bytes, (const char *)type);
    return err_say(ret_why, ERR_INVALID, "the SSH signature is not of its key's type, %s", wanted);
}

/* Write a number of at most 32 bytes into 32. */
static bool take_scalar(struct reader *reader, uint8_t ret[P256_SCALAR_BYTES])
{
    size_t bytes;
    const uint8_t *number = reader_mpint(reader, &bytes);
    if (number == NULL || bytes > P256_SCALAR_BYTES)
        return false;
    memset(ret, 0, P256_SCALAR_BYTES - bytes);
    memcpy(ret + P256_SCALAR_BYTES - bytes, number, bytes);
    return pubkey_p256_scalar(ret);
}

/* Read the string that is the signature proper. */
static enum err take_raw(struct reader *reader, struct sshsig *sig, struct err_text *ret_why)
{
    const struct sshkey *key = &sig->key;
    size_t bytes;
    const uint8_t *raw = reader_string(reader, &bytes);
    if (raw == NULL)
        return err_say(ret_why, ERR_INVALID, "the SSH signature is cut short");
    if (key->type == SSHKEY_P256 || key->type == SSHKEY_SK_P256) {
        struct reader numbers = {raw, bytes, false};
        if (!take_scalar(&numbers, sig->signature) ||
            !take_scalar(&numbers, sig->signature + P256_SCALAR_BYTES) || numbers.bytes != 0)
            return err_say(ret_why, ERR_INVALID,
                           "the SSH signature is not of two numbers below the curve's order, in "
                           "their shortest form");
        sig->signature_bytes = P256_SIG_BYTES;
        return ERR_OK;
    }
    sig->signature_bytes = key->type == SSHKEY_RSA ? key->modulus_bytes : ED25519_SIG_BYTES;
    if (bytes != sig->signature_bytes)
        return err_say(ret_why, ERR_INVALID, "the SSH signature has no string of %zu bytes",
                       sig->signature_bytes);
    memcpy(sig->signature, raw, bytes);
    return ERR_OK;
}

static enum err parse_signature(const uint8_t *data, size_t bytes, struct sshsig *sig,
                                struct err_text *ret_why)
{
    struct reader reader = {data, bytes, false};
    size_t type_bytes;
    const uint8_t *type = reader_string(&reader, &type_bytes);
    enum err err = check_type(&sig->key, type, type_bytes, ret_why);
    if (err == ERR_OK)
        err = take_raw(&reader, sig, ret_why);
    if (err != ERR_OK)
        return err;
    if (sshkey_type_hardware(sig->key.type)) {
        sig->flags = reader_u8(&reader);
        sig->counter = reader_u32(&reader);
    }
    if (reader.bad)
        return err_say(ret_why, ERR_INVALID,
                       "the SSH signature ends before the security key's flags and counter");
    if (reader.bytes != 0)
        return err_say(ret_why, ERR_INVALID, "the SSH signature has bytes behind its end");
    return ERR_OK;
}

enum err sshsig_parse(const uint8_t *blob, size_t blob_bytes, struct sshsig *ret,
                      struct err_text *ret_why)
{
    struct reader reader = {blob, blob_bytes, false};
    struct sshsig sig = {.flags = 0};
    size_t key_bytes, name_bytes, reserved_bytes, digest_bytes, signature_bytes;
    const uint8_t *magic = reader_take(&reader, strlen(MAGIC_TEXT));
    uint32_t version = reader_u32(&reader);
    if (!reader.bad && is_text(magic, strlen(MAGIC_TEXT), MAGIC_TEXT) && version != VERSION)
        return err_say(ret_why, ERR_INVALID,
                       "the SSH signature is of version %u: version %d is what is taken", version,
                       VERSION);
    const uint8_t *key = reader_string(&reader, &key_bytes);
    const uint8_t *name = reader_string(&reader, &name_bytes);
    reader_string(&reader, &reserved_bytes);
    const uint8_t *digest_name = reader_string(&reader, &digest_bytes);
    const uint8_t *signature = reader_string(&reader, &signature_bytes);
    if (reader.bad || !is_text(magic, strlen(MAGIC_TEXT), MAGIC_TEXT))
        return err_say(ret_why, ERR_INVALID, "this is no SSH signature, or it is cut short");
    if (reserved_bytes != 0)
        return err_say(ret_why, ERR_INVALID,
                       "the SSH signature's `reserved` is not empty, though nothing signs it");
    if (reader.bytes != 0)
        return err_say(ret_why, ERR_INVALID, "bytes stand behind the SSH signature");
    if (!is_text(name, name_bytes, SSHSIG_NAMESPACE))
        return err_say(ret_why, ERR_INVALID,
                       "the SSH signature is for another purpose: sign with -n " SSHSIG_NAMESPACE);
    sig.sha512 = is_text(digest_name, digest_bytes, "sha512");
    if (!sig.sha512 && !is_text(digest_name, digest_bytes, "sha256"))
        return err_say(ret_why, ERR_INVALID, "the SSH signature's hash is not sha256 or sha512");
    enum err err = sshkey_from_wire(key, key_bytes, &sig.key, ret_why);
    if (err == ERR_OK)
        err = parse_signature(signature, signature_bytes, &sig, ret_why);
    if (err == ERR_OK)
        *ret = sig;
    return err;
}

/* Append what was signed: the bytes that the signature's algorithm is given. */
static void add_signed(const struct sshsig *sig, const void *message, size_t message_bytes,
                       struct buf *buf)
{
    uint8_t hash[crypto_hash_sha512_BYTES];
    struct buf text = {0};
    if (sig->sha512)
        crypto_hash_sha512(hash, message, message_bytes);
    else
        hash_bytes(message, message_bytes, hash);
    buf_text(&text, MAGIC_TEXT);
    buf_string(&text, SSHSIG_NAMESPACE, strlen(SSHSIG_NAMESPACE));
    buf_string(&text, "", 0);
    buf_string(&text, sig->sha512 ? "sha512" : "sha256", strlen("sha512"));
    buf_string(&text, hash, sig->sha512 ? sizeof(hash) : HASH_BYTES);
    if (sshkey_type_hardware(sig->key.type)) {
        hash_bytes(text.data, text.bytes, hash);
        buf_add(buf, sig->key.application, HASH_BYTES);
        buf_u8(buf, sig->flags);
        buf_u32(buf, sig->counter);
        buf_add(buf, hash, HASH_BYTES);
    } else {
        buf_add(buf, text.data, text.bytes);
    }
    buf_free(&text);
}

enum err sshsig_check(const struct sshsig *sig, const void *message, size_t message_bytes)
{
    const struct sshkey *key = &sig->key;
    const struct pubkey_rsa rsa = {key->wire + key->modulus_at, key->modulus_bytes, key->exponent};
    struct buf text = {0};
    bool good;
    add_signed(sig, message, message_bytes, &text);
    if (key->type == SSHKEY_RSA)
        good = pubkey_rsa_verify(&rsa, sig->signature, text.data, text.bytes);
    else if (key->type == SSHKEY_P256 || key->type == SSHKEY_SK_P256)
        good = pubkey_p256_verify(key->p256, sig->signature, text.data, text.bytes);
    else
        good =
            crypto_sign_verify_detached(sig->signature, text.data, text.bytes, key->ed25519) == 0;
    buf_free(&text);
    return good ? ERR_OK : ERR_UNAUTHENTICATED;
}

void sshsig_armor(const uint8_t *blob, size_t blob_bytes, struct buf *buf)
{
    struct buf base64 = {0};
    buf_base64(&base64, blob, blob_bytes);
    buf_text(buf, HEADER "\n");
    for (size_t at = 0; at < base64.bytes; at += LINE_BYTES) {
        size_t left = base64.bytes - at;
        buf_add(buf, base64.data + at, left < LINE_BYTES ? left : LINE_BYTES);
        buf_text(buf, "\n");
    }
    buf_text(buf, FOOTER "\n");
    buf_free(&base64);
}

/* Pass over ${text} if it stands at *${at}. */
static bool take_text(const char **at, const char *end, const char *text)
{
    size_t bytes = strlen(text);
    if ((size_t)(end - *at) < bytes || memcmp(*at, text, bytes) != 0)
        return false;
    *at += bytes;
    return true;
}

static bool take_line_end(const char **at, const char *end)
{
    return take_text(at, end, "\n") || take_text(at, end, "\r\n");
}

enum err sshsig_unarmor(const char *text, size_t text_bytes, struct buf *buf)
{
    const char *at = text, *end = text + text_bytes;
    struct buf base64 = {0};
    bool ok = text_bytes <= SSHSIG_ARMOR_BYTES_MAX && take_text(&at, end, HEADER) &&
              take_line_end(&at, end);
    while (ok && !take_text(&at, end, FOOTER)) {
        const char *line = at;
        while (at < end && *at != '\r' && *at != '\n')
            at++;
        buf_add(&base64, line, (size_t)(at - line));
        ok = take_line_end(&at, end);
    }
    while (take_line_end(&at, end) || take_text(&at, end, " ") || take_text(&at, end, "\t"))
        continue;
    ok = ok && at == end && base64.bytes > 0 &&
         bytes_from_base64((const char *)base64.data, base64.bytes, buf);
    buf_free(&base64);
    return ok ? ERR_OK : ERR_INVALID;
}
