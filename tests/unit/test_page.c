#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/page.h"

static const struct column population_columns[] = {
    {"deployment", "deployment", CELL_DEPLOYMENT, true, "which"},
    {"title", "title", CELL_TEXT, true, "what"},
};
static const struct sheet_form population_form = {"population", "Population",       NULL,
                                                  "None.",      population_columns, 2};
static const struct column found_columns[] = {
    {"seq", "seq", CELL_EVENT, true, "where"},
    {"time", "time", CELL_TIME, true, "when"},
    {"deployment", "deployment", CELL_DEPLOYMENT, true, "which"},
    {"text", "found", CELL_TEXT, true, "what"},
    {"good", "good", CELL_YES, true, "whether"},
    {"key", "key", CELL_CODE, false, "by whom"},
};
static const struct sheet_form found_form = {"found", "Found",       "What was found.",
                                             "None.", found_columns, 6};

static const char hostile[] =
    "<script>alert('1')</script> \"&\x01\xe2\x80\xae end \xd7\x90\xd7\x91";

static void add_found(struct sheet *sheet, uint64_t seq, const char *deployment, const char *text)
{
    sheet_add(sheet);
    sheet_put_number(sheet, 0, seq);
    sheet_put_number(sheet, 1, 1767225600000000);
    sheet_put_text(sheet, 2, deployment);
    sheet_put_text(sheet, 3, text);
    sheet_put_yes(sheet, 4, seq == 7);
    sheet_put_text(sheet, 5, "not shown");
}

struct fixture {
    struct sheet *population, *found;
    struct document *document;
};

static struct fixture make(void)
{
    struct fixture fixture = {sheet_new(&population_form), sheet_new(&found_form),
                              document_new("Report <2026>", hostile)};
    sheet_add(fixture.population);
    sheet_put_text(fixture.population, 0, "web-1");
    sheet_put_text(fixture.population, 1, hostile);
    add_found(fixture.found, 7, "web-1", hostile);
    add_found(fixture.found, 8, "web-9", "=cmd");
    document_section(fixture.document, "population", "Population");
    document_table(fixture.document, fixture.population, 10, NULL);
    document_section(fixture.document, "found", "Found & lost");
    document_table(fixture.document, fixture.found, 10, NULL);
    return fixture;
}

static char *render(const struct fixture *fixture)
{
    struct buf page = {0};
    page_document(fixture->document, &page);
    return buf_take_text(&page);
}

static void fixture_free(struct fixture *fixture)
{
    document_free(fixture->document);
    sheet_free(fixture->population);
    sheet_free(fixture->found);
}

static void expect(const char *page, const char *text)
{
    if (strstr(page, text) == NULL)
        fail_msg("not in the page: %s", text);
}

static void expect_not(const char *page, const char *text)
{
    if (strstr(page, text) != NULL)
        fail_msg("in the page: %s", text);
}

static void test_page_document_makes_hostile_text_harmless(void **state)
{
    (void)state;
    struct fixture fixture = make();
    document_block(fixture.document, BLOCK_TEXT, hostile);
    document_block(fixture.document, BLOCK_CODE, hostile);
    document_fact(fixture.document, hostile, hostile, true);
    fixture.document->parameters = mem_text("{\"seed\":\"</script><b>\"}");
    char *page = render(&fixture);
    expect_not(page, "<script>alert");
    expect_not(page, "</script><b>");
    expect_not(page, "\xe2\x80\xae");
    expect(page, "{\"seed\":\"\\u003c/script>\\u003cb>\"}");
    expect(page, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &quot;&amp;\\x01\\u202e end "
                 "\xd7\x90\xd7\x91");
    expect(page, "<title>Report &lt;2026&gt;</title>");
    expect(page, "Found &amp; lost</h2>");
    free(page);
    fixture_free(&fixture);
}

static void test_page_document_links_to_what_is_there(void **state)
{
    (void)state;
    struct fixture fixture = make();
    document_block(fixture.document, BLOCK_CODE, "{}")->anchor = mem_text("seq-7");
    char *page = render(&fixture);
    expect(page, "<strong id=\"d-web-1\">web-1</strong>");
    expect(page, "<a href=\"#d-web-1\">web-1</a>");
    expect(page, "<td>web-9</td>");
    expect(page, "<a href=\"#seq-7\">7</a>");
    expect(page, "<td class=\"n\">8</td>");
    expect(page, "<div id=\"seq-7\"><pre>{}\n</pre>");
    expect_not(page, "not shown");
    free(page);
    fixture_free(&fixture);
}

static void test_page_document_says_what_is_cut_empty_and_simulated(void **state)
{
    (void)state;
    struct fixture fixture = make();
    struct sheet *none = sheet_new(&found_form);
    fixture.document->simulated = true;
    document_table(fixture.document, fixture.found, 1, "found.csv");
    document_table(fixture.document, none, 1, NULL);
    document_fact(fixture.document, "Key", NULL, true);
    char *page = render(&fixture);
    expect(page, "<caption>the first 1 of 2 rows; all of them: found.csv</caption>");
    expect(page, "<caption>1 row</caption>");
    expect(page, "<p>None.</p>");
    expect(page, "SIMULATED");
    expect(page, "not known");
    free(page);
    sheet_free(none);
    fixture_free(&fixture);
}

static void test_page_document_shows_parts_of_a_sheet_alike(void **state)
{
    (void)state;
    struct fixture fixture = make();
    document_part(fixture.document, fixture.found, 0, 1, "Part <one>");
    document_part(fixture.document, fixture.found, 1, 1, "Part two");
    char *page = render(&fixture);
    const char *one = strstr(page, "aria-label=\"Part &lt;one&gt;\"");
    const char *two = strstr(page, "aria-label=\"Part two\"");
    assert_non_null(one);
    assert_non_null(two);
    expect(one, "<table class=\"rows same\"><caption>1 row</caption>");
    expect(one, "<th scope=\"col\" class=\"w\">found</th>");
    expect(two, "<th scope=\"col\" class=\"w\">found</th>"); /* though its own row is short */
    assert_true(strstr(one, "=cmd") > two);
    expect_not(two, "alert");
    free(page);
    fixture_free(&fixture);
}

static void test_page_document_folds_long_texts_whole(void **state)
{
    (void)state;
    struct fixture fixture = make();
    char text[10001];
    for (size_t i = 0; i < 10000; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[1] = text[0] = 'a'; /* so that a character lies across the place where it is cut */
    text[9999] = 'z';
    text[9998] = 'z';
    text[10000] = '\0';
    add_found(fixture.found, 9, NULL, text);
    document_table(fixture.document, fixture.found, 10, NULL);
    char *page = render(&fixture);
    expect(page, "… (10000 bytes)</summary>");
    expect(page, text);
    expect_not(page, "\\xc3");
    free(page);
    fixture_free(&fixture);
}

static void test_page_document_draws_charts(void **state)
{
    (void)state;
    struct fixture fixture = make();
    for (int kind = CHART_BARS; kind <= CHART_LINES; kind++) {
        struct chart chart = {.kind = (enum chart_kind)kind,
                              .title = mem_text("By <month>"),
                              .unit = mem_text("hours"),
                              .text = mem_text("It rose.")};
        chart.label_count = 3;
        chart.labels = mem_zero(3, sizeof(*chart.labels));
        for (size_t i = 0; i < 3; i++)
            chart.labels[i] = mem_text(i == 0 ? "Jan" : "Feb");
        chart.series_count = 2;
        chart.series = mem_zero(2, sizeof(*chart.series));
        chart.series[0] = mem_text("good");
        chart.series[1] = mem_text("bad");
        chart.values = mem_zero(6, sizeof(*chart.values));
        const double values[] = {1, NAN, 3, 0, 2, 4};
        memcpy(chart.values, values, sizeof(values));
        document_chart(fixture.document, &chart);
    }
    char *page = render(&fixture);
    expect(page, "aria-label=\"By &lt;month&gt;: It rose.\"");
    expect(page, "<figcaption>It rose.</figcaption>");
    expect(page, "M216 205M803 95"); /* 1 and 3 of 4, and nothing known between them */
    expect(page, "<path class=\"l1\" d=\"M216 260L509 150L803 40\"/>");
    free(page);
    fixture_free(&fixture);
}

static void test_page_document_empty(void **state)
{
    (void)state;
    struct fixture fixture = {.document = document_new("Nothing", NULL)};
    char *page = render(&fixture), *again = render(&fixture);
    assert_string_equal(page, again);
    expect(page, "</html>\n");
    free(page);
    free(again);
    fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_document_makes_hostile_text_harmless),
        cmocka_unit_test(test_page_document_links_to_what_is_there),
        cmocka_unit_test(test_page_document_says_what_is_cut_empty_and_simulated),
        cmocka_unit_test(test_page_document_shows_parts_of_a_sheet_alike),
        cmocka_unit_test(test_page_document_folds_long_texts_whole),
        cmocka_unit_test(test_page_document_draws_charts),
        cmocka_unit_test(test_page_document_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
