/* Messages of a broker: which event each carries, who brought it, and what it is called in
 * quarantine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/amqp_kit.h"

#define BINARY_EVENT                                                                               \
    "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/ci\",\"type\":\"x.y\","                   \
    "\"datacontenttype\":\"application/json\",\"deployment\":\"web-1\",\"data\":{\"a\":1}}"
#define ENVELOPE "{\"payloadType\":\"application/cloudevents+json\",\"payload\":\"\"}"

static void expect_mail(struct amqp_delivery *delivery, const char *media, const char *bytes,
                        const char *deployment)
{
    struct amqp_mail mail = {0};
    struct err_text why = {""};
    enum err err = amqp_delivery_map(delivery, &mail, &why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), why.s);
    assert_string_equal(mail.media, media);
    assert_int_equal(mail.bytes.bytes, strlen(bytes));
    assert_memory_equal(mail.bytes.data, bytes, mail.bytes.bytes);
    if (deployment == NULL)
        assert_null(mail.deployment);
    else
        assert_string_equal(mail.deployment, deployment);
    amqp_delivery_mail_free(&mail);
    amqp_delivery_free(delivery);
}

static void expect_refused(struct amqp_delivery *delivery, enum err wanted)
{
    struct amqp_mail mail = {0};
    struct err_text why = {""};
    assert_int_equal(amqp_delivery_map(delivery, &mail, &why), wanted);
    assert_true(why.s[0] != '\0');
    amqp_delivery_free(delivery);
}

static void test_amqp_delivery_map_structured(void **state)
{
    (void)state;
    static const char *const media[] = {EVENT_MEDIA_TYPE, EVENT_MEDIA_TYPE "; charset=utf-8",
                                        "application/json", NULL};
    for (size_t i = 0; i < sizeof(media) / sizeof(media[0]); i++) {
        struct amqp_delivery delivery = kit_delivery(media[i], NULL, NULL, 0, KIT_EVENT);
        expect_mail(&delivery, EVENT_MEDIA_TYPE, KIT_EVENT, NULL);
    }
}

static void test_amqp_delivery_map_envelope(void **state)
{
    (void)state;
    static const char *const media[] = {DSSE_MEDIA_TYPE, "application/json", NULL};
    for (size_t i = 0; i < sizeof(media) / sizeof(media[0]); i++) {
        struct amqp_delivery delivery = kit_delivery(media[i], NULL, NULL, 0, ENVELOPE);
        expect_mail(&delivery, DSSE_MEDIA_TYPE, ENVELOPE, NULL);
    }
}

static void test_amqp_delivery_map_deployment_beside(void **state)
{
    (void)state;
    amqp_table_entry_t headers[] = {kit_text("ce-deployment", "web-1")};
    struct amqp_delivery delivery = kit_delivery(EVENT_MEDIA_TYPE, NULL, headers, 1, KIT_EVENT);
    expect_mail(&delivery, EVENT_MEDIA_TYPE, KIT_EVENT, "web-1");
    delivery = kit_delivery(NULL, NULL, headers, 1, KIT_EVENT);
    expect_mail(&delivery, EVENT_MEDIA_TYPE, KIT_EVENT, "web-1");
    headers[0] = kit_text("CE-Deployment", "web-1");
    delivery = kit_delivery(NULL, NULL, headers, 1, KIT_EVENT);
    expect_mail(&delivery, EVENT_MEDIA_TYPE, KIT_EVENT, "web-1");
}

static void test_amqp_delivery_map_deployment_twice(void **state)
{
    (void)state;
    amqp_table_entry_t headers[] = {kit_text("ce-deployment", "web-1"),
                                    kit_text("ce-Deployment", "web-2")};
    struct amqp_delivery delivery = kit_delivery(EVENT_MEDIA_TYPE, NULL, headers, 2, KIT_EVENT);
    expect_refused(&delivery, ERR_NOT_EVENT);
}

static void test_amqp_delivery_map_binary(void **state)
{
    (void)state;
    amqp_table_entry_t headers[] = {
        kit_text("ce-type", "x.y"),         kit_text("ce-specversion", "1.0"),
        kit_text("ce-source", "/ci"),       kit_number("ce-id", 7),
        kit_text("ce-deployment", "web-1"), kit_text("other", "header"),
    };
    struct amqp_delivery delivery = kit_delivery("application/json", NULL, headers, 6, "{\"a\":1}");
    expect_mail(&delivery, EVENT_MEDIA_TYPE, BINARY_EVENT, NULL);
}

static void test_amqp_delivery_map_binary_types(void **state)
{
    (void)state;
    amqp_table_entry_t headers[] = {
        kit_text("ce-type", "t"), kit_text("ce-specversion", "1.0"), kit_text("ce-source", "s"),
        kit_text("ce-id", "i"),   kit_number("ce-spooled", 1),       kit_number("ce-time", 0),
    };
    headers[4].value.kind = AMQP_FIELD_KIND_BOOLEAN;
    headers[4].value.value.boolean = 1;
    headers[5].value.kind = AMQP_FIELD_KIND_TIMESTAMP;
    headers[5].value.value.u64 = 86400;
    struct amqp_delivery delivery = kit_delivery(NULL, NULL, headers, 6, "");
    expect_mail(&delivery, EVENT_MEDIA_TYPE,
                "{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"s\",\"type\":\"t\","
                "\"spooled\":\"true\",\"time\":\"1970-01-02T00:00:00.000000Z\"}",
                NULL);
}

static void test_amqp_delivery_map_invalid(void **state)
{
    (void)state;
    amqp_table_entry_t headers[] = {kit_text("ce-id", "%zz"), kit_text("ce-type", "t"),
                                    kit_text("ce-source", "s"), kit_text("ce-specversion", "1.0")};
    struct amqp_delivery delivery = kit_delivery(NULL, NULL, headers, 4, "1");
    expect_refused(&delivery, ERR_INVALID);
    headers[0].value.kind = AMQP_FIELD_KIND_VOID;
    delivery = kit_delivery(NULL, NULL, headers, 4, "1");
    expect_refused(&delivery, ERR_INVALID);
    delivery = kit_delivery(NULL, NULL, NULL, 0, "1");
    delivery.properties.data[0] = 0xff; /* flags of what is not there */
    expect_refused(&delivery, ERR_INVALID);
}

static void test_amqp_delivery_map_not_event(void **state)
{
    (void)state;
    amqp_table_entry_t headers[] = {kit_text("ce-id", "1"), kit_text("ce-type", "t")};
    struct amqp_delivery delivery = kit_delivery(NULL, NULL, headers, 2, "1");
    expect_refused(&delivery, ERR_NOT_EVENT);
    amqp_table_entry_t named[] = {kit_text("ce-deployment", "x")};
    named[0].value.kind = AMQP_FIELD_KIND_VOID;
    delivery = kit_delivery(EVENT_MEDIA_TYPE, NULL, named, 1, KIT_EVENT);
    expect_refused(&delivery, ERR_NOT_EVENT);
}

static void test_amqp_delivery_map_media_type(void **state)
{
    (void)state;
    struct amqp_delivery delivery = kit_delivery("text/plain", NULL, NULL, 0, KIT_EVENT);
    expect_refused(&delivery, ERR_MEDIA_TYPE);
    amqp_basic_properties_t properties = {._flags = AMQP_BASIC_CONTENT_ENCODING_FLAG,
                                          .content_encoding = amqp_cstring_bytes("gzip")};
    uint8_t room[64];
    amqp_bytes_t encoded = {.len = sizeof(room), .bytes = room};
    struct amqp_delivery packed = {0};
    int bytes = amqp_encode_properties(AMQP_BASIC_CLASS, &properties, encoded);
    amqp_delivery_begin(&packed, room, (size_t)bytes, 1);
    amqp_delivery_add(&packed, "x", 1);
    expect_refused(&packed, ERR_MEDIA_TYPE);
}

static void test_amqp_delivery_map_too_big(void **state)
{
    (void)state;
    static const char part[65536];
    uint8_t digest[HASH_BYTES], rest[HASH_BYTES];
    struct amqp_delivery delivery = {0};
    struct buf event = {0}, whole = {0};
    struct courier courier = {0};
    struct err_text why = {"too big"};
    amqp_delivery_begin(&delivery, "\0\0", 2, AMQP_BODY_BYTES_MAX + 1);
    for (size_t i = 0; i < AMQP_BODY_BYTES_MAX / sizeof(part); i++) {
        amqp_delivery_add(&delivery, part, sizeof(part));
        buf_add(&whole, part, sizeof(part));
        assert_false(amqp_delivery_whole(&delivery));
    }
    amqp_delivery_add(&delivery, "x", 1);
    buf_add(&whole, "x", 1);
    assert_true(amqp_delivery_whole(&delivery));
    assert_int_equal(delivery.body.bytes, AMQP_HEAD_BYTES);
    hash_bytes(whole.data, whole.bytes, digest);
    memcpy(courier.principal, "amqp:u", 7);
    amqp_delivery_quarantine(&delivery, &courier, &why, &event);
    json_t *json = NULL;
    assert_int_equal(ijson_parse(event.data, event.bytes, &json, NULL), ERR_OK);
    const json_t *data = ijson_get(json, "data");
    assert_true(bytes_from_hex(ijson_string(data, "sha256"), rest, HASH_BYTES));
    assert_memory_equal(rest, digest, HASH_BYTES);
    json_decref(json);
    buf_free(&event);
    buf_free(&whole);
    expect_refused(&delivery, ERR_TOO_BIG);
}

static void expect_courier(const char *user, enum err wanted, const char *principal, bool named)
{
    struct amqp_delivery delivery = kit_delivery(NULL, user, NULL, 0, "");
    struct courier courier = {0};
    uint8_t credential[HASH_BYTES];
    bool is_named = !named;
    assert_int_equal(amqp_delivery_courier(&delivery, &courier, &is_named, NULL), wanted);
    assert_string_equal(courier.principal, principal);
    hash_bytes(principal, strlen(principal), credential);
    assert_memory_equal(courier.credential, credential, HASH_BYTES);
    assert_int_equal(courier.origin, ORIGIN_AMQP);
    assert_int_equal(courier.scopes, SCOPE_WRITE);
    assert_int_equal(is_named, named);
    amqp_delivery_free(&delivery);
}

static void test_amqp_delivery_courier_user(void **state)
{
    (void)state;
    expect_courier("ci", ERR_OK, "amqp:ci", true);
    expect_courier("Team.A_1@x+y:z-", ERR_OK, "amqp:Team.A_1@x+y:z-", true);
    expect_courier(NULL, ERR_OK, "amqp:anonymous", false);
}

static void test_amqp_delivery_courier_invalid(void **state)
{
    (void)state;
    char longer[PRINCIPAL_BYTES_MAX - 3];
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    expect_courier("", ERR_INVALID, "amqp:anonymous", true);
    expect_courier("a b", ERR_INVALID, "amqp:anonymous", true);
    expect_courier("\xc3\xa9", ERR_INVALID, "amqp:anonymous", true);
    expect_courier(longer, ERR_INVALID, "amqp:anonymous", true);
}

static void id_of(amqp_table_entry_t *headers, int count, uint8_t ret[HASH_BYTES])
{
    struct amqp_delivery delivery = kit_delivery("a/b", "u", headers, count, "body");
    amqp_delivery_id(&delivery, ret);
    amqp_delivery_free(&delivery);
}

static void test_amqp_delivery_id_redelivered(void **state)
{
    (void)state;
    uint8_t first[HASH_BYTES], again[HASH_BYTES];
    amqp_table_entry_t headers[] = {kit_text("b", "1"), kit_text("a", "2")};
    amqp_table_entry_t counted[] = {kit_text("a", "2"), kit_text("b", "1"),
                                    kit_number("x-delivery-count", 3)};
    id_of(headers, 2, first);
    id_of(counted, 3, again);
    assert_memory_equal(first, again, HASH_BYTES);
    id_of(NULL, 0, first);
    id_of(&counted[2], 1, again);
    assert_memory_equal(first, again, HASH_BYTES);
    id_of(counted, 1, again);
    assert_memory_not_equal(first, again, HASH_BYTES);
}

/* The bytes as the header has them, put together by hand. */
static void test_amqp_delivery_id_bytes(void **state)
{
    (void)state;
    static const char properties[] = "\x90\x10\x03"
                                     "a/b\x01u";
    uint8_t id[HASH_BYTES], digest[HASH_BYTES], wanted[HASH_BYTES];
    struct buf text = {0};
    id_of(NULL, 0, id);
    hash_bytes("body", 4, digest);
    buf_string(&text, "a.key", 5);
    buf_u32(&text, 8);
    buf_add(&text, "\x80\x10\x03", 3);
    buf_add(&text, properties + 3, 5);
    buf_add(&text, digest, HASH_BYTES);
    hash_bytes(text.data, text.bytes, wanted);
    assert_memory_equal(id, wanted, HASH_BYTES);
    buf_free(&text);
}

static void test_amqp_delivery_quarantine_event(void **state)
{
    (void)state;
    struct amqp_delivery delivery = kit_delivery("a/b", "u", NULL, 0, "\xff{");
    struct courier courier = {.principal = "amqp:u"};
    struct err_text why = {"a reason"};
    struct buf first = {0}, again = {0};
    struct event *event = NULL;
    amqp_delivery_quarantine(&delivery, &courier, &why, &first);
    amqp_delivery_quarantine(&delivery, &courier, &why, &again);
    assert_int_equal(first.bytes, again.bytes);
    assert_memory_equal(first.data, again.data, first.bytes);
    assert_int_equal(event_parse(first.data, first.bytes, &event, NULL), ERR_OK);
    assert_string_equal(event_subject_verb(event), "ingest.quarantined");
    assert_string_equal(ijson_string(event->data, "reason"), "a reason");
    assert_string_equal(ijson_string(event->data, "courier"), "amqp:u");
    assert_string_equal(ijson_string(event->data, "head"), "/3s=");
    assert_string_equal(ijson_string(event->data, "routing_key"), "a.key");
    assert_int_equal(strlen(ijson_string(event->data, "sha256")), 64);
    event_free(event);
    buf_free(&first);
    buf_free(&again);
    amqp_delivery_free(&delivery);
}

static void test_amqp_delivery_dead_properties(void **state)
{
    (void)state;
    amqp_table_entry_t headers[] = {kit_text("a", "2"), kit_number("x-delivery-count", 3)};
    struct amqp_delivery delivery = kit_delivery("a/b", "u", headers, 2, "body");
    struct err_text why = {"a reason"};
    struct buf properties = {0};
    amqp_pool_t pool;
    void *decoded = NULL;
    amqp_delivery_dead(&delivery, &why, &properties);
    init_amqp_pool(&pool, 4096);
    amqp_bytes_t encoded = {.len = properties.bytes, .bytes = properties.data};
    assert_true(amqp_decode_properties(AMQP_BASIC_CLASS, &pool, encoded, &decoded) >= 0);
    const amqp_basic_properties_t *basic = decoded;
    assert_int_equal(basic->_flags, AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG |
                                        AMQP_BASIC_DELIVERY_MODE_FLAG);
    assert_int_equal(basic->delivery_mode, 2);
    assert_int_equal(basic->headers.num_entries, 3);
    assert_memory_equal(basic->headers.entries[1].key.bytes, "x-countersign-reason", 20);
    assert_memory_equal(basic->headers.entries[1].value.value.bytes.bytes, "a reason", 8);
    assert_memory_equal(basic->headers.entries[2].key.bytes, "x-countersign-user-id", 21);
    assert_memory_equal(basic->headers.entries[2].value.value.bytes.bytes, "u", 1);
    empty_amqp_pool(&pool);
    buf_free(&properties);
    amqp_delivery_free(&delivery);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amqp_delivery_map_structured),
        cmocka_unit_test(test_amqp_delivery_map_envelope),
        cmocka_unit_test(test_amqp_delivery_map_deployment_beside),
        cmocka_unit_test(test_amqp_delivery_map_deployment_twice),
        cmocka_unit_test(test_amqp_delivery_map_binary),
        cmocka_unit_test(test_amqp_delivery_map_binary_types),
        cmocka_unit_test(test_amqp_delivery_map_invalid),
        cmocka_unit_test(test_amqp_delivery_map_not_event),
        cmocka_unit_test(test_amqp_delivery_map_media_type),
        cmocka_unit_test(test_amqp_delivery_map_too_big),
        cmocka_unit_test(test_amqp_delivery_courier_user),
        cmocka_unit_test(test_amqp_delivery_courier_invalid),
        cmocka_unit_test(test_amqp_delivery_id_redelivered),
        cmocka_unit_test(test_amqp_delivery_id_bytes),
        cmocka_unit_test(test_amqp_delivery_quarantine_event),
        cmocka_unit_test(test_amqp_delivery_dead_properties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
