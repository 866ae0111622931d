#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "replay/alternative.h"

typedef void find_fn(struct span line, struct alternative_list *ret_list);

/* "label=mark option/mark option" */
static void expect(find_fn *find, const char *line, const char *expected)
{
    struct alternative_list list;
    struct buf text = {0};
    find(span_of(line), &list);
    for (size_t i = 0; i < list.count; i++) {
        if (i == 0)
            span_add(&text, list.label);
        buf_printf(&text, "%s%s", i == 0 ? "=" : "/", option_mark_text(list.options[i].mark));
        span_add(&text, list.options[i].label);
    }
    char *found = buf_take_text(&text);
    assert_string_equal(found, expected);
    free(found);
    alternative_free(&list);
}

static void test_alternative_boxes_found(void **state)
{
    (void)state;
    expect(alternative_boxes, "**Decision: [ ] GO [ ] NO-GO**", "Decision=GO/NO-GO");
    expect(alternative_boxes, "Go/No-Go: **[ ] GO  [x] NO-GO**", "Go/No-Go=GO/NO-GO");
    expect(alternative_boxes, "Issues: [ ] None [ ] See notes", "Issues=None/See notes");
    expect(alternative_boxes, "Color: [ ] Red / [X] Other: ____", "Color=Red/Other");
    expect(alternative_boxes, "[ ] A | [ ] B", "=A/B");
    expect(alternative_boxes, "a[ ]b `[ ]` [x](u) [x][u] [x]: u \\[ ] [] [  ]", "");
    expect(alternative_boxes, "[a](b/[x]) or [ ] C [ ] D", "[a](b/[x]) or=C/D");
}

static void test_alternative_marks_found(void **state)
{
    (void)state;
    expect(alternative_marks, "**Status at T+5min: \u2713 OK / \u2717 NOT OK**",
           "Status at T+5min=\u2713OK/\u2717NOT OK");
    expect(alternative_marks, "**S: \u2713 A / \u26a0\ufe0f W / \u2717 B / \u2717 C**",
           "S=\u2713A/\u26a0W/\u2717B/\u2717C");
    expect(alternative_marks, "no marks, `\u2713` in code", "");
}

static void test_alternative_words_found(void **state)
{
    (void)state;
    expect(alternative_words, "Results: PASS / FAIL", "Results=PASS/FAIL");
    expect(alternative_words, "**Load: LOW / MID / HIGH**", "Load=LOW/MID/HIGH");
    expect(alternative_words, "On call: Ann / Bob", "");
    expect(alternative_words, "PASS / FAIL", "");
    expect(alternative_words, "Path: A/B", "");
    expect(alternative_words, "Result: PASS / ", "");
}

static void test_alternative_headed_by_capitals(void **state)
{
    (void)state;
    struct span label = {0};
    assert_true(alternative_headed(span_of("NO - Proceed"), &label));
    assert_true(span_is(label, "NO"));
    assert_true(alternative_headed(span_of("**YES** - See below - now"), &label));
    assert_true(span_is(label, "YES"));
    assert_true(alternative_headed(span_of("NO-GO for now - stop"), &label));
    assert_true(span_is(label, "NO-GO for now"));
    assert_false(alternative_headed(span_of("No - Proceed"), &label));
    assert_false(alternative_headed(span_of("NO"), &label));
    assert_false(alternative_headed(span_of("1 - one"), &label));
}

static void test_alternative_capitals_only(void **state)
{
    (void)state;
    assert_true(alternative_capitals(span_of("ISSUES REQUIRE 2 THINGS")));
    assert_false(alternative_capitals(span_of("ISSUES And")));
    assert_false(alternative_capitals(span_of("12 / 34")));
    assert_false(alternative_capitals(span_of("")));
    struct alternative_list none = {0};
    assert_false(alternative_all_capitals(&none));
}

static void test_alternative_near_box_signs(void **state)
{
    (void)state;
    static const char *const near[] = {
        "[]",       "[ x] a",   "[-] a",           "[ ]a",  "[x]a", "[\u00a0] a",
        "[\u2713]", "\u2610 a", "\uff3b \uff3d a", "[x ] a"};
    static const char *const far[] = {"[ ] a", "[x]",  "[a](b)", "[x](b)", "[ab] c",
                                      "[1] a", "a []", "",       "["};
    for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
        if (!alternative_near_box(span_of(near[i])))
            fail_msg("%s", near[i]);
    }
    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        if (alternative_near_box(span_of(far[i])))
            fail_msg("%s", far[i]);
    }
}

static void test_alternative_near_words_and_marks(void **state)
{
    (void)state;
    assert_true(alternative_near_words(span_of("Result: Pass / Fail")));
    assert_true(alternative_near_words(span_of("done? YES/NO/N/A")) == false);
    assert_true(alternative_near_words(span_of("**Ja / Nein**")));
    assert_true(alternative_near_words(span_of("\u901a\u8fc7 / \u5931\u8d25")));
    assert_true(alternative_near_words(span_of("Tests (pass/fail)")) == false);
    assert_false(alternative_near_words(span_of("pass")));
    assert_false(alternative_near_words(span_of("a / b")));
    assert_false(alternative_near_words(span_of("")));
    assert_true(alternative_near_mark(span_of("a \u2705")));
    assert_false(alternative_near_mark(span_of("a \u2713")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alternative_boxes_found),
        cmocka_unit_test(test_alternative_marks_found),
        cmocka_unit_test(test_alternative_words_found),
        cmocka_unit_test(test_alternative_headed_by_capitals),
        cmocka_unit_test(test_alternative_capitals_only),
        cmocka_unit_test(test_alternative_near_box_signs),
        cmocka_unit_test(test_alternative_near_words_and_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
