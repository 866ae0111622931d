#include "reports/demo_key.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define APPLICATION "ssh:"
#define HASH_NAME "sha512"

static void put_text(struct buf *buf, const char *text)
{
    buf_string(buf, text, strlen(text));
}

void demo_key_make(const uint8_t seed[HASH_BYTES], enum demo_key_form form, struct demo_key *ret)
{
    uint8_t public_key[ED25519_KEY_BYTES];
    struct buf wire = {0};
    ret->form = form;
    ASSERT(crypto_sign_seed_keypair(public_key, ret->secret, seed) == 0);
    if (form != DEMO_KEY_DEVICE) {
        sshkey_from_ed25519(public_key, &ret->key);
        return;
    }
    put_text(&wire, sshkey_type_name(SSHKEY_SK_ED25519));
    buf_string(&wire, public_key, sizeof(public_key));
    put_text(&wire, APPLICATION);
    ASSERT(sshkey_from_wire(wire.data, wire.bytes, &ret->key, NULL) == ERR_OK);
    buf_free(&wire);
}

/* What an SSH signature is over: not the event, but its hash, and what it is for. */
static void ssh_message(const struct buf *event, struct buf *ret)
{
    uint8_t hash[crypto_hash_sha512_BYTES];
    crypto_hash_sha512(hash, event->data, event->bytes);
    buf_text(ret, "SSHSIG");
    put_text(ret, SSHSIG_NAMESPACE);
    put_text(ret, "");
    put_text(ret, HASH_NAME);
    buf_string(ret, hash, sizeof(hash));
}

/* What a security key signs in its place (OpenSSH's PROTOCOL.u2f). */
static void device_message(const struct buf *message, const struct demo_touch *touch,
                           struct buf *ret)
{
    uint8_t hash[HASH_BYTES];
    hash_bytes(APPLICATION, strlen(APPLICATION), hash);
    buf_add(ret, hash, sizeof(hash));
    buf_u8(ret, touch->flags);
    buf_u32(ret, touch->counter);
    hash_bytes(message->data, message->bytes, hash);
    buf_add(ret, hash, sizeof(hash));
}

static void sign_bytes(const struct demo_key *key, const struct buf *message,
                       uint8_t ret[ED25519_SIG_BYTES])
{
    crypto_sign_detached(ret, NULL, message->data, message->bytes, key->secret);
}

/* Append the SSHSIG blob (OpenSSH's PROTOCOL.sshsig). */
static void put_blob(const struct demo_key *key, const struct buf *event,
                     const struct demo_touch *touch, struct buf *ret)
{
    bool device = key->form == DEMO_KEY_DEVICE;
    uint8_t signature[ED25519_SIG_BYTES];
    struct buf message = {0}, signed_by_device = {0}, inner = {0};
    ssh_message(event, &message);
    if (device)
        device_message(&message, touch, &signed_by_device);
    sign_bytes(key, device ? &signed_by_device : &message, signature);
    put_text(&inner, sshkey_type_name(key->key.type));
    buf_string(&inner, signature, sizeof(signature));
    if (device) {
        buf_u8(&inner, touch->flags);
        buf_u32(&inner, touch->counter);
    }
    buf_text(ret, "SSHSIG");
    buf_u32(ret, 1);
    buf_string(ret, key->key.wire, key->key.wire_bytes);
    put_text(ret, SSHSIG_NAMESPACE);
    put_text(ret, "");
    put_text(ret, HASH_NAME);
    buf_string(ret, inner.data, inner.bytes);
    buf_free(&message);
    buf_free(&signed_by_device);
    buf_free(&inner);
}

void demo_key_sign(const struct demo_key *key, const struct buf *event,
                   const struct demo_touch *touch, struct dsse *dsse)
{
    struct dsse_sig *sig = &dsse->sigs[dsse->sig_count++];
    struct buf blob = {0};
    if (key->form == DEMO_KEY_PLAIN) {
        dsse_pae(EVENT_MEDIA_TYPE, event->data, event->bytes, &blob);
        uint8_t signature[ED25519_SIG_BYTES];
        sign_bytes(key, &blob, signature);
        buf_clear(&blob);
        buf_add(&blob, signature, sizeof(signature));
    } else {
        put_blob(key, event, touch, &blob);
    }
    memcpy(sig->key_id, key->key.id, KEY_ID_BYTES);
    sig->data = blob.data;
    sig->bytes = blob.bytes;
}

void demo_key_envelope(struct dsse *dsse, const struct buf *event, struct buf *ret)
{
    dsse->payload = *event;
    dsse_format(dsse, ret);
    for (size_t i = 0; i < dsse->sig_count; i++)
        free(dsse->sigs[i].data);
    *dsse = (struct dsse){.sig_count = 0};
}
