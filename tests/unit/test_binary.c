#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/ledger.h"

#define REQUIRED "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\""
#define ATTRIBUTES_MAX 64

/* A message under construction, that begins with the mandatory attributes. */
struct message {
    size_t count;
    struct binary_attribute attributes[ATTRIBUTES_MAX];
    const char *media, *body;
    size_t body_bytes;
};

static void add_bytes(struct message *message, const char *name, const char *value, size_t bytes)
{
    assert_true(message->count < ATTRIBUTES_MAX);
    message->attributes[message->count++] =
        (struct binary_attribute){name, strlen(name), value, bytes};
}

static void add(struct message *message, const char *name, const char *value)
{
    add_bytes(message, name, value, strlen(value));
}

static void begin(struct message *message)
{
    *message = (struct message){.count = 0};
    add(message, "specversion", "1.0");
    add(message, "id", "1");
    add(message, "source", "/s");
    add(message, "type", "t");
}

static enum err convert(const struct message *message, struct buf *buf, struct err_text *ret_why)
{
    const struct binary_message binary = {message->attributes, message->count, message->media,
                                          message->body, message->body_bytes};
    return binary_event(&binary, buf, ret_why);
}

/* The message becomes this, and event_parse takes it. */
static void assert_event(const struct message *message, const char *expected)
{
    struct buf buf = {0};
    struct err_text why = {""};
    struct event *event = NULL;
    enum err err = convert(message, &buf, &why);
    if (err != ERR_OK)
        fail_msg("%s", why.s);
    assert_string_equal((const char *)buf.data, expected);
    err = event_parse(buf.data, buf.bytes, &event, &why);
    if (err != ERR_OK)
        fail_msg("%s", why.s);
    event_free(event);
    buf_free(&buf);
}

/* The message is refused, and why it is says ${words}; nothing was added. */
static void assert_refused(const struct message *message, enum err expected, const char *words)
{
    struct buf buf = {0};
    struct err_text why = {""};
    buf_text(&buf, "before");
    assert_int_equal(convert(message, &buf, &why), expected);
    if (strstr(why.s, words) == NULL)
        fail_msg("'%s' does not say '%s'", why.s, words);
    assert_int_equal(convert(message, &buf, NULL), expected);
    assert_string_equal((const char *)buf.data, "before");
    buf_free(&buf);
}

/* The message becomes text that event_parse refuses. */
static void assert_no_event(const struct message *message, enum err expected)
{
    struct buf buf = {0};
    struct event *event = NULL;
    assert_int_equal(convert(message, &buf, NULL), ERR_OK);
    assert_int_equal(event_parse(buf.data, buf.bytes, &event, NULL), expected);
    buf_free(&buf);
}

/* With one more attribute `x`, its value becomes this text of a JSON string. */
static void assert_value(const char *value, size_t bytes, const char *expected)
{
    struct message message;
    struct buf text = {0};
    begin(&message);
    add_bytes(&message, "x", value, bytes);
    buf_printf(&text, REQUIRED ",\"x\":\"%s\"}", expected);
    assert_event(&message, (const char *)text.data);
    buf_free(&text);
}

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

static void test_binary_header_prefix(void **state)
{
    (void)state;
    struct binary_attribute attribute = {.value = "v", .value_bytes = 1};
    static const char *const headers[] = {"ce-Id", "CE-id", "Ce-id"};
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        assert_true(binary_header(headers[i], strlen(headers[i]), &attribute));
        assert_ptr_equal(attribute.name, headers[i] + 3);
        assert_int_equal(attribute.name_bytes, 2);
    }
    assert_true(binary_header("ce-", 3, &attribute));
    assert_int_equal(attribute.name_bytes, 0);
    assert_string_equal(attribute.value, "v");
    assert_false(binary_header("ce-id", 2, &attribute));
    assert_false(binary_header("", 0, &attribute));
    assert_false(binary_header("ce_id", 5, &attribute));
    assert_false(binary_header("x-ce-id", 7, &attribute));
}

static void test_binary_event_minimal(void **state)
{
    (void)state;
    struct message message;
    begin(&message);
    assert_event(&message, REQUIRED "}");
}

/* All 720 orders of six attributes give the same bytes. */
static void test_binary_event_any_order(void **state)
{
    (void)state;
    static const char *const attributes[][2] = {
        {"SpecVersion", "1.0"}, {"ID", "1"}, {"Source", "/s"},
        {"tYpe", "t"},          {"b2", "b"}, {"ab", "a"}};
    for (unsigned order = 0; order < 720; order++) {
        struct message message = {.media = "text/plain"};
        unsigned used = 0, rest = order;
        for (unsigned left = 6; left > 0; left--) {
            unsigned skip = rest % left, i = 0;
            rest /= left;
            while ((used >> i & 1) != 0 || skip-- > 0)
                i++;
            used |= 1u << i;
            add(&message, attributes[i][0], attributes[i][1]);
        }
        assert_event(&message, REQUIRED ",\"ab\":\"a\",\"b2\":\"b\","
                                        "\"datacontenttype\":\"text/plain\"}");
    }
}

static void test_binary_event_sorts_by_bytes(void **state)
{
    (void)state;
    struct message message;
    begin(&message);
    add(&message, "b", "1");
    add(&message, "a9", "2");
    add(&message, "AA", "3");
    add(&message, "a", "4");
    add(&message, "datacontenttypf", "5");
    add(&message, "9", "6");
    message.media = "m/n";
    assert_event(&message,
                 REQUIRED ",\"9\":\"6\",\"a\":\"4\",\"a9\":\"2\",\"aa\":\"3\",\"b\":\"1\","
                          "\"datacontenttype\":\"m/n\",\"datacontenttypf\":\"5\"}");
}

static void test_binary_event_our_attributes(void **state)
{
    (void)state;
    struct message message;
    struct buf buf = {0};
    struct event *event = NULL;
    begin(&message);
    add(&message, "deployment", "d-1");
    add(&message, "spooled", "true");
    add(&message, "time", "2026-03-01T11:00:00Z");
    assert_int_equal(convert(&message, &buf, NULL), ERR_OK);
    assert_int_equal(event_parse(buf.data, buf.bytes, &event, NULL), ERR_OK);
    assert_string_equal(event->deployment, "d-1");
    assert_true(event->spooled && event->has_time && !event->replayed);
    event_free(event);
    buf_free(&buf);
}

/* Every byte, percent-encoded in both cases of its digits, is decoded; and once only. */
static void test_binary_event_percent_every_byte(void **state)
{
    (void)state;
    for (unsigned byte = 0x20; byte < 0x7f; byte++) {
        char upper[4], lower[4], expected[4] = {(char)byte};
        if (byte == '"' || byte == '\\')
            snprintf(expected, sizeof(expected), "\\%c", (char)byte);
        snprintf(upper, sizeof(upper), "%%%02X", byte);
        snprintf(lower, sizeof(lower), "%%%02x", byte);
        assert_value(upper, 3, expected);
        assert_value(lower, 3, expected);
    }
    assert_value("%2541", 5, "%41");
    assert_value("%25%34%31", 9, "%41");
    assert_value("Euro%20%E2%82%AC%20%F0%9F%98%80", 31, "Euro \xe2\x82\xac \xf0\x9f\x98\x80");
    assert_value("\xe2\x82\xac%e2%82%Ac", 12, "\xe2\x82\xac\xe2\x82\xac");
    assert_value("a+b", 3, "a+b");
}

static void test_binary_event_percent_broken(void **state)
{
    (void)state;
    static const char *const broken[] = {"%",   "a%",  "%2",      "%2g",  "%g2",    "%%41",
                                         "% 1", "%+1", "100% ok", "%41%", "\"%4\"", "%0x41"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct message message;
        begin(&message);
        add(&message, "x", broken[i]);
        assert_refused(&message, ERR_INVALID, "without two hex digits");
    }
}

static void test_binary_event_quoted(void **state)
{
    (void)state;
    static const char *const values[][2] = {
        {"\"a b\"", "a b"},
        {"\"\"", ""},
        {"\"a\\\"b\\\\c\\d\"", "a\\\"b\\\\cd"},
        {"\"%41\\%42\"", "AB"}, /* unquoted first, decoded then */
        {"%22a%22", "\\\"a\\\""},
        {"say \"hi\"", "say \\\"hi\\\""},
        {"\"a\" and \"b\"", "\\\"a\\\" and \\\"b\\\""},
        {"\"open", "\\\"open"},
        {"\"open\\\"", "\\\"open\\\\\\\""},
        {"\"", "\\\""},
        {"shut\"", "shut\\\""},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        assert_value(values[i][0], strlen(values[i][0]), values[i][1]);
}

/* Control characters are escaped as the design says, and then no CloudEvent's. */
static void test_binary_event_control_characters(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 0x20; byte++) {
        const char raw[] = {'a', (char)byte, 'b', '\0'};
        char encoded[8], expected[128];
        snprintf(encoded, sizeof(encoded), "a%%%02xb", byte);
        snprintf(expected, sizeof(expected), REQUIRED ",\"x\":\"a\\u%04xb\"}", byte);
        for (int i = 0; i < 2; i++) {
            struct message message;
            struct buf buf = {0};
            begin(&message);
            add_bytes(&message, "x", i == 0 ? raw : encoded, i == 0 ? 3 : 5);
            assert_int_equal(convert(&message, &buf, NULL), ERR_OK);
            assert_string_equal((const char *)buf.data, expected);
            buf_free(&buf);
            assert_no_event(&message, byte == 0 ? ERR_INVALID : ERR_NOT_EVENT);
        }
    }
}

static void test_binary_event_bad_utf8(void **state)
{
    (void)state;
    static const char *const bad[] = {"%C0%A0", "\x80",         "%ff",     "a%E2%82", "%ED%A0%80",
                                      "\xc3",   "%F4%90%80%80", "%E2\x82", "\"\xff\""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct message message;
        begin(&message);
        add(&message, "x", bad[i]);
        assert_refused(&message, ERR_INVALID, "'x' is not UTF-8");
    }
    struct message message;
    begin(&message);
    message.media = "text/\xff";
    assert_refused(&message, ERR_INVALID, "Content-Type is not UTF-8");
}

static void test_binary_event_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"",         "a_b", "a-b", "a b", "id ", "a:", "a\"b",
                                      "\xc3\xa4", "a\n", "a/",  "`",   "{",   "@",  "["};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct message message;
        begin(&message);
        add(&message, bad[i], "v");
        assert_refused(&message, ERR_NOT_EVENT, "letters and digits");
    }
    struct message message;
    begin(&message);
    message.attributes[message.count++] = (struct binary_attribute){"a\0b", 3, "v", 1};
    assert_refused(&message, ERR_NOT_EVENT, "letters and digits");
}

static void test_binary_event_reserved_names(void **state)
{
    (void)state;
    static const char *const reserved[] = {"data", "Data", "datacontenttype", "DataContentType"};
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        struct message message;
        begin(&message);
        add(&message, reserved[i], "text/plain");
        assert_refused(&message, ERR_NOT_EVENT, "is no attribute");
        message.media = "text/plain";
        assert_refused(&message, ERR_NOT_EVENT, "is no attribute");
    }
}

static void test_binary_event_twice(void **state)
{
    (void)state;
    static const char *const names[] = {"id", "ID", "Specversion", "type", "source", "x", "X"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct message message;
        begin(&message);
        add(&message, "x", "v");
        add(&message, names[i], "v");
        assert_refused(&message, ERR_INVALID, "comes twice");
    }
}

static void test_binary_event_missing(void **state)
{
    (void)state;
    for (size_t gone = 0; gone < 4; gone++) {
        struct message message;
        begin(&message);
        add(&message, "zz", "v");
        struct buf words = {0};
        buf_printf(&words, "'%s' is missing", message.attributes[gone].name);
        message.attributes[gone] = message.attributes[--message.count];
        assert_refused(&message, ERR_NOT_EVENT, (const char *)words.data);
        buf_free(&words);
    }
    const struct message none = {.media = "text/plain"};
    assert_refused(&none, ERR_NOT_EVENT, "'specversion' is missing");
}

/* What an attribute's value must be is event_parse's to say. */
static void test_binary_event_left_to_event_parse(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        const char *value;
    } bad[] = {{0, "0.3"}, {0, ""}, {1, ""}, {2, ""}, {3, ""}, {3, "\x7f"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct message message;
        begin(&message);
        message.attributes[bad[i].at].value = bad[i].value;
        message.attributes[bad[i].at].value_bytes = strlen(bad[i].value);
        assert_no_event(&message, ERR_NOT_EVENT);
    }
    struct message message;
    begin(&message);
    message.media = "";
    assert_no_event(&message, ERR_NOT_EVENT);
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

static void test_binary_event_big_attribute(void **state)
{
    (void)state;
    struct message message;
    struct buf value = {0};
    memset(buf_room(&value, EVENT_BYTES_MAX), 1, EVENT_BYTES_MAX);
    begin(&message);
    add_bytes(&message, "x", (const char *)value.data, EVENT_BYTES_MAX / 6 + 1);
    assert_refused(&message, ERR_TOO_BIG, "over 1048576");
    buf_free(&value);
}

/* Whatever bytes stand in a value, it is refused or comes back as they are. */
static void test_binary_event_every_byte(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        const char value[] = {'a', (char)byte, 'b'};
        struct message message;
        struct buf buf = {0};
        struct event *event = NULL;
        begin(&message);
        add_bytes(&message, "x", value, sizeof(value));
        enum err err = convert(&message, &buf, NULL);
        assert_int_equal(err, byte >= 0x80 || byte == '%' ? ERR_INVALID : ERR_OK);
        if (err == ERR_OK && event_parse(buf.data, buf.bytes, &event, NULL) == ERR_OK) {
            const json_t *x = ijson_get(event->json, "x");
            assert_int_equal(json_string_length(x), sizeof(value));
            assert_memory_equal(json_string_value(x), value, sizeof(value));
        } else {
            assert_true(byte < 0x20 || byte >= 0x7f || byte == '%');
        }
        event_free(event);
        buf_free(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary_header_prefix),
        cmocka_unit_test(test_binary_event_minimal),
        cmocka_unit_test(test_binary_event_any_order),
        cmocka_unit_test(test_binary_event_sorts_by_bytes),
        cmocka_unit_test(test_binary_event_our_attributes),
        cmocka_unit_test(test_binary_event_percent_every_byte),
        cmocka_unit_test(test_binary_event_percent_broken),
        cmocka_unit_test(test_binary_event_quoted),
        cmocka_unit_test(test_binary_event_control_characters),
        cmocka_unit_test(test_binary_event_bad_utf8),
        cmocka_unit_test(test_binary_event_names),
        cmocka_unit_test(test_binary_event_reserved_names),
        cmocka_unit_test(test_binary_event_twice),
        cmocka_unit_test(test_binary_event_missing),
        cmocka_unit_test(test_binary_event_left_to_event_parse),
        cmocka_unit_test(test_binary_event_json_body),
        cmocka_unit_test(test_binary_event_other_body),
        cmocka_unit_test(test_binary_event_no_body),
        cmocka_unit_test(test_binary_event_body_gets_out),
        cmocka_unit_test(test_binary_event_every_short_body),
        cmocka_unit_test(test_binary_event_bad_json),
        cmocka_unit_test(test_binary_event_sizes),
        cmocka_unit_test(test_binary_event_big_attribute),
        cmocka_unit_test(test_binary_event_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
