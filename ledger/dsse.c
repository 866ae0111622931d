#include "ledger/dsse.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/event.h"
#include "ledger/ijson.h"
#include "ledger/mem.h"
#include "ledger/plain.h"
#include "ledger/sshkey.h"

#define SSHSIG_PREFIX "SSHSIG"

/* Base64 of either alphabet, padded. */
static bool decode(const char *text, size_t text_bytes, struct buf *ret)
{
    return bytes_from_base64(text, text_bytes, ret) || bytes_from_base64_url(text, text_bytes, ret);
}

/* The string member ${name}; OK with NULL if it is absent or null and not required. */
static enum err get_text(const json_t *object, const char *name, bool required, const char **ret,
                         struct err_text *ret_why)
{
    const json_t *value = ijson_get(object, name);
    *ret = json_string_value(value);
    if (*ret != NULL || (!required && (value == NULL || json_is_null(value))))
        return ERR_OK;
    return err_say(ret_why, ERR_INVALID, "the envelope's member '%s' is no text", name);
}

/* A key id is a hint; one that is no fingerprint says nothing. */
static void take_keyid(const char *keyid, struct dsse_sig *sig)
{
    if (keyid == NULL || sshkey_fingerprint_parse(keyid, sig->key_id) != ERR_OK)
        memset(sig->key_id, 0, sizeof(sig->key_id));
}

static bool take_sig(const char *text, size_t text_bytes, struct dsse_sig *sig)
{
    struct buf data = {0};
    bool good = decode(text, text_bytes, &data);
    if (!good)
        buf_free(&data);
    sig->data = data.data;
    sig->bytes = data.bytes;
    return good;
}

static enum err parse_sig(const json_t *json, struct dsse_sig *sig, struct err_text *ret_why)
{
    const char *keyid, *text;
    enum err err = get_text(json, "keyid", false, &keyid, ret_why);
    if (err == ERR_OK)
        err = get_text(json, "sig", true, &text, ret_why);
    if (err != ERR_OK)
        return err;
    take_keyid(keyid, sig);
    if (!take_sig(text, strlen(text), sig))
        return err_say(ret_why, ERR_INVALID, "a signature of the envelope is not in base64");
    return ERR_OK;
}

static enum err parse_sigs(const json_t *array, struct dsse *dsse, struct err_text *ret_why)
{
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count == 0)
        return err_say(ret_why, ERR_INVALID, "the envelope has no signature");
    if (count > DSSE_SIGS_MAX)
        return err_say(ret_why, ERR_INVALID, "the envelope has %zu signatures, over %d", count,
                       DSSE_SIGS_MAX);
    for (size_t i = 0; i < count; i++) {
        dsse->sig_count = i + 1;
        enum err err = parse_sig(json_array_get(array, i), &dsse->sigs[i], ret_why);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* With ${wanted} a payload of that type alone. */
static enum err parse_envelope(const json_t *json, const char *wanted, struct dsse *dsse,
                               struct err_text *ret_why)
{
    const char *type, *payload;
    enum err err = get_text(json, "payloadType", true, &type, ret_why);
    if (err == ERR_OK)
        err = get_text(json, "payload", true, &payload, ret_why);
    if (err != ERR_OK)
        return err;
    if (wanted != NULL && strcmp(type, wanted) != 0)
        return err_say(ret_why, ERR_MEDIA_TYPE, "the envelope's payloadType is '%.80s', not %s",
                       type, wanted);
    dsse->type = mem_text(type);
    if (!decode(payload, strlen(payload), &dsse->payload))
        return err_say(ret_why, ERR_INVALID, "the envelope's payload is not in base64");
    if (dsse->payload.bytes > EVENT_BYTES_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "the envelope's payload has %zu bytes, over %d",
                       dsse->payload.bytes, EVENT_BYTES_MAX);
    return parse_sigs(ijson_get(json, "signatures"), dsse, ret_why);
}

/* One signature that has a key id. */
static bool scan_sig(struct plain *plain, struct dsse *dsse)
{
    struct plain_names names = {.count = 0};
    struct piece name, text, keyid = {NULL, 0}, sig = {NULL, 0};
    char fingerprint[SSHKEY_FINGERPRINT_BYTES] = "";
    bool good = dsse->sig_count < DSSE_SIGS_MAX && plain_take(plain, '{');
    while (good && (names.count == 0 || plain_more(plain, '}', &good))) {
        good = plain_name(plain, &names, &name) && plain_string(plain, &text);
        if (good && plain_is(&name, "keyid"))
            keyid = text;
        else if (good && plain_is(&name, "sig"))
            sig = text;
        else
            good = false;
    }
    if (!good || keyid.data == NULL || keyid.bytes >= sizeof(fingerprint) || sig.data == NULL)
        return false;
    memcpy(fingerprint, keyid.data, keyid.bytes);
    take_keyid(fingerprint, &dsse->sigs[dsse->sig_count]);
    return take_sig(sig.data, sig.bytes, &dsse->sigs[dsse->sig_count++]);
}

static bool scan_sigs(struct plain *plain, struct dsse *dsse)
{
    bool good = plain_take(plain, '[');
    while (good && (dsse->sig_count == 0 || plain_more(plain, ']', &good))) {
        plain_space(plain);
        good = scan_sig(plain, dsse);
    }
    return good;
}

static bool scan_member(struct plain *plain, const struct piece *name, struct dsse *dsse)
{
    struct piece text;
    if (plain_is(name, "signatures"))
        return scan_sigs(plain, dsse);
    if (!plain_string(plain, &text))
        return false;
    if (plain_is(name, "payload"))
        return decode(text.data, text.bytes, &dsse->payload) &&
               dsse->payload.bytes <= EVENT_BYTES_MAX;
    if (!plain_is(name, "payloadType"))
        return false;
    dsse->type = mem_text_n(text.data, text.bytes);
    return true;
}

/* An envelope of the plain kind, without its JSON.  True means that parse_envelope takes it and
 * finds the same; false only that it must be asked. */
static bool scan_envelope(const void *text, size_t text_bytes, const char *wanted,
                          struct dsse *dsse)
{
    struct plain plain = {.at = text, .end = (const char *)text + text_bytes};
    struct plain_names names = {.count = 0};
    struct piece name;
    bool good = plain_take(&plain, '{');
    while (good && (names.count == 0 || plain_more(&plain, '}', &good)))
        good = plain_name(&plain, &names, &name) && scan_member(&plain, &name, dsse);
    return good && plain.at == plain.end && names.count == 3 &&
           (wanted == NULL || strcmp(dsse->type, wanted) == 0);
}

static enum err parse(const void *text, size_t text_bytes, const char *wanted,
                      struct dsse **ret_dsse, struct err_text *ret_why)
{
    json_t *json = NULL;
    if (text_bytes > ENVELOPE_BYTES_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "the envelope has %zu bytes, over %d", text_bytes,
                       ENVELOPE_BYTES_MAX);
    struct dsse *dsse = mem_zero(1, sizeof(*dsse));
    if (text_bytes > 0 && scan_envelope(text, text_bytes, wanted, dsse)) {
        *ret_dsse = dsse;
        return ERR_OK;
    }
    dsse_free(dsse);
    enum err err = ijson_parse(text, text_bytes, &json, ret_why);
    if (err != ERR_OK)
        return err;
    dsse = mem_zero(1, sizeof(*dsse));
    err = parse_envelope(json, wanted, dsse, ret_why);
    json_decref(json);
    if (err != ERR_OK) {
        dsse_free(dsse);
        return err;
    }
    *ret_dsse = dsse;
    return ERR_OK;
}

enum err dsse_parse_any(const void *text, size_t text_bytes, struct dsse **ret_dsse,
                        struct err_text *ret_why)
{
    return parse(text, text_bytes, NULL, ret_dsse, ret_why);
}

bool dsse_is_envelope(const void *text, size_t text_bytes)
{
    static const char name[] = "payloadType"; /* could be written with escapes, but by nobody */
    json_t *json = NULL;
    if (text_bytes == 0 || memmem(text, text_bytes, name, strlen(name)) == NULL ||
        ijson_parse(text, text_bytes, &json, NULL) != ERR_OK)
        return false;
    bool has = ijson_get(json, name) != NULL;
    json_decref(json);
    return has;
}

bool dsse_is_ssh(const struct dsse_sig *sig)
{
    const size_t prefix_bytes = strlen(SSHSIG_PREFIX);
    return sig->bytes > prefix_bytes && memcmp(sig->data, SSHSIG_PREFIX, prefix_bytes) == 0;
}

/* What an envelope around an event of ours may be. */
static enum err hold_event(const struct dsse *dsse, struct err_text *ret_why)
{
    size_t bytes = 0;
    if (dsse->sig_count > ENTRY_SIGS_MAX)
        return err_say(ret_why, ERR_INVALID, "the envelope has %zu signatures, over %d",
                       dsse->sig_count, ENTRY_SIGS_MAX);
    for (size_t i = 0; i < dsse->sig_count; i++) {
        if (!dsse_is_ssh(&dsse->sigs[i]) && dsse->sigs[i].bytes != ED25519_SIG_BYTES)
            return err_say(ret_why, ERR_INVALID,
                           "a signature of the envelope is neither %d bytes nor an SSH signature",
                           ED25519_SIG_BYTES);
        bytes += dsse->sigs[i].bytes;
    }
    if (bytes > ENTRY_SIGS_BYTES_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "the envelope's signatures have %zu bytes, over %d",
                       bytes, ENTRY_SIGS_BYTES_MAX);
    return ERR_OK;
}

enum err dsse_parse(const void *text, size_t text_bytes, struct dsse **ret_dsse,
                    struct err_text *ret_why)
{
    struct dsse *dsse = NULL;
    enum err err = parse(text, text_bytes, EVENT_MEDIA_TYPE, &dsse, ret_why);
    if (dsse != NULL)
        err = hold_event(dsse, ret_why);
    if (err == ERR_OK)
        *ret_dsse = dsse;
    else
        dsse_free(dsse);
    return err;
}

void dsse_free(struct dsse *dsse)
{
    if (dsse == NULL)
        return;
    free(dsse->type);
    buf_free(&dsse->payload);
    for (size_t i = 0; i < dsse->sig_count; i++)
        free(dsse->sigs[i].data);
    free(dsse);
}

void dsse_pae(const char *type, const void *body, size_t body_bytes, struct buf *buf)
{
    buf_printf(buf, "DSSEv1 %zu %s %zu ", strlen(type), type, body_bytes);
    buf_add(buf, body, body_bytes);
}

void dsse_format(const struct dsse *dsse, struct buf *buf)
{
    static const uint8_t none[KEY_ID_BYTES];
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    buf_text(buf, "{\"payloadType\":\"" EVENT_MEDIA_TYPE "\",\"payload\":\"");
    buf_base64(buf, dsse->payload.data, dsse->payload.bytes);
    buf_text(buf, "\",\"signatures\":[");
    for (size_t i = 0; i < dsse->sig_count; i++) {
        buf_text(buf, i == 0 ? "{" : ",{");
        if (memcmp(dsse->sigs[i].key_id, none, sizeof(none)) != 0) {
            sshkey_fingerprint(dsse->sigs[i].key_id, fingerprint);
            buf_printf(buf, "\"keyid\":\"%s\",", fingerprint);
        }
        buf_text(buf, "\"sig\":\"");
        buf_base64(buf, dsse->sigs[i].data, dsse->sigs[i].bytes);
        buf_text(buf, "\"}");
    }
    buf_text(buf, "]}");
}
