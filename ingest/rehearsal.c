#include "ingest/rehearsal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void rehearsal_id(const struct rehearsal *rehearsal, uint64_t pos, const char *id, struct buf *buf)
{
    size_t from = buf->bytes, id_bytes = strlen(id);
    uint8_t sha256[HASH_BYTES];
    buf_printf(buf, "replay:%s:%" PRIu64 ":", rehearsal->as, pos);
    if (buf->bytes - from + id_bytes <= ID_BYTES_MAX) {
        buf_text(buf, id);
        return;
    }
    hash_bytes(id, id_bytes, sha256);
    buf_hex(buf, sha256, HASH_BYTES);
}

/* Attributes that are said anew. */
static bool is_said(const char *name)
{
    static const char *const names[] = {"id", "deployment", "ledger", "replayed", "replayof"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void add_text(struct buf *buf, const char *name, const char *text)
{
    json_t *json = json_string(text);
    ASSERT(json != NULL);
    buf_printf(buf, ",\"%s\":", name);
    ijson_print(json, buf);
    json_decref(json);
}

/* What the event has beside that, as it stands. */
static void add_rest(const struct record *record, const struct event *event, struct buf *buf)
{
    const char *name, *text = NULL;
    json_t *value;
    size_t bytes = 0;
    json_object_foreach (event->json, name, value) {
        if (is_said(name))
            continue;
        ASSERT(ijson_source(record->event.data, record->event.bytes, name, &text, &bytes));
        buf_printf(buf, ",\"%s\":", name);
        buf_add(buf, text, bytes);
    }
}

enum err rehearsal_event(const struct rehearsal *rehearsal, const struct record *record,
                         struct buf *buf, struct err_text *ret_why)
{
    struct event *event = NULL;
    struct buf text = {0}, name = {0};
    enum err err = event_parse(record->event.data, record->event.bytes, &event, ret_why);
    if (err != ERR_OK)
        return err;
    rehearsal_id(rehearsal, record->entry.stream_pos, event->id, &name);
    char *id = buf_take_text(&name);
    buf_text(&text, "{\"replayed\":true");
    add_text(&text, "replayof", rehearsal->ledger);
    add_text(&text, "deployment", rehearsal->as);
    add_text(&text, "id", id);
    add_rest(record, event, &text);
    buf_text(&text, "}");
    if (text.bytes <= EVENT_BYTES_MAX)
        buf_add(buf, text.data, text.bytes);
    else
        err = err_say(ret_why, ERR_TOO_BIG, "the event has over %d bytes once it is marked",
                      EVENT_BYTES_MAX);
    free(id);
    buf_free(&text);
    event_free(event);
    return err;
}
