#include "replay/forecast.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of a signature by a security key that is still to be made, what the reducer looks at: the key,
 * the flags, and a counter that has grown. */
static void stand_in(const struct sshkey *key, struct buf *blob)
{
    struct buf signature = {0};
    const char *type = sshkey_type_name(key->type);
    buf_string(&signature, type, strlen(type));
    buf_string(&signature, "", 0);
    buf_u8(&signature, SSHSIG_TOUCHED | SSHSIG_VERIFIED);
    buf_u32(&signature, UINT32_MAX);
    buf_text(blob, "SSHSIG");
    buf_u32(blob, 1);
    buf_string(blob, key->wire, key->wire_bytes);
    buf_string(blob, SSHSIG_NAMESPACE, strlen(SSHSIG_NAMESPACE));
    buf_string(blob, "", 0);
    buf_string(blob, "sha512", strlen("sha512"));
    buf_string(blob, signature.data, signature.bytes);
    buf_free(&signature);
}

/* The entry that admission and appending would make of it now, as far as the reducer looks. */
static enum err make_entry(struct ledger *ledger, const struct event *event,
                           const struct entry_sig *sig, struct buf *blob, struct entry *ret,
                           struct err_text *ret_why)
{
    const struct registry_key *key = NULL;
    int64_t last_us = 0;
    enum err err = ledger_size(ledger, &ret->seq, ret_why);
    if (err == ERR_OK)
        err = ledger_last_us(ledger, &last_us, ret_why);
    if (err != ERR_OK)
        return err;
    if (sig != NULL)
        key = registry_key(ledger_registry(ledger), sig->key_id);
    struct admitted_part *part = &ret->part;
    bool claimed = ledger_info(ledger)->simulated && event->has_time;
    part->admitted_us = claimed ? event->time_us : ledger_now(ledger);
    part->origin = ORIGIN_CLI;
    ret->time_us = part->admitted_us > last_us ? part->admitted_us : last_us;
    snprintf(part->stream, sizeof(part->stream), "%s", event->deployment);
    snprintf(part->principal, sizeof(part->principal), "%s", key != NULL ? key->principal : "-");
    if (key != NULL) {
        part->sig_count = 1;
        part->sigs[0] = *sig;
        if (sig->data == NULL)
            stand_in(&key->key, blob);
        if (sig->data == NULL)
            part->sigs[0] = (struct entry_sig){
                .alg = SIG_SSHSIG, .data = blob->data, .bytes = (uint16_t)blob->bytes};
        memcpy(part->sigs[0].key_id, sig->key_id, KEY_ID_BYTES);
    }
    return ERR_OK;
}

enum err forecast_make(struct errand *errand, const struct buf *event, const struct entry_sig *sig,
                       struct verdict *ret_verdict, struct err_text *ret_why)
{
    struct event *parsed = NULL;
    struct deployment *deployment = NULL;
    struct record record = {0};
    struct buf blob = {0};
    enum err err = event_parse(event->data, event->bytes, &parsed, ret_why);
    if (err == ERR_OK && (parsed->deployment == NULL || !replay_is_deployment(parsed->deployment)))
        err = err_say(ret_why, ERR_NOT_FOUND, "the event is of no deployment");
    if (err == ERR_OK)
        err = make_entry(errand->ledger, parsed, sig, &blob, &record.entry, ret_why);
    if (err == ERR_OK)
        err =
            replay_fold(errand->replay, parsed->deployment, UINT64_MAX, NULL, &deployment, ret_why);
    if (err == ERR_OK) {
        record.entry.stream_pos = deployment->entries;
        deployment_apply(deployment, &record, parsed, ret_verdict);
    }
    deployment_free(deployment);
    event_free(parsed);
    buf_free(&blob);
    return err;
}

#define LISTING_MAGIC MAGIC('L', 'S', 'N', 'C')

struct listing_since {
    uint32_t magic;
    struct buf *buf;
    size_t count;
};

/* "#12 item.checked 1.1.1, lee, 10:04:05 UTC" */
static enum err list_one(void *ctx, const struct record *record, bool *ret_more)
{
    struct listing_since *listing = NULL;
    CAST_OBJ(listing, ctx, LISTING_MAGIC);
    const struct entry *entry = &record->entry;
    struct event *event = NULL;
    char time[INSTANT_TEXT_BYTES];
    *ret_more = true;
    if (listing->count++ >= FORECAST_SINCE_MAX)
        return ERR_OK;
    bool read = record->event.bytes > 0 &&
                event_parse(record->event.data, record->event.bytes, &event, NULL) == ERR_OK;
    const char *verb = read ? event_subject_verb(event) : NULL;
    const char *node = read ? ijson_string(event->data, "node") : NULL;
    buf_printf(listing->buf, "#%" PRIu64 " ", entry->stream_pos);
    printable_add(listing->buf, verb != NULL ? verb : read ? event->type : "(erased)");
    buf_text(listing->buf, node != NULL ? " " : "");
    printable_add(listing->buf, node);
    instant_short(entry->time_us, time);
    buf_printf(listing->buf, ", %s, %s UTC\n", entry->part.principal, time);
    event_free(event);
    return ERR_OK;
}

enum err forecast_since(struct errand *errand, const char *id, uint64_t pos, struct buf *buf,
                        size_t *ret_count, struct err_text *ret_why)
{
    struct listing_since listing = {.magic = LISTING_MAGIC, .buf = buf};
    const struct ledger_walk walk = {.stream = id, .from = pos + 1, .to_seq = UINT64_MAX};
    enum err err = ledger_each(errand->ledger, &walk, list_one, &listing, ret_why);
    if (err == ERR_OK)
        *ret_count = listing.count;
    return err;
}
