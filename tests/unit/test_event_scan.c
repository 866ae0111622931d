#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/event.h"
#include "ledger/event_scan.h"
#include "ledger/ijson.h"

#define HEAD "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/s\",\"type\":\"org.example.t\""

static const char *const plain[] = {
    HEAD "}",
    HEAD ",\"deployment\":\"web-1\",\"ledger\":\"00ff\",\"time\":\"2026-01-01T00:00:00Z\"}",
    HEAD " , \"subject\" : \"x\" ,\n \"data\" : { \"a\" : [ 1 , -2.50 , true , false , null , "
         "\"t\" , {} , [] ] } }",
    HEAD ",\"data\":\"text\"}",
    HEAD ",\"data\":0.5,\"partitionkey\":\"true\"}",
    HEAD ",\"data\":{\"a\":{\"a\":{\"b\":[[1]]}},\"b\":123456789012345}}",
    HEAD ",\"data\":{\"output\":\"\\\"a\\\"\\n\\t\\\\ \\/ \\b\\f\\r\",\"n\":[-0,-0.0,-7,0.1]}}",
};

/* What only event_parse may judge, whether it takes it or not. */
static const char *const other[] = {
    "",
    "{",
    "{}",
    "[]",
    HEAD,
    HEAD "} ",
    " " HEAD "}",
    HEAD ",}",
    HEAD ",\"id\":\"e2\"}",
    HEAD ",\"data\":{\"a\":1,\"a\":2}}",
    HEAD ",\"data\":\"\\u0000\"}",
    HEAD ",\"data\":\"\\x\"}",
    HEAD ",\"data\":{\"a\\n\":1}}",
    HEAD ",\"data\":\"\\",
    HEAD ",\"data\":\"\xc3\xa9\"}",
    HEAD ",\"data\":1e400}",
    HEAD ",\"data\":01}",
    HEAD ",\"data\":1.}",
    HEAD ",\"data\":9007199254740993}",
    HEAD ",\"data\":[1,]}",
    HEAD ",\"data\":[1 2]}",
    HEAD ",\"data\":tru}",
    HEAD ",\"data\":}",
    HEAD ",\"data_base64\":\"AA==\"}",
    HEAD ",\"deployment\":\"Not_One\"}",
    HEAD ",\"time\":\"yesterday\"}",
    HEAD ",\"Upper\":\"x\"}",
    HEAD ",\"spooled\":\"true\"}",
    HEAD ",\"replayed\":true}",
    HEAD ",\"subject\":\"\"}",
    HEAD ",\"n\":1.5}",
    HEAD ",\"n\":[1]}",
    "{\"specversion\":\"2.0\",\"id\":\"e\",\"source\":\"s\",\"type\":\"t\"}",
    "{\"id\":\"e\",\"source\":\"s\",\"type\":\"t\"}",
    "{\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\"}",
    "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"s\",\"type\":\"t\"}",
};

static void same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL && b != NULL)
        assert_string_equal(a, b);
}

/* The data that are built are those of a parse, in their order. */
static void same_data(struct event *event, const struct event *parsed)
{
    struct buf built = {0}, wanted = {0};
    assert_true(event_take_data(event));
    assert_int_equal(event->data == NULL, parsed->data == NULL);
    if (event->data != NULL && !json_equal(event->data, parsed->data))
        fail_msg("built otherwise: %.*s", (int)event->data_bytes, event->data_text);
    if (event->data != NULL) {
        ijson_print(event->data, &built);
        ijson_print(parsed->data, &wanted);
        assert_string_equal((const char *)built.data, (const char *)wanted.data);
    }
    buf_free(&built);
    buf_free(&wanted);
    json_decref(event->data_json);
}

/* What the scan takes, event_parse takes too, and finds the same; gives whether it does.  To build
 * data on the way takes no more and no less. */
static bool agree(const char *text, size_t bytes)
{
    struct event_scan scan, built;
    struct event *event = NULL;
    bool taken = event_scan_read(text, bytes, &scan);
    if (event_scan_build(text, bytes, &built) != taken)
        fail_msg("only one takes it: %.*s", (int)bytes, text);
    if (!taken)
        return false;
    if (event_parse(text, bytes, &event, NULL) != ERR_OK)
        fail_msg("taken: %.*s", (int)bytes, text);
    same_text(scan.event.id, event->id);
    same_text(scan.event.source, event->source);
    same_text(scan.event.type, event->type);
    same_text(scan.event.deployment, event->deployment);
    same_text(scan.event.ledger, event->ledger);
    assert_int_equal(scan.event.has_time, event->has_time);
    assert_int_equal(scan.event.time_us, event->time_us);
    same_data(&scan.event, event);
    same_data(&built.event, event);
    event_free(event);
    return true;
}

static void test_event_scan_plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (!agree(plain[i], strlen(plain[i])))
            fail_msg("not taken: %s", plain[i]);
    }
}

/* Data are built on the way where the type that stands before them is one of ours. */
static void test_event_scan_build_of_own(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool built;
    } cases[] = {
        {"{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"s\",\"type\":"
         "\"dev.countersign.note.added.v1\",\"data\":{\"text\":\"a\"}}",
         true},
        {"{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"s\",\"data\":{\"text\":\"a\"},"
         "\"type\":\"dev.countersign.note.added.v1\"}",
         false},
        {HEAD ",\"data\":{\"text\":\"a\"}}", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event_scan scan;
        struct event *event = NULL;
        const size_t bytes = strlen(cases[i].text);
        assert_true(agree(cases[i].text, bytes));
        assert_true(event_scan_build(cases[i].text, bytes, &scan));
        assert_int_equal(scan.event.data != NULL, cases[i].built);
        json_decref(scan.event.data_json);
        assert_int_equal(event_read_own(cases[i].text, bytes, &event, NULL), ERR_OK);
        assert_int_equal(event->data != NULL, cases[i].built);
        assert_true(event_take_data(event));
        assert_string_equal(ijson_string(event->data, "text"), "a");
        event_free(event);
    }
}

/* Strings of each length, and in each of their places what is none of a plain string's. */
static void test_event_scan_strings(void **state)
{
    (void)state;
    static const char others[] = {'\x1f', '\x7f', '\x80', '\xff', '\0', '"', '\\'};
    char text[200];
    for (int bytes = 1; bytes < 30; bytes++) {
        int used = snprintf(text, sizeof(text), HEAD ",\"subject\":\"%.*s\"}", bytes,
                            "!#$[]^~ zZ0123456789!#$[]^~ zZ");
        size_t from = (size_t)(used - bytes - 2);
        assert_true(agree(text, (size_t)used));
        for (size_t i = from; i < from + (size_t)bytes; i++) {
            char was = text[i];
            for (size_t j = 0; j < sizeof(others); j++) {
                text[i] = others[j];
                assert_false(agree(text, (size_t)used));
            }
            text[i] = was;
        }
    }
}

static void test_event_scan_leaves_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        if (agree(other[i], strlen(other[i])))
            fail_msg("taken: %s", other[i]);
    }
}

/* Every byte of plain events changed to every other one, left out, and put in. */
static void test_event_scan_never_takes_more(void **state)
{
    (void)state;
    unsigned taken = 0;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        size_t bytes = strlen(plain[i]);
        for (size_t at = 0; at < bytes; at++) {
            char text[400];
            for (unsigned c = 0; c < 256; c++) {
                memcpy(text, plain[i], bytes);
                text[at] = (char)c;
                taken += agree(text, bytes);
                memcpy(text + at + 1, plain[i] + at, bytes - at);
                taken += agree(text, bytes + 1);
            }
            memcpy(text, plain[i], at);
            memcpy(text + at, plain[i] + at + 1, bytes - at - 1);
            agree(text, bytes - 1);
            agree(plain[i], at);
        }
    }
    assert_true(taken > 1000);
}

/* Attributes that are too long for its room, members that are too many, values too deep. */
static void test_event_scan_bounds(void **state)
{
    (void)state;
    char text[4096];
    for (int bytes = 900; bytes < 1100; bytes++) {
        snprintf(text, sizeof(text),
                 "{\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\",\"id\":\"%0*d\"}", bytes,
                 7);
        assert_int_equal(agree(text, strlen(text)), bytes + 1 + 4 <= EVENT_SCAN_ROOM);
    }
    for (int deep = 1; deep < 20; deep++) {
        snprintf(text, sizeof(text), HEAD ",\"data\":%.*s1%.*s}", deep, "[[[[[[[[[[[[[[[[[[[[",
                 deep, "]]]]]]]]]]]]]]]]]]]]");
        assert_int_equal(agree(text, strlen(text)), deep < 6);
    }
    for (int count = 1; count < 40; count++) {
        size_t used = (size_t)snprintf(text, sizeof(text), HEAD ",\"data\":{\"a\":0");
        for (int i = 1; i < count; i++)
            used += (size_t)snprintf(text + used, sizeof(text) - used, ",\"a%d\":%d", i, i);
        snprintf(text + used, sizeof(text) - used, "}}");
        assert_int_equal(agree(text, strlen(text)), count <= 24);
    }
}

/* Whoever reads attributes alone finds the same, whether the event is plain or not. */
static void test_event_read_of_all(void **state)
{
    (void)state;
    static const char with_flag[] = HEAD ",\"spooled\":true,\"time\":\"2026-01-01T00:00:00Z\"}";
    struct event *event = NULL;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        struct event *parsed = NULL;
        assert_int_equal(event_read(plain[i], strlen(plain[i]), &event, NULL), ERR_OK);
        assert_int_equal(event_parse(plain[i], strlen(plain[i]), &parsed, NULL), ERR_OK);
        assert_null(event->json);
        same_text(event->id, parsed->id);
        same_text(event->deployment, parsed->deployment);
        assert_int_equal(event->time_us, parsed->time_us);
        assert_null(event->data);
        assert_true(event_take_data(event) && event_take_data(parsed));
        assert_int_equal(event->data == NULL, parsed->data == NULL);
        event_free(parsed);
        event_free(event);
    }
    assert_int_equal(event_read(with_flag, strlen(with_flag), &event, NULL), ERR_OK);
    assert_non_null(event->json);
    assert_true(event->spooled && event->has_time);
    event_free(event);
    assert_int_equal(event_read("{}", 2, &event, NULL), ERR_NOT_EVENT);
    assert_int_equal(event_read("{", 1, &event, NULL), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_scan_plain),
        cmocka_unit_test(test_event_scan_build_of_own),
        cmocka_unit_test(test_event_scan_strings),
        cmocka_unit_test(test_event_scan_leaves_the_rest),
        cmocka_unit_test(test_event_scan_never_takes_more),
        cmocka_unit_test(test_event_scan_bounds),
        cmocka_unit_test(test_event_read_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
