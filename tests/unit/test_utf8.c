#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "ledger/utf8.h"

static size_t encode(uint32_t code, size_t bytes, char *ret)
{
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = bytes - 1; i > 0; i--, code >>= 6)
        ret[i] = (char)(0x80 | (code & 0x3f));
    ret[0] = (char)(lead[bytes] | code);
    ret[bytes] = '\0';
    return bytes;
}

static size_t shortest(uint32_t code)
{
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/* Every value that four bytes can hold, in every length that can hold it. */
static void test_utf8_decode_every_code(void **state)
{
    (void)state;
    static const uint32_t beyond[] = {0, 0x80, 0x800, 0x10000, 0x200000};
    for (uint32_t code = 1; code < 0x200000; code++) {
        for (size_t bytes = 1; bytes <= 4; bytes++) {
            char text[5];
            uint32_t back = 0;
            if (code >= beyond[bytes])
                continue;
            encode(code, bytes, text);
            int good =
                bytes == shortest(code) && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
            size_t found = utf8_decode((const uint8_t *)text, bytes, &back);
            if (found != (good ? bytes : 0) || back != (good ? code : 0))
                fail_msg("U+%04X in %zu bytes", (unsigned)code, bytes);
        }
    }
}

static bool any(uint32_t code)
{
    return code <= 0x10ffff;
}

static bool ascii(uint32_t code)
{
    return code < 0x80;
}

/* Strings of up to three bytes, against jansson's own check. */
static void test_utf8_decode_as_jansson(void **state)
{
    (void)state;
    for (uint32_t bits = 0x800000; bits < 0x1000000; bits += 7) {
        const char text[] = {(char)(bits >> 16), (char)(bits >> 8 & 0xff), (char)(bits & 0xff), 0};
        json_t *json = json_string(text);
        if ((json != NULL) != utf8_all(text, strlen(text), any))
            fail_msg("bytes %06x", (unsigned)bits);
        json_decref(json);
    }
}

static void test_utf8_all_class(void **state)
{
    (void)state;
    assert_true(utf8_all("", 0, ascii));
    assert_true(utf8_all("a\0b", 3, ascii));
    assert_false(utf8_all("a\xe2\x82\xac", 4, ascii));
    assert_true(utf8_all("a\xe2\x82\xac", 4, any));
    assert_false(utf8_all("a\xe2\x82\xac", 3, any));
    assert_true(utf8_all("a\xe2\x82\xac", 1, ascii));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_decode_every_code),
        cmocka_unit_test(test_utf8_decode_as_jansson),
        cmocka_unit_test(test_utf8_all_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
