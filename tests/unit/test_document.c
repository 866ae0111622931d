#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/document.h"

static const struct column columns[] = {{"seq", "seq", CELL_EVENT, true, "where"}};
static const struct sheet_form form = {"things", "Things", NULL, "None.", columns, 1};

static void test_document_fact_joins_the_facts_before_it(void **state)
{
    (void)state;
    struct document *document = document_new("Report", NULL);
    document_section(document, "cover", "Cover");
    document_fact(document, "Origin", "here", false);
    document_fact(document, "Root", NULL, true);
    document_block(document, BLOCK_WARNING, "simulated")->anchor = mem_text("mark");
    document_fact(document, "Size", "7", false);
    const struct document_section *section = &document->sections[0];
    assert_int_equal(section->block_count, 3);
    assert_int_equal(section->blocks[0].kind, BLOCK_FACTS);
    assert_int_equal(section->blocks[0].fact_count, 2);
    assert_null(section->blocks[0].facts[1].text);
    assert_string_equal(section->blocks[1].text, "simulated");
    assert_int_equal(section->blocks[2].fact_count, 1);
    document_free(document);
    document_free(NULL);
}

static void test_document_table_shows_no_more_rows_than_there_are(void **state)
{
    (void)state;
    struct sheet *sheet = sheet_new(&form);
    sheet_add(sheet);
    sheet_add(sheet);
    struct document *document = document_new("Report", "2026");
    document_section(document, "things", "Things");
    document_table(document, sheet, 100, "elsewhere");
    document_table(document, sheet, 1, "elsewhere");
    assert_int_equal(document->sections[0].blocks[0].table.rows, 2);
    assert_int_equal(document->sections[0].blocks[1].table.rows, 1);
    document_free(document);
    sheet_free(sheet);
}

static void test_document_some_is_of_the_rows_that_it_is_told(void **state)
{
    (void)state;
    struct sheet *sheet = sheet_new(&form);
    for (size_t i = 0; i < 3; i++)
        sheet_add(sheet);
    struct document *document = document_new("Report", "2026");
    document_section(document, "things", "Things");
    document_some(document, sheet, 1, 2, "elsewhere");
    document_some(document, sheet, 3, 2, "elsewhere");
    const struct block *blocks = document->sections[0].blocks;
    assert_int_equal(blocks[0].table.rows, 1);
    assert_int_equal(blocks[0].table.of, 2);
    assert_true(blocks[0].table.bare);
    assert_int_equal(blocks[1].table.rows, 2);
    document_free(document);
    sheet_free(sheet);
}

static void test_document_part_shows_the_rows_that_it_is_told(void **state)
{
    (void)state;
    struct sheet *sheet = sheet_new(&form);
    for (size_t i = 0; i < 3; i++)
        sheet_add(sheet);
    struct document *document = document_new("Report", "2026");
    document_section(document, "things", "Things");
    document_part(document, sheet, 1, 2, "the last two");
    const struct excerpt *table = &document->sections[0].blocks[0].table;
    assert_int_equal(table->first, 1);
    assert_int_equal(table->rows, 2);
    assert_string_equal(table->part, "the last two");
    document_free(document);
    sheet_free(sheet);
}

static void test_document_chart_owns_what_it_is_given(void **state)
{
    (void)state;
    struct document *document = document_new("Report", NULL);
    struct chart chart = {.kind = CHART_BARS, .title = mem_text("By month")};
    chart.label_count = 2;
    chart.labels = mem_zero(2, sizeof(*chart.labels));
    chart.labels[0] = mem_text("January");
    chart.labels[1] = mem_text("February");
    chart.values = mem_zero(2, sizeof(*chart.values));
    document_section(document, "trend", "Trend");
    document_chart(document, &chart);
    assert_string_equal(document->sections[0].blocks[0].chart.labels[1], "February");
    document_free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document_fact_joins_the_facts_before_it),
        cmocka_unit_test(test_document_table_shows_no_more_rows_than_there_are),
        cmocka_unit_test(test_document_some_is_of_the_rows_that_it_is_told),
        cmocka_unit_test(test_document_part_shows_the_rows_that_it_is_told),
        cmocka_unit_test(test_document_chart_owns_what_it_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
