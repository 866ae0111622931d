#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reports/sheet.h"

enum { COLUMN_SEQ, COLUMN_WHO, COLUMN_TIME, COLUMN_GOOD, COLUMNS };

static const struct column columns[COLUMNS] = {
    {"seq", "seq", CELL_EVENT, true, "where"},
    {"who", "who", CELL_TEXT, true, "who"},
    {"time", "time", CELL_TIME, true, "when"},
    {"good", "good", CELL_YES, false, "whether"},
};
static const struct sheet_form form = {"things", "Things", NULL, "None.", columns, COLUMNS};

static void add(struct sheet *sheet, uint64_t seq, const char *who)
{
    sheet_add(sheet);
    sheet_put_number(sheet, COLUMN_SEQ, seq);
    sheet_put_text(sheet, COLUMN_WHO, who);
}

static void expect_print(const struct sheet *sheet, size_t column, const char *expected)
{
    struct buf buf = {0};
    buf_text(&buf, "|");
    sheet_print(sheet, sheet_rows(sheet) - 1, column, &buf);
    assert_string_equal((char *)buf.data + 1, expected);
    buf_free(&buf);
}

static void test_sheet_put_fills_in_the_last_row(void **state)
{
    (void)state;
    struct sheet *sheet = sheet_new(&form);
    assert_ptr_equal(sheet_form(sheet), &form);
    assert_int_equal(sheet_rows(sheet), 0);
    assert_int_equal(sheet_column(sheet, "time"), COLUMN_TIME);
    add(sheet, 7, "alice");
    sheet_put_number(sheet, COLUMN_TIME, 1767225600000001);
    sheet_put_yes(sheet, COLUMN_GOOD, true);
    assert_int_equal(sheet_number(sheet, 0, COLUMN_SEQ), 7);
    assert_string_equal(sheet_text(sheet, 0, COLUMN_WHO), "alice");
    assert_true(sheet_yes(sheet, 0, COLUMN_GOOD));
    expect_print(sheet, COLUMN_SEQ, "7");
    expect_print(sheet, COLUMN_WHO, "alice");
    expect_print(sheet, COLUMN_TIME, "2026-01-01T00:00:00.000001Z");
    expect_print(sheet, COLUMN_GOOD, "true");
    sheet_put_yes(sheet, COLUMN_GOOD, false);
    expect_print(sheet, COLUMN_GOOD, "false");
    sheet_put_hex(sheet, COLUMN_WHO, "\x00\xff", 2);
    assert_string_equal(sheet_text(sheet, 0, COLUMN_WHO), "00ff");
    sheet_free(sheet);
}

static void test_sheet_add_begins_with_empty_cells(void **state)
{
    (void)state;
    struct sheet *sheet = sheet_new(&form);
    sheet_add(sheet);
    sheet_put_text(sheet, COLUMN_WHO, NULL);
    for (size_t column = 0; column < COLUMNS; column++) {
        assert_false(sheet_has(sheet, 0, column));
        expect_print(sheet, column, "");
    }
    assert_null(sheet_text(sheet, 0, COLUMN_WHO));
    assert_int_equal(sheet_number(sheet, 0, COLUMN_SEQ), 0);
    assert_false(sheet_yes(sheet, 0, COLUMN_GOOD));
    sheet_put_text(sheet, COLUMN_WHO, "");
    assert_false(sheet_has(sheet, 0, COLUMN_WHO));
    sheet_free(sheet);
}

static void test_sheet_put_text_keeps_a_text_once(void **state)
{
    (void)state;
    struct sheet *sheet = sheet_new(&form);
    char who[32];
    for (uint64_t i = 0; i < 5000; i++) {
        snprintf(who, sizeof(who), "person %llu", (unsigned long long)(i % 1000));
        add(sheet, i, who);
    }
    for (uint64_t i = 0; i < 5000; i++) {
        snprintf(who, sizeof(who), "person %llu", (unsigned long long)(i % 1000));
        assert_string_equal(sheet_text(sheet, i, COLUMN_WHO), who);
        assert_ptr_equal(sheet_text(sheet, i, COLUMN_WHO), sheet_text(sheet, i % 1000, COLUMN_WHO));
    }
    sheet_free(sheet);
}

static void test_sheet_move_and_sort(void **state)
{
    (void)state;
    struct sheet *one = sheet_new(&form), *other = sheet_new(&form);
    sheet_sort(one, COLUMN_SEQ);
    add(one, 9, "carol");
    add(one, 2, "alice");
    add(other, 2, "bob");
    sheet_add(other);
    sheet_move(one, other);
    assert_int_equal(sheet_rows(one), 0);
    assert_int_equal(sheet_rows(other), 4);
    sheet_sort(other, COLUMN_SEQ);
    assert_null(sheet_text(other, 0, COLUMN_WHO));
    assert_string_equal(sheet_text(other, 1, COLUMN_WHO), "bob");
    assert_string_equal(sheet_text(other, 2, COLUMN_WHO), "alice");
    assert_string_equal(sheet_text(other, 3, COLUMN_WHO), "carol");
    add(one, 1, "dora");
    assert_string_equal(sheet_text(one, 0, COLUMN_WHO), "dora");
    sheet_free(one);
    sheet_free(other);
    sheet_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sheet_put_fills_in_the_last_row),
        cmocka_unit_test(test_sheet_add_begins_with_empty_cells),
        cmocka_unit_test(test_sheet_put_text_keeps_a_text_once),
        cmocka_unit_test(test_sheet_move_and_sort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
