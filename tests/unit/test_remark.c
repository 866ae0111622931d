#include "tests/unit/checklist_kit.h"

static void test_remark_sort_by_line(void **state)
{
    (void)state;
    struct remark_list list = {0};
    remark_sort(&list);
    for (unsigned i = 0; i < 50; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%u", i);
        remark_add(&list, REMARK_UNREAD, (i * 7) % 10 + 1, 0, text);
    }
    remark_sort(&list);
    for (size_t i = 1; i < list.count; i++) {
        const struct remark *before = &list.remarks[i - 1], *after = &list.remarks[i];
        assert_true(before->line < after->line ||
                    (before->line == after->line &&
                     strtol(before->text, NULL, 10) < strtol(after->text, NULL, 10)));
        assert_int_equal(after->last, after->line);
    }
    remark_free(&list);
    assert_int_equal(list.count, 0);
}

static void test_remark_print_both_kinds(void **state)
{
    (void)state;
    struct remark_list list = {0};
    struct buf text = {0};
    remark_add(&list, REMARK_NOT_A_BOX, 3, 3, "a\x1b[b");
    remark_add(&list, REMARK_NO_GATE, 4, 9, "c");
    assert_int_equal(remark_warnings(&list), 1);
    assert_true(remark_warns(REMARK_NOT_A_BOX) && !remark_warns(REMARK_NO_GATE));
    remark_print(&list, "x.md", &text);
    assert_string_equal((const char *)text.data,
                        "x.md:3: not-a-box: a\\x1b[b; write `- [ ] ` or `- [x] ` and the text\n"
                        "x.md:4: no-gate (note): c; add a section with **Decision Authority:** and "
                        "a decision\n");
    json_t *json = remark_json(&list), *second = json_array_get(json, 1);
    assert_int_equal(json_array_size(json), 2);
    assert_int_equal(json_integer_value(json_object_get(second, "line")), 4);
    assert_int_equal(json_integer_value(json_object_get(second, "last")), 9);
    assert_string_equal(json_string_value(json_object_get(second, "rule")), "no-gate");
    assert_string_equal(json_string_value(json_object_get(second, "severity")), "note");
    assert_string_equal(json_string_value(json_object_get(second, "text")), "c");
    assert_string_equal(json_string_value(json_object_get(second, "advice")),
                        remark_advice(REMARK_NO_GATE));
    json_decref(json);
    buf_free(&text);
    remark_free(&list);
}

/* Each rule has a name of its own, in small letters, and says what to do. */
static void test_remark_name_of_each(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= REMARK_LABEL_ALONE; i++) {
        assert_int_equal(strspn(remark_name(i), "abcdefghijklmnopqrstuvwxyz-"),
                         strlen(remark_name(i)));
        assert_true(remark_advice(i)[0] != '\0');
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(remark_name(i), remark_name(j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_remark_sort_by_line),
        cmocka_unit_test(test_remark_print_both_kinds),
        cmocka_unit_test(test_remark_name_of_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
