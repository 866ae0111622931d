/* Messages in binary mode: what becomes an event has the message's attributes and data, no others,
 * and is the same in whatever order they come. */
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

#define ATTRIBUTES_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Lines "name:value" up to an empty one, then the body; a line "media:..." is the Content-Type. */
static struct binary_message read_message(char *text, size_t bytes,
                                          struct binary_attribute attributes[ATTRIBUTES_MAX])
{
    struct binary_message message = {.attributes = attributes};
    char *at = text, *end = text + bytes;
    while (at < end && *at != '\n') {
        char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end != NULL ? line_end : end;
        char *colon = memchr(at, ':', (size_t)(line_end - at));
        char *value = colon != NULL ? colon + 1 : line_end;
        *line_end = '\0'; /* there is one more byte behind the end */
        if (colon != NULL && colon - at == 5 && memcmp(at, "media", 5) == 0)
            message.media = value;
        else if (message.count < ATTRIBUTES_MAX)
            attributes[message.count++] =
                (struct binary_attribute){at, (size_t)((colon != NULL ? colon : line_end) - at),
                                          value, (size_t)(line_end - value)};
        at = line_end + 1;
    }
    message.body = at < end ? at + 1 : NULL;
    message.body_bytes = at < end ? (size_t)(end - at - 1) : 0;
    return message;
}

static void check_order(const struct binary_message *message, const struct buf *event)
{
    struct binary_attribute turned[ATTRIBUTES_MAX];
    struct binary_message other = *message;
    struct buf again = {0};
    for (size_t i = 0; i < message->count; i++)
        turned[i] = message->attributes[message->count - 1 - i];
    other.attributes = turned;
    ASSERT(binary_event(&other, &again, NULL) == ERR_OK);
    ASSERT(again.bytes == event->bytes && memcmp(again.data, event->data, event->bytes) == 0);
    buf_free(&again);
}

/* Without quotes and escapes a value is what stands in the event. */
static void check_plain(const struct event *event, const struct binary_attribute *attribute)
{
    char *name = mem_text_n(attribute->name, attribute->name_bytes);
    for (char *c = name; *c != '\0'; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    const json_t *value = ijson_get(event->json, name);
    ASSERT(json_is_string(value) && json_string_length(value) <= attribute->value_bytes);
    if (memchr(attribute->value, '%', attribute->value_bytes) == NULL &&
        memchr(attribute->value, '"', attribute->value_bytes) == NULL)
        ASSERT(json_string_length(value) == attribute->value_bytes &&
               memcmp(json_string_value(value), attribute->value, attribute->value_bytes) == 0);
    free(name);
}

static void check_data(const struct event *event, const struct binary_message *message)
{
    const char *base64 = ijson_string(event->json, "data_base64");
    struct buf data = {0};
    json_t *value = NULL;
    if (base64 != NULL) {
        ASSERT(event->data == NULL && !media_json(message->media));
        ASSERT(bytes_from_base64(base64, strlen(base64), &data));
        ASSERT(data.bytes == message->body_bytes &&
               memcmp(data.data, message->body, data.bytes) == 0);
    } else if (message->body_bytes > 0) {
        ASSERT(media_json(message->media));
        ASSERT(ijson_parse(message->body, message->body_bytes, &value, NULL) == ERR_OK);
        ASSERT(json_equal(event->data, value));
    } else {
        ASSERT(event->data == NULL);
    }
    json_decref(value);
    buf_free(&data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct binary_attribute attributes[ATTRIBUTES_MAX];
    char *text = mem_text_n((const char *)data, bytes);
    struct binary_message message = read_message(text, bytes, attributes);
    struct buf buf = {0};
    struct event *event = NULL;
    struct err_text why;
    if (binary_event(&message, &buf, &why) == ERR_OK) {
        check_order(&message, &buf);
        if (event_parse(buf.data, buf.bytes, &event, &why) == ERR_OK) {
            for (size_t i = 0; i < message.count; i++)
                check_plain(event, &message.attributes[i]);
            check_data(event, &message);
            ASSERT(json_object_size(event->json) ==
                   message.count + (message.media != NULL) + (message.body_bytes > 0));
        }
    }
    event_free(event);
    buf_free(&buf);
    free(text);
    return 0;
}
