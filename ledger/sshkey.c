#include "ledger/sshkey.h"

#include <sodium.h>
#include <string.h>

#include "ledger/hash.h"

#define CURVE "nistp256"
#define FINGERPRINT_PREFIX "SHA256:"
#define SUPPORTED                                                                                  \
    "ssh-ed25519, ecdsa-sha2-nistp256, ssh-rsa (3072 bits or more), sk-ssh-ed25519@openssh.com "   \
    "and sk-ecdsa-sha2-nistp256@openssh.com are"

static const char *const types[SSHKEY_TYPES] = {
    [SSHKEY_ED25519] = "ssh-ed25519",
    [SSHKEY_SK_ED25519] = "sk-ssh-ed25519@openssh.com",
    [SSHKEY_P256] = "ecdsa-sha2-nistp256",
    [SSHKEY_SK_P256] = "sk-ecdsa-sha2-nistp256@openssh.com",
    [SSHKEY_RSA] = "ssh-rsa",
};

/* Types that OpenSSH knows, or will, and this program does not take. */
static const char *const other_types[] = {
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-dss",
    "ssh-ed448",
    "ssh-xmss@openssh.com",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
    "webauthn-sk-ssh-ed25519@openssh.com",
    "mldsa44-ed25519",
    "ssh-mldsa44-ed25519@openssh.com",
    "ssh-mldsa-44",
    "ssh-mldsa-65",
    "ssh-mldsa-87",
};

static bool same(const uint8_t *data, size_t bytes, const char *text)
{
    return bytes == strlen(text) && memcmp(data, text, bytes) == 0;
}

const char *sshkey_type_name(enum sshkey_type type)
{
    return types[type];
}

bool sshkey_type_hardware(enum sshkey_type type)
{
    return type == SSHKEY_SK_ED25519 || type == SSHKEY_SK_P256;
}

bool sshkey_type_of(const uint8_t *name, size_t name_bytes, enum sshkey_type *ret_type)
{
    for (enum sshkey_type type = 0; type < SSHKEY_TYPES; type++) {
        if (same(name, name_bytes, types[type])) {
            *ret_type = type;
            return true;
        }
    }
    return false;
}

/* Find the type that a name says, or say what is wrong with it. */
static enum err take_type(const uint8_t *name, size_t bytes, enum sshkey_type *ret,
                          struct err_text *ret_why)
{
    static const char cert[] = "-cert-v01@openssh.com";
    const size_t cert_bytes = sizeof(cert) - 1;
    if (sshkey_type_of(name, bytes, ret))
        return ERR_OK;
    if (bytes > cert_bytes && same(name + bytes - cert_bytes, cert_bytes, cert))
        return err_say(ret_why, ERR_MEDIA_TYPE,
                       "certificates are not supported: give the plain key that was certified");
    for (size_t i = 0; i < sizeof(other_types) / sizeof(other_types[0]); i++)
        if (same(name, bytes, other_types[i]))
            return err_say(ret_why, ERR_MEDIA_TYPE, "keys of type %s are not supported: " SUPPORTED,
                           other_types[i]);
    return err_say(ret_why, ERR_INVALID, "this is no SSH public key of a known type");
}

static enum err take_ed25519(struct reader *reader, struct sshkey *key, struct err_text *ret_why)
{
    size_t bytes;
    const uint8_t *raw = reader_string(reader, &bytes);
    if (raw == NULL || bytes != ED25519_KEY_BYTES)
        return err_say(ret_why, ERR_INVALID, "the %s key has no string of %d bytes",
                       types[key->type], ED25519_KEY_BYTES);
    if (crypto_core_ed25519_is_valid_point(raw) != 1)
        return err_say(ret_why, ERR_INVALID, "the %s key is no point of the curve's large group",
                       types[key->type]);
    memcpy(key->ed25519, raw, ED25519_KEY_BYTES);
    key->bits = 256;
    return ERR_OK;
}

static enum err take_p256(struct reader *reader, struct sshkey *key, struct err_text *ret_why)
{
    size_t curve_bytes, bytes;
    const uint8_t *curve = reader_string(reader, &curve_bytes);
    const uint8_t *point = reader_string(reader, &bytes);
    if (curve == NULL || !same(curve, curve_bytes, CURVE))
        return err_say(ret_why, ERR_INVALID, "the %s key is not of the curve " CURVE,
                       types[key->type]);
    if (point == NULL || bytes != P256_POINT_BYTES || !pubkey_p256_point(point))
        return err_say(ret_why, ERR_INVALID,
                       "the %s key is no point of the curve, uncompressed (%d bytes)",
                       types[key->type], P256_POINT_BYTES);
    memcpy(key->p256, point, P256_POINT_BYTES);
    key->bits = 256;
    return ERR_OK;
}

static unsigned bits_of(const uint8_t *magnitude, size_t bytes)
{
    unsigned bits = (unsigned)bytes * 8;
    for (unsigned top = 0x80; (magnitude[0] & top) == 0; top >>= 1)
        bits--;
    return bits;
}

static enum err take_rsa(struct reader *reader, struct sshkey *key, struct err_text *ret_why)
{
    const uint8_t *wire = reader->data;
    size_t exponent_bytes, modulus_bytes;
    const uint8_t *exponent = reader_mpint(reader, &exponent_bytes);
    const uint8_t *modulus = reader_mpint(reader, &modulus_bytes);
    if (exponent == NULL || modulus == NULL)
        return err_say(ret_why, ERR_INVALID,
                       "the ssh-rsa key is not of two positive numbers in their shortest form");
    if (exponent_bytes > sizeof(key->exponent))
        return err_say(ret_why, ERR_INVALID, "the ssh-rsa key's exponent is over 32 bits");
    for (size_t i = 0; i < exponent_bytes; i++)
        key->exponent = key->exponent << 8 | exponent[i];
    if (key->exponent < 3 || key->exponent % 2 == 0 || modulus[modulus_bytes - 1] % 2 == 0)
        return err_say(ret_why, ERR_INVALID,
                       "the ssh-rsa key has an even modulus, or no odd exponent from 3 on");
    if (modulus_bytes > RSA_BITS_MAX / 8)
        return err_say(ret_why, ERR_MEDIA_TYPE, "the ssh-rsa key has more than %d bits",
                       RSA_BITS_MAX);
    key->bits = bits_of(modulus, modulus_bytes);
    if (key->bits < RSA_BITS_MIN)
        return err_say(ret_why, ERR_MEDIA_TYPE,
                       "the ssh-rsa key has %u bits, fewer than the %d that are asked for",
                       key->bits, RSA_BITS_MIN);
    key->modulus_bytes = modulus_bytes;
    key->modulus_at = (size_t)(modulus - wire) + sizeof(uint32_t) + strlen(types[SSHKEY_RSA]);
    return ERR_OK;
}

static enum err take_application(struct reader *reader, struct sshkey *key,
                                 struct err_text *ret_why)
{
    size_t bytes;
    const uint8_t *application = reader_string(reader, &bytes);
    bool ok = application != NULL && bytes > 0 && bytes <= SK_APPLICATION_BYTES_MAX;
    for (size_t i = 0; ok && i < bytes; i++)
        ok = application[i] >= 0x20 && application[i] != 0x7f;
    if (!ok)
        return err_say(ret_why, ERR_INVALID,
                       "the %s key has no application of 1 to %d bytes of text", types[key->type],
                       SK_APPLICATION_BYTES_MAX);
    hash_bytes(application, bytes, key->application);
    return ERR_OK;
}

/* Read what stands behind the type. */
static enum err take_rest(struct reader *reader, struct sshkey *key, struct err_text *ret_why)
{
    enum err err;
    if (key->type == SSHKEY_RSA)
        err = take_rsa(reader, key, ret_why);
    else if (key->type == SSHKEY_P256 || key->type == SSHKEY_SK_P256)
        err = take_p256(reader, key, ret_why);
    else
        err = take_ed25519(reader, key, ret_why);
    if (err == ERR_OK && sshkey_type_hardware(key->type))
        err = take_application(reader, key, ret_why);
    if (err == ERR_OK && reader->bytes != 0)
        err =
            err_say(ret_why, ERR_INVALID, "the %s key has bytes behind its end", types[key->type]);
    return err;
}

enum err sshkey_from_wire(const uint8_t *wire, size_t wire_bytes, struct sshkey *ret,
                          struct err_text *ret_why)
{
    struct reader reader = {wire, wire_bytes, false};
    struct sshkey key = {.wire_bytes = wire_bytes};
    size_t type_bytes;
    const uint8_t *type = reader_string(&reader, &type_bytes);
    if (type == NULL)
        return err_say(ret_why, ERR_INVALID, "the SSH public key is cut short");
    enum err err = take_type(type, type_bytes, &key.type, ret_why);
    if (err == ERR_OK)
        err = take_rest(&reader, &key, ret_why);
    if (err != ERR_OK)
        return err;
    ASSERT(wire_bytes <= sizeof(key.wire));
    memcpy(key.wire, wire, wire_bytes);
    hash_bytes(wire, wire_bytes, key.id);
    *ret = key;
    return ERR_OK;
}

enum err sshkey_from_text(const char *text, struct sshkey *ret, struct err_text *ret_why)
{
    size_t line_bytes = strcspn(text, "\r\n"), type_bytes = strcspn(text, " \t\r\n");
    const char *line_end = text + line_bytes, *base64 = text + type_bytes;
    struct buf wire = {0};
    struct sshkey key = {.type = SSHKEY_ED25519};
    enum sshkey_type type = SSHKEY_ED25519;
    if (strncmp(text, "-----BEGIN", 10) == 0)
        return err_say(ret_why, ERR_INVALID,
                       "this is no public key but perhaps the private one: give the file *.pub");
    if (strcmp(line_end, "") != 0 && strcmp(line_end, "\n") != 0 && strcmp(line_end, "\r\n") != 0)
        return err_say(ret_why, ERR_INVALID, "the SSH public key is not one line");
    enum err err = take_type((const uint8_t *)text, type_bytes, &type, ret_why);
    if (err != ERR_OK)
        return err;
    base64 += strspn(base64, " \t");
    if (!bytes_from_base64(base64, strcspn(base64, " \t\r\n"), &wire))
        err = err_say(ret_why, ERR_INVALID, "the SSH public key is not in base64");
    else
        err = sshkey_from_wire(wire.data, wire.bytes, &key, ret_why);
    buf_free(&wire);
    if (err == ERR_OK && key.type != type)
        err = err_say(ret_why, ERR_INVALID, "the line says %s, and holds a key of type %s",
                      sshkey_type_name(type), sshkey_type_name(key.type));
    if (err == ERR_OK)
        *ret = key;
    return err;
}

void sshkey_from_ed25519(const uint8_t public_key[ED25519_KEY_BYTES], struct sshkey *ret)
{
    struct buf wire = {0};
    buf_string(&wire, types[SSHKEY_ED25519], strlen(types[SSHKEY_ED25519]));
    buf_string(&wire, public_key, ED25519_KEY_BYTES);
    struct sshkey key = {.type = SSHKEY_ED25519, .bits = 256, .wire_bytes = wire.bytes};
    memcpy(key.wire, wire.data, wire.bytes);
    memcpy(key.ed25519, public_key, ED25519_KEY_BYTES);
    hash_bytes(wire.data, wire.bytes, key.id);
    buf_free(&wire);
    *ret = key;
}

void sshkey_format(const struct sshkey *key, struct buf *buf)
{
    buf_printf(buf, "%s ", types[key->type]);
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
