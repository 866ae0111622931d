#include "ingest/amqp_entry.h"

#include <amqp_framing.h>
#include <stdio.h>
#include <string.h>

#include "ingest/amqp_link.h"

void amqp_entry_key_of(const char *stream, const char *type,
                       char ret_key[AMQP_ENTRY_KEY_BYTES_MAX + 1])
{
    int bytes = snprintf(ret_key, AMQP_ENTRY_KEY_BYTES_MAX + 1, "%s.%s", stream, type);
    if (bytes > AMQP_ENTRY_KEY_BYTES_MAX)
        memcpy(ret_key, stream, strlen(stream) + 1);
}

void amqp_entry_key(const struct record *record, char ret_key[AMQP_ENTRY_KEY_BYTES_MAX + 1])
{
    const char *stream = record->entry.part.stream;
    struct event *event = NULL;
    if (event_read(record->event.data, record->event.bytes, &event, NULL) == ERR_OK)
        amqp_entry_key_of(stream, event->type, ret_key);
    else
        memcpy(ret_key, stream, strlen(stream) + 1);
    event_free(event);
}

static amqp_table_entry_t number(const char *name, uint64_t value)
{
    amqp_table_entry_t entry = {.key = amqp_cstring_bytes(name)};
    entry.value.kind = AMQP_FIELD_KIND_I64;
    entry.value.value.i64 = (int64_t)value;
    return entry;
}

int amqp_entry_publish(amqp_connection_state_t state, amqp_channel_t channel, const char *exchange,
                       const struct record *record)
{
    const struct entry *entry = &record->entry;
    char key[AMQP_ENTRY_KEY_BYTES_MAX + 1], time[INSTANT_TEXT_BYTES];
    struct buf leaf = {0};
    amqp_entry_key(record, key);
    instant_format(entry->time_us, time);
    buf_hex(&leaf, record->leaf, HASH_BYTES);
    amqp_table_entry_t headers[] = {number("countersign-seq", entry->seq),
                                    amqp_link_word("countersign-stream", entry->part.stream),
                                    number("countersign-stream-pos", entry->stream_pos),
                                    amqp_link_word("countersign-time", time),
                                    amqp_link_word("countersign-principal", entry->part.principal),
                                    amqp_link_word("countersign-leaf", (const char *)leaf.data)};
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                  AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG,
        .content_type = amqp_cstring_bytes(EVENT_MEDIA_TYPE),
        .delivery_mode = AMQP_DELIVERY_PERSISTENT,
        .headers = {.num_entries = sizeof(headers) / sizeof(headers[0]), .entries = headers},
        .message_id = amqp_cstring_bytes((const char *)leaf.data),
        .timestamp = (uint64_t)(entry->time_us / INSTANT_SECOND_US)};
    const amqp_bytes_t body = {.len = record->event.bytes, .bytes = record->event.data};
    int status = amqp_basic_publish(state, channel, amqp_cstring_bytes(exchange),
                                    amqp_cstring_bytes(key), 0, 0, &properties, body);
    buf_free(&leaf);
    return status;
}
