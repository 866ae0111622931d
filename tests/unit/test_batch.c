/* Batches taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ledger/batch.h"
#include "ledger/buf.h"
#include "ledger/limits.h"

/* Reads all of a batch; the events that were found, a blank behind each. */
static enum err read_all(const char *text, struct buf *found, struct err_text *ret_why)
{
    struct batch_reader reader = {.at = text, .end = text + strlen(text)};
    struct piece event = {0};
    bool more = true;
    enum err err = ERR_OK;
    while (err == ERR_OK && more) {
        err = batch_next(&reader, &event, &more, ret_why);
        if (err == ERR_OK && more) {
            buf_add(found, event.data, event.bytes);
            buf_text(found, " ");
        }
    }
    if (err == ERR_OK) /* it stays at its end */
        assert_int_equal(batch_next(&reader, &event, &more, NULL), ERR_OK);
    assert_false(err == ERR_OK && more);
    return err;
}

static void test_batch_next_finds_all(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        {"[]", ""},
        {" [ ] \n", ""},
        {"[{}]", "{} "},
        {"[ {} ,\r\n\t{ \"a\" : 1 } ] ", "{} { \"a\" : 1 } "},
        {"[{\"a\":\"]},{\"},{\"b\":[{},[\"[\"]]}]", "{\"a\":\"]},{\"} {\"b\":[{},[\"[\"]]} "},
        {"[{\"a\\\"}\":\"\\\\\"},{}]", "{\"a\\\"}\":\"\\\\\"} {} "},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct buf found = {0};
        buf_text(&found, "");
        assert_int_equal(read_all(good[i][0], &found, NULL), ERR_OK);
        assert_int_equal(found.bytes, strlen(good[i][1]));
        if (found.bytes > 0)
            assert_memory_equal(found.data, good[i][1], found.bytes);
        buf_free(&found);
    }
}

static void test_batch_next_malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",      " ",        "{}",     "x[]",           "[",     "[{}",      "[{},",
        "[{},]", "[,{}]",    "[{}{}]", "[{}] x",        "[{}]]", "[{\"a\":", "[{\"a\":\"}]",
        "[]{}",  "[{\"\\\"", "[{]",    "\xef\xbb\xbf[]"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buf found = {0};
        struct err_text why = {""};
        enum err err = read_all(bad[i], &found, &why);
        bool refused = err == ERR_INVALID || err == ERR_NOT_EVENT;
        /* What has its brackets crossed is left to the parser of the event. */
        if (!refused && strcmp(bad[i], "[{]") != 0)
            fail_msg("'%s' gave %s", bad[i], err_name(err));
        assert_true(!refused || why.s[0] != '\0');
        buf_free(&found);
    }
}

static void test_batch_next_no_object(void **state)
{
    (void)state;
    static const char *const bad[] = {"[1]", "[{},null]", "[[{}]]", "[\"{}\"]", "[-1]"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buf found = {0};
        assert_int_equal(read_all(bad[i], &found, NULL), ERR_NOT_EVENT);
        buf_free(&found);
    }
}

static void test_batch_next_too_many(void **state)
{
    (void)state;
    struct buf text = {0}, found = {0};
    buf_text(&text, "[{}");
    for (size_t i = 1; i < BATCH_EVENTS_MAX; i++)
        buf_text(&text, ",{}");
    size_t bytes = text.bytes;
    buf_text(&text, "]");
    assert_int_equal(read_all((const char *)text.data, &found, NULL), ERR_OK);
    assert_int_equal(found.bytes, 3 * BATCH_EVENTS_MAX);
    text.bytes = bytes;
    buf_text(&text, ",{}]");
    assert_int_equal(read_all((const char *)text.data, &found, NULL), ERR_TOO_BIG);
    buf_free(&text);
    buf_free(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_next_finds_all),
        cmocka_unit_test(test_batch_next_malformed),
        cmocka_unit_test(test_batch_next_no_object),
        cmocka_unit_test(test_batch_next_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
