#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "reports/fonts.h"
#include "reports/pdf.h"

/* What fontconfig keeps until the process ends is kept by pointers that a sanitizer cannot read. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

enum { POP_DEPLOYMENT, POP_LEAF, POP_COLUMNS };

static const struct column population_columns[POP_COLUMNS] = {
    {"deployment", "deployment", CELL_DEPLOYMENT, true, "which"},
    {"leaf", "first leaf", CELL_CODE, true, "its first"},
};
static const struct sheet_form population_form = {
    "population", "Population", "All of them.", "No deployment.", population_columns, POP_COLUMNS};

enum { FOUND_SEQ, FOUND_TIME, FOUND_DEPLOYMENT, FOUND_TEXT, FOUND_GOOD, FOUND_COLUMNS };

static const struct column found_columns[FOUND_COLUMNS] = {
    {"seq", "seq", CELL_EVENT, true, "where"},
    {"time", "time", CELL_TIME, true, "when"},
    {"deployment", "deployment", CELL_DEPLOYMENT, true, "which"},
    {"text", "finding", CELL_TEXT, true, "what"},
    {"good", "not shown", CELL_YES, false, "whether"},
};
static const struct sheet_form found_form = {"found", "Found",       NULL,
                                             "None.", found_columns, FOUND_COLUMNS};

static struct err_text why;
static const struct pdf_about about = {.time_us = 1798761599999999, .carried = "made-with:abc="};

struct fixture {
    struct sheet *population, *found;
    struct document *document;
};

static void add_found(struct sheet *sheet, uint64_t seq, const char *deployment, const char *text)
{
    sheet_add(sheet);
    sheet_put_number(sheet, FOUND_SEQ, seq);
    sheet_put_number(sheet, FOUND_TIME, 1767225600000000 + seq);
    sheet_put_text(sheet, FOUND_DEPLOYMENT, deployment);
    sheet_put_text(sheet, FOUND_TEXT, text);
}

static void make(size_t deployments, struct fixture *ret)
{
    *ret = (struct fixture){sheet_new(&population_form), sheet_new(&found_form),
                            document_new("Report", "of a year")};
    for (size_t i = 0; i < deployments; i++) {
        char id[32];
        uint8_t leaf[HASH_BYTES];
        snprintf(id, sizeof(id), "web-%zu", i);
        hash_bytes(id, strlen(id), leaf);
        sheet_add(ret->population);
        sheet_put_text(ret->population, POP_DEPLOYMENT, id);
        sheet_put_hex(ret->population, POP_LEAF, leaf, sizeof(leaf));
    }
    ret->document->footer = mem_text("origin, 7 entries, root 00ff");
    document_section(ret->document, "population", "Population");
    document_table(ret->document, ret->population, deployments, NULL);
    document_section(ret->document, "found", "Exceptions");
}

static void unmake(struct fixture *fixture)
{
    document_free(fixture->document);
    sheet_free(fixture->population);
    sheet_free(fixture->found);
}

static struct buf render(const struct document *document)
{
    struct buf pdf = {0};
    assert_int_equal(pdf_document(document, &about, &pdf, &why), ERR_OK);
    assert_memory_equal(pdf.data, "%PDF-1.4\n", 9);
    return pdf;
}

/* How often a text stands in what is not compressed. */
static size_t count(const struct buf *pdf, const char *text)
{
    size_t found = 0, bytes = strlen(text);
    const uint8_t *at = pdf->data, *end = pdf->data + pdf->bytes;
    while ((at = memmem(at, (size_t)(end - at), text, bytes)) != NULL) {
        at += bytes;
        found++;
    }
    return found;
}

static size_t pages(const struct buf *pdf)
{
    return count(pdf, "/Type /Page\n") + count(pdf, "/Type /Page ");
}

/* What a reader sees, by poppler; free(). */
static char *text_of(const struct buf *pdf)
{
    char path[] = "/tmp/test_pdf.XXXXXX", command[80], part[4096];
    struct buf text = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, pdf->data, pdf->bytes), (ssize_t)pdf->bytes);
    close(fd);
    snprintf(command, sizeof(command), "pdftotext -layout %s -", path);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    for (size_t bytes; (bytes = fread(part, 1, sizeof(part), output)) > 0;)
        buf_add(&text, part, bytes);
    assert_int_equal(pclose(output), 0);
    unlink(path);
    return buf_take_text(&text);
}

static void test_pdf_document_is_the_same_bytes_anywhere(void **state)
{
    (void)state;
    static const char *const names[] = {
        "TZ", "LANG", "LANGUAGE", "LC_ALL", "HOME", "FONTCONFIG_FILE", "PANGO_LANGUAGE"};
    static const char *const values[] = {"Asia/Tokyo",  "fa_IR.UTF-8", "fa:ar",
                                         "de_DE.UTF-8", "/nowhere",    "/nowhere/fonts.conf",
                                         "fa"};
    struct fixture fixture;
    make(3, &fixture);
    add_found(fixture.found, 1, "web-1",
              "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7 \xd7\xa9\xd7\x9c"
              "\xd7\x95\xd7\x9d 1.5 \xe2\x9c\x93");
    document_table(fixture.document, fixture.found, 1, NULL);
    struct buf here = render(fixture.document);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        setenv(names[i], values[i], 1);
    struct buf there = render(fixture.document);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
    assert_int_equal(here.bytes, there.bytes);
    assert_memory_equal(here.data, there.data, here.bytes);
    assert_int_equal(count(&here, "/CreationDate (20261231235959Z)"), 1);
    buf_free(&here);
    buf_free(&there);
    unmake(&fixture);
}

static void test_pdf_document_repeats_heads_and_loses_no_row(void **state)
{
    (void)state;
    struct fixture fixture;
    make(150, &fixture);
    struct buf pdf = render(fixture.document);
    char *text = text_of(&pdf), row[32], number[32];
    size_t heads = 0, all = pages(&pdf);
    const char *at = text;
    for (size_t i = 0; i < 150; i++) {
        snprintf(row, sizeof(row), " web-%zu ", i);
        at = strstr(at, row);
        assert_non_null(at);
    }
    for (at = text; (at = strstr(at, "first leaf")) != NULL; at++)
        heads++;
    assert_true(all >= 6);
    assert_true(heads >= 4);
    assert_non_null(strstr(text, "150 rows"));
    for (size_t i = 1; i <= all; i++) {
        snprintf(number, sizeof(number), "page %zu of %zu\n", i, all);
        assert_non_null(strstr(text, number));
    }
    assert_null(strstr(text, "SIMULATED"));
    free(text);
    buf_free(&pdf);
    unmake(&fixture);
}

static void test_pdf_document_leads_to_deployments_and_events(void **state)
{
    (void)state;
    struct fixture fixture;
    make(2, &fixture);
    struct buf before = render(fixture.document);
    add_found(fixture.found, 7, "web-1", "both are there");
    add_found(fixture.found, 8, "inbox", "neither is");
    add_found(fixture.found, 9, "it's", "nor here, though \\ and ' are");
    document_table(fixture.document, fixture.found, 3, NULL);
    document_block(fixture.document, BLOCK_CODE, "{}")->anchor = mem_text("seq-7");
    document_block(fixture.document, BLOCK_TEXT, "again")->anchor = mem_text("seq-7");
    document_block(fixture.document, BLOCK_HEADING, "Of no name")->anchor = mem_text("it's");
    struct buf after = render(fixture.document);
    assert_int_equal(count(&after, "/Subtype /Link") - count(&before, "/Subtype /Link"), 2);
    assert_int_equal(count(&after, "(seq-7)"), 2);
    assert_int_equal(count(&after, "(d-web-1)"), 2);
    assert_int_equal(count(&after, "(section-found)"), 3);
    buf_free(&before);
    buf_free(&after);
    unmake(&fixture);
}

static void test_pdf_document_shows_hostile_text_as_text(void **state)
{
    (void)state;
    struct fixture fixture;
    make(0, &fixture);
    static const char text[] = "<b>&amp;</b> =cmd \x01\x1b[31m a\xe2\x80\xae"
                               "b \xff \\(";
    add_found(fixture.found, 1, "a", text);
    document_table(fixture.document, fixture.found, 1, NULL);
    document_block(fixture.document, BLOCK_WARNING, text);
    document_block(fixture.document, BLOCK_HEADING, text);
    document_block(fixture.document, BLOCK_STEPS, text);
    document_block(fixture.document, BLOCK_CODE, "\ttab\nline \xe2\x80\xae");
    document_fact(fixture.document, "fact", text, true);
    document_fact(fixture.document, "unknown", NULL, false);
    fixture.document->simulated = true;
    struct buf pdf = render(fixture.document);
    char *shown = text_of(&pdf);
    size_t times = 0;
    for (const char *at = shown;
         (at = strstr(at, "<b>&amp;</b> =cmd \\x01\\x1b[31m a\\u202eb \\xff \\(")) != NULL; at++)
        times++;
    assert_int_equal(times, 5);
    assert_non_null(strstr(shown, "line \\u202e"));
    assert_non_null(strstr(shown, "not known"));
    assert_non_null(strstr(shown, "No deployment."));
    assert_non_null(strstr(shown, "SIMULATED"));
    free(shown);
    buf_free(&pdf);
    unmake(&fixture);
}

/* Words that are numbered, so that each can be looked for. */
static char *words(size_t number)
{
    struct buf text = {0};
    for (size_t i = 0; i < number; i++)
        buf_printf(&text, "word%zu. ", i);
    return buf_take_text(&text);
}

static void test_pdf_document_breaks_a_row_that_is_higher_than_a_page(void **state)
{
    (void)state;
    struct fixture fixture;
    char *text = words(3000), word[32];
    make(0, &fixture);
    add_found(fixture.found, 1, "before", "short");
    add_found(fixture.found, 2, "long", text);
    add_found(fixture.found, 3, "after", "short");
    document_table(fixture.document, fixture.found, 3, NULL);
    document_block(fixture.document, BLOCK_TEXT, text);
    struct buf pdf = render(fixture.document);
    char *shown = text_of(&pdf), *at = shown;
    for (int time = 0; time < 2; time++) {
        for (size_t i = 0; i < 3000; i++) {
            snprintf(word, sizeof(word), "word%zu.", i);
            at = strstr(at, word);
            assert_non_null(at);
        }
    }
    assert_null(strstr(shown, "[cut:"));
    assert_true(pages(&pdf) >= 5);
    free(shown);
    free(text);
    buf_free(&pdf);
    unmake(&fixture);
}

/* No page ends between two texts of one page's output. */
static void on_one_page(const char *shown, const char *from, const char *to)
{
    const char *first = strstr(shown, from), *last = first == NULL ? NULL : strstr(first, to);
    assert_non_null(last);
    assert_null(memchr(first, '\f', (size_t)(last - first)));
}

static void test_pdf_document_leaves_no_last_row_and_no_code_apart(void **state)
{
    (void)state;
    enum { TABLES = 40, ROWS = 7 };
    struct fixture fixture;
    char from[64], to[64];
    make(0, &fixture);
    for (unsigned i = 0; i < TABLES * ROWS; i++) {
        snprintf(from, sizeof(from), "row %u-%u.", i / ROWS, i % ROWS);
        add_found(fixture.found, i, "web", from);
    }
    for (unsigned i = 0; i < TABLES; i++)
        document_part(fixture.document, fixture.found, (size_t)i * ROWS, ROWS, "part");
    for (unsigned i = 0; i < TABLES; i++) {
        struct buf code = {0};
        for (unsigned line = 0; line < 9; line++)
            buf_printf(&code, "code %u-%u. %*s\n", i, line, line == 4 ? 300 : 1, "end");
        document_block(fixture.document, BLOCK_CODE, (const char *)code.data);
        buf_free(&code);
    }
    struct buf pdf = render(fixture.document);
    char *shown = text_of(&pdf);
    for (unsigned i = 0; i < TABLES; i++) {
        snprintf(from, sizeof(from), "row %u-%d.", i, ROWS - 2);
        snprintf(to, sizeof(to), "row %u-%d.", i, ROWS - 1);
        on_one_page(shown, from, to);
        snprintf(from, sizeof(from), "code %u-0.", i);
        snprintf(to, sizeof(to), "code %u-8.", i);
        on_one_page(shown, from, to);
    }
    free(shown);
    buf_free(&pdf);
    unmake(&fixture);
}

/* Where in its line a text stands. */
static size_t column_of(const char *shown, const char *text)
{
    const char *at = strstr(shown, text), *begin = at;
    assert_non_null(at);
    while (begin > shown && begin[-1] != '\n')
        begin--;
    return (size_t)(at - begin);
}

static void test_pdf_document_sets_parts_of_a_sheet_in_the_same_columns(void **state)
{
    (void)state;
    struct fixture fixture;
    make(0, &fixture);
    add_found(fixture.found, 1, "short", "text one");
    add_found(fixture.found, 2, "a-much-longer-deployment", "text two");
    document_part(fixture.document, fixture.found, 0, 1, "one");
    document_part(fixture.document, fixture.found, 1, 1, "two");
    struct buf pdf = render(fixture.document);
    char *shown = text_of(&pdf);
    assert_int_equal(column_of(shown, "text one"), column_of(shown, "text two"));
    free(shown);
    buf_free(&pdf);
    unmake(&fixture);
}

static void test_pdf_document_says_what_it_cuts(void **state)
{
    (void)state;
    struct fixture fixture;
    char *text = words(20000), note[80];
    make(0, &fixture);
    add_found(fixture.found, 2, "long", text);
    document_table(fixture.document, fixture.found, 1, NULL);
    struct buf pdf = render(fixture.document);
    char *shown = text_of(&pdf);
    snprintf(note, sizeof(note), "[cut: %d of %zu bytes", PDF_TEXT_BYTES_MAX, strlen(text));
    char *found = strstr(shown, "[cut:");
    assert_non_null(found);
    for (char *at = found; *at != '\0'; at++) /* it may stand on two lines */
        *at = *at == '\n' ? ' ' : *at;
    assert_non_null(strstr(shown, "word3000."));
    assert_null(strstr(shown, "word19999."));
    assert_memory_equal(found, note, 20);
    free(shown);
    free(text);
    buf_free(&pdf);
    unmake(&fixture);
}

static void test_pdf_document_of_nothing(void **state)
{
    (void)state;
    struct document *document = document_new("Nothing", NULL);
    struct buf pdf = render(document);
    assert_int_equal(pages(&pdf), 2);
    buf_free(&pdf);
    document_section(document, "empty", "");
    document_block(document, BLOCK_TEXT, NULL);
    document_block(document, BLOCK_STEPS, NULL);
    document_block(document, BLOCK_CODE, NULL);
    document_block(document, BLOCK_FACTS, NULL);
    document_block(document, BLOCK_HEADING, NULL);
    pdf = render(document);
    assert_in_range(pages(&pdf), 2, 3);
    buf_free(&pdf);
    document_free(document);
}

static void add_chart(struct document *document, enum chart_kind kind, size_t labels, size_t series)
{
    struct chart chart = {.kind = kind,
                          .title = mem_text("Opened by month"),
                          .unit = mem_text("deployments"),
                          .text = mem_text("Most of them in March."),
                          .labels = mem_zero(labels, sizeof(char *)),
                          .label_count = labels,
                          .series = mem_zero(series, sizeof(char *)),
                          .series_count = series,
                          .values = mem_zero(labels * series, sizeof(double))};
    for (size_t i = 0; i < labels; i++)
        chart.labels[i] = mem_text("label");
    for (size_t i = 0; i < series; i++)
        chart.series[i] = mem_text("series");
    for (size_t i = 0; i < labels * series; i++)
        chart.values[i] = i % 3 == 0 ? NAN : i % 5 == 0 ? -1 : (double)i;
    document_chart(document, &chart);
}

static void test_pdf_document_draws_charts(void **state)
{
    (void)state;
    struct document *document = document_new("Charts", NULL);
    document_section(document, "charts", "Charts");
    for (size_t i = 0; i < 9; i++)
        add_chart(document, (enum chart_kind)(i % 3), i * 7, i % 4 * 3);
    struct buf pdf = render(document);
    char *text = text_of(&pdf);
    assert_non_null(strstr(text, "Most of them in March."));
    assert_non_null(strstr(text, "deployments"));
    assert_non_null(strstr(text, "series"));
    free(text);
    buf_free(&pdf);
    document_free(document);
}

static void test_pdf_read_versions_gives_what_pdf_versions_says(void **state)
{
    (void)state;
    struct document *document = document_new("Nothing", NULL);
    struct buf pdf = render(document), ours = {0}, its = {0};
    assert_int_equal(pdf_versions(&ours, &why), ERR_OK);
    assert_true(pdf_read_versions(pdf.data, pdf.bytes, &its));
    assert_string_equal((char *)its.data, (char *)ours.data);
    assert_non_null(strstr((char *)ours.data, "cairo="));
    assert_int_equal(count(&pdf, "made-with:abc="), 1);
    assert_false(pdf_read_versions(pdf.data, 200, &its));
    assert_false(pdf_read_versions("countersign-pdf/1 and no end", 28, &its));
    buf_free(&pdf);
    buf_free(&ours);
    buf_free(&its);
    document_free(document);
}

static void test_fonts_open_says_which_package_is_missing(void **state)
{
    (void)state;
    struct fonts *fonts = NULL;
    assert_int_equal(fonts_open("/nowhere", &fonts, &why), ERR_IO);
    assert_non_null(strstr(why.s, "install fonts-roboto-unhinted"));
    assert_null(fonts);
    fonts_free(NULL);
}

static void test_pdf_document_without_files_to_read(void **state)
{
    (void)state;
    struct rlimit limit, none;
    struct document *document = document_new("Nothing", NULL);
    struct buf pdf = {0};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    enum err err = pdf_document(document, &about, &pdf, &why);
    enum err versions = pdf_versions(&pdf, &why);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(err, ERR_IO);
    assert_int_equal(versions, ERR_IO);
    assert_int_equal(pdf.bytes, 0);
    document_free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pdf_document_is_the_same_bytes_anywhere),
        cmocka_unit_test(test_pdf_document_repeats_heads_and_loses_no_row),
        cmocka_unit_test(test_pdf_document_leads_to_deployments_and_events),
        cmocka_unit_test(test_pdf_document_shows_hostile_text_as_text),
        cmocka_unit_test(test_pdf_document_breaks_a_row_that_is_higher_than_a_page),
        cmocka_unit_test(test_pdf_document_leaves_no_last_row_and_no_code_apart),
        cmocka_unit_test(test_pdf_document_sets_parts_of_a_sheet_in_the_same_columns),
        cmocka_unit_test(test_pdf_document_says_what_it_cuts),
        cmocka_unit_test(test_pdf_document_of_nothing),
        cmocka_unit_test(test_pdf_document_draws_charts),
        cmocka_unit_test(test_pdf_read_versions_gives_what_pdf_versions_says),
        cmocka_unit_test(test_fonts_open_says_which_package_is_missing),
        cmocka_unit_test(test_pdf_document_without_files_to_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
