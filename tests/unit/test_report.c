/* What a report is written as: JSON and its schema, CSV, the document; the parameters that files
 * carry; where the bytes go. */
#include <stdio.h>

#include "ledger_kit.h"
#include "reports/carried.h"
#include "reports/format.h"
#include "reports/page.h"
#include "reports/report.h"

/* What a file says that it was made with. */
static bool find(const void *bytes, size_t count, struct params *ret)
{
    json_t *json = NULL;
    struct err_text why = {""};
    bool found = carried_find(bytes, count, &json, &why) == ERR_OK && params_read(json, ret);
    json_decref(json);
    return found;
}

static struct params year(void)
{
    return (struct params){.period = {instant_from_date(2026, 1, 1), instant_from_date(2027, 1, 1)},
                           .size = 1,
                           .verify = VERIFY_HASHES,
                           .sample = 25,
                           .seed = "one \xe2\x80\xae \"two\"",
                           .rows = 1000};
}

/* The report of a ledger that holds nothing but its first entry. */
static struct report *report_of(struct kit *kit, const struct params *params, unsigned threads)
{
    struct report *report = NULL;
    const struct report_watch watch = {.threads = threads};
    enum err err = report_make(kit->ledger, params, &watch, &report, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    return report;
}

static void begin(struct kit *kit)
{
    kit_dir(kit);
    assert_int_equal(kit_create(kit, "report.example"), ERR_OK);
    kit_open(kit, false);
}

static struct output *json_of(const struct report *report)
{
    struct output *output = NULL;
    output_memory(&output);
    assert_int_equal(report_json(report, output, NULL), ERR_OK);
    return output;
}

static void test_report_schema_is_the_file(void **state)
{
    (void)state;
    struct buf file = {0}, schema = {0};
    struct err_text why = {""};
    report_schema(&schema);
    enum err err =
        files_read(COUNTERSIGN_SOURCE "/reports", "report.schema.json", 1048576, &file, &why);
    if (err != ERR_OK)
        fail_msg("%s", why.s);
    assert_int_equal(file.bytes, schema.bytes);
    assert_memory_equal(file.data, schema.data, schema.bytes);
    buf_free(&file);
    buf_free(&schema);
}

static void test_report_json_has_all_sheets(void **state)
{
    (void)state;
    struct kit kit;
    struct params params = year();
    begin(&kit);
    struct report *report = report_of(&kit, &params, 1);
    struct output *output = json_of(report);
    json_t *json = NULL;
    assert_int_equal(ijson_parse(output->buf.data, output->buf.bytes, &json, &kit.why), ERR_OK);
    for (enum form form = 0; form < FORM_COUNT; form++)
        assert_true(json_is_array(ijson_get(json, forms_of(form)->name)));
    assert_string_equal(ijson_string(json, "report"), PARAMS_REPORT);
    assert_string_equal(ijson_string(ijson_get(json, "cover"), "origin"), "report.example");
    assert_int_equal(json_array_size(ijson_get(json, "changes")), 1);
    assert_int_equal(json_array_size(ijson_get(json, "population")), 0);
    json_decref(json);
    output_free(output);
    report_free(report);
    kit_end(&kit);
}

static void test_report_make_same_on_any_cores(void **state)
{
    (void)state;
    struct kit kit;
    struct params params = year();
    begin(&kit);
    struct report *one = report_of(&kit, &params, 1), *three = report_of(&kit, &params, 3);
    struct output *a = json_of(one), *b = json_of(three);
    assert_int_equal(a->buf.bytes, b->buf.bytes);
    assert_memory_equal(a->buf.data, b->buf.data, a->buf.bytes);
    output_free(a);
    output_free(b);
    report_free(one);
    report_free(three);
    kit_end(&kit);
}

static bool stop(void *ctx)
{
    (void)ctx;
    return true;
}

static void test_report_make_errors(void **state)
{
    (void)state;
    struct kit kit;
    struct params params = year();
    struct report *report = NULL;
    begin(&kit);
    params.size = 2;
    assert_int_equal(report_make(kit.ledger, &params, NULL, &report, &kit.why), ERR_NOT_FOUND);
    params.size = 1;
    params.has_platform = true;
    params.platform = "nothing";
    params.platform_bytes = 7;
    assert_int_equal(report_make(kit.ledger, &params, NULL, &report, &kit.why), ERR_INVALID);
    const struct report_watch watch = {.stop = stop};
    params.has_platform = false;
    assert_int_equal(report_make(kit.ledger, &params, &watch, &report, &kit.why), ERR_OK);
    report_free(report); /* there is no deployment before which it could stop */
    report_free(NULL);
    kit_end(&kit);
}

/* The CSV of exceptions with these texts, without its head. */
static char *csv_of(struct report *report, const char *const *texts, size_t count)
{
    struct sheet *sheet = report->sheets[FORM_EXCEPTIONS];
    struct output *output = NULL;
    for (size_t i = 0; i < count; i++) {
        sheet_add(sheet);
        sheet_put_text(sheet, EXC_TEXT, texts[i]);
    }
    output_memory(&output);
    assert_int_equal(report_csv(report, FORM_EXCEPTIONS, output, NULL), ERR_OK);
    char *csv = mem_text(strstr((const char *)output->buf.data, "\r\n") + 2);
    output_free(output);
    return csv;
}

static void test_report_csv_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field;
    } rows[] = {
        {"plain", "plain"},
        {"a,b", "\"a,b\""},
        {"a\"b", "\"a\"\"b\""},
        {"a\r\nb", "\"a\r\nb\""},
        {"=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""},
        {"+1", "\"'+1\""},
        {"-1", "\"'-1\""},
        {"@SUM(A1)", "\"'@SUM(A1)\""},
        {"\tx", "\"'\tx\""},
        {"\rx", "\"'\rx\""},
        {"  =1", "\"'  =1\""},
        {"\n=1", "\"'\n=1\""},
        {"\xe2\x80\x8b=1", "\"'\xe2\x80\x8b=1\""},
        {"\xef\xbb\xbf=1", "\"'\xef\xbb\xbf=1\""},
        {"\xef\xbc\x9d"
         "1",
         "\"'\xef\xbc\x9d"
         "1\""},
        {"\xef\xbc\x8b"
         "1",
         "\"'\xef\xbc\x8b"
         "1\""},
        {"a=1", "a=1"},
        {"", ""},
        {"\xd7\xa9\xd7\x9c", "\xd7\xa9\xd7\x9c"},
    };
    struct kit kit;
    struct params params = year();
    begin(&kit);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct report *report = report_of(&kit, &params, 1);
        sheet_free(report->sheets[FORM_EXCEPTIONS]);
        report->sheets[FORM_EXCEPTIONS] = sheet_new(forms_of(FORM_EXCEPTIONS));
        char *csv = csv_of(report, &rows[i].text, 1);
        struct buf wanted = {0};
        for (size_t column = 0; column < EXC_TEXT; column++)
            buf_text(&wanted, ",");
        buf_printf(&wanted, "%s\r\n", rows[i].field);
        assert_string_equal(csv, (const char *)wanted.data);
        buf_free(&wanted);
        free(csv);
        report_free(report);
    }
    kit_end(&kit);
}

/* Numbers stay numbers where they are; what is none is a text. */
static void test_report_csv_numbers(void **state)
{
    (void)state;
    static const char *const values[] = {"-0.50", "1e3", "+7", "-", "-1-1", ".5"};
    static const char *const fields[] = {"-0.50", "1e3", "+7", "\"'-\"", "\"'-1-1\"", ".5"};
    struct kit kit;
    struct params params = year();
    begin(&kit);
    struct report *report = report_of(&kit, &params, 1);
    struct sheet *metrics = report->sheets[FORM_METRICS];
    struct buf wanted = {0};
    for (size_t i = 0; i < 6; i++) {
        sheet_add(metrics);
        sheet_put_text(metrics, MET_VALUE, values[i]);
        for (size_t column = 0; column < MET_FLAGS; column++)
            buf_printf(&wanted, "%s,", column == MET_VALUE ? fields[i] : "");
        buf_text(&wanted, "\r\n");
    }
    struct output *output = NULL;
    output_memory(&output);
    assert_int_equal(report_csv(report, FORM_METRICS, output, NULL), ERR_OK);
    assert_string_equal(strstr((const char *)output->buf.data, "\r\n") + 2,
                        (const char *)wanted.data);
    output_free(output);
    struct output *json = json_of(report);
    const char *text = (const char *)json->buf.data;
    assert_non_null(strstr(text, "\"value\":-0.50}"));
    assert_non_null(strstr(text, "\"value\":1e3}"));
    assert_non_null(strstr(text, "\"value\":\"+7\"}"));
    assert_non_null(strstr(text, "\"value\":\".5\"}"));
    output_free(json);
    buf_free(&wanted);
    report_free(report);
    kit_end(&kit);
}

static void test_report_document_hostile(void **state)
{
    (void)state;
    static const char *const text = "<script>alert(1)</script>\xe2\x80\xae\x1b[31m\"'";
    struct kit kit;
    struct params params = year();
    begin(&kit);
    struct report *report = report_of(&kit, &params, 1);
    struct sheet *exceptions = report->sheets[FORM_EXCEPTIONS];
    sheet_add(exceptions);
    sheet_put_text(exceptions, PLACE_DEPLOYMENT, "web\" onload=\"x");
    sheet_put_text(exceptions, EXC_KIND, "flag:late");
    sheet_put_text(exceptions, EXC_TEXT, text);
    struct document *document = report_document(report);
    struct buf page = {0};
    page_document(document, &page);
    const char *html = (const char *)page.data;
    assert_null(strstr(html, "<script>alert"));
    assert_null(strstr(html, "onload=\"x"));
    assert_null(strchr(html, '\x1b'));
    assert_non_null(strstr(html, "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e\\x1b[31m"));
    assert_non_null(strstr(html, "No deployment was open in this period."));
    struct params found;
    assert_true(find(page.data, page.bytes, &found));
    assert_string_equal(found.seed, params.seed);
    buf_free(&page);
    document_free(document);
    report_free(report);
    kit_end(&kit);
}

static void test_params_read_gives_back(void **state)
{
    (void)state;
    struct params params = year(), found;
    struct buf text = {0};
    params.has_platform = true;
    memset(params.platform_sha256, 7, HASH_BYTES);
    buf_text(&text, "<meta content=\"");
    params_carried(&params, &text);
    buf_text(&text, "\"> countersign-report:AAAA");
    assert_true(find(text.data, text.bytes, &found));
    assert_true(found.period.from_us == params.period.from_us &&
                found.period.to_us == params.period.to_us && found.size == 1 &&
                found.verify == VERIFY_HASHES && found.sample == 25 && found.rows == 1000);
    assert_string_equal(found.seed, params.seed);
    assert_true(found.has_platform);
    assert_memory_equal(found.platform_sha256, params.platform_sha256, HASH_BYTES);
    buf_free(&text);
}

static void test_carried_find_invalid(void **state)
{
    (void)state;
    static const char *const files[] = {"", "countersign-rep",
                                        "countersign-report:", "countersign-report:e3",
                                        "countersign-report:e31="};
    struct err_text why = {""};
    json_t *json = NULL;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        assert_int_equal(carried_find(files[i], strlen(files[i]), &json, &why), ERR_INVALID);
    assert_null(json);
}

static void test_params_read_of_others(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "{}", "{\"report\":\"countersign/deployment/1\"}",
        "{\"report\":\"countersign/annual/1\",\"from\":\"2026-01-01T00:00:00Z\",\"to\":\"2027-01-01"
        "T00:00:00Z\",\"size\":1,\"verify\":\"none\",\"sample\":0,\"seed\":\"\",\"rows\":0}",
        "{\"report\":\"countersign/annual/2\",\"from\":\"2026-01-01T00:00:00Z\",\"to\":\"2027-01-01"
        "T00:00:00Z\",\"size\":0,\"verify\":\"none\",\"sample\":0,\"seed\":\"\",\"rows\":0}"};
    struct params params;
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        json_t *json = NULL;
        assert_int_equal(ijson_parse(objects[i], strlen(objects[i]), &json, NULL), ERR_OK);
        assert_false(params_read(json, &params));
        json_decref(json);
    }
}

static void test_params_verify_of_names(void **state)
{
    (void)state;
    enum params_verify verify;
    for (enum params_verify i = VERIFY_NONE; i <= VERIFY_ALL; i++) {
        assert_true(params_verify_of(params_verify_name(i), &verify));
        assert_int_equal(verify, i);
    }
    assert_false(params_verify_of("some", &verify));
}

static void test_format_parse_lists(void **state)
{
    (void)state;
    struct format_file files[FORMAT_FILES_MAX], found;
    unsigned formats = 0;
    assert_true(format_parse("json,html,json", &formats));
    assert_int_equal(format_files(formats, files), 2);
    assert_true(format_parse("csv", &formats));
    assert_int_equal(format_files(formats, files), FORM_COUNT + 1);
    assert_false(format_parse("", &formats));
    assert_false(format_parse("json,xml", &formats));
    assert_true(format_known("a/trend.csv", "month", 5, &found));
    assert_int_equal(found.form, FORM_TREND);
    assert_true(format_known("x", "{\"report\":\"countersign", 22, &found));
    assert_string_equal(found.path, "report.json");
    assert_false(format_known("x.csv", "month", 5, &found));
}

static void test_output_file_and_against(void **state)
{
    (void)state;
    struct kit kit;
    struct output *output = NULL;
    struct output_end end;
    uint8_t digest[HASH_BYTES];
    static const char *const others[] = {"abc", "abd", "ab", "abcd", ""};
    static const uint64_t differs[] = {0, 2, 2, 3, 0};
    begin(&kit);
    char *path = files_path(kit.dir, "file");
    assert_int_equal(output_file(path, &output, &kit.why), ERR_OK);
    buf_text(&output->buf, "half");
    output_free(output);
    assert_false(files_there(kit.dir, "file"));
    assert_int_equal(output_file(path, &output, &kit.why), ERR_OK);
    buf_text(&output->buf, "abc");
    assert_int_equal(output_close(output, &end, &kit.why), ERR_OK);
    output_free(output);
    hash_bytes("abc", 3, digest);
    assert_memory_equal(end.sha256, digest, HASH_BYTES);
    assert_int_equal(end.bytes, 3);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(output_against(path, &output, &kit.why), ERR_OK);
        buf_text(&output->buf, others[i]);
        assert_int_equal(output_close(output, &end, &kit.why), ERR_OK);
        assert_int_equal(end.same, i == 0);
        assert_int_equal(end.differs, differs[i]);
        output_free(output);
    }
    assert_int_equal(output_against("/nowhere/x", &output, &kit.why), ERR_NOT_FOUND);
    assert_int_equal(output_file("/nowhere/x", &output, &kit.why), ERR_IO);
    free(path);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_schema_is_the_file),
        cmocka_unit_test(test_report_json_has_all_sheets),
        cmocka_unit_test(test_report_make_same_on_any_cores),
        cmocka_unit_test(test_report_make_errors),
        cmocka_unit_test(test_report_csv_escapes),
        cmocka_unit_test(test_report_csv_numbers),
        cmocka_unit_test(test_report_document_hostile),
        cmocka_unit_test(test_params_read_gives_back),
        cmocka_unit_test(test_carried_find_invalid),
        cmocka_unit_test(test_params_read_of_others),
        cmocka_unit_test(test_params_verify_of_names),
        cmocka_unit_test(test_format_parse_lists),
        cmocka_unit_test(test_output_file_and_against),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
