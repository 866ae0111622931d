#include "ledger/sshsig.h"

#include <string.h>

#include "ledger/touch.h"

/* A blob that parses is the only encoding of what it holds; a file that unarmors armors to one that
 * unarmors the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void add_mpint(struct buf *buf, const uint8_t *number, size_t bytes)
{
    static const uint8_t zero = 0;
    struct buf text = {0};
    for (; bytes > 0 && number[0] == 0; bytes--)
        number++;
    buf_add(&text, &zero, bytes > 0 && number[0] >= 0x80 ? 1 : 0);
    buf_add(&text, number, bytes);
    buf_string(buf, text.data, text.bytes);
    buf_free(&text);
}

/* The signature's string: type, numbers or bytes, what a security key adds. */
static void add_signature(const struct sshsig *sig, struct buf *buf)
{
    const char *type =
        sig->key.type == SSHKEY_RSA ? "rsa-sha2-512" : sshkey_type_name(sig->key.type);
    struct buf raw = {0};
    buf_string(buf, type, strlen(type));
    if (sig->key.type == SSHKEY_P256 || sig->key.type == SSHKEY_SK_P256) {
        add_mpint(&raw, sig->signature, P256_SCALAR_BYTES);
        add_mpint(&raw, sig->signature + P256_SCALAR_BYTES, P256_SCALAR_BYTES);
    } else {
        buf_add(&raw, sig->signature, sig->signature_bytes);
    }
    buf_string(buf, raw.data, raw.bytes);
    if (sshkey_type_hardware(sig->key.type)) {
        buf_u8(buf, sig->flags);
        buf_u32(buf, sig->counter);
    }
    buf_free(&raw);
}

static void check_canonical(const struct sshsig *sig, const uint8_t *blob, size_t blob_bytes)
{
    struct buf inner = {0}, again = {0};
    add_signature(sig, &inner);
    buf_text(&again, "SSHSIG");
    buf_u32(&again, 1);
    buf_string(&again, sig->key.wire, sig->key.wire_bytes);
    buf_string(&again, SSHSIG_NAMESPACE, strlen(SSHSIG_NAMESPACE));
    buf_string(&again, "", 0);
    buf_string(&again, sig->sha512 ? "sha512" : "sha256", 6);
    buf_string(&again, inner.data, inner.bytes);
    ASSERT(again.bytes == blob_bytes && memcmp(again.data, blob, blob_bytes) == 0);
    buf_free(&inner);
    buf_free(&again);
}

/* What is read of a blob without checking it is what it says. */
static void check_touch(const struct sshsig *sig, const uint8_t *blob, size_t blob_bytes)
{
    const struct entry_sig entry_sig = {
        .alg = SIG_SSHSIG, .bytes = (uint16_t)blob_bytes, .data = blob};
    struct touch touch;
    bool read = blob_bytes <= UINT16_MAX && touch_of(&entry_sig, &touch);
    if (sig == NULL)
        return;
    ASSERT(read && touch.type == sig->key.type && touch.flags == sig->flags &&
           touch.counter == sig->counter && touch.attested == sshkey_type_hardware(touch.type));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct sshsig sig;
    struct err_text why;
    struct buf blob = {0}, armored = {0}, again = {0};
    check_touch(NULL, data, bytes);
    if (sshsig_parse(data, bytes, &sig, &why) == ERR_OK) {
        check_canonical(&sig, data, bytes);
        check_touch(&sig, data, bytes);
        ASSERT(sshsig_check(&sig, data, bytes) == ERR_UNAUTHENTICATED);
    }
    if (sshsig_unarmor((const char *)data, bytes, &blob) == ERR_OK) {
        if (sshsig_parse(blob.data, blob.bytes, &sig, &why) == ERR_OK)
            check_canonical(&sig, blob.data, blob.bytes);
        sshsig_armor(blob.data, blob.bytes, &armored);
        ASSERT(armored.bytes > SSHSIG_ARMOR_BYTES_MAX ||
               sshsig_unarmor((const char *)armored.data, armored.bytes, &again) == ERR_OK);
        ASSERT(again.bytes == 0 || again.bytes == blob.bytes);
        ASSERT(again.bytes == 0 || memcmp(again.data, blob.data, blob.bytes) == 0);
    }
    buf_free(&blob);
    buf_free(&armored);
    buf_free(&again);
    return 0;
}
