#include "ingest/amqp_delivery.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ingest/intake.h"

#define ANONYMOUS "amqp:anonymous"
#define USER_PREFIX "amqp:"
#define COUNT_HEADER "x-delivery-count" /* a quorum queue's */
#define REASON_HEADER "x-countersign-reason"
#define USER_HEADER "x-countersign-user-id"
#define EXPIRATION_HEADER "x-countersign-expiration"
#define POOL_PAGE_BYTES 4096
#define MORE_BYTES 2048 /* what a dead letter's properties may be longer than the message's */

/* The properties of a message, decoded; they live in the pool. */
struct properties {
    amqp_pool_t pool;
    amqp_basic_properties_t *basic; /* NULL: they do not decode */
};

static void properties_open(const struct amqp_delivery *delivery, struct properties *ret)
{
    amqp_bytes_t encoded = {.len = delivery->properties.bytes, .bytes = delivery->properties.data};
    void *decoded = NULL;
    init_amqp_pool(&ret->pool, POOL_PAGE_BYTES);
    int status = amqp_decode_properties(AMQP_BASIC_CLASS, &ret->pool, encoded, &decoded);
    ret->basic = status >= 0 ? decoded : NULL;
}

static void properties_close(struct properties *properties)
{
    empty_amqp_pool(&properties->pool);
}

static bool has(const amqp_basic_properties_t *basic, amqp_flags_t flag)
{
    return (basic->_flags & flag) != 0;
}

void amqp_delivery_begin(struct amqp_delivery *delivery, const void *properties, size_t bytes,
                         uint64_t body_bytes)
{
    buf_add(&delivery->properties, properties, bytes);
    delivery->body_bytes = body_bytes;
    ASSERT(crypto_hash_sha256_init(&delivery->rest) == 0);
}

void amqp_delivery_add(struct amqp_delivery *delivery, const void *data, size_t bytes)
{
    bool kept = delivery->body_bytes <= AMQP_BODY_BYTES_MAX;
    size_t room = kept ? bytes : AMQP_HEAD_BYTES - delivery->body.bytes;
    buf_add(&delivery->body, data, bytes < room ? bytes : room);
    if (!kept)
        crypto_hash_sha256_update(&delivery->rest, data, bytes);
    delivery->body_got += bytes;
}

bool amqp_delivery_whole(const struct amqp_delivery *delivery)
{
    return delivery->body_got >= delivery->body_bytes;
}

size_t amqp_delivery_size(const struct amqp_delivery *delivery)
{
    return sizeof(*delivery) + delivery->key.cap + delivery->properties.cap + delivery->body.cap;
}

void amqp_delivery_free(struct amqp_delivery *delivery)
{
    buf_free(&delivery->key);
    buf_free(&delivery->properties);
    buf_free(&delivery->body);
    *delivery = (struct amqp_delivery){0};
}

/* SHA-256 of the whole body. */
static void body_digest(const struct amqp_delivery *delivery, uint8_t ret[HASH_BYTES])
{
    crypto_hash_sha256_state rest = delivery->rest;
    if (delivery->body_bytes > AMQP_BODY_BYTES_MAX)
        crypto_hash_sha256_final(&rest, ret);
    else
        hash_bytes(delivery->body.data, delivery->body.bytes, ret);
}

enum err amqp_delivery_courier(const struct amqp_delivery *delivery, struct courier *ret_courier,
                               bool *ret_named, struct err_text *ret_why)
{
    struct courier courier = {.origin = ORIGIN_AMQP, .scopes = SCOPE_WRITE};
    struct properties properties;
    enum err err = ERR_OK;
    memcpy(courier.principal, ANONYMOUS, sizeof(ANONYMOUS));
    properties_open(delivery, &properties);
    const amqp_basic_properties_t *basic = properties.basic;
    bool named = basic != NULL && has(basic, AMQP_BASIC_USER_ID_FLAG);
    if (basic == NULL) {
        err = err_say(ret_why, ERR_INVALID, "the message's properties do not decode");
    } else if (named) {
        char *user = mem_text_n(basic->user_id.bytes, basic->user_id.len);
        char name[2 * PRINCIPAL_BYTES_MAX];
        int bytes = snprintf(name, sizeof(name), USER_PREFIX "%s", user);
        if (strlen(user) == basic->user_id.len && user[0] != '\0' &&
            (size_t)bytes <= PRINCIPAL_BYTES_MAX && event_principal_ok(name))
            memcpy(courier.principal, name, (size_t)bytes + 1);
        else
            err = err_say(ret_why, ERR_INVALID, "the user '%.100s' cannot be a principal", user);
        free(user);
    }
    properties_close(&properties);
    hash_bytes(courier.principal, strlen(courier.principal), courier.credential);
    *ret_courier = courier;
    *ret_named = named;
    return err;
}

/* The value of a header as an attribute's text; false of one that has none. */
static bool add_value(const amqp_field_value_t *value, struct buf *text)
{
    char instant[INSTANT_TEXT_BYTES];
    switch (value->kind) {
    case AMQP_FIELD_KIND_UTF8:
    case AMQP_FIELD_KIND_BYTES:
        buf_add(text, value->value.bytes.bytes, value->value.bytes.len);
        return true;
    case AMQP_FIELD_KIND_BOOLEAN:
        buf_text(text, value->value.boolean != 0 ? "true" : "false");
        return true;
    case AMQP_FIELD_KIND_I8:
        buf_printf(text, "%d", value->value.i8);
        return true;
    case AMQP_FIELD_KIND_I16:
        buf_printf(text, "%d", value->value.i16);
        return true;
    case AMQP_FIELD_KIND_I32:
        buf_printf(text, "%" PRId32, value->value.i32);
        return true;
    case AMQP_FIELD_KIND_I64:
        buf_printf(text, "%" PRId64, value->value.i64);
        return true;
    case AMQP_FIELD_KIND_TIMESTAMP:
        if (value->value.u64 >= (uint64_t)(instant_from_date(10000, 1, 1) / INSTANT_SECOND_US))
            return false;
        instant_format((int64_t)value->value.u64 * INSTANT_SECOND_US, instant);
        buf_text(text, instant);
        return true;
    default:
        return false;
    }
}

/* Whether a header `ce-` names the deployment; those names have no case, as over HTTP. */
static bool is_deployment(const struct binary_attribute *attribute)
{
    return attribute->name_bytes == strlen("deployment") &&
           strncasecmp(attribute->name, "deployment", attribute->name_bytes) == 0;
}

/* The deployment that a header names beside the event. */
static enum err named_deployment(const amqp_basic_properties_t *basic, char **ret_deployment,
                                 struct err_text *ret_why)
{
    struct buf text = {0};
    size_t found = 0;
    bool named = true;
    for (int i = 0; has(basic, AMQP_BASIC_HEADERS_FLAG) && i < basic->headers.num_entries; i++) {
        const amqp_table_entry_t *entry = &basic->headers.entries[i];
        struct binary_attribute attribute;
        if (entry->key.len == 0 || !binary_header(entry->key.bytes, entry->key.len, &attribute) ||
            !is_deployment(&attribute))
            continue;
        found++;
        named = named && add_value(&entry->value, &text);
    }
    if (found > 0 && named && found == 1 && strlen((const char *)text.data) == text.bytes) {
        *ret_deployment = buf_take_text(&text);
        return ERR_OK;
    }
    buf_free(&text);
    return found == 0 ? ERR_OK
                      : err_say(ret_why, ERR_NOT_EVENT, "the header ce-deployment is no name%s",
                                found > 1 ? ", but several" : "");
}

/* The attributes that headers carry; their values stand in `text`, one behind the other. */
struct attributes {
    struct binary_attribute *list; /* owned */
    size_t count, cap;
    struct buf text;
    bool beside; /* one of them is more than a deployment named beside a structured event */
};

static void attributes_free(struct attributes *attributes)
{
    free(attributes->list);
    buf_free(&attributes->text);
}

static enum err collect(const amqp_basic_properties_t *basic, struct attributes *ret,
                        struct err_text *ret_why)
{
    for (int i = 0; has(basic, AMQP_BASIC_HEADERS_FLAG) && i < basic->headers.num_entries; i++) {
        const amqp_table_entry_t *entry = &basic->headers.entries[i];
        struct binary_attribute found = {0};
        size_t from = ret->text.bytes;
        if (entry->key.len == 0 || !binary_header(entry->key.bytes, entry->key.len, &found))
            continue;
        if (!add_value(&entry->value, &ret->text))
            return err_say(ret_why, ERR_INVALID, "the header %.*s is no text", (int)entry->key.len,
                           (const char *)entry->key.bytes);
        found.value_bytes = ret->text.bytes - from;
        struct binary_attribute *attribute = MEM_PUSH(ret->list, ret->count, ret->cap);
        *attribute = found;
        ret->beside = ret->beside || !is_deployment(&found);
    }
    for (size_t i = 0, at = 0; i < ret->count; i++) { /* the text stays where it is now */
        ret->list[i].value = (const char *)ret->text.data + at;
        at += ret->list[i].value_bytes;
    }
    return ERR_OK;
}

/* What the properties say that the body is, apart from binary mode; NULL: nothing that we know. */
static const char *structured_media(const char *media, const struct buf *body)
{
    if (media != NULL && media_is(media, EVENT_MEDIA_TYPE))
        return EVENT_MEDIA_TYPE;
    if (media != NULL && media_is(media, DSSE_MEDIA_TYPE))
        return DSSE_MEDIA_TYPE;
    if (media != NULL && !media_is(media, "application/json"))
        return NULL;
    return dsse_is_envelope(body->data, body->bytes) ? DSSE_MEDIA_TYPE : EVENT_MEDIA_TYPE;
}

static enum err map_structured(const struct amqp_delivery *delivery, const char *media,
                               const amqp_basic_properties_t *basic, struct amqp_mail *mail,
                               struct err_text *ret_why)
{
    mail->media = structured_media(media, &delivery->body);
    if (mail->media == NULL)
        return err_say(ret_why, ERR_MEDIA_TYPE,
                       "the content-type '%.100s' is neither " EVENT_MEDIA_TYPE
                       " nor " DSSE_MEDIA_TYPE ", and there are no headers `ce-`",
                       media);
    buf_add(&mail->bytes, delivery->body.data, delivery->body.bytes);
    return named_deployment(basic, &mail->deployment, ret_why);
}

/* Whether the body is as it is: librabbitmq's users often name a charset here. */
static bool is_plain(const amqp_basic_properties_t *basic)
{
    static const char *const plain[] = {"", "identity", "utf-8", "UTF-8", "utf8", "binary"};
    bool found = !has(basic, AMQP_BASIC_CONTENT_ENCODING_FLAG);
    for (size_t i = 0; !found && i < sizeof(plain) / sizeof(plain[0]); i++)
        found = basic->content_encoding.len == strlen(plain[i]) &&
                memcmp(basic->content_encoding.bytes, plain[i], strlen(plain[i])) == 0;
    return found;
}

static enum err map(const struct amqp_delivery *delivery, const amqp_basic_properties_t *basic,
                    struct amqp_mail *mail, struct err_text *ret_why)
{
    struct attributes attributes = {0};
    char *media = NULL;
    if (!is_plain(basic))
        return err_say(ret_why, ERR_MEDIA_TYPE, "the body is compressed (content-encoding)");
    if (has(basic, AMQP_BASIC_CONTENT_TYPE_FLAG) && basic->content_type.len > 0)
        media = mem_text_n(basic->content_type.bytes, basic->content_type.len);
    bool says =
        media != NULL && (media_is(media, EVENT_MEDIA_TYPE) || media_is(media, DSSE_MEDIA_TYPE));
    enum err err = says ? ERR_OK : collect(basic, &attributes, ret_why);
    if (err != ERR_OK)
        goto out;
    if (!attributes.beside) {
        err = map_structured(delivery, media, basic, mail, ret_why);
        goto out;
    }
    const struct binary_message message = {.attributes = attributes.list,
                                           .count = attributes.count,
                                           .media = media,
                                           .body = delivery->body.data,
                                           .body_bytes = delivery->body.bytes};
    mail->media = EVENT_MEDIA_TYPE;
    err = binary_event(&message, &mail->bytes, ret_why);
out:
    attributes_free(&attributes);
    free(media);
    return err;
}

enum err amqp_delivery_map(const struct amqp_delivery *delivery, struct amqp_mail *ret_mail,
                           struct err_text *ret_why)
{
    struct amqp_mail mail = {0};
    struct properties properties;
    if (delivery->body_bytes > AMQP_BODY_BYTES_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "a body of %" PRIu64 " bytes; at most %d are taken",
                       delivery->body_bytes, AMQP_BODY_BYTES_MAX);
    properties_open(delivery, &properties);
    enum err err = properties.basic != NULL
                       ? map(delivery, properties.basic, &mail, ret_why)
                       : err_say(ret_why, ERR_INVALID, "the message's properties do not decode");
    properties_close(&properties);
    if (err != ERR_OK) {
        amqp_delivery_mail_free(&mail);
        return err;
    }
    *ret_mail = mail;
    return ERR_OK;
}

void amqp_delivery_mail_free(struct amqp_mail *mail)
{
    buf_free(&mail->bytes);
    free(mail->deployment);
    *mail = (struct amqp_mail){0};
}

static int compare_entries(const void *a, const void *b)
{
    const amqp_table_entry_t *x = *(const amqp_table_entry_t *const *)a;
    const amqp_table_entry_t *y = *(const amqp_table_entry_t *const *)b;
    size_t shorter = x->key.len < y->key.len ? x->key.len : y->key.len;
    int order = shorter > 0 ? memcmp(x->key.bytes, y->key.bytes, shorter) : 0;
    if (order == 0 && x->key.len != y->key.len)
        order = x->key.len < y->key.len ? -1 : 1;
    if (order == 0) /* of one name: as they came */
        order = x < y ? -1 : 1;
    return order;
}

/* Sort the headers by name and leave out the count of deliveries, which is not the sender's; `more`
 * entries may be added behind.  What it makes lives in the pool. */
static void settle_headers(struct properties *properties, size_t more)
{
    amqp_basic_properties_t *basic = properties->basic;
    bool had = has(basic, AMQP_BASIC_HEADERS_FLAG);
    size_t count = had ? (size_t)basic->headers.num_entries : 0, kept = 0;
    const amqp_table_entry_t **order = mem_zero(count + 1, sizeof(*order));
    amqp_table_entry_t *entries =
        amqp_pool_alloc(&properties->pool, (count + more + 1) * sizeof(*entries));
    ASSERT(entries != NULL);
    for (size_t i = 0; i < count; i++) {
        const amqp_table_entry_t *entry = &basic->headers.entries[i];
        if (entry->key.len != strlen(COUNT_HEADER) ||
            memcmp(entry->key.bytes, COUNT_HEADER, entry->key.len) != 0)
            order[kept++] = entry;
    }
    qsort(order, kept, sizeof(const amqp_table_entry_t *), compare_entries);
    for (size_t i = 0; i < kept; i++)
        entries[i] = *order[i];
    free(order);
    basic->headers = (amqp_table_t){.num_entries = (int)kept, .entries = entries};
    basic->_flags |= AMQP_BASIC_HEADERS_FLAG;
    if (kept == 0)
        basic->_flags &= ~(amqp_flags_t)AMQP_BASIC_HEADERS_FLAG;
}

/* Append the properties, encoded; they are at most MORE_BYTES longer than they came. */
static void encode(struct properties *properties, size_t bytes_came, struct buf *buf)
{
    uint8_t *room = mem_alloc(bytes_came + MORE_BYTES);
    amqp_bytes_t encoded = {.len = bytes_came + MORE_BYTES, .bytes = room};
    int bytes = amqp_encode_properties(AMQP_BASIC_CLASS, properties->basic, encoded);
    ASSERT(bytes >= 0);
    buf_add(buf, room, (size_t)bytes);
    free(room);
}

/* By the digest of its body. */
static void make_id(const struct amqp_delivery *delivery, const uint8_t digest[HASH_BYTES],
                    uint8_t ret_id[HASH_BYTES])
{
    struct properties properties;
    struct buf text = {0}, settled = {0};
    properties_open(delivery, &properties);
    if (properties.basic != NULL) {
        settle_headers(&properties, 0);
        encode(&properties, delivery->properties.bytes, &settled);
    } else {
        buf_add(&settled, delivery->properties.data, delivery->properties.bytes);
    }
    properties_close(&properties);
    buf_string(&text, delivery->key.data, delivery->key.bytes);
    buf_string(&text, settled.data, settled.bytes);
    buf_add(&text, digest, HASH_BYTES);
    hash_bytes(text.data, text.bytes, ret_id);
    buf_free(&settled);
    buf_free(&text);
}

void amqp_delivery_id(const struct amqp_delivery *delivery, uint8_t ret_id[HASH_BYTES])
{
    uint8_t digest[HASH_BYTES];
    body_digest(delivery, digest);
    make_id(delivery, digest, ret_id);
}

void amqp_delivery_quarantine(const struct amqp_delivery *delivery, const struct courier *courier,
                              const struct err_text *why, struct buf *buf)
{
    uint8_t id[HASH_BYTES], digest[HASH_BYTES];
    struct buf head = {0}, key = {0};
    size_t head_bytes =
        delivery->body.bytes < AMQP_HEAD_BYTES ? delivery->body.bytes : AMQP_HEAD_BYTES;
    body_digest(delivery, digest);
    make_id(delivery, digest, id);
    buf_base64(&head, delivery->body.data, head_bytes);
    char *key_text = mem_text_n((const char *)delivery->key.data, delivery->key.bytes);
    printable_add(&key, key_text);
    json_t *data = json_object(), *object = json_object();
    json_object_set_new(data, "reason", ijson_text(why->s));
    json_object_set_new(data, "sha256", ijson_hex(digest, sizeof(digest)));
    json_object_set_new(data, "bytes", json_integer((json_int_t)delivery->body_bytes));
    json_object_set_new(data, "head", json_string(head.bytes > 0 ? (const char *)head.data : ""));
    json_object_set_new(data, "courier", json_string(courier->principal));
    json_object_set_new(data, "routing_key",
                        ijson_text(key.bytes > 0 ? (const char *)key.data : ""));
    json_object_set_new(object, "specversion", json_string("1.0"));
    json_object_set_new(object, "id", ijson_hex(id, sizeof(id)));
    json_object_set_new(object, "source", json_string("/ledger"));
    json_object_set_new(object, "type", json_string(EVENT_OWN_PREFIX "ingest.quarantined.v1"));
    json_object_set_new(object, "data", data);
    ijson_print(object, buf);
    json_decref(object);
    free(key_text);
    buf_free(&head);
    buf_free(&key);
}

static void add_header(amqp_basic_properties_t *basic, const char *name, amqp_bytes_t text)
{
    amqp_table_entry_t *entry = &basic->headers.entries[basic->headers.num_entries++];
    *entry = (amqp_table_entry_t){.key = amqp_cstring_bytes(name)};
    entry->value.kind = AMQP_FIELD_KIND_UTF8;
    entry->value.value.bytes = text;
    basic->_flags |= AMQP_BASIC_HEADERS_FLAG;
}

void amqp_delivery_dead(const struct amqp_delivery *delivery, const struct err_text *why,
                        struct buf *buf)
{
    struct properties properties;
    amqp_basic_properties_t nothing = {0};
    properties_open(delivery, &properties);
    if (properties.basic == NULL)
        properties.basic = &nothing;
    amqp_basic_properties_t *basic = properties.basic;
    settle_headers(&properties, 3);
    add_header(basic, REASON_HEADER, amqp_cstring_bytes(why->s));
    if (has(basic, AMQP_BASIC_USER_ID_FLAG))
        add_header(basic, USER_HEADER, basic->user_id);
    if (has(basic, AMQP_BASIC_EXPIRATION_FLAG))
        add_header(basic, EXPIRATION_HEADER, basic->expiration);
    basic->_flags &= ~(amqp_flags_t)(AMQP_BASIC_USER_ID_FLAG | AMQP_BASIC_EXPIRATION_FLAG);
    basic->_flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
    basic->delivery_mode = AMQP_DELIVERY_PERSISTENT;
    encode(&properties, delivery->properties.bytes, buf);
    properties_close(&properties);
}
