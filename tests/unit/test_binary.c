#include "tests/unit/binary_kit.h"

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
        cmocka_unit_test(test_binary_event_big_attribute),
        cmocka_unit_test(test_binary_event_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
