#include "ledger/attestation.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger/bytes.h"
#include "ledger/dsse.h"
#include "ledger/endorsement.h"
#include "ledger/hash.h"
#include "ledger/ijson.h"
#include "ledger/media.h"

#define STATEMENT_PREFIX "https://in-toto.io/Statement/"

/* One attestation while it is read. */
struct reading {
    const struct attestation_against *against;
    json_t *json;
    struct buf text;
};

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

/* Begin another sentence of what was found. */
static struct buf *say(struct reading *reading)
{
    if (reading->text.bytes > 0)
        buf_text(&reading->text, "; ");
    return &reading->text;
}

static void fault(struct reading *reading, const char *what)
{
    set(reading->json, "malformed", ijson_text(what));
    buf_printf(say(reading), "malformed: %s", what);
}

static bool is_envelope(const char *media)
{
    static const char suffix[] = "+dsse";
    const size_t suffix_bytes = sizeof(suffix) - 1;
    if (media == NULL)
        return false;
    size_t bytes = strcspn(media, " \t;");
    return media_is(media, DSSE_MEDIA_TYPE) ||
           (bytes > suffix_bytes &&
            strncasecmp(media + bytes - suffix_bytes, suffix, suffix_bytes) == 0);
}

static bool is_statement(const json_t *json)
{
    const char *type = ijson_string(json, "_type");
    return type != NULL && strncmp(type, STATEMENT_PREFIX, strlen(STATEMENT_PREFIX)) == 0;
}

static bool among_artifacts(const struct attestation_against *against, const char *sha256)
{
    for (size_t i = 0; i < against->artifact_count; i++) {
        if (strcmp(against->artifacts[i], sha256) == 0)
            return true;
    }
    return false;
}

/* What a statement is about; an artifact of the deployment is told by its SHA-256. */
static void read_subjects(struct reading *reading, const json_t *subjects, json_t *statement)
{
    const struct attestation_against *against = reading->against;
    size_t count = json_array_size(subjects), matched = 0;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const json_t *subject = json_array_get(subjects, i);
        const char *sha256 = ijson_string(ijson_get(subject, "digest"), "sha256");
        bool comparable = sha256 != NULL && against->artifact_count > 0;
        bool match = comparable && among_artifacts(against, sha256);
        json_t *row = json_object();
        set(row, "name", ijson_text(ijson_string(subject, "name")));
        set(row, "sha256", ijson_text(sha256));
        set(row, "artifact", comparable ? json_boolean(match) : json_null());
        json_array_append_new(list, row);
        matched += match;
    }
    set(statement, "subjects", list);
    buf_printf(say(reading), "about %zu subject%s", count, count == 1 ? "" : "s");
    if (against->artifact_count > 0)
        buf_printf(&reading->text, ", %zu of them among the deployment's artifacts", matched);
}

static void read_statement(struct reading *reading, const struct buf *bytes)
{
    json_t *json = NULL;
    enum err err = ijson_parse(bytes->data, bytes->bytes, &json, NULL);
    const json_t *subjects = ijson_get(json, "subject");
    bool good = err == ERR_OK && is_statement(json) && json_array_size(subjects) > 0 &&
                ijson_string(json, "predicateType") != NULL;
    for (size_t i = 0; good && i < json_array_size(subjects); i++)
        good = json_object_size(ijson_get(json_array_get(subjects, i), "digest")) > 0;
    if (good) {
        json_t *statement = json_object();
        set(statement, "predicate_type", ijson_text(ijson_string(json, "predicateType")));
        read_subjects(reading, subjects, statement);
        set(reading->json, "statement", statement);
    } else {
        fault(reading, "no in-toto statement");
    }
    json_decref(json);
}

/* One key that signed, in its place in the list and the sentence. */
static void tell_signer(struct reading *reading, const struct endorsement *signer, json_t *list)
{
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    json_t *row = json_object();
    sshkey_fingerprint(signer->key->key.id, fingerprint);
    set(row, "principal", ijson_text(signer->key->principal));
    set(row, "key", ijson_text(fingerprint));
    set(row, "valid", json_boolean(signer->valid));
    buf_printf(&reading->text, "%s%s (%s%s)",
               json_array_size(list) == 0 ? "signed by " : " and by ", signer->key->principal,
               fingerprint, signer->valid ? "" : ", a key revoked before that");
    json_array_append_new(list, row);
}

static void tell_signers(struct reading *reading, const struct dsse *dsse)
{
    struct endorsement found[DSSE_SIGS_MAX];
    bool all_tried = true;
    size_t unknown = 0;
    json_t *list = json_array();
    endorsement_find(reading->against->registry, reading->against->seq, dsse, found, &all_tried);
    say(reading);
    for (size_t i = 0; i < dsse->sig_count; i++) {
        if (found[i].key != NULL && !found[i].repeated)
            tell_signer(reading, &found[i], list);
        unknown += found[i].key == NULL;
    }
    if (json_array_size(list) == 0)
        buf_text(&reading->text, "signed by no key that is enrolled");
    buf_printf(&reading->text, ", as of position %llu", (unsigned long long)reading->against->seq);
    if (json_array_size(list) > 0 && unknown > 0)
        buf_printf(&reading->text, "; %zu further signature%s by no key that is enrolled", unknown,
                   unknown == 1 ? "" : "s");
    if (!all_tried)
        buf_text(&reading->text, "; there are too many keys to try all of them");
    set(reading->json, "signed_by", list);
    set(reading->json, "signatures", json_integer((json_int_t)dsse->sig_count));
    set(reading->json, "unknown_signatures", json_integer((json_int_t)unknown));
    set(reading->json, "as_of", json_integer((json_int_t)reading->against->seq));
    set(reading->json, "all_keys_tried", json_boolean(all_tried));
}

static void read_envelope(struct reading *reading, const struct buf *bytes)
{
    struct dsse *dsse = NULL;
    if (dsse_parse_any(bytes->data, bytes->bytes, &dsse, NULL) != ERR_OK) {
        fault(reading, "no DSSE envelope");
        return;
    }
    set(reading->json, "payload_type", ijson_text(dsse->type));
    tell_signers(reading, dsse);
    if (media_is(dsse->type, ATTESTATION_STATEMENT_TYPE))
        read_statement(reading, &dsse->payload);
    dsse_free(dsse);
}

/* The bytes that are kept, held against the digest that the sender gave. */
static void hold_digest(struct reading *reading, const struct buf *bytes, const char *sha256)
{
    uint8_t digest[HASH_BYTES];
    struct buf hex = {0};
    hash_bytes(bytes->data, bytes->bytes, digest);
    buf_hex(&hex, digest, sizeof(digest));
    bool same = sha256 != NULL && strcmp((const char *)hex.data, sha256) == 0;
    set(reading->json, "bytes", json_integer((json_int_t)bytes->bytes));
    set(reading->json, "digest_good", json_boolean(same));
    if (!same)
        buf_printf(say(reading), "`sha256` is not that of the bytes, which have %s",
                   (const char *)hex.data);
    buf_free(&hex);
}

void attestation_read(const struct attestation_against *against, const json_t *data,
                      struct attestation *ret)
{
    const char *media = ijson_string(data, "media"), *base64 = ijson_string(data, "data_base64");
    struct reading reading = {.against = against, .json = json_object()};
    struct buf bytes = {0};
    set(reading.json, "media", ijson_text(media));
    set(reading.json, "sha256", ijson_text(ijson_string(data, "sha256")));
    set(reading.json, "uri", ijson_text(ijson_string(data, "uri")));
    if (base64 == NULL) {
        set(reading.json, "bytes", json_null());
        if (is_envelope(media))
            buf_text(say(&reading), "kept elsewhere, so that its signatures are not checked");
    } else if (!bytes_from_base64(base64, strlen(base64), &bytes)) {
        fault(&reading, "`data_base64` is not base64");
    } else {
        hold_digest(&reading, &bytes, ijson_string(data, "sha256"));
        if (is_envelope(media))
            read_envelope(&reading, &bytes);
        else if (media != NULL && media_is(media, ATTESTATION_STATEMENT_TYPE))
            read_statement(&reading, &bytes);
    }
    buf_free(&bytes);
    *ret = (struct attestation){.json = reading.json};
    if (reading.text.bytes > 0)
        ret->text = buf_take_text(&reading.text);
    buf_free(&reading.text);
}

void attestation_free(struct attestation *attestation)
{
    json_decref(attestation->json);
    free(attestation->text);
    *attestation = (struct attestation){0};
}

const char *attestation_media(const void *bytes, size_t count)
{
    struct dsse *dsse = NULL;
    json_t *json = NULL;
    const char *media = NULL;
    if (dsse_parse_any(bytes, count, &dsse, NULL) == ERR_OK)
        media = DSSE_MEDIA_TYPE;
    else if (ijson_parse(bytes, count, &json, NULL) == ERR_OK && is_statement(json))
        media = ATTESTATION_STATEMENT_TYPE;
    dsse_free(dsse);
    json_decref(json);
    return media;
}
