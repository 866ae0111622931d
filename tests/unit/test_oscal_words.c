#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reports/oscal_words.h"

static void expect(json_t *json, const char *expected)
{
    assert_string_equal(json_string_value(json), expected);
    json_decref(json);
}

static void test_oscal_words_line_is_one_line_without_blanks_around_it(void **state)
{
    (void)state;
    expect(oscal_words_line("as it is"), "as it is");
    expect(oscal_words_line(" \xe3\x80\x80 both\xc2\xa0"), "both");
    expect(oscal_words_line("two\nlines"), "two\\nlines");
    expect(oscal_words_line("\xe2\x80\xae<b>"), "\\u202e<b>");
    expect(oscal_words_line("\xe5\xae\x8c"), "\xe5\xae\x8c");
    expect(oscal_words_line("  "), "-");
    expect(oscal_words_line(""), "-");
    expect(oscal_words_line(NULL), "-");
}

static void test_oscal_words_token_has_letters_digits_and_dashes(void **state)
{
    (void)state;
    expect(oscal_words_token("role-", "Release Manager"), "role-release-manager");
    expect(oscal_words_token("role-", "QA / Lead 2"), "role-qa-lead-2");
    expect(oscal_words_token("role-", "\xd7\xa9"), "role-e226b0bfa8c33e84");
    expect(oscal_words_token("role-", ""), "role-");
}

static void test_oscal_words_uuid_tells_ledgers_kinds_and_names_apart(void **state)
{
    (void)state;
    json_t *one = oscal_words_uuid("00", "party", "dana");
    const char *text = json_string_value(one);
    assert_int_equal(strlen(text), 36);
    assert_int_equal(text[14], '5');
    assert_non_null(strchr("89ab", text[19]));
    json_t *others[] = {
        oscal_words_uuid("01", "party", "dana"), oscal_words_uuid("00", "act", "dana"),
        oscal_words_uuid("00", "party", "lee"), oscal_words_uuid("00", "partyd", "ana")};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_false(json_equal(one, others[i]));
        json_decref(others[i]);
    }
    expect(oscal_words_uuid("00", "party", "dana"), text);
    json_decref(one);
}

static void test_oscal_words_prop_makes_the_array(void **state)
{
    (void)state;
    json_t *props = NULL;
    oscal_words_prop(&props, "nothing", NULL);
    assert_null(props);
    oscal_words_prop(&props, "seq", json_string("7"));
    assert_int_equal(json_array_size(props), 1);
    assert_string_equal(ijson_string(json_array_get(props, 0), "value"), "7");
    json_decref(props);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oscal_words_line_is_one_line_without_blanks_around_it),
        cmocka_unit_test(test_oscal_words_token_has_letters_digits_and_dashes),
        cmocka_unit_test(test_oscal_words_uuid_tells_ledgers_kinds_and_names_apart),
        cmocka_unit_test(test_oscal_words_prop_makes_the_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
