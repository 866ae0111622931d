#include "ledger/sshsig.h"

#include <sodium.h>
#include <string.h>

#include "ledger/hash.h"

/* PROTOCOL.sshsig of OpenSSH; a string is u32 length | bytes.
 *   blob    "SSHSIG" | u32 1 | string public key | string namespace | string reserved, empty |
 *           string "sha256" or "sha512" | string signature
 *   signed  "SSHSIG" | string namespace | string reserved, empty | string hash name | string hash
 *   signature of an ssh-ed25519 key: string "ssh-ed25519" | string 64 bytes
 */
#define MAGIC_TEXT "SSHSIG"
#define VERSION 1
#define SIGNATURE_TYPE "ssh-ed25519"
#define HEADER "-----BEGIN SSH SIGNATURE-----"
#define FOOTER "-----END SSH SIGNATURE-----"
#define LINE_BYTES 70

static bool is_text(const uint8_t *data, size_t bytes, const char *text)
{
    return data != NULL && bytes == strlen(text) && memcmp(data, text, bytes) == 0;
}

static enum err parse_signature(const uint8_t *data, size_t bytes, uint8_t ret[ED25519_SIG_BYTES],
                                struct err_text *ret_why)
{
    struct reader reader = {data, bytes, false};
    size_t type_bytes, signature_bytes;
    const uint8_t *type = reader_string(&reader, &type_bytes);
    const uint8_t *signature = reader_string(&reader, &signature_bytes);
    if (!is_text(type, type_bytes, SIGNATURE_TYPE))
        return err_say(ret_why, ERR_INVALID, "the SSH signature is not of its key's type");
    if (signature == NULL || signature_bytes != ED25519_SIG_BYTES || reader.bytes != 0)
        return err_say(ret_why, ERR_INVALID,
                       "the SSH signature has not exactly one string of %d bytes",
                       ED25519_SIG_BYTES);
    memcpy(ret, signature, ED25519_SIG_BYTES);
    return ERR_OK;
}

enum err sshsig_parse(const uint8_t *blob, size_t blob_bytes, struct sshsig *ret,
                      struct err_text *ret_why)
{
    struct reader reader = {blob, blob_bytes, false};
    struct sshsig sig = {0};
    size_t key_bytes, name_bytes, reserved_bytes, digest_bytes, signature_bytes;
    const uint8_t *magic = reader_take(&reader, strlen(MAGIC_TEXT));
    uint32_t version = reader_u32(&reader);
    const uint8_t *key = reader_string(&reader, &key_bytes);
    const uint8_t *name = reader_string(&reader, &name_bytes);
    reader_string(&reader, &reserved_bytes);
    const uint8_t *digest_name = reader_string(&reader, &digest_bytes);
    const uint8_t *signature = reader_string(&reader, &signature_bytes);
    if (reader.bad || !is_text(magic, strlen(MAGIC_TEXT), MAGIC_TEXT))
        return err_say(ret_why, ERR_INVALID, "this is no SSH signature, or it is cut short");
    if (version != VERSION || reserved_bytes != 0 || reader.bytes != 0)
        return err_say(ret_why, ERR_INVALID,
                       "the SSH signature is not of version 1, or holds more than it should");
    if (!is_text(name, name_bytes, SSHSIG_NAMESPACE))
        return err_say(ret_why, ERR_INVALID,
                       "the SSH signature is for another purpose: sign with -n " SSHSIG_NAMESPACE);
    sig.sha512 = is_text(digest_name, digest_bytes, "sha512");
    if (!sig.sha512 && !is_text(digest_name, digest_bytes, "sha256"))
        return err_say(ret_why, ERR_INVALID, "the SSH signature's hash is not sha256 or sha512");
    enum err err = sshkey_from_wire(key, key_bytes, &sig.key, ret_why);
    if (err == ERR_OK)
        err = parse_signature(signature, signature_bytes, sig.signature, ret_why);
    if (err == ERR_OK)
        *ret = sig;
    return err;
}

enum err sshsig_check(const struct sshsig *sig, const void *message, size_t message_bytes)
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
    int bad = crypto_sign_verify_detached(sig->signature, text.data, text.bytes, sig->key.ed25519);
    buf_free(&text);
    return bad == 0 ? ERR_OK : ERR_UNAUTHENTICATED;
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
