/* Receipts and records as JSON (ledger.h). */
#include <inttypes.h>
#include <string.h>

#include "ledger/inside.h"

void ledger_receipts_free(struct receipt *receipts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        verdict_clear(&receipts[i].verdict);
}

enum err ledger_receipt_why(const struct receipt *receipt, struct err_text *ret_why)
{
    const char *what = err_text(receipt->err);
    if (receipt->err == ERR_CONFLICT)
        what = "another event of this actor has this source and id already";
    else if (receipt->err == ERR_BUSY)
        what = "the ledger's own keys were just replaced: try again";
    else if (receipt->err == ERR_FORBIDDEN)
        what = "the keys that it names are not in the ledger's directory: key rotate makes them";
    return err_say(ret_why, receipt->err, "%s", what);
}

json_t *ledger_receipt_json(const struct receipt *receipt)
{
    json_t *object = json_object();
    json_object_set_new(object, "seq", json_integer((json_int_t)receipt->seq));
    json_object_set_new(object, "stream", json_string(receipt->stream));
    json_object_set_new(object, "stream_pos", json_integer((json_int_t)receipt->stream_pos));
    json_object_set_new(object, "leaf", ijson_hex(receipt->leaf, HASH_BYTES));
    verdict_json(&receipt->verdict, object);
    return object;
}

/* Whether a text is the same in JSON. */
static bool is_plain(const char *text)
{
    while (*text >= 0x20 && *text < 0x7f && *text != '"' && *text != '\\')
        text++;
    return *text == '\0';
}

static void add_flags(const struct verdict *verdict, struct buf *buf)
{
    const char *between = "\"";
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
        if (!verdict_has(verdict, flag))
            continue;
        buf_text(buf, between);
        buf_text(buf, flag_name(flag));
        buf_text(buf, "\"");
        between = ",\"";
    }
}

void ledger_receipt_text(const struct receipt *receipt, struct buf *buf)
{
    const struct verdict *verdict = &receipt->verdict;
    const char *reason = verdict->reason;
    if (verdict->rule != RULE_NONE || (reason != NULL && !is_plain(reason))) {
        json_t *json = ledger_receipt_json(receipt);
        ijson_print(json, buf);
        json_decref(json);
        return;
    }
    /* Most are accepted, and names of streams and flags need no escapes. */
    buf_printf(buf, "{\"seq\":%" PRIu64 ",\"stream\":\"%s\",\"stream_pos\":%" PRIu64 ",\"leaf\":\"",
               receipt->seq, receipt->stream, receipt->stream_pos);
    buf_hex(buf, receipt->leaf, HASH_BYTES);
    buf_text(buf, "\",\"verdict\":\"accepted\",\"flags\":[");
    add_flags(verdict, buf);
    buf_text(buf, "],\"reason\":");
    if (reason != NULL)
        buf_u8(buf, '"');
    buf_text(buf, reason != NULL ? reason : "null");
    buf_text(buf, reason != NULL ? "\"}" : "}");
}

/* {key, type, touch} of one signature. */
static json_t *signature_json(const struct entry_sig *sig, const char *fingerprint)
{
    struct touch touch = {.attested = false};
    json_t *object = json_object();
    bool known = touch_of(sig, &touch);
    json_object_set_new(object, "key", json_string(fingerprint));
    json_object_set_new(object, "type",
                        known ? json_string(sshkey_type_name(touch.type)) : json_null());
    json_object_set_new(object, "touch", touch_json(&touch));
    return object;
}

/* All members of a record but its event. */
static json_t *record_head(const struct record *record)
{
    const struct entry *entry = &record->entry;
    json_t *object = json_object(), *keys = json_array(), *signatures = json_array();
    json_object_set_new(object, "seq", json_integer((json_int_t)entry->seq));
    json_object_set_new(object, "stream", json_string(entry->part.stream));
    json_object_set_new(object, "stream_pos", json_integer((json_int_t)entry->stream_pos));
    json_object_set_new(object, "time", ijson_instant(entry->time_us));
    json_object_set_new(object, "principal", json_string(entry->part.principal));
    json_object_set_new(object, "origin", json_string(entry_origin_name(entry->part.origin)));
    json_object_set_new(object, "leaf", ijson_hex(record->leaf, HASH_BYTES));
    for (size_t i = 0; i < entry->part.sig_count; i++) {
        char fingerprint[SSHKEY_FINGERPRINT_BYTES];
        sshkey_fingerprint(entry->part.sigs[i].key_id, fingerprint);
        json_array_append_new(keys, json_string(fingerprint));
        json_array_append_new(signatures, signature_json(&entry->part.sigs[i], fingerprint));
    }
    json_object_set_new(object, "keys", keys);
    json_object_set_new(object, "signatures", signatures);
    return object;
}

void ledger_record_text(const struct record *record, struct buf *buf)
{
    json_t *object = record_head(record);
    ijson_print(object, buf);
    json_decref(object);
    ASSERT(buf->bytes > 0 && buf->data[buf->bytes - 1] == '}');
    buf->bytes--;
    buf_text(buf, ",\"event\":");
    size_t from = buf->bytes;
    if (record->event.bytes > 0)
        buf_add(buf, record->event.data, record->event.bytes);
    else
        buf_text(buf, "null");
    /* No string of JSON has a raw line end, so these are between tokens. */
    for (size_t i = from; i < buf->bytes; i++) {
        if (buf->data[i] == '\n' || buf->data[i] == '\r')
            buf->data[i] = ' ';
    }
    buf_text(buf, "}");
}
