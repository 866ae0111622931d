#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ingest/backoff.h"
#include "ingest/frame.h"
#include "ingest/late.h"

#define EVENT "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/t\",\"type\":\"t\""

static void framed(struct buf *buf, const char *line)
{
    const struct piece text = {line, strlen(line)};
    frame_add(buf, INT64_C(0x123456789abcdef), &text);
}

static void test_frame_read_whole(void **state)
{
    (void)state;
    struct buf buf = {0};
    struct frame frame;
    framed(&buf, "a line");
    framed(&buf, "");
    assert_int_equal(frame_read(buf.data, buf.bytes, &frame), FRAME_WHOLE);
    assert_int_equal(frame.taken_us, INT64_C(0x123456789abcdef));
    assert_int_equal(frame.line.bytes, 6);
    assert_memory_equal(frame.line.data, "a line", 6);
    assert_int_equal(frame.bytes, FRAME_HEAD_BYTES + 7);
    assert_int_equal(frame_find(buf.data, buf.bytes), frame.bytes);
    size_t at = frame.bytes;
    assert_int_equal(frame_read(buf.data + at, buf.bytes - at, &frame), FRAME_WHOLE);
    assert_int_equal(frame.line.bytes, 0);
    assert_int_equal(frame_find(buf.data + at, buf.bytes - at), buf.bytes - at);
    buf_free(&buf);
}

static void test_frame_read_short(void **state)
{
    (void)state;
    struct buf buf = {0};
    struct frame frame;
    framed(&buf, "a line");
    for (size_t bytes = 0; bytes < buf.bytes; bytes++)
        assert_int_equal(frame_read(buf.data, bytes, &frame), FRAME_SHORT);
    buf_free(&buf);
}

/* With any bit flipped it is no whole frame any more. */
static void test_frame_read_flipped(void **state)
{
    (void)state;
    struct buf buf = {0};
    struct frame frame;
    framed(&buf, "a line");
    for (size_t i = 0; i < 8 * buf.bytes; i++) {
        buf.data[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_int_not_equal(frame_read(buf.data, buf.bytes, &frame), FRAME_WHOLE);
        buf.data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    buf.data[FRAME_HEAD_BYTES] ^= 1;
    assert_int_equal(frame_read(buf.data, buf.bytes, &frame), FRAME_DAMAGED);
    assert_int_equal(frame.bytes, buf.bytes);
    buf_free(&buf);
}

/* A frame that a crash cut does not swallow the one that was added behind it. */
static void test_frame_read_cut_before_another(void **state)
{
    (void)state;
    struct buf buf = {0};
    struct frame frame;
    framed(&buf,
           "a longer line, cut behind its head, so that others fill its place exactly: 0123456789"
           "01234567890123456789");
    buf.bytes = FRAME_HEAD_BYTES;
    framed(&buf, "one");
    framed(&buf, "two");
    assert_int_equal(frame_read(buf.data, buf.bytes, &frame), FRAME_NONE);
    assert_int_equal(frame_find(buf.data, buf.bytes), FRAME_HEAD_BYTES);
    buf_free(&buf);
}

/* Not even where its line would end with the head of that one. */
static void test_frame_read_cut_before_a_head(void **state)
{
    (void)state;
    struct buf buf = {0}, good = {0};
    struct frame frame;
    char line[FRAME_HEAD_BYTES + 4];
    memset(line, 'x', sizeof(line));
    line[FRAME_HEAD_BYTES + 3] = '\0';
    framed(&buf, line);
    buf.bytes = FRAME_HEAD_BYTES + 4;
    framed(&good, "one");
    buf_add(&buf, good.data, good.bytes);
    assert_int_equal(frame_read(buf.data, buf.bytes, &frame), FRAME_NONE);
    assert_int_equal(frame_find(buf.data, buf.bytes), FRAME_HEAD_BYTES + 4);
    buf_free(&buf);
    buf_free(&good);
}

static void expect_mark(const char *line, const char *marked)
{
    struct buf buf = {0};
    const struct piece text = {line, strlen(line)};
    assert_int_equal(late_mark(&text, &buf), marked != NULL);
    assert_int_equal(buf.bytes, marked != NULL ? strlen(marked) : 0);
    if (marked != NULL)
        assert_memory_equal(buf.data, marked, buf.bytes);
    buf_free(&buf);
}

static void test_late_mark(void **state)
{
    (void)state;
    expect_mark("{" EVENT "}", "{\"spooled\":true," EVENT "}");
    expect_mark(" \t{ " EVENT ",\"data\":1.50 }\r", "{\"spooled\":true, " EVENT ",\"data\":1.50 }");
    expect_mark("{" EVENT ",\"spooled\":true}", NULL);
    expect_mark("{" EVENT ",\"spooled\":false}", NULL);
    expect_mark("{\"payloadType\":\"x\",\"payload\":\"\",\"signatures\":[]}", NULL);
    expect_mark("{}", NULL);
    expect_mark("", NULL);
    expect_mark("garbage", NULL);
}

static void test_late_mark_too_big(void **state)
{
    (void)state;
    struct buf line = {0}, marked = {0};
    buf_text(&line, "{" EVENT ",\"data\":\"");
    while (line.bytes < EVENT_BYTES_MAX - 2)
        buf_text(&line, "x");
    buf_text(&line, "\"}");
    const struct piece text = {line.data, line.bytes};
    assert_false(late_mark(&text, &marked));
    buf_free(&line);
    buf_free(&marked);
}

static void test_backoff_ms_grows_to_a_bound(void **state)
{
    (void)state;
    assert_int_equal(backoff_ms(1, 0), BACKOFF_FIRST_MS);
    assert_int_equal(backoff_ms(1, UINT32_MAX), BACKOFF_FIRST_MS / 2);
    assert_int_equal(backoff_ms(3, 0), 4 * BACKOFF_FIRST_MS);
    for (unsigned i = 8; i < 100; i++)
        assert_int_equal(backoff_ms(i * 40000000, 0), BACKOFF_LAST_MS);
    assert_int_equal(backoff_ms(UINT32_MAX, UINT32_MAX), BACKOFF_LAST_MS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_read_whole),
        cmocka_unit_test(test_frame_read_short),
        cmocka_unit_test(test_frame_read_flipped),
        cmocka_unit_test(test_frame_read_cut_before_another),
        cmocka_unit_test(test_frame_read_cut_before_a_head),
        cmocka_unit_test(test_late_mark),
        cmocka_unit_test(test_late_mark_too_big),
        cmocka_unit_test(test_backoff_ms_grows_to_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
