#include "ledger/admit.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/bytes.h"
#include "ledger/dsse.h"
#include "ledger/hash.h"
#include "ledger/ijson.h"
#include "ledger/instant.h"
#include "ledger/mem.h"
#include "ledger/sshsig.h"

enum err admit_credential(const char *token, struct courier *ret_courier)
{
    uint8_t secret[TOKEN_BYTES] = {0};
    bool formed = bytes_from_base64_bare(token, true, secret, sizeof(secret));
    hash_bytes(secret, sizeof(secret), ret_courier->credential);
    sodium_memzero(secret, sizeof(secret));
    ret_courier->token = true;
    return formed ? ERR_OK : ERR_UNAUTHENTICATED;
}

enum err admit_courier(const struct registry *registry, uint64_t seq, int64_t now_us,
                       struct courier *courier)
{
    static const struct registry_token nobodys = {0};
    if (!courier->token)
        return ERR_OK;
    const struct registry_token *known = registry_token(registry, courier->credential);
    /* The same is looked at, whatever is wrong: how long it takes tells nothing. */
    bool valid = registry_token_valid(known != NULL ? known : &nobodys, seq, now_us);
    if (known == NULL || !valid)
        return ERR_UNAUTHENTICATED;
    memcpy(courier->principal, known->principal, sizeof(courier->principal));
    courier->scopes = known->scopes;
    return ERR_OK;
}

enum err admit_token(const struct registry *registry, const char *token, uint64_t seq,
                     int64_t now_us, struct courier *ret_courier)
{
    struct courier courier = {0};
    enum err formed = admit_credential(token, &courier);
    enum err known = admit_courier(registry, seq, now_us, &courier);
    if (formed != ERR_OK || known != ERR_OK)
        return ERR_UNAUTHENTICATED;
    courier.origin = ret_courier->origin;
    *ret_courier = courier;
    return ERR_OK;
}

/* Where the event stands in the message, and the envelope around it, if there is one. */
static enum err open_message(const struct admit_message *message, struct dsse **ret_dsse,
                             struct piece *ret_event, struct err_text *ret_why)
{
    const char *data = message->data;
    size_t bytes = message->bytes;
    if (strcmp(message->media, DSSE_MEDIA_TYPE) == 0) {
        enum err err = dsse_parse(data, bytes, ret_dsse, ret_why);
        if (err == ERR_OK)
            *ret_event = (struct piece){(*ret_dsse)->payload.data, (*ret_dsse)->payload.bytes};
        return err;
    }
    if (strcmp(message->media, EVENT_MEDIA_TYPE) != 0)
        return err_say(ret_why, ERR_MEDIA_TYPE, "send %s or %s", EVENT_MEDIA_TYPE, DSSE_MEDIA_TYPE);
    while (bytes > 0 && strchr(" \t\r\n", data[0]) != NULL && data[0] != '\0') {
        data++;
        bytes--;
    }
    while (bytes > 0 && strchr(" \t\r\n", data[bytes - 1]) != NULL && data[bytes - 1] != '\0')
        bytes--;
    *ret_event = (struct piece){data, bytes};
    return ERR_OK;
}

static enum err check_sshsig(const struct dsse_sig *sig, const struct piece *event,
                             struct entry_sig *ret, struct err_text *ret_why)
{
    static const uint8_t no_key_id[KEY_ID_BYTES] = {0};
    struct sshsig parsed;
    struct err_text why = {0};
    enum err err = sshsig_parse(sig->data, sig->bytes, &parsed, &why);
    if (err == ERR_MEDIA_TYPE)
        return err_say(ret_why, ERR_UNAUTHENTICATED, "%s", why.s);
    if (err != ERR_OK)
        return err_say(ret_why, err, "%s", why.s);
    if (memcmp(sig->key_id, no_key_id, KEY_ID_BYTES) != 0 &&
        memcmp(sig->key_id, parsed.key.id, KEY_ID_BYTES) != 0)
        return err_say(ret_why, ERR_UNAUTHENTICATED,
                       "`keyid` names another key than the one that signed");
    if (sshsig_check(&parsed, event->data, event->bytes) != ERR_OK)
        return err_say(ret_why, ERR_UNAUTHENTICATED, "the signature does not verify");
    ret->alg = SIG_SSHSIG;
    memcpy(ret->key_id, parsed.key.id, KEY_ID_BYTES);
    return ERR_OK;
}

static enum err check_ed25519(const struct registry_key *key, const struct dsse_sig *sig,
                              const struct piece *event, struct entry_sig *ret,
                              struct err_text *ret_why)
{
    struct buf message = {0};
    ASSERT(sig->bytes == ED25519_SIG_BYTES);
    if (key == NULL)
        return err_say(ret_why, ERR_UNAUTHENTICATED, "`keyid` names no key that is enrolled");
    if (key->key.type != SSHKEY_ED25519)
        return err_say(ret_why, ERR_UNAUTHENTICATED,
                       "a key of type %s signs by SSHSIG: put that into `sig`",
                       sshkey_type_name(key->key.type));
    dsse_pae(EVENT_MEDIA_TYPE, event->data, event->bytes, &message);
    bool good =
        crypto_sign_verify_detached(sig->data, message.data, message.bytes, key->key.ed25519) == 0;
    buf_free(&message);
    if (!good)
        return err_say(ret_why, ERR_UNAUTHENTICATED, "the signature does not verify");
    ret->alg = SIG_DSSE_ED25519;
    memcpy(ret->key_id, key->key.id, KEY_ID_BYTES);
    return ERR_OK;
}

/* Check all signatures, and put them and the principal of the first into the part. */
static enum err check_signatures(const struct registry *registry, const struct dsse *dsse,
                                 const struct piece *event, struct admitted_part *part,
                                 struct err_text *ret_why)
{
    for (size_t i = 0; i < dsse->sig_count; i++) {
        const struct dsse_sig *sig = &dsse->sigs[i];
        struct entry_sig *to = &part->sigs[i];
        bool is_sshsig = sig->bytes >= 6 && memcmp(sig->data, "SSHSIG", 6) == 0;
        enum err err =
            is_sshsig ? check_sshsig(sig, event, to, ret_why)
                      : check_ed25519(registry_key(registry, sig->key_id), sig, event, to, ret_why);
        if (err != ERR_OK)
            return err;
        const struct registry_key *key = registry_key(registry, to->key_id);
        if (key == NULL)
            return err_say(ret_why, ERR_UNAUTHENTICATED, "the key that signed is not enrolled");
        for (size_t j = 0; j < i; j++) {
            if (memcmp(part->sigs[j].key_id, to->key_id, KEY_ID_BYTES) == 0)
                return err_say(ret_why, ERR_INVALID, "two signatures by one key");
        }
        to->data = sig->data;
        to->bytes = (uint16_t)sig->bytes;
        part->sig_count++;
        if (i == 0)
            memcpy(part->principal, key->principal, sizeof(part->principal));
    }
    return ERR_OK;
}

enum err admit_unsigned(const struct courier *courier, struct err_text *ret_why)
{
    if (courier->principal[0] == '\0')
        return err_say(ret_why, ERR_UNAUTHENTICATED, "neither a token nor a signature");
    if ((courier->scopes & SCOPE_WRITE) == 0)
        return err_say(ret_why, ERR_FORBIDDEN, "the token of %s has no write scope",
                       courier->principal);
    return ERR_OK;
}

/* Put into the part who signed and who brought it. */
static enum err authenticate(const struct courier *courier, struct admitted_part *part,
                             struct err_text *ret_why)
{
    part->origin = (uint8_t)courier->origin;
    memcpy(part->credential, courier->credential, HASH_BYTES);
    if (part->sig_count == 0) {
        enum err err = admit_unsigned(courier, ret_why);
        if (err != ERR_OK)
            return err;
        memcpy(part->principal, courier->principal, sizeof(part->principal));
    } else if (courier->principal[0] == '\0') {
        memcpy(part->credential, part->sigs[0].key_id, KEY_ID_BYTES);
    }
    return ERR_OK;
}

enum place { PLACE_DEPLOYMENT, PLACE_LEDGER, PLACE_RESERVED };

/* Where an event of ours belongs (RULES.md "Events"). */
static enum place place_of(const char *name)
{
    static const char *const reserved[] = {
        "ledger.created",    "ledger.heads",  "ingest.denied", "ingest.quarantined",
        "ingest.conflicted", "ledger.sealed", "event.erased",  "ledger.restored"};
    static const char *const ledger[] = {
        "checklist.published", "policy.set",   "key.enrolled",  "key.revoked", "role.granted",
        "role.revoked",        "token.issued", "token.revoked", "hold.placed", "hold.released",
        "report.issued",       "clock.leapt",  "ledger.rekeyed"};
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcmp(name, reserved[i]) == 0)
            return PLACE_RESERVED;
    }
    for (size_t i = 0; i < sizeof(ledger) / sizeof(ledger[0]); i++) {
        if (strcmp(name, ledger[i]) == 0)
            return PLACE_LEDGER;
    }
    return PLACE_DEPLOYMENT;
}

/* Check that an event of ours is meant for this ledger. */
static enum err check_ledger(const struct admission *admission, const struct event *event,
                             bool is_signed, struct err_text *ret_why)
{
    uint8_t id[HASH_BYTES];
    if (event->ledger == NULL && is_signed)
        return err_say(ret_why, ERR_NOT_EVENT,
                       "a signed event needs the extension `ledger`, this ledger's id");
    if (event_subject_verb(event) == NULL && event->deployment == NULL && is_signed)
        return err_say(ret_why, ERR_NOT_EVENT, "a signed %.80s needs the extension `deployment`",
                       event->type);
    if (event->ledger != NULL && (!bytes_from_hex(event->ledger, id, HASH_BYTES) ||
                                  memcmp(id, admission->ledger_id, HASH_BYTES) != 0))
        return err_say(ret_why, ERR_NOT_EVENT, "the extension `ledger` names another ledger");
    return ERR_OK;
}

/* The stream of an event of ours: the one that it names, were it the wrong one (the rules refuse it
 * there). */
static enum err place_own(const char *name, const struct event *event, const char **ret_stream,
                          struct err_text *ret_why)
{
    enum place place = place_of(name);
    if (place == PLACE_RESERVED)
        return err_say(ret_why, ERR_FORBIDDEN, "%s is for the ledger itself to say", name);
    if (place == PLACE_DEPLOYMENT && event->deployment == NULL)
        return err_say(ret_why, ERR_NOT_EVENT, "%s needs the extension `deployment`", name);
    if (event->deployment != NULL && strcmp(event->deployment, "inbox") == 0)
        return err_say(ret_why, ERR_NOT_EVENT, "'inbox' cannot name a deployment");
    *ret_stream = event->deployment != NULL ? event->deployment : "ledger";
    return ERR_OK;
}

/* The stream of any other event: its deployment's, else the one named beside it, else the inbox. */
static enum err place_foreign(const struct event *event, const char *beside,
                              const char **ret_stream, struct err_text *ret_why)
{
    const char *stream = event->deployment != NULL ? event->deployment : beside;
    if (stream != NULL &&
        (!event_stream_ok(stream) || strcmp(stream, "ledger") == 0 || strcmp(stream, "inbox") == 0))
        return err_say(ret_why, ERR_NOT_EVENT, "'%.128s' cannot name a deployment", stream);
    *ret_stream = stream != NULL ? stream : "inbox";
    return ERR_OK;
}

/* A deployment of this ledger that is played again must not come back into it as if it were real.
 */
static enum err check_replay(const struct admission *admission, const struct event *event,
                             struct err_text *ret_why)
{
    const char *of = event->replayed ? ijson_string(event->json, "replayof") : NULL;
    uint8_t id[HASH_BYTES];
    if (of != NULL && bytes_from_hex(of, id, HASH_BYTES) &&
        memcmp(id, admission->ledger_id, HASH_BYTES) == 0)
        return err_say(
            ret_why, ERR_NOT_EVENT,
            "it is a replay of this very ledger, which never takes its own events again");
    return ERR_OK;
}

static enum err choose_stream(const struct admission *admission, const char *beside,
                              const struct event *event, struct admitted_part *part,
                              struct err_text *ret_why)
{
    const char *stream = "inbox", *name = event_subject_verb(event);
    enum err err = check_replay(admission, event, ret_why);
    if (err == ERR_OK && event_is_own(event))
        err = check_ledger(admission, event, part->sig_count > 0, ret_why);
    if (err == ERR_OK)
        err = name != NULL ? place_own(name, event, &stream, ret_why)
                           : place_foreign(event, beside, &stream, ret_why);
    if (err != ERR_OK)
        return err;
    if (beside != NULL && strcmp(stream, beside) != 0)
        return err_say(ret_why, ERR_NOT_EVENT,
                       "the event belongs to '%s', the request says '%.128s'", stream, beside);
    memcpy(part->stream, stream, strlen(stream) + 1);
    return ERR_OK;
}

static enum err read_clock(const struct admission *admission, const struct event *event,
                           int64_t *ret_us, struct err_text *ret_why)
{
    struct timespec now;
    int64_t end_us = instant_from_date(10000, 1, 1);
    if (admission->simulated) {
        *ret_us = event->has_time ? event->time_us : admission->last_us;
        return ERR_OK;
    }
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < 0 ||
        now.tv_sec >= end_us / INSTANT_SECOND_US)
        return err_say(ret_why, ERR_CLOCK, "this machine's clock is not set");
    int64_t now_us = (int64_t)now.tv_sec * INSTANT_SECOND_US + now.tv_nsec / 1000;
    if (now_us < admission->last_us) {
        char last[INSTANT_TEXT_BYTES];
        instant_format(admission->last_us, last);
        return err_say(ret_why, ERR_CLOCK, "this machine's clock is before the last entry's, %s",
                       last);
    }
    *ret_us = now_us;
    return ERR_OK;
}

/* Let the signatures of an encoded part point into its bytes. */
static void point_into(struct admitted_part *part, const uint8_t *bytes)
{
    size_t at = 80 + strlen(part->stream) + strlen(part->principal);
    for (size_t i = 0; i < part->sig_count; i++) {
        at += 1 + KEY_ID_BYTES + 2;
        part->sigs[i].data = bytes + at;
        at += part->sigs[i].bytes;
    }
}

/* The salt of an event: drawn, or in a made-up ledger the same for the same event. */
static void choose_salt(const struct admission *admission, const struct piece *event,
                        uint8_t ret[SALT_BYTES])
{
    static const char label[] = "countersign/seeded/salt";
    const struct piece pieces[] = {
        {label, sizeof(label)}, {admission->seed, HASH_BYTES}, {event->data, event->bytes}};
    uint8_t digest[HASH_BYTES];
    if (!admission->seeded) {
        randombytes_buf(ret, SALT_BYTES);
        return;
    }
    hash_pieces(pieces, sizeof(pieces) / sizeof(pieces[0]), digest);
    memcpy(ret, digest, SALT_BYTES);
}

/* Choose the salt, and sign the part, which is complete but for the event's digest and size. */
static struct admitted *seal(const struct admission *admission, const struct admitted_part *part,
                             const struct piece *bytes, const struct event *event)
{
    struct buf message = {0};
    struct admitted *admitted = mem_zero(1, sizeof(*admitted));
    admitted->part = *part;
    admitted->part.event_bytes = (uint32_t)bytes->bytes;
    choose_salt(admission, bytes, admitted->salt);
    entry_event_digest(admitted->salt, bytes->data, bytes->bytes, admitted->part.event_digest);
    entry_encode_part(&admitted->part, &admitted->part_bytes);
    point_into(&admitted->part, admitted->part_bytes.data);
    entry_admission_message(admission->ledger_id, admitted->part_bytes.data,
                            admitted->part_bytes.bytes, &message);
    crypto_sign_detached(admitted->admission, NULL, message.data, message.bytes,
                         admission->secret_key);
    buf_free(&message);
    /* libsodium's secret key ends in the public one. */
    memcpy(admitted->admission_key, admission->secret_key + ED25519_KEY_BYTES, ED25519_KEY_BYTES);
    const char *name = event_subject_verb(event);
    admitted->rekeys = name != NULL && strcmp(name, "ledger.rekeyed") == 0;
    buf_add(&admitted->event, bytes->data, bytes->bytes);
    const struct piece pieces[] = {{part->principal, strlen(part->principal) + 1},
                                   {event->source, strlen(event->source)}};
    hash_pieces(pieces, 2, admitted->name);
    admitted->id = mem_text(event->id);
    return admitted;
}

enum err admit_event(const struct admission *admission, const struct registry *registry,
                     const struct courier *courier, const struct admit_message *message,
                     struct admitted **ret_admitted, struct err_text *ret_why)
{
    struct admitted_part part = {0};
    struct dsse *dsse = NULL;
    struct event *event = NULL;
    struct piece bytes = {0};
    enum err err = open_message(message, &dsse, &bytes, ret_why);
    if (err == ERR_OK)
        err = event_read(bytes.data, bytes.bytes, &event, ret_why);
    if (err == ERR_OK && dsse != NULL)
        err = check_signatures(registry, dsse, &bytes, &part, ret_why);
    if (err == ERR_OK)
        err = authenticate(courier, &part, ret_why);
    if (err == ERR_OK)
        err = choose_stream(admission, message->deployment, event, &part, ret_why);
    if (err == ERR_OK)
        err = read_clock(admission, event, &part.admitted_us, ret_why);
    if (err == ERR_OK)
        *ret_admitted = seal(admission, &part, &bytes, event);
    event_free(event);
    dsse_free(dsse);
    return err;
}

enum err admit_own(const struct admission *admission, const struct buf *event, const char *stream,
                   int64_t admitted_us, struct admitted **ret_admitted)
{
    struct admitted_part part = {.origin = ORIGIN_LEDGER, .admitted_us = admitted_us};
    struct event *parsed = NULL;
    enum err err = event_parse(event->data, event->bytes, &parsed, NULL);
    if (err != ERR_OK)
        return err;
    ASSERT(event_stream_ok(stream));
    memcpy(part.stream, stream, strlen(stream) + 1);
    memcpy(part.principal, "ledger", sizeof("ledger"));
    const struct piece bytes = {event->data, event->bytes};
    *ret_admitted = seal(admission, &part, &bytes, parsed);
    event_free(parsed);
    return ERR_OK;
}

void admit_free(struct admitted *admitted)
{
    if (admitted == NULL)
        return;
    buf_free(&admitted->part_bytes);
    buf_free(&admitted->event);
    free(admitted->id);
    free(admitted);
}
