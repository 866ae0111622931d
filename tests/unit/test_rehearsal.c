/* An event as it is played again: marked, named anew, and otherwise as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ingest/rehearsal.h"

#define OF "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MARKS "{\"replayed\":true,\"replayof\":\"" OF "\",\"deployment\":\"try-1\",\"id\":"

static const struct rehearsal rehearsal = {OF, "try-1"};

static enum err play(const char *event, uint64_t pos, struct buf *buf)
{
    struct record record = {.entry = {.stream_pos = pos}};
    struct err_text why;
    buf_text(&record.event, event);
    enum err err = rehearsal_event(&rehearsal, &record, buf, &why);
    buf_free(&record.event);
    return err;
}

static void expect(const char *event, uint64_t pos, const char *played)
{
    struct buf buf = {0};
    struct event *parsed = NULL;
    assert_int_equal(play(event, pos, &buf), ERR_OK);
    assert_string_equal((const char *)buf.data, played);
    assert_int_equal(event_parse(buf.data, buf.bytes, &parsed, NULL), ERR_OK);
    assert_true(parsed->replayed && parsed->ledger == NULL);
    event_free(parsed);
    buf_free(&buf);
}

static void test_rehearsal_event_marks(void **state)
{
    (void)state;
    expect("{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"/s\",\"type\":\"t\"}", 0,
           MARKS "\"replay:try-1:0:i\",\"specversion\":\"1.0\",\"source\":\"/s\",\"type\":\"t\"}");
    expect("{ \"data\" : {\"v\": 1.50, \"w\":1e3, \"deployment\":\"d\"},\"id\":\"a\\\"b\","
           "\"deployment\":\"d-1\",\"ledger\":\"" OF "\",\"source\":\"\\u002fs\",\"x\":null,"
           "\"replayed\":false,\"replayof\":\"y\",\"n\":7,\"type\":\"t\",\"specversion\":\"1.0\"}",
           17,
           MARKS
           "\"replay:try-1:17:a\\\"b\",\"data\":{\"v\": 1.50, \"w\":1e3, \"deployment\":\"d\"}"
           ",\"source\":\"\\u002fs\",\"x\":null,\"n\":7,\"type\":\"t\","
           "\"specversion\":\"1.0\"}");
}

static void test_rehearsal_event_refused(void **state)
{
    (void)state;
    struct buf buf = {0}, big = {0};
    assert_int_equal(play("{", 0, &buf), ERR_INVALID);
    assert_int_equal(play("{}", 0, &buf), ERR_NOT_EVENT);
    buf_text(&big,
             "{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"/s\",\"type\":\"t\",\"data\":\"");
    while (big.bytes < EVENT_BYTES_MAX - 2)
        buf_text(&big, "x");
    buf_text(&big, "\"}");
    assert_int_equal(play((const char *)big.data, 0, &buf), ERR_TOO_BIG);
    assert_int_equal(buf.bytes, 0);
    buf_free(&big);
    buf_free(&buf);
}

static void test_rehearsal_id_long(void **state)
{
    (void)state;
    struct buf name = {0};
    char id[ID_BYTES_MAX + 1];
    memset(id, 'x', ID_BYTES_MAX);
    id[ID_BYTES_MAX] = '\0';
    rehearsal_id(&rehearsal, 3, id, &name);
    assert_int_equal(name.bytes, strlen("replay:try-1:3:") + 2 * (size_t)HASH_BYTES);
    buf_clear(&name);
    id[ID_BYTES_MAX - strlen("replay:try-1:3:")] = '\0';
    rehearsal_id(&rehearsal, 3, id, &name);
    assert_int_equal(name.bytes, ID_BYTES_MAX);
    buf_free(&name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rehearsal_event_marks),
        cmocka_unit_test(test_rehearsal_event_refused),
        cmocka_unit_test(test_rehearsal_id_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
