#include "ledger/docket.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/event.h"
#include "ledger/ijson.h"
#include "ledger/instant.h"
#include "ledger/signers.h"
#include "ledger/tar_head.h"

#define VERSION 1

void docket_plan_format(const struct docket_plan *plan, struct buf *buf)
{
    char time[INSTANT_TEXT_BYTES];
    if (plan->kind == DOCKET_DEPLOYMENT) {
        buf_printf(buf, "{\"bundle\":\"deployment\",\"version\":%d,\"deployment\":\"%s\"}\n",
                   VERSION, plan->deployment);
        return;
    }
    instant_format(plan->from_us, time);
    buf_printf(buf, "{\"bundle\":\"period\",\"version\":%d,\"from\":\"%s\"", VERSION, time);
    instant_format(plan->to_us, time);
    buf_printf(buf, ",\"to\":\"%s\"}\n", time);
}

/* The members, before it is known that there are no others and that they stand in their form. */
static bool take_plan(const json_t *json, struct docket_plan *ret)
{
    const char *kind = ijson_string(json, "bundle"), *id = ijson_string(json, "deployment");
    const char *from = ijson_string(json, "from"), *to = ijson_string(json, "to");
    if (kind == NULL || json_integer_value(ijson_get(json, "version")) != VERSION)
        return false;
    if (strcmp(kind, "deployment") == 0) {
        ret->kind = DOCKET_DEPLOYMENT;
        if (id == NULL || !event_stream_ok(id) || strcmp(id, "ledger") == 0 ||
            strcmp(id, "inbox") == 0)
            return false;
        memcpy(ret->deployment, id, strlen(id) + 1);
        return true;
    }
    ret->kind = DOCKET_PERIOD;
    return strcmp(kind, "period") == 0 && from != NULL && to != NULL &&
           instant_parse(from, &ret->from_us) && instant_parse(to, &ret->to_us) &&
           ret->from_us < ret->to_us;
}

enum err docket_plan_parse(const void *text, size_t text_bytes, struct docket_plan *ret,
                           struct err_text *ret_why)
{
    struct docket_plan plan = {.from_us = 0};
    struct buf again = {0};
    json_t *json = NULL;
    enum err err = ijson_parse(text, text_bytes, &json, NULL);
    bool good = err == ERR_OK && take_plan(json, &plan);
    if (good) {
        docket_plan_format(&plan, &again);
        good = again.bytes == text_bytes && memcmp(again.data, text, text_bytes) == 0;
    }
    json_decref(json);
    buf_free(&again);
    if (!good)
        return err_say(ret_why, ERR_INVALID,
                       DOCKET_PLAN " is not as this version of countersign writes it");
    *ret = plan;
    return ERR_OK;
}

void docket_record_add(const struct docket_record *record, struct buf *buf)
{
    buf_u16(buf, (uint16_t)record->entry_bytes);
    buf_add(buf, record->entry, record->entry_bytes);
    buf_u32(buf, (uint32_t)record->event_bytes);
    if (record->event_bytes > 0) {
        buf_add(buf, record->salt, SALT_BYTES);
        buf_add(buf, record->event, record->event_bytes);
    }
}

bool docket_record_read(struct reader *reader, struct docket_record *ret)
{
    struct docket_record record = {.entry_bytes = reader_u16(reader)};
    record.entry = reader_take(reader, record.entry_bytes);
    record.event_bytes = reader_u32(reader);
    if (record.event_bytes > 0) {
        record.salt = reader_take(reader, SALT_BYTES);
        record.event = reader_take(reader, record.event_bytes);
    }
    if (reader->bad || record.entry == NULL || record.event_bytes > EVENT_BYTES_MAX)
        return false;
    *ret = record;
    return true;
}

bool docket_piece_full(size_t count, size_t bytes)
{
    return count >= TILE_WIDTH || bytes >= DOCKET_PIECE_BYTES;
}

void docket_piece_name(const char *stream, size_t number, bool index, struct buf *buf)
{
    buf_printf(buf, DOCKET_STREAMS "%s/%06zu.%s", stream, number, index ? "index" : "records");
}

void docket_index_add(const struct entry *entry, const uint8_t leaf[HASH_BYTES],
                      const uint8_t *piece, const struct docket_record *record, struct buf *buf)
{
    char time[INSTANT_TEXT_BYTES];
    instant_format(entry->time_us, time);
    buf_printf(buf, "%" PRIu64 " %" PRIu64 " ", entry->seq, entry->stream_pos);
    buf_hex(buf, leaf, HASH_BYTES);
    buf_printf(buf, " %td %zu", record->entry - piece, record->entry_bytes);
    if (record->event_bytes > 0)
        buf_printf(buf, " %td %zu", record->event - piece, record->event_bytes);
    else
        buf_text(buf, " - 0");
    buf_printf(buf, " %s %s\n", time, entry->part.principal);
}

bool docket_file_ok(const char *name)
{
    return strlen(name) <= TAR_NAME_BYTES_MAX - strlen(DOCKET_REPORT) && tar_head_name_ok(name);
}

void docket_signers_add(const struct registry *registry, uint64_t size, struct buf *buf)
{
    size_t count = 0;
    const struct registry_key *const *keys = registry_keys(registry, &count);
    for (size_t i = 0; i < count; i++) {
        if (keys[i]->enrolled_seq < size)
            signers_format(keys[i]->principal, &keys[i]->key, -1, -1, buf);
    }
}

static int stream_rank(const char *name)
{
    return strcmp(name, "ledger") == 0 ? 0 : strcmp(name, "inbox") == 0 ? 1 : 2;
}

bool docket_stream_after(const char *a, const char *b)
{
    const int first = stream_rank(a), second = stream_rank(b);
    return first != second ? first < second : strcmp(a, b) < 0;
}

uint64_t docket_tail_from(uint64_t last_seq, uint64_t size)
{
    ASSERT(last_seq < size);
    return size - last_seq - 1 <= DOSSIER_TAIL_ENTRIES_MAX ? last_seq + 1 : size;
}
