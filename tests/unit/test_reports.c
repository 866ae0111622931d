/* The pure parts of a report: the draw of the sample, the figures of delivery, and hostile text in
 * HTML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reports/control.h"
#include "reports/delivery.h"
#include "reports/html.h"
#include "reports/sample.h"
#include "reports/tables.h"

static json_t *row(const char *id, bool counted)
{
    return json_pack("{s:s, s:b}", "deployment", id, "counted", counted);
}

static const char *drawn_id(const json_t *sample, size_t i)
{
    return ijson_string(json_array_get(ijson_get(sample, "drawn"), i), "deployment");
}

static void test_sample_json_order(void **state)
{
    (void)state;
    json_t *population = json_pack("[o, o, o, o]", row("web-1", true), row("web-2", true),
                                   row("web-3", false), row("web-4", true));
    json_t *three = sample_json(population, 25, "1");
    json_t *two = sample_json(population, 2, "1");
    assert_int_equal(json_array_size(ijson_get(three, "drawn")), 3);
    assert_int_equal(json_array_size(ijson_get(two, "drawn")), 2);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(drawn_id(three, i), drawn_id(two, i));
    for (size_t i = 0; i + 1 < 3; i++) {
        const json_t *drawn = ijson_get(three, "drawn");
        assert_true(strcmp(ijson_string(json_array_get(drawn, i), "rank"),
                           ijson_string(json_array_get(drawn, i + 1), "rank")) < 0);
    }
    uint8_t rank[HASH_BYTES];
    struct buf hex = {0};
    struct buf ticket = {0};
    buf_printf(&ticket, "1%c%s", 0, drawn_id(three, 0));
    hash_bytes(ticket.data, ticket.bytes, rank);
    buf_hex(&hex, rank, sizeof(rank));
    assert_string_equal(ijson_string(json_array_get(ijson_get(three, "drawn"), 0), "rank"),
                        hex.data);
    buf_free(&hex);
    buf_free(&ticket);
    json_decref(population);
    json_decref(three);
    json_decref(two);
}

static void add_population(struct tables *tables, const char *outcome, const char *opened,
                           const char *closed)
{
    json_t *added = row("web", true);
    json_object_set_new(added, "outcome", ijson_text(outcome));
    json_object_set_new(added, "opened", ijson_text(opened));
    json_object_set_new(added, "closed", ijson_text(closed));
    json_object_set_new(added, "rollback_started", json_null());
    json_object_set_new(added, "rollback_finished", json_null());
    json_array_append_new(tables->population, added);
}

static double value_of(const json_t *delivery, const char *name)
{
    return json_number_value(ijson_get(ijson_get(delivery, name), "value"));
}

static void test_delivery_json_figures(void **state)
{
    (void)state;
    struct tables tables;
    const struct period fortnight = {instant_from_date(2026, 3, 1), instant_from_date(2026, 3, 15)};
    tables_new(&fortnight, &tables);
    add_population(&tables, "successful", "2026-03-02T00:00:00Z", "2026-03-02T10:00:00Z");
    add_population(&tables, "successful", "2026-03-03T00:00:00Z", "2026-03-03T20:00:00Z");
    add_population(&tables, "successful", "2026-03-04T00:00:00Z", "2026-03-04T12:00:00Z");
    add_population(&tables, "rolled-back", "2026-03-05T00:00:00Z", "2026-03-05T18:00:00Z");
    add_population(&tables, NULL, "2026-03-06T00:00:00Z", NULL);
    json_t *delivery = delivery_json(&tables);
    assert_true(value_of(delivery, "frequency") == 1.5);
    assert_true(value_of(delivery, "lead_time") == 15.0);
    assert_true(value_of(delivery, "change_failure_rate") == 0.25);
    assert_true(json_is_null(ijson_get(ijson_get(delivery, "time_to_restore"), "value")));
    assert_int_equal(json_integer_value(ijson_get(ijson_get(delivery, "lead_time"), "computable")),
                     4);
    assert_int_equal(json_integer_value(ijson_get(ijson_get(delivery, "lead_time"), "of")), 5);
    json_decref(delivery);
    tables_free(&tables);
}

static void test_html_report_hostile(void **state)
{
    (void)state;
    struct buf page = {0};
    json_t *exception = json_pack("{s:i, s:s, s:s, s:s, s:s}", "seq", 7, "deployment",
                                  "web\" onload=\"x", "kind", "flag:late", "principal",
                                  "<script>alert(1)</script>", "text", "a\xe2\x80\xae'b'&\x1b[31m");
    json_t *report = json_pack("{s:{s:s, s:b}, s:[o]}", "cover", "origin", "<b>origin</b>",
                               "simulated", 1, "exceptions", exception);
    html_report(report, &page);
    const char *text = (const char *)page.data;
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "<b>origin"));
    assert_null(strstr(text, "onload=\"x"));
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(text, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_non_null(strstr(text, "\\u202e&#39;b&#39;&amp;\\x1b[31m"));
    assert_non_null(strstr(text, "SIMULATED"));
    assert_null(strstr(text, "http://"));
    assert_null(strstr(text, "https://"));
    json_decref(report);
    buf_free(&page);
}

static void test_control_json_names(void **state)
{
    (void)state;
    static const char *const named[] = {"CC8.1", "A.8.32", "6.5.1", "10.5.1",
                                        "CM-3",  "AU-9",   "AU-10", "AU-11"};
    json_t *controls = control_json(), *steps = control_how_to_verify();
    struct buf text = {0};
    ijson_print(controls, &text);
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
        assert_non_null(strstr((const char *)text.data, named[i]));
    assert_true(json_array_size(steps) >= 4);
    buf_free(&text);
    json_decref(controls);
    json_decref(steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sample_json_order),
        cmocka_unit_test(test_delivery_json_figures),
        cmocka_unit_test(test_html_report_hostile),
        cmocka_unit_test(test_control_json_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
