#include "ledger/sshkey.h"

#include <sodium.h>
#include <string.h>

#include "ledger/hash.h"

#define ED25519_TYPE "ssh-ed25519"
#define FINGERPRINT_PREFIX "SHA256:"

/* Types that OpenSSH knows and this program does not take (yet). */
static const char *const other_types[] = {
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
    "ssh-dss",
};

static bool same(const uint8_t *data, size_t bytes, const char *text)
{
    return bytes == strlen(text) && memcmp(data, text, bytes) == 0;
}

/* OK for the one type that is supported. */
static enum err check_type(const uint8_t *type, size_t bytes, struct err_text *ret_why)
{
    static const char cert[] = "-cert-v01@openssh.com";
    const size_t cert_bytes = sizeof(cert) - 1;
    if (same(type, bytes, ED25519_TYPE))
        return ERR_OK;
    if (bytes > cert_bytes && same(type + bytes - cert_bytes, cert_bytes, cert))
        return err_say(ret_why, ERR_MEDIA_TYPE,
                       "certificates are not supported: give the plain " ED25519_TYPE " key");
    for (size_t i = 0; i < sizeof(other_types) / sizeof(other_types[0]); i++)
        if (same(type, bytes, other_types[i]))
            return err_say(ret_why, ERR_MEDIA_TYPE,
                           "keys of type %s are not supported: give one of type " ED25519_TYPE,
                           other_types[i]);
    return err_say(ret_why, ERR_INVALID, "this is no SSH public key of a known type");
}

enum err sshkey_from_wire(const uint8_t *wire, size_t wire_bytes, struct sshkey *ret,
                          struct err_text *ret_why)
{
    struct reader reader = {wire, wire_bytes, false};
    size_t type_bytes, key_bytes;
    const uint8_t *type = reader_string(&reader, &type_bytes);
    if (type == NULL)
        return err_say(ret_why, ERR_INVALID, "the SSH public key is cut short");
    enum err err = check_type(type, type_bytes, ret_why);
    if (err != ERR_OK)
        return err;
    const uint8_t *key = reader_string(&reader, &key_bytes);
    if (key == NULL || key_bytes != ED25519_KEY_BYTES || reader.bytes != 0)
        return err_say(ret_why, ERR_INVALID,
                       "the " ED25519_TYPE " key has not exactly one string of %d bytes",
                       ED25519_KEY_BYTES);
    if (crypto_core_ed25519_is_valid_point(key) != 1)
        return err_say(ret_why, ERR_INVALID,
                       "the " ED25519_TYPE " key is no point of the curve's large group");
    sshkey_from_ed25519(key, ret);
    return ERR_OK;
}

enum err sshkey_from_text(const char *text, struct sshkey *ret, struct err_text *ret_why)
{
    size_t line_bytes = strcspn(text, "\r\n"), type_bytes = strcspn(text, " \t\r\n");
    const char *line_end = text + line_bytes, *base64 = text + type_bytes;
    struct buf wire = {0};
    if (strncmp(text, "-----BEGIN", 10) == 0)
        return err_say(ret_why, ERR_INVALID,
                       "this is no public key but perhaps the private one: give the file *.pub");
    if (strcmp(line_end, "") != 0 && strcmp(line_end, "\n") != 0 && strcmp(line_end, "\r\n") != 0)
        return err_say(ret_why, ERR_INVALID, "the SSH public key is not one line");
    enum err err = check_type((const uint8_t *)text, type_bytes, ret_why);
    if (err != ERR_OK)
        return err;
    base64 += strspn(base64, " \t");
    if (!bytes_from_base64(base64, strcspn(base64, " \t\r\n"), &wire))
        err = err_say(ret_why, ERR_INVALID, "the SSH public key is not in base64");
    else
        err = sshkey_from_wire(wire.data, wire.bytes, ret, ret_why);
    buf_free(&wire);
    return err;
}

void sshkey_from_ed25519(const uint8_t public_key[ED25519_KEY_BYTES], struct sshkey *ret)
{
    struct buf wire = {0};
    buf_string(&wire, ED25519_TYPE, strlen(ED25519_TYPE));
    buf_string(&wire, public_key, ED25519_KEY_BYTES);
    struct sshkey key = {.wire_bytes = wire.bytes};
    memcpy(key.wire, wire.data, wire.bytes);
    memcpy(key.ed25519, public_key, ED25519_KEY_BYTES);
    hash_bytes(wire.data, wire.bytes, key.id);
    buf_free(&wire);
    *ret = key;
}

void sshkey_format(const struct sshkey *key, struct buf *buf)
{
    buf_text(buf, ED25519_TYPE " ");
    buf_base64(buf, key->wire, key->wire_bytes);
}

void sshkey_fingerprint(const uint8_t id[KEY_ID_BYTES], char ret[SSHKEY_FINGERPRINT_BYTES])
{
    const size_t prefix_bytes = strlen(FINGERPRINT_PREFIX);
    memcpy(ret, FINGERPRINT_PREFIX, sizeof(FINGERPRINT_PREFIX));
    sodium_bin2base64(ret + prefix_bytes, SSHKEY_FINGERPRINT_BYTES - prefix_bytes, id, KEY_ID_BYTES,
                      sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

enum err sshkey_fingerprint_parse(const char *text, uint8_t ret_id[KEY_ID_BYTES])
{
    const size_t prefix_bytes = strlen(FINGERPRINT_PREFIX);
    uint8_t id[KEY_ID_BYTES];
    if (strncmp(text, FINGERPRINT_PREFIX, prefix_bytes) != 0 ||
        !bytes_from_base64_bare(text + prefix_bytes, false, id, sizeof(id)))
        return ERR_INVALID;
    memcpy(ret_id, id, sizeof(id));
    return ERR_OK;
}
