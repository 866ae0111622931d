#include "tests/unit/binary_kit.h"

static void assert_body(const char *media, const char *body, const char *expected)
{
    struct message message;
    struct buf text = {0};
    begin(&message);
    message.media = media;
    message.body = body;
    message.body_bytes = strlen(body);
    buf_printf(&text, REQUIRED "%s}", expected);
    assert_event(&message, (const char *)text.data);
    buf_free(&text);
}

static void test_binary_event_json_body(void **state)
{
    (void)state;
    static const char *const values[] = {"{}",
                                         "{\"a\":[1,2,{\"b\":\",}]\\\"\"}],\"c\":1.50}",
                                         "[1,2]",
                                         "\"a,\\\\\"",
                                         "null",
                                         "1e3",
                                         " {\"a\" : 1 }\r\n"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct buf expected = {0};
        buf_printf(&expected, ",\"datacontenttype\":\"application/json\",\"data\":%s", values[i]);
        assert_body("application/json", values[i], (const char *)expected.data);
        buf_free(&expected);
    }
    assert_body("application/cd+json; charset=UTF-8", "1",
                ",\"datacontenttype\":\"application/cd+json; charset=UTF-8\",\"data\":1");
}

static void test_binary_event_other_body(void **state)
{
    (void)state;
    assert_body(NULL, "{}", ",\"data_base64\":\"e30=\"");
    assert_body("text/plain", "hello",
                ",\"datacontenttype\":\"text/plain\","
                "\"data_base64\":\"aGVsbG8=\"");
    assert_body("application/json; charset=utf-16", "{}",
                ",\"datacontenttype\":\"application/json; charset=utf-16\","
                "\"data_base64\":\"e30=\"");
    assert_body("application/jsonl", "1\n2\n",
                ",\"datacontenttype\":\"application/jsonl\","
                "\"data_base64\":\"MQoyCg==\"");
}

static void test_binary_event_no_body(void **state)
{
    (void)state;
    assert_body("application/json", "", ",\"datacontenttype\":\"application/json\"");
    assert_body("text/plain", "", ",\"datacontenttype\":\"text/plain\"");
    assert_body(NULL, "", "");
}

/* No body gets out of `data`. */
static void test_binary_event_body_gets_out(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "1,\"deployment\":\"other\"",
        "{},\"x\":{}",
        "{}}",
        "1}",
        "1},{\"a\":1",
        "\"a\",\"b\":\"c\"",
        ",",
        "]",
        "[1",
        "{\"a\":1",
        "\"open",
        "\"\\\"",
        "[\"]\"",
        "\"\\\\\",\"x\":1",
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct message message;
        begin(&message);
        message.media = "application/json";
        message.body = bodies[i];
        message.body_bytes = strlen(bodies[i]);
        assert_refused(&message, ERR_INVALID, "not one JSON value");
    }
}

/* Of all short texts of the bytes that mean something in JSON, what event_parse takes has the
 * body's value as its data, and nothing else that the message did not have. */
static void test_binary_event_every_short_body(void **state)
{
    (void)state;
    static const char bytes[] = "{}[],:\"\\1a ";
    const size_t kinds = sizeof(bytes) - 1, length = 5;
    char body[8];
    size_t all = 1;
    for (size_t i = 0; i < length; i++)
        all *= kinds;
    for (size_t n = 0; n < all; n++) {
        size_t rest = n;
        struct message message;
        struct buf buf = {0};
        struct event *event = NULL;
        json_t *value = NULL;
        for (size_t i = 0; i < length; i++, rest /= kinds)
            body[i] = bytes[rest % kinds];
        begin(&message);
        message.media = "a/json";
        message.body = body;
        message.body_bytes = length;
        enum err alone = ijson_parse(body, length, &value, NULL);
        enum err err = convert(&message, &buf, NULL);
        if (err == ERR_OK)
            err = event_parse(buf.data, buf.bytes, &event, NULL);
        assert_int_equal(err, alone);
        if (err == ERR_OK) {
            assert_true(json_equal(event->data, value));
            assert_int_equal(json_object_size(event->json), 6);
        }
        event_free(event);
        json_decref(value);
        buf_free(&buf);
    }
}

static void test_binary_event_bad_json(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "hello", " ",   "{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":2}", "\"\xff\"", "\"\\u0000\"",
        "1 2",   "[1,]"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct message message;
        begin(&message);
        message.media = "application/json";
        message.body = bodies[i];
        message.body_bytes = strlen(bodies[i]);
        assert_no_event(&message, ERR_INVALID);
    }
}

/* A body of so many bytes. */
static enum err convert_sized(const char *media, size_t bytes, size_t *ret_bytes)
{
    struct message message;
    struct buf buf = {0}, body = {0};
    begin(&message);
    memset(buf_room(&body, bytes), '1', bytes);
    message.media = media;
    message.body = (const char *)body.data;
    message.body_bytes = bytes;
    enum err err = convert(&message, &buf, NULL);
    *ret_bytes = buf.bytes;
    buf_free(&buf);
    buf_free(&body);
    return err;
}

static void test_binary_event_sizes(void **state)
{
    (void)state;
    size_t bytes = 0, around = 0;
    assert_int_equal(convert_sized("a/json", 1, &around), ERR_OK);
    around--;
    assert_int_equal(convert_sized("a/json", EVENT_BYTES_MAX - around, &bytes), ERR_OK);
    assert_int_equal(bytes, EVENT_BYTES_MAX);
    assert_int_equal(convert_sized("a/json", EVENT_BYTES_MAX - around + 1, &bytes), ERR_TOO_BIG);
    assert_int_equal(bytes, 0);
    assert_int_equal(convert_sized("a/json", EVENT_BYTES_MAX + 1, &bytes), ERR_TOO_BIG);
    assert_int_equal(convert_sized("a/json", BATCH_BYTES_MAX, &bytes), ERR_TOO_BIG);
    assert_int_equal(convert_sized(NULL, 3, &around), ERR_OK);
    around -= 4;
    const size_t most = (EVENT_BYTES_MAX - around) / 4 * 3;
    assert_int_equal(convert_sized(NULL, most, &bytes), ERR_OK);
    assert_true(bytes <= EVENT_BYTES_MAX && bytes > EVENT_BYTES_MAX - 4);
    assert_int_equal(convert_sized(NULL, most + 1, &bytes), ERR_TOO_BIG);
    assert_int_equal(convert_sized(NULL, EVENT_BYTES_MAX / 4 * 3 + 1, &bytes), ERR_TOO_BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary_event_json_body),
        cmocka_unit_test(test_binary_event_other_body),
        cmocka_unit_test(test_binary_event_no_body),
        cmocka_unit_test(test_binary_event_body_gets_out),
        cmocka_unit_test(test_binary_event_every_short_body),
        cmocka_unit_test(test_binary_event_bad_json),
        cmocka_unit_test(test_binary_event_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
