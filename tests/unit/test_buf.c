#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/buf.h"
#include "ledger/mem.h"

static void test_buf_add_grows(void **state)
{
    (void)state;
    struct buf buf = {0};
    for (size_t i = 0; i < 3000; i++) {
        uint8_t byte = (uint8_t)(i % 251);
        buf_add(&buf, &byte, 1);
        assert_int_equal(buf.bytes, i + 1);
        assert_int_equal(buf.data[buf.bytes], 0);
    }
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(buf.data[i], i % 251);
    buf_add(&buf, NULL, 0);
    assert_int_equal(buf.bytes, 3000);
    buf_clear(&buf);
    assert_int_equal(buf.bytes, 0);
    assert_int_equal(buf.data[0], 0);
    buf_free(&buf);
    assert_null(buf.data);
    buf_clear(&buf);
    buf_free(&buf);
}

static void test_buf_text_and_printf(void **state)
{
    (void)state;
    struct buf buf = {0};
    char long_text[500];
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    buf_text(&buf, "");
    assert_string_equal((const char *)buf.data, "");
    buf_text(&buf, "a");
    buf_printf(&buf, "%d-%s", 12, "b");
    assert_string_equal((const char *)buf.data, "a12-b");
    buf_printf(&buf, "%s", long_text);
    assert_int_equal(buf.bytes, 5 + sizeof(long_text) - 1);
    assert_string_equal((const char *)buf.data + 5, long_text);
    buf_free(&buf);
}

static void test_buf_integers_read_back(void **state)
{
    (void)state;
    struct buf buf = {0};
    size_t bytes;
    buf_u8(&buf, 0xfe);
    buf_u16(&buf, 0x0102);
    buf_u32(&buf, 0x03040506);
    buf_u64(&buf, 0x8708090a0b0c0d0e);
    buf_string(&buf, "ab", 2);
    buf_string(&buf, NULL, 0);
    assert_int_equal(buf.bytes, 15 + 6 + 4);
    assert_memory_equal(buf.data, "\xfe\1\2\3\4\5\6\x87\x8\x9\xa\xb\xc\xd\xe\0\0\0\2ab\0\0\0\0",
                        25);
    struct reader reader = {buf.data, buf.bytes, false};
    assert_int_equal(reader_u8(&reader), 0xfe);
    assert_int_equal(reader_u16(&reader), 0x0102);
    assert_int_equal(reader_u32(&reader), 0x03040506);
    assert_true(reader_u64(&reader) == 0x8708090a0b0c0d0e);
    assert_memory_equal(reader_string(&reader, &bytes), "ab", 2);
    assert_int_equal(bytes, 2);
    assert_non_null(reader_string(&reader, &bytes));
    assert_int_equal(bytes, 0);
    assert_int_equal(reader.bytes, 0);
    assert_false(reader.bad);
    buf_free(&buf);
}

static void test_reader_mpint_forms(void **state)
{
    (void)state;
    static const struct {
        const char *hex; /* the string, with its length */
        const char *magnitude;
    } cases[] = {
        {"0000000101", "01"},   {"000000017f", "7f"},     {"000000020080", "80"},
        {"0000000200ff", "ff"}, {"000000020100", "0100"}, {"0000000300ffff", "ffff"},
        {"00000000", NULL},     {"0000000100", NULL},     {"000000020001", NULL},
        {"0000000180", NULL},   {"00000001ff", NULL},     {"00000003000080", NULL},
        {"00000002ff7f", NULL}, {"000000020000", NULL},   {"0000000201", NULL},
        {"000000", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf buf = {0}, hex = {0};
        size_t bytes = strlen(cases[i].hex) / 2;
        assert_true(bytes_from_hex(cases[i].hex, buf_room(&buf, bytes), bytes));
        struct reader reader = {buf.data, buf.bytes, false};
        const uint8_t *at = reader_mpint(&reader, &bytes);
        assert_int_equal(at != NULL, cases[i].magnitude != NULL);
        assert_int_equal(reader.bad, cases[i].magnitude == NULL);
        if (at != NULL) {
            buf_hex(&hex, at, bytes);
            assert_string_equal((const char *)hex.data, cases[i].magnitude);
            assert_int_equal(reader.bytes, 0);
        }
        buf_free(&buf);
        buf_free(&hex);
    }
}

static void test_buf_hex(void **state)
{
    (void)state;
    struct buf buf = {0};
    uint8_t all[256], back[256];
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (uint8_t)i;
    buf_hex(&buf, all, sizeof(all));
    assert_memory_equal(buf.data, "000102", 6);
    assert_string_equal((const char *)buf.data + 508, "feff");
    assert_true(bytes_from_hex((const char *)buf.data, back, sizeof(back)));
    assert_memory_equal(all, back, sizeof(all));
    buf_free(&buf);
}

static void test_buf_base64_every_length(void **state)
{
    (void)state;
    uint8_t data[100];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 37 + 250);
    for (size_t bytes = 0; bytes <= sizeof(data); bytes++) {
        struct buf text = {0}, back = {0};
        buf_base64(&text, data, bytes);
        assert_int_equal(text.bytes, (bytes + 2) / 3 * 4);
        assert_true(bytes_from_base64((const char *)text.data, text.bytes, &back));
        assert_int_equal(back.bytes, bytes);
        assert_memory_equal(back.data, data, bytes);
        buf_free(&text);
        buf_free(&back);
    }
}

static void test_buf_take_text_owned(void **state)
{
    (void)state;
    struct buf buf = {0};
    char *text = buf_take_text(&buf);
    assert_string_equal(text, "");
    free(text);
    buf_text(&buf, "abc");
    text = buf_take_text(&buf);
    assert_string_equal(text, "abc");
    assert_true(buf.data == NULL && buf.bytes == 0 && buf.cap == 0);
    free(text);
}

static void test_mem_copies(void **state)
{
    (void)state;
    char *copy = mem_text_n("abcdef", 3);
    assert_string_equal(copy, "abc");
    free(copy);
    assert_null(mem_text(NULL));
    copy = mem_copy("xy", 3);
    assert_string_equal(copy, "xy");
    free(copy);
    free(mem_alloc(0));
    free(mem_zero(0, 8));
    free(mem_grow(NULL, 0, 8));
}

static void test_mem_push_grows(void **state)
{
    (void)state;
    struct pair {
        size_t a, b;
    } *pairs = NULL;
    size_t count = 0, cap = 0;
    for (size_t i = 0; i < 1000; i++) {
        struct pair *pair = MEM_PUSH(pairs, count, cap);
        assert_true(pair == &pairs[count - 1] && pair->a == 0 && pair->b == 0);
        *pair = (struct pair){i, ~i};
    }
    assert_int_equal(count, 1000);
    for (size_t i = 0; i < count; i++)
        assert_true(pairs[i].a == i && pairs[i].b == ~i);
    free(pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf_add_grows),
        cmocka_unit_test(test_buf_text_and_printf),
        cmocka_unit_test(test_buf_integers_read_back),
        cmocka_unit_test(test_reader_mpint_forms),
        cmocka_unit_test(test_buf_hex),
        cmocka_unit_test(test_buf_base64_every_length),
        cmocka_unit_test(test_buf_take_text_owned),
        cmocka_unit_test(test_mem_copies),
        cmocka_unit_test(test_mem_push_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
