#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/buf.h"
#include "ledger/bytes.h"
#include "ledger/reader.h"

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

static void test_bytes_from_hex_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",     "0",    "000",  "00000", "00 0", "0x00",
                                        "00FF", "000g", "00/0", "00:0",  "00`0", "\377000"};
    uint8_t data[2] = {7, 7};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(bytes_from_hex(texts[i], data, sizeof(data)));
    assert_true(data[0] == 7 && data[1] == 7);
    assert_true(bytes_from_hex("09af", data, sizeof(data)));
    assert_true(data[0] == 0x09 && data[1] == 0xaf);
    assert_true(bytes_from_hex("", data, 0));
}

static void test_bytes_from_percent_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"%",    "a%",    "%4",  "%g0", "%0g",
                                        "%%41", "%41%4", "% 4", "%-1"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char text[8] = "";
        size_t bytes = 77;
        memcpy(text, texts[i], strlen(texts[i]));
        assert_false(bytes_from_percent(text, strlen(texts[i]), &bytes));
        assert_int_equal(bytes, 77);
    }
    char text[] = "a%2bB%2Bc%2541%00";
    size_t bytes = 0;
    assert_true(bytes_from_percent(text, strlen(text), &bytes));
    assert_int_equal(bytes, 9);
    assert_memory_equal(text, "a+B+c%41", 9);
    assert_true(bytes_from_percent(text, 0, &bytes));
    assert_int_equal(bytes, 0);
}

static void test_bytes_from_base64_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "A",     "AA",    "AAA",      "AA=",   "A===",  "====",   "AB==", "AAB=",    "AA==A",
        "AA===", "AAAA=", "AAAA====", "AA AA", "AAAA ", "AAAA\n", "-_-_", "AA==AAAA"};
    struct buf data = {0};
    buf_text(&data, "kept");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(bytes_from_base64(texts[i], strlen(texts[i]), &data));
        assert_string_equal((const char *)data.data, "kept");
        assert_int_equal(data.bytes, 4);
    }
    for (int c = 1; c < 256; c++) { /* libsodium 1.0.18 alone would let those from 0x80 on pass */
        const char text[] = {'A', (char)c, 'A', 'A', '\0'};
        bool digit = strchr(BASE64, c) != NULL;
        struct buf one = {0};
        assert_int_equal(bytes_from_base64(text, 4, &one), digit);
        assert_int_equal(one.bytes, digit ? 3 : 0);
        buf_free(&one);
    }
    assert_true(bytes_from_base64("Zm9v", 4, &data));
    assert_true(bytes_from_base64("YmE=trailing", 4, &data));
    assert_true(bytes_from_base64("", 0, &data));
    assert_string_equal((const char *)data.data, "keptfooba");
    buf_free(&data);
}

static void test_bytes_from_base64_alphabets(void **state)
{
    (void)state;
    struct buf data = {0};
    uint8_t exact[2];
    assert_true(bytes_from_base64("+/8=", 4, &data));
    assert_true(bytes_from_base64_url("-_8=", 4, &data));
    assert_int_equal(data.bytes, 4);
    assert_memory_equal(data.data, "\xfb\xff\xfb\xff", 4);
    assert_false(bytes_from_base64("-_8=", 4, &data));
    assert_false(bytes_from_base64_url("+/8=", 4, &data));
    assert_false(bytes_from_base64_url("-_8", 3, &data));
    assert_true(bytes_from_base64_bare("+/8", false, exact, 2));
    assert_memory_equal(exact, "\xfb\xff", 2);
    assert_true(bytes_from_base64_bare("-_8", true, exact, 2));
    assert_memory_equal(exact, "\xfb\xff", 2);
    static const char *const texts[] = {"",    "-",    "-_",   "-_8=",   "+/8",
                                        "-_9", "-_8A", "-_8 ", "-_\x80", "-_8AA"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(bytes_from_base64_bare(texts[i], true, exact, 2));
    buf_free(&data);
}

static void test_reader_past_the_end(void **state)
{
    (void)state;
    static const uint8_t data[] = {0, 0, 0, 5, 1, 2, 3, 4};
    size_t bytes = 9;
    struct reader reader = {data, sizeof(data), false};
    assert_null(reader_string(&reader, &bytes));
    assert_int_equal(bytes, 0);
    assert_true(reader.bad);
    assert_int_equal(reader_u8(&reader), 0);
    assert_null(reader_take(&reader, 0));
    reader = (struct reader){data, sizeof(data), false};
    assert_non_null(reader_take(&reader, 8));
    assert_non_null(reader_take(&reader, 0));
    assert_int_equal(reader_u8(&reader), 0);
    assert_true(reader.bad);
    reader = (struct reader){data, 7, false};
    assert_true(reader_u64(&reader) == 0 && reader.bad);
    reader = (struct reader){data, 3, false};
    assert_null(reader_string(&reader, &bytes));
    reader = (struct reader){data, 1, false};
    assert_true(reader_u16(&reader) == 0 && reader.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_from_hex_refused),
        cmocka_unit_test(test_bytes_from_percent_refused),
        cmocka_unit_test(test_bytes_from_base64_refused),
        cmocka_unit_test(test_bytes_from_base64_alphabets),
        cmocka_unit_test(test_reader_past_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
