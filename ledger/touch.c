#include "ledger/touch.h"

#include "ledger/ijson.h"
#include "ledger/sshsig.h"

#define HEAD_BYTES 10 /* "SSHSIG", version */

/* Read the flags and counter behind the signature of a security key. */
static bool take_device(struct reader *signature, struct touch *touch)
{
    size_t bytes;
    reader_string(signature, &bytes);
    reader_string(signature, &bytes);
    touch->flags = reader_u8(signature);
    touch->counter = reader_u32(signature);
    touch->touched = (touch->flags & SSHSIG_TOUCHED) != 0;
    touch->pin = (touch->flags & SSHSIG_VERIFIED) != 0;
    touch->attested = true;
    return !signature->bad;
}

bool touch_of(const struct entry_sig *sig, struct touch *ret)
{
    struct touch touch = {.type = SSHKEY_ED25519};
    struct reader blob = {sig->data, sig->bytes, false}, key = {0}, signature = {0};
    size_t bytes;
    if (sig->alg == SIG_DSSE_ED25519) {
        *ret = touch;
        return true;
    }
    if (sig->alg != SIG_SSHSIG)
        return false;
    reader_take(&blob, HEAD_BYTES);
    key.data = reader_string(&blob, &key.bytes);
    for (int i = 0; i < 3; i++) /* namespace, reserved, hash name */
        reader_string(&blob, &bytes);
    signature.data = reader_string(&blob, &signature.bytes);
    const uint8_t *type = blob.bad ? NULL : reader_string(&key, &bytes);
    if (type == NULL || !sshkey_type_of(type, bytes, &touch.type) ||
        (sshkey_type_hardware(touch.type) && !take_device(&signature, &touch)))
        return false;
    *ret = touch;
    return true;
}

json_t *touch_json(const struct touch *touch)
{
    if (!touch->attested)
        return json_null();
    json_t *object = json_object();
    ijson_put(object, "touched", json_boolean(touch->touched));
    ijson_put(object, "pin", json_boolean(touch->pin));
    ijson_put(object, "counter", json_integer(touch->counter));
    return object;
}

void touch_text(const struct touch *touch, struct buf *buf)
{
    if (touch->attested)
        buf_printf(buf, "%s, %s, counter %u", touch->touched ? "touched" : "not touched",
                   touch->pin ? "PIN" : "no PIN", touch->counter);
}
