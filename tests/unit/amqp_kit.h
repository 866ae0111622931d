/* What the tests of messages from a broker share: a message as librabbitmq would hand it over. */
#ifndef TESTS_UNIT_AMQP_KIT_H
#define TESTS_UNIT_AMQP_KIT_H

#include <amqp.h>
#include <amqp_framing.h>
#include <string.h>

#include "ingest/amqp_delivery.h"

#define KIT_EVENT                                                                                  \
    "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/ci\",\"type\":\"x.y\",\"data\":1}"

static inline amqp_table_entry_t kit_text(const char *name, const char *value)
{
    amqp_table_entry_t entry = {.key = amqp_cstring_bytes(name)};
    entry.value.kind = AMQP_FIELD_KIND_UTF8;
    entry.value.value.bytes = amqp_cstring_bytes(value);
    return entry;
}

static inline amqp_table_entry_t kit_number(const char *name, int32_t value)
{
    amqp_table_entry_t entry = {.key = amqp_cstring_bytes(name)};
    entry.value.kind = AMQP_FIELD_KIND_I32;
    entry.value.value.i32 = value;
    return entry;
}

/* A message with properties of the content-type, user and headers; NULL: without. */
static inline struct amqp_delivery kit_delivery(const char *media, const char *user,
                                                amqp_table_entry_t *headers, int count,
                                                const char *body)
{
    struct amqp_delivery delivery = {0};
    amqp_basic_properties_t properties = {0};
    uint8_t room[8192];
    amqp_bytes_t encoded = {.len = sizeof(room), .bytes = room};
    if (media != NULL) {
        properties._flags |= AMQP_BASIC_CONTENT_TYPE_FLAG;
        properties.content_type = amqp_cstring_bytes(media);
    }
    if (user != NULL) {
        properties._flags |= AMQP_BASIC_USER_ID_FLAG;
        properties.user_id = amqp_cstring_bytes(user);
    }
    if (count > 0) {
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers = (amqp_table_t){.num_entries = count, .entries = headers};
    }
    int bytes = amqp_encode_properties(AMQP_BASIC_CLASS, &properties, encoded);
    ASSERT(bytes > 0);
    buf_text(&delivery.key, "a.key");
    amqp_delivery_begin(&delivery, room, (size_t)bytes, strlen(body));
    if (body[0] != '\0')
        amqp_delivery_add(&delivery, body, strlen(body));
    return delivery;
}

#endif
