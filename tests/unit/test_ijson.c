#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/ijson.h"
#include "ledger/limits.h"

static enum err parse(const char *text)
{
    json_t *json = NULL;
    struct err_text why = {{0}};
    enum err err = ijson_parse(text, strlen(text), &json, &why);
    assert_true(err == ERR_OK ? why.s[0] == '\0' : json == NULL && why.s[0] != '\0');
    json_decref(json);
    return err;
}

static void test_ijson_parse_values(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{}",
        "[]",
        " \r\n\t1 ",
        "\"\"",
        "true",
        "null",
        "-0",
        "0.1e-7",
        "{\"a\":[1,{\"a\":2}]}",
        "9007199254740992",
        "-9007199254740992",
        "9007199254740993.0",
        "1e300",
        "\"\\ud83d\\ude00 \xf0\x9f\x98\x80 \\/\"",
        "\"\x7f\xef\xbf\xbf\"",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_int_equal(parse(good[i]), ERR_OK);
}

static void test_ijson_parse_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "{}x",
        "{} {}",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "'a'",
        "NaN",
        "Infinity",
        "+1",
        "01",
        ".5",
        "1.",
        "0x10",
        "1e400",
        "// c\n1",
        "\"\t\"",
        "\"\\x41\"",
        "\xef\xbb\xbf{}",
        "{\"a\":1,\"a\":1}",
        "[{\"b\":{\"a\":1,\"\\u0061\":2}}]",
        "\"\\u0000\"",
        "{\"a\\u0000\":1}",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800x\"",
        "\"\\udc00\\ud800\"",
        "\"\xed\xa0\x80\"",
        "\"\xc0\x80\"",
        "\"\xff\"",
        "\"\xf4\x90\x80\x80\"",
        "\"\xe2\x82\"",
        "9007199254740993",
        "-9007199254740993",
        "[{\"a\":[9007199254740993]}]",
        "9223372036854775807",
        "9223372036854775808",
        "-99999999999999999999999",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(parse(bad[i]), ERR_INVALID);
}

static void test_ijson_parse_nul_byte(void **state)
{
    (void)state;
    json_t *json = NULL;
    assert_int_equal(ijson_parse("{}", 3, &json, NULL), ERR_INVALID);
    assert_int_equal(ijson_parse("\"a\0b\"", 5, &json, NULL), ERR_INVALID);
    assert_int_equal(ijson_parse("{\"a\0\":1}", 8, &json, NULL), ERR_INVALID);
    assert_null(json);
}

static void test_ijson_parse_depth(void **state)
{
    (void)state;
    struct buf text = {0};
    for (int depth = 1; depth <= JSON_DEPTH_MAX + 1; depth++) {
        buf_clear(&text);
        for (int i = 0; i < depth; i++)
            buf_text(&text, i % 2 == 0 ? "[" : "{\"[{[\\\"{\":");
        buf_text(&text, "\"[[[[\\\\\"");
        for (int i = depth - 1; i >= 0; i--)
            buf_text(&text, i % 2 == 0 ? "]" : "}");
        assert_int_equal(parse((const char *)text.data),
                         depth <= JSON_DEPTH_MAX ? ERR_OK : ERR_INVALID);
    }
    buf_free(&text);
}

static void test_ijson_parse_says_where(void **state)
{
    (void)state;
    json_t *json = NULL;
    struct err_text why;
    const char *text = "{\"a\":\n \x1b[31m}";
    assert_int_equal(ijson_parse(text, strlen(text), &json, &why), ERR_INVALID);
    assert_non_null(strstr(why.s, "line 2"));
    assert_null(strchr(why.s, '\x1b'));
}

static void test_ijson_string_get(void **state)
{
    (void)state;
    json_t *json = NULL;
    const char *text = "{\"a\":\"x\",\"b\":1}";
    assert_int_equal(ijson_parse(text, strlen(text), &json, NULL), ERR_OK);
    assert_string_equal(ijson_string(json, "a"), "x");
    assert_null(ijson_string(json, "b"));
    assert_null(ijson_string(json, "c"));
    assert_null(ijson_string(NULL, "a"));
    assert_null(ijson_string(ijson_get(json, "a"), "a"));
    assert_int_equal(json_integer_value(ijson_get(json, "b")), 1);
    assert_null(ijson_get(NULL, "a"));
    assert_null(ijson_get(ijson_get(json, "b"), "a"));
    json_decref(json);
}

static const char *source(const char *text, const char *path)
{
    static char copy[200];
    const char *at = NULL;
    size_t bytes = 0;
    if (!ijson_source(text, strlen(text), path, &at, &bytes))
        return NULL;
    assert_true(at >= text && bytes > 0 && bytes < sizeof(copy));
    memcpy(copy, at, bytes);
    copy[bytes] = '\0';
    return copy;
}

static void test_ijson_source_found(void **state)
{
    (void)state;
    const char *text =
        " { \"n\" : 1.50 , \"s\":\"a\\\"}{,\" ,\"data\":{\"list\":[ {\"x\":\"]\"}, 2 ],"
        "\"v\\u0061lue\": -0.0E+2\n,\"\\u20ac\":true,\"o\":{ }}\t,\"\":null,\"z\":7}";
    assert_string_equal(source(text, "n"), "1.50");
    assert_string_equal(source(text, "s"), "\"a\\\"}{,\"");
    assert_string_equal(source(text, "data.list"), "[ {\"x\":\"]\"}, 2 ]");
    assert_string_equal(source(text, "data.value"), "-0.0E+2");
    assert_string_equal(source(text, "data.\xe2\x82\xac"), "true");
    assert_string_equal(source(text, "data.o"), "{ }");
    assert_string_equal(source(text, ""), "null");
    assert_string_equal(source(text, "z"), "7");
    assert_string_equal(source("{\"a.b\":1,\"a\":{\"b\":{\"c\":2}}}", "a.b.c"), "2");
}

static void test_ijson_source_absent(void **state)
{
    (void)state;
    const char *text = "{\"n\":1,\"data\":{\"list\":[{\"x\":1}],\"x\":{}}}";
    assert_null(source(text, "x"));
    assert_null(source(text, "data.list.x"));
    assert_null(source(text, "n.x"));
    assert_null(source(text, "data.x."));
    assert_null(source(text, "dat"));
    assert_null(source(text, "data.xx"));
    assert_null(source("{}", "a"));
    assert_null(source("[]", "a"));
    assert_null(source("1", ""));
}

/* Text that is not JSON is never read beyond its end (ASan watches the exact allocation). */
static void test_ijson_source_cut_short(void **state)
{
    (void)state;
    const char *text = "{\"a\" : [ \"\\\"\" , 1], \"b\\n\":{\"c\":tru\\e}}";
    for (size_t bytes = 0; bytes <= strlen(text); bytes++) {
        char *exact = malloc(bytes + 1);
        assert_non_null(exact);
        memcpy(exact + 1, text, bytes);
        const char *at;
        size_t found;
        if (ijson_source(exact + 1, bytes, "b\n.c", &at, &found))
            assert_true(at + found <= exact + 1 + bytes);
        free(exact);
    }
}

static void assert_printed(const char *text, const char *expected)
{
    json_t *json = NULL;
    struct buf printed = {0};
    assert_int_equal(ijson_parse(text, strlen(text), &json, NULL), ERR_OK);
    ijson_print(json, &printed);
    assert_string_equal((const char *)printed.data, expected);
    json_decref(json);
    buf_free(&printed);
}

static void test_ijson_print_compact(void **state)
{
    (void)state;
    assert_printed("{ \"b\":1, \"a\" : [ ], \"\\u20ac\":\"\\u0001\\/\\n\" }",
                   "{\"b\":1,\"a\":[],\"\xe2\x82\xac\":\"\\u0001/\\n\"}");
    assert_printed(" null", "null");
    assert_printed("\"x\"", "\"x\"");
}

static void test_ijson_print_reals(void **state)
{
    (void)state;
    assert_printed("[0.1,99.95,1.0,1e3,-0.0]", "[0.1,99.95,1.0,1000.0,-0.0]");
    assert_printed("0.30000000000000004", "0.30000000000000004");
    static const char *const hard[] = {"5e-324", "1.7976931348623157e308", "0.1234567890123456",
                                       "2.2250738585072011e-308"};
    for (size_t i = 0; i < sizeof(hard) / sizeof(hard[0]); i++) {
        struct buf printed = {0};
        json_t *json = json_real(strtod(hard[i], NULL));
        ijson_print(json, &printed);
        assert_true(strtod((const char *)printed.data, NULL) == json_real_value(json));
        json_decref(json);
        buf_free(&printed);
    }
}

static void test_ijson_pretty_indented(void **state)
{
    (void)state;
    struct buf printed = {0};
    json_t *json = json_pack("{s:[i]}", "a", 1);
    ijson_pretty(json, &printed);
    assert_string_equal((const char *)printed.data, "{\n  \"a\": [\n    1\n  ]\n}\n");
    json_decref(json);
    buf_free(&printed);
}

static void assert_text(json_t *json, const char *expected)
{
    assert_true(json_is_string(json));
    assert_string_equal(json_string_value(json), expected);
    json_decref(json);
}

static void test_ijson_new_strings(void **state)
{
    (void)state;
    assert_text(ijson_hex("\x00\xab\x0f", 3), "00ab0f");
    assert_text(ijson_hex(NULL, 0), "");
    assert_text(ijson_instant(1772359200000001LL), "2026-03-01T10:00:00.000001Z");
    assert_text(ijson_text(""), "");
    assert_text(ijson_text("\xe2\x82\xac"), "\xe2\x82\xac");
    assert_true(json_is_null(ijson_text(NULL)));
}

static void test_ijson_behind_string_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bytes; /* of the string; 0: it does not end */
    } strings[] = {{"\"\"", 2},       {"\"a\",", 3},      {"\"\\\"\" ", 4}, {"\"\\\\\"\"", 4},
                   {"\"", 0},         {"\"a", 0},         {"\"\\", 0},      {"\"\\\"", 0},
                   {"\"\\\\\\\"", 0}, {"\"\x01\xff\"", 4}};
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        size_t bytes = strlen(strings[i].text);
        char *text = malloc(bytes); /* so that a byte read behind it is found */
        assert_non_null(text);
        memcpy(text, strings[i].text, bytes);
        const char *behind = ijson_behind_string(text, text + bytes);
        assert_ptr_equal(behind, strings[i].bytes == 0 ? NULL : text + strings[i].bytes);
        free(text);
    }
}

#define BAD "\xef\xbf\xbd"

static void test_ijson_text_not_utf8(void **state)
{
    (void)state;
    assert_text(ijson_text("a\xff\xe2\x82\xac"), "a" BAD "\xe2\x82\xac");
    assert_text(ijson_text("\xe2\x82"), BAD BAD);
    assert_text(ijson_text("\xe2\x82x"), BAD BAD "x");
    assert_text(ijson_text("\xf0\x9f\x98"), BAD BAD BAD);
    assert_text(ijson_text("\xc0\xaf"), BAD BAD);
    assert_text(ijson_text("\xed\xa0\x80"), BAD BAD BAD);
    assert_text(ijson_text("\xf4\x90\x80\x80"), BAD BAD BAD BAD);
    assert_text(ijson_text("\x80"), BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ijson_behind_string_ends),
        cmocka_unit_test(test_ijson_parse_values),
        cmocka_unit_test(test_ijson_parse_refused),
        cmocka_unit_test(test_ijson_parse_nul_byte),
        cmocka_unit_test(test_ijson_parse_depth),
        cmocka_unit_test(test_ijson_parse_says_where),
        cmocka_unit_test(test_ijson_string_get),
        cmocka_unit_test(test_ijson_source_found),
        cmocka_unit_test(test_ijson_source_absent),
        cmocka_unit_test(test_ijson_source_cut_short),
        cmocka_unit_test(test_ijson_print_compact),
        cmocka_unit_test(test_ijson_print_reals),
        cmocka_unit_test(test_ijson_pretty_indented),
        cmocka_unit_test(test_ijson_new_strings),
        cmocka_unit_test(test_ijson_text_not_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
