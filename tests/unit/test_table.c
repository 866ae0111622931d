#include "replay/table.h"
#include "tests/unit/checklist_kit.h"

static void expect_cells(const char *line, const char *expected)
{
    struct span cells[TABLE_COLUMNS_MAX];
    size_t count = table_cells(span_of(line), cells);
    struct buf text = {0};
    buf_text(&text, "");
    for (size_t i = 0; i < count; i++) {
        buf_add(&text, cells[i].at, cells[i].bytes);
        buf_text(&text, ";");
    }
    char *found = buf_take_text(&text);
    assert_string_equal(found, expected);
    free(found);
}

static void test_table_cells_by_bar(void **state)
{
    (void)state;
    expect_cells("| a | b |", "a;b;");
    expect_cells("a|b", "a;b;");
    expect_cells("  | a \\| b | |  ", "a \\| b;;");
    expect_cells("||", ";");
    expect_cells("no bar", "");
    expect_cells("a \\| b", "");
    expect_cells("", "");
    struct buf many = {0};
    struct span cells[TABLE_COLUMNS_MAX];
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        buf_text(&many, "|a");
    assert_int_equal(table_cells((struct span){(const char *)many.data, many.bytes}, cells),
                     TABLE_COLUMNS_MAX);
    buf_text(&many, "|a");
    assert_int_equal(table_cells((struct span){(const char *)many.data, many.bytes}, cells), 0);
    buf_free(&many);
}

/* What each line of a paragraph is: a letter each. */
static void expect_parts(const char *source, const char *expected)
{
    struct markdown markdown;
    struct table table = {0};
    struct buf parts = {0};
    markdown_parse(span_of(source), &markdown);
    buf_text(&parts, "");
    for (size_t i = 0; i < markdown.block_count; i++) {
        static const char *const letters[] = {".", "h", "-", "r"};
        if (markdown.blocks[i].kind == BLOCK_LINE)
            buf_text(&parts, letters[table_part(&table, &markdown, i)]);
    }
    char *found = buf_take_text(&parts);
    assert_string_equal(found, expected);
    free(found);
    markdown_free(&markdown);
}

static void test_table_part_by_line(void **state)
{
    (void)state;
    expect_parts("| a | b |\n|---|:-:|\n| c | d |\ne\n\nf | g\n", "h-rr.");
    expect_parts("text\na | b\n-- | --\nc | d\n", ".h-r");
    expect_parts("| a |\n|---|---|\n| b |\n", "...");
    expect_parts("| a |\n| b |\n", "..");
    expect_parts("| a |\n|---|\n\n| b |\n", "h-.");
    expect_parts("| a |\n|---|\n# H\n| b |\n|--:|\n| c |\n", "h-h-r");
}

static void test_row_place_steps(void **state)
{
    (void)state;
    kit_expect("## S\n\n| Step | Who | Done | Took |\n|------|-----|------|------|\n"
               "| Stop **it** | ops | [ ] | ____ min |\n| [x] Start | | ops | At: ____ |\n"
               "| Lag < 5 ms | | [ ] | |\n| no box | | | ____ s |\n",
               "1.0.1 item Stop it | ops\n1.0.1.1 field Took\n1.0.2 item Start | ops\n"
               "1.0.2.1 field At\n1.0.3 item Lag < 5 ms\n1.0.4 field no box\n");
}

static void test_row_place_other_rows(void **state)
{
    (void)state;
    kit_expect("| a | b |\n|---|---|\n| [ ] | |\n| c [ ] | d |\n| e | [ ] F [ ] G |\n"
               "| h | i | [ ] |\n",
               "0.0.1 decision e\n"
               "line 3: a box in a row without a text\n"
               "line 4: a box or mark that is no task and no choice of two or more\n"
               "line 6: a box or mark that is no task and no choice of two or more\n");
    kit_expect("| a | [ ] |\n", "line 1: a box or mark that is no task and no choice of two or "
                                "more\n");
}

/* A row's box, blanks and threshold are those of an item; a list around it is its parent. */
static void test_row_place_properties(void **state)
{
    (void)state;
    struct checklist *checklist =
        kit_compile("- [ ] all\n\n  | What | Done | Seen |\n  |---|---|---|\n"
                    "  | Error rate < 0,5 % (if any) | [ ] | ____ % |\n");
    const struct node *item = kit_node(checklist, "0.0.1.1");
    assert_int_equal(item->kind, NODE_ITEM);
    assert_true(item->optional && item->threshold != NULL && item->own_measures == false);
    assert_true(item->threshold->value > 0.49 && item->threshold->value < 0.51);
    assert_memory_equal(checklist->source + item->place.at, "[ ] |", 5);
    const struct node *field = kit_node(checklist, "0.0.1.1.1");
    assert_string_equal(field->label, "Seen");
    assert_string_equal(field->unit, "%");
    assert_true(checklist_measures(checklist, checklist_node(checklist, "0.0.1.1.1"),
                                   checklist_node(checklist, "0.0.1.1")));
    assert_int_equal(checklist->warnings.count, 0);
    checklist_free(checklist);
}

/* The bound is of its own cell: the number of the step is no part of the metric. */
static void test_row_place_metric(void **state)
{
    (void)state;
    struct checklist *checklist =
        kit_compile("| # | What | Done | Seen |\n|---|---|---|---|\n"
                    "| 2 | Error `a \\| b` rate < 1 % | [ ] | ____ % |\n"
                    "| 3 | Errors | [ ] 0 critical | |\n| 4 | wait | [ ] | < 5 min |\n");
    assert_string_equal(kit_node(checklist, "0.0.1")->threshold->metric, "error a b rate");
    assert_string_equal(kit_node(checklist, "0.0.2")->threshold->unit, "critical");
    assert_null(kit_node(checklist, "0.0.3")->threshold);
    checklist_free(checklist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_cells_by_bar),   cmocka_unit_test(test_table_part_by_line),
        cmocka_unit_test(test_row_place_steps),      cmocka_unit_test(test_row_place_other_rows),
        cmocka_unit_test(test_row_place_properties), cmocka_unit_test(test_row_place_metric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
