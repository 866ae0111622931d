#include "ledger/submit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/args.h"
#include "ledger/daemon.h"
#include "ledger/ledger.h"
#include "ledger/post.h"
#include "ledger/request.h"
#include "ledger/signer.h"

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

void submit_defaults(struct submit_options *ret)
{
    *ret = (struct submit_options){.key = environment("COUNTERSIGN_KEY"),
                                   .token = environment("COUNTERSIGN_TOKEN"),
                                   .time_us = -1};
}

bool submit_option(struct submit_options *options, int option, const char *value,
                   struct err_text *ret_why)
{
    ret_why->s[0] = '\0';
    switch (option) {
    case SUBMIT_KEY:
        options->key = value;
        if (!options->key_given) {
            options->key_given = true;
            return true;
        }
        err_say(ret_why, ERR_USAGE, "one key signs: one --key FILE, or --agent");
        return false;
    case SUBMIT_AGENT:
        return submit_option(options, SUBMIT_KEY, SIGNER_AGENT, ret_why);
    case SUBMIT_OFFLINE:
        options->offline = value;
        return true;
    case SUBMIT_TIME:
        if (instant_parse(value, &options->time_us))
            return true;
        err_say(ret_why, ERR_USAGE, "'%.64s' is no RFC 3339 time like 2026-03-01T10:00:00Z", value);
        return false;
    case SUBMIT_EVENT_ID:
        options->id = value;
        if (value[0] != '\0' && strlen(value) <= ID_BYTES_MAX)
            return true;
        err_say(ret_why, ERR_USAGE, "an event's id has 1 to %d bytes", ID_BYTES_MAX);
        return false;
    case SUBMIT_SPOOLED:
        options->spooled = true;
        return true;
    case SUBMIT_JSON:
        options->json = true;
        return true;
    default:
        return false;
    }
}

/* A new UUIDv7 (RFC 9562 5.7): 48 bits of milliseconds, then random bits. */
static void make_id(int64_t time_us, char ret[37])
{
    uint8_t bytes[16];
    uint64_t ms = (uint64_t)time_us / 1000;
    randombytes_buf(bytes, sizeof(bytes));
    for (size_t i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(ms >> (40 - 8 * i) & 0xff);
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
    size_t at = 0;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;
        at += (size_t)snprintf(ret + at, 37 - at, "%s%02x", dash ? "-" : "", bytes[i]);
    }
}

enum err submit_key(const struct ledger *ledger, const struct submit_options *options,
                    struct signer_key *ret_key, struct err_text *ret_why)
{
    ASSERT(options->key != NULL);
    return signer_find(options->key, ledger_registry(ledger), ret_key, ret_why);
}

void submit_build(struct ledger *ledger, const struct submit_options *options, const char *type,
                  const char *deployment, json_t *data, struct buf *buf)
{
    int64_t time_us = options->time_us >= 0 ? options->time_us : ledger_now(ledger);
    struct buf text = {0};
    json_t *event = json_object();
    char id[37];
    make_id(time_us, id);
    buf_printf(&text, EVENT_OWN_PREFIX "%s.v1", type);
    ijson_put(event, "specversion", json_string("1.0"));
    ijson_put(event, "id", ijson_text(options->id != NULL ? options->id : id));
    ijson_put(event, "source", json_string("/cli"));
    ijson_put(event, "type", ijson_text((const char *)text.data));
    ijson_put(event, "time", ijson_instant(time_us));
    ijson_put(event, "ledger", json_string(ledger_info(ledger)->id_hex));
    if (deployment != NULL)
        ijson_put(event, "deployment", ijson_text(deployment));
    if (options->spooled)
        ijson_put(event, "spooled", json_true());
    ijson_put(event, "data", data);
    ijson_print(event, buf);
    json_decref(event);
    buf_free(&text);
}

enum err submit_sign_all(const char *const *keys, size_t count, const struct buf *event,
                         struct buf *buf, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    struct dsse dsse = {.payload = *event};
    struct buf blobs[ENTRY_SIGS_MAX] = {{0}};
    ASSERT(count >= 1 && count <= ENTRY_SIGS_MAX);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        struct sshsig sig;
        err = signer_sign(keys[i], event, &blobs[i], &sig, ret_why);
        if (err != ERR_OK)
            break;
        memcpy(dsse.sigs[i].key_id, sig.key.id, KEY_ID_BYTES);
        dsse.sigs[i].data = blobs[i].data;
        dsse.sigs[i].bytes = blobs[i].bytes;
        dsse.sig_count++;
    }
    if (err == ERR_OK)
        dsse_format(&dsse, buf);
    for (size_t i = 0; i < count; i++)
        buf_free(&blobs[i]);
    return err;
}

enum err submit_sign(const char *key, const struct buf *event, struct buf *buf,
                     struct err_text *ret_why)
{
    return submit_sign_all(&key, 1, event, buf, ret_why);
}

/* Admit and append to a ledger opened for writing. */
static enum err append_here(struct ledger *ledger, const struct submitter *submitter,
                            const struct admit_message *message, const char *token,
                            json_t **ret_receipt, struct err_text *ret_why)
{
    struct courier courier = {.origin = ORIGIN_CLI};
    struct admitted *admitted = NULL;
    struct receipt receipt = {0};
    const struct registry *registry = ledger_registry(ledger);
    if (token != NULL && admit_token(registry, token, registry_size(registry), ledger_now(ledger),
                                     &courier) != ERR_OK)
        return err_say(ret_why, ERR_UNAUTHENTICATED,
                       "the token in COUNTERSIGN_TOKEN is unknown here, revoked or expired");
    courier.origin = ORIGIN_CLI;
    enum err err =
        admit_event(ledger_admission(ledger), registry, &courier, message, &admitted, ret_why);
    if (err == ERR_OK)
        err = ledger_append(ledger, &admitted, 1, submitter->judge, &receipt, ret_why);
    if (err == ERR_OK && receipt.err == ERR_OK)
        *ret_receipt = ledger_receipt_json(&receipt);
    else if (err == ERR_OK)
        err = ledger_receipt_why(&receipt, ret_why);
    ledger_receipts_free(&receipt, 1);
    admit_free(admitted);
    return err;
}

/* Append where no daemon runs. */
static enum err append_alone(const struct submitter *submitter, const struct admit_message *message,
                             const char *token, json_t **ret_receipt, struct err_text *ret_why)
{
    struct ledger *opened = NULL, *ledger = submitter->ledger;
    enum err err = ledger_refresh(ledger, ret_why);
    if (err == ERR_OK && !ledger_writable(ledger)) {
        err = ledger_open(ledger_dir(ledger), true, &opened, ret_why);
        ledger = opened;
    }
    if (err == ERR_OK)
        err = append_here(ledger, submitter, message, token, ret_receipt, ret_why);
    ledger_close(opened);
    return err;
}

enum err submit_message(const struct submitter *submitter, const char *media,
                        const struct buf *message, json_t **ret_receipt, struct err_text *ret_why)
{
    const struct admit_message sent = {
        .media = media, .data = message->data, .bytes = message->bytes};
    bool is_signed = strcmp(media, DSSE_MEDIA_TYPE) == 0;
    const char *token = is_signed ? NULL : submitter->options->token;
    json_t *receipt = NULL;
    struct daemon daemon = {0};
    if (token != NULL && !post_token_ok(token))
        return err_say(ret_why, ERR_UNAUTHENTICATED, "COUNTERSIGN_TOKEN does not hold a token");
    enum err err = daemon_find(ledger_dir(submitter->ledger), &daemon, ret_why);
    if (err == ERR_OK && daemon.url != NULL)
        err = daemon_post(&daemon, media, token, message, &receipt, ret_why);
    else if (err == ERR_OK)
        err = append_alone(submitter, &sent, token, &receipt, ret_why);
    if (err == ERR_OK)
        err = ledger_refresh(submitter->ledger, ret_why);
    if (err == ERR_OK)
        *ret_receipt = receipt;
    else
        json_decref(receipt);
    daemon_free(&daemon);
    return err;
}

enum err submit_signed(const struct submitter *submitter, const char *key, const struct buf *event,
                       json_t **ret_receipt, struct err_text *ret_why)
{
    const struct registry *registry = ledger_registry(submitter->ledger);
    struct buf envelope = {0};
    struct signer_key found = {0};
    struct err_text why;
    if (key == NULL)
        return submit_message(submitter, EVENT_MEDIA_TYPE, event, ret_receipt, ret_why);
    enum err err = submit_sign(key, event, &envelope, ret_why);
    if (err == ERR_OK)
        err = submit_message(submitter, DSSE_MEDIA_TYPE, &envelope, ret_receipt, ret_why);
    bool unknown = err == ERR_UNAUTHENTICATED && envelope.bytes > 0 &&
                   signer_find(key, registry, &found, &why) == ERR_OK &&
                   signer_known(&found, registry, ledger_dir(submitter->ledger), &why) != ERR_OK;
    if (unknown)
        *ret_why = why;
    signer_key_free(&found);
    buf_free(&envelope);
    return err;
}

enum err submit_built(const struct submitter *submitter, const struct buf *event,
                      json_t **ret_receipt, struct err_text *ret_why)
{
    const struct submit_options *options = submitter->options;
    struct signer_key key = {0};
    if (options->offline != NULL) {
        const struct request request = {.file = options->offline,
                                        .dir = ledger_dir(submitter->ledger),
                                        .summary = options->summary != NULL ? options->summary : "",
                                        .event = event};
        return request_write(&request, ret_receipt, ret_why);
    }
    if (options->key == NULL && options->token == NULL)
        return err_say(ret_why, ERR_USAGE,
                       "sign with --key FILE (or COUNTERSIGN_KEY) or --agent, elsewhere with "
                       "--offline FILE, or set COUNTERSIGN_TOKEN");
    bool any = options->key != NULL && strcmp(options->key, SIGNER_AGENT) == 0;
    enum err err = any ? submit_key(submitter->ledger, options, &key, ret_why) : ERR_OK;
    if (err == ERR_OK)
        err = submit_signed(submitter, any ? key.name : options->key, event, ret_receipt, ret_why);
    signer_key_free(&key);
    return err;
}

enum err submit_act(const struct submitter *submitter, const char *type, const char *deployment,
                    json_t *data, json_t **ret_receipt, struct err_text *ret_why)
{
    struct buf event = {0};
    submit_build(submitter->ledger, submitter->options, type, deployment, data, &event);
    enum err err = submit_built(submitter, &event, ret_receipt, ret_why);
    buf_free(&event);
    return err;
}

/* "accepted, seq 12, demo-1 #3 (late, spooled)": a receipt on one line. */
static void describe(const json_t *receipt, struct buf *text)
{
    const json_t *flags = ijson_get(receipt, "flags");
    const char *reason = ijson_string(receipt, "reason");
    printable_add(text, ijson_string(receipt, "verdict"));
    buf_printf(text, ": seq %lld, ", (long long)json_integer_value(ijson_get(receipt, "seq")));
    printable_add(text, ijson_string(receipt, "stream"));
    buf_printf(text, " #%lld", (long long)json_integer_value(ijson_get(receipt, "stream_pos")));
    for (size_t i = 0; i < json_array_size(flags); i++) {
        buf_text(text, i == 0 ? " (" : ", ");
        printable_add(text, json_string_value(json_array_get(flags, i)));
    }
    buf_text(text, json_array_size(flags) > 0 ? ")" : "");
    if (reason != NULL) {
        buf_text(text, ": ");
        printable_add(text, reason);
    }
}

int submit_print(const struct submit_options *options, const json_t *receipt)
{
    const char *verdict = ijson_string(receipt, "verdict");
    bool accepted = verdict != NULL && strcmp(verdict, "accepted") == 0;
    struct buf text = {0};
    if (verdict == NULL)
        accepted = true;
    if (options->json)
        ijson_print(receipt, &text);
    else if (verdict == NULL)
        request_describe(receipt, &text);
    else
        describe(receipt, &text);
    buf_text(&text, "\n");
    int code = args_print("submit", &text, accepted ? 0 : 1);
    buf_free(&text);
    return code;
}
