/* The pure parts of a report: the draw of the sample, the figures of delivery, what sums up, the
 * standing text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reports/control.h"
#include "reports/delivery.h"
#include "reports/kinds.h"
#include "reports/number.h"
#include "reports/reconciliation.h"
#include "reports/sample.h"
#include "reports/tables.h"
#include "reports/tally.h"

static struct params fortnight(void)
{
    return (struct params){
        .period = {instant_from_date(2026, 3, 1), instant_from_date(2026, 3, 15)},
        .size = 1,
        .sample = 25,
        .seed = "1"};
}

static uint64_t at(const char *time)
{
    int64_t us = 0;
    assert_true(instant_parse(time, &us));
    return (uint64_t)us;
}

static struct sheet *add_deployment(struct tables *tables, const char *id, bool counted)
{
    struct sheet *population = tables->sheets[FORM_POPULATION];
    sheet_add(population);
    sheet_put_text(population, POP_DEPLOYMENT, id);
    sheet_put_yes(population, POP_COUNTED, counted);
    sheet_put_yes(population, POP_EMERGENCY, false);
    return population;
}

static const char *drawn_id(const struct tables *tables, size_t row)
{
    return sheet_text(tables->sheets[FORM_SAMPLE], row, SAM_DEPLOYMENT);
}

static void draw(struct tables *tables)
{
    static const char *const ids[] = {"web-1", "web-2", "web-3", "web-4"};
    for (size_t i = 0; i < 4; i++)
        add_deployment(tables, ids[i], i != 2);
    sample_draw(tables);
}

static void test_sample_draw_order(void **state)
{
    (void)state;
    struct params three = fortnight(), two = fortnight();
    struct tables all, some;
    two.sample = 2;
    tables_new(&three, &all);
    tables_new(&two, &some);
    draw(&all);
    draw(&some);
    assert_int_equal(sheet_rows(all.sheets[FORM_SAMPLE]), 3);
    assert_int_equal(sheet_rows(some.sheets[FORM_SAMPLE]), 2);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(drawn_id(&all, i), drawn_id(&some, i));
    for (size_t i = 0; i < 3; i++) {
        uint8_t digest[HASH_BYTES];
        struct buf hex = {0}, ticket = {0};
        buf_printf(&ticket, "1%c%s", 0, drawn_id(&all, i));
        hash_bytes(ticket.data, ticket.bytes, digest);
        buf_hex(&hex, digest, sizeof(digest));
        const char *has = sheet_text(all.sheets[FORM_SAMPLE], i, SAM_DIGEST);
        assert_string_equal(has, hex.data);
        assert_true(i == 0 ||
                    strcmp(sheet_text(all.sheets[FORM_SAMPLE], i - 1, SAM_DIGEST), has) < 0);
        buf_free(&hex);
        buf_free(&ticket);
    }
    tables_free(&all);
    tables_free(&some);
}

static void add_ended(struct tables *tables, const char *id, const char *outcome,
                      const char *changed, const char *closed)
{
    struct sheet *population = add_deployment(tables, id, true);
    sheet_put_number(population, POP_OPENED, at("2026-03-02T00:00:00Z"));
    sheet_put_text(population, POP_OUTCOME, outcome);
    if (changed != NULL)
        sheet_put_number(population, POP_CHANGED, at(changed));
    if (closed != NULL)
        sheet_put_number(population, POP_CLOSED, at(closed));
}

static const char *figure(const struct tables *tables, const char *name, size_t column)
{
    static char text[32];
    const struct sheet *delivery = tables->sheets[FORM_DELIVERY];
    for (size_t row = 0; row < sheet_rows(delivery); row++) {
        struct buf printed = {0};
        if (strcmp(sheet_text(delivery, row, DEL_FIGURE), name) != 0)
            continue;
        sheet_print(delivery, row, column, &printed);
        snprintf(text, sizeof(text), "%s", printed.bytes > 0 ? (char *)printed.data : "");
        buf_free(&printed);
        return text;
    }
    fail_msg("no figure %s", name);
    return NULL;
}

static void test_delivery_fill_figures(void **state)
{
    (void)state;
    struct params params = fortnight();
    struct tables tables;
    tables_new(&params, &tables);
    add_ended(&tables, "a", "successful", "2026-03-02T00:00:00Z", "2026-03-02T10:00:00Z");
    add_ended(&tables, "b", "successful", "2026-03-03T00:00:00Z", "2026-03-03T20:00:00Z");
    add_ended(&tables, "c", "failed", NULL, "2026-03-04T12:00:00Z");
    add_ended(&tables, "d", "successful", NULL, "2026-03-04T18:00:00Z");
    repair_add(&tables.repairs, "x", "d", (int64_t)at("2026-03-04T13:00:00Z"));
    repair_add(&tables.repairs, "c", "later", (int64_t)at("2026-03-05T00:00:00Z"));
    repair_add(&tables.repairs, "c", "d", (int64_t)at("2026-03-04T18:00:00Z"));
    repair_add(&tables.repairs, "c", "before", (int64_t)at("2026-03-04T11:00:00Z"));
    add_ended(&tables, "e", NULL, "2026-03-06T00:00:00Z", NULL);
    delivery_fill(&tables, params.period.to_us);
    assert_string_equal(figure(&tables, "frequency", DEL_VALUE), "1.50");
    assert_string_equal(figure(&tables, "lead_time", DEL_VALUE), "15.00");
    assert_string_equal(figure(&tables, "lead_time", DEL_COMPUTABLE), "2");
    assert_string_equal(figure(&tables, "lead_time", DEL_OF), "5");
    assert_string_equal(figure(&tables, "change_failure_rate", DEL_VALUE), "25.00");
    assert_string_equal(figure(&tables, "time_to_restore", DEL_VALUE), "6.00");
    assert_string_equal(figure(&tables, "gate_waiting", DEL_VALUE), "");
    assert_string_equal(sheet_text(tables.sheets[FORM_RESTORES], 0, RES_BY), "d");
    const struct sheet *trend = tables.sheets[FORM_TREND];
    assert_int_equal(sheet_rows(trend), 1);
    assert_string_equal(sheet_text(trend, 0, TRE_MONTH), "2026-03");
    assert_int_equal(sheet_number(trend, 0, TRE_OPENED), 5);
    assert_int_equal(sheet_number(trend, 0, TRE_OPEN), 1);
    tables_free(&tables);
}

/* A year of which a week is over has as many a week as that week had. */
static void test_delivery_fill_of_a_period_that_is_not_over(void **state)
{
    (void)state;
    struct params params = fortnight();
    struct tables tables;
    params.period.to_us = instant_from_date(2027, 3, 1);
    for (int days = 7; days >= 0; days -= 7) {
        tables_new(&params, &tables);
        add_ended(&tables, "a", "successful", NULL, "2026-03-02T10:00:00Z");
        add_ended(&tables, "b", "successful", NULL, "2026-03-03T20:00:00Z");
        delivery_fill(&tables, params.period.from_us + days * INSTANT_DAY_US);
        assert_string_equal(figure(&tables, "frequency", DEL_VALUE), days > 0 ? "2.00" : "");
        assert_string_equal(figure(&tables, "frequency", DEL_COMPUTABLE), days > 0 ? "2" : "0");
        tables_free(&tables);
    }
}

static void test_delivery_fill_months(void **state)
{
    (void)state;
    struct params params = fortnight();
    struct tables tables;
    params.period.to_us = instant_from_date(2027, 3, 1);
    tables_new(&params, &tables);
    delivery_fill(&tables, params.period.from_us);
    const struct sheet *trend = tables.sheets[FORM_TREND];
    assert_int_equal(sheet_rows(trend), 12);
    assert_string_equal(sheet_text(trend, 0, TRE_MONTH), "2026-03");
    assert_string_equal(sheet_text(trend, 11, TRE_MONTH), "2027-02");
    tables_free(&tables);
}

static void test_number_quotient_rounds(void **state)
{
    (void)state;
    static const struct {
        int64_t of, by;
        unsigned decimals;
        const char *text;
    } rows[] = {{1, 3, 2, "0.33"}, {2, 3, 2, "0.67"},       {1, 2, 0, "1"},
                {-1, 2, 0, "-1"},  {-1, 3, 0, "0"},         {995, 1000, 2, "1.00"},
                {7, 7, 1, "1.0"},  {1005, 1000, 2, "1.01"}, {-3, 2, 2, "-1.50"},
                {0, 5, 3, "0.000"}};
    char text[NUMBER_TEXT_BYTES];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        number_quotient(rows[i].of, rows[i].by, rows[i].decimals, text);
        assert_string_equal(text, rows[i].text);
    }
    int64_t even[] = {9, 1, 4, 2}, odd[] = {5, 3, 9};
    assert_int_equal(number_middle(even, 4), 3);
    assert_int_equal(number_middle(odd, 3), 5);
    assert_true(number_middle(NULL, 0) == NUMBER_NONE);
}

static void add_metric(struct tables *tables, const char *deployment, const char *value, bool holds)
{
    struct sheet *metrics = tables->sheets[FORM_METRICS];
    sheet_add(metrics);
    sheet_put_text(metrics, PLACE_DEPLOYMENT, deployment);
    sheet_put_text(metrics, MET_LABEL, "Errors");
    sheet_put_text(metrics, MET_OP, "<");
    sheet_put_text(metrics, MET_BOUND, "10");
    sheet_put_text(metrics, MET_BOUND_UNIT, "%");
    sheet_put_text(metrics, MET_VALUE, value);
    sheet_put_yes(metrics, MET_HOLDS, holds);
}

static void test_tally_thresholds_sums(void **state)
{
    (void)state;
    struct params params = fortnight();
    struct tables tables;
    tables_new(&params, &tables);
    add_metric(&tables, "a", "9.50", true);
    add_metric(&tables, "b", "11", false);
    add_metric(&tables, "a", "1e0", true);
    add_metric(&tables, "a", "2", true);
    struct sheet *sums = tables.sheets[FORM_THRESHOLDS];
    tally_thresholds(tables.sheets[FORM_METRICS], sums);
    assert_int_equal(sheet_rows(sums), 1);
    assert_int_equal(sheet_number(sums, 0, THR_DEPLOYMENTS), 2);
    assert_int_equal(sheet_number(sums, 0, THR_MEASURED), 4);
    assert_int_equal(sheet_number(sums, 0, THR_OUTSIDE), 1);
    assert_string_equal(sheet_text(sums, 0, THR_LEAST), "1e0");
    assert_string_equal(sheet_text(sums, 0, THR_MEDIAN), "2");
    assert_string_equal(sheet_text(sums, 0, THR_MOST), "11");
    tables_free(&tables);
}

/* Nobody reads of a rule or flag what could be said of any. */
static void test_kinds_means_something_of_each_rule_and_flag(void **state)
{
    (void)state;
    char kind[64];
    for (int rule = RULE_NONE + 1; rule <= RULE_NOT_CLOSABLE; rule++) {
        snprintf(kind, sizeof(kind), "refusal:%s", rule_name((enum rule)rule));
        assert_string_not_equal(kinds_means(kind), kinds_means("refusal:of-tomorrow"));
        assert_int_equal(kinds_gravity(kind), KINDS_REFUSED);
    }
    for (int flag = 0; flag < FLAG_COUNT; flag++) {
        snprintf(kind, sizeof(kind), "flag:%s", flag_name((enum flag)flag));
        assert_string_not_equal(kinds_means(kind), kinds_means("flag:of-tomorrow"));
    }
}

static void test_tally_kinds_gravest_first(void **state)
{
    (void)state;
    static const char *const kinds[] = {"flag:late", "suspect", "flag:late", "refusal:late"};
    struct params params = fortnight();
    struct tables tables;
    tables_new(&params, &tables);
    for (size_t i = 0; i < 4; i++) {
        const struct row_place place = {SEQ_NONE, 0, 1, i == 2 ? "b" : "a", "sam", NULL};
        tables_exception(&tables, &place, kinds[i], NULL, NULL);
    }
    struct sheet *sums = tables.sheets[FORM_KINDS];
    tally_kinds(tables.sheets[FORM_EXCEPTIONS], sums);
    assert_int_equal(sheet_rows(sums), 3);
    assert_string_equal(sheet_text(sums, 0, KIND_KIND), "suspect");
    assert_string_equal(sheet_text(sums, 1, KIND_KIND), "refusal:late");
    assert_string_equal(sheet_text(sums, 2, KIND_KIND), "flag:late");
    assert_int_equal(sheet_number(sums, 2, KIND_ROWS), 2);
    assert_int_equal(sheet_number(sums, 2, KIND_DEPLOYMENTS), 2);
    tables_free(&tables);
}

static void test_platform_read_csv(void **state)
{
    (void)state;
    static const char good[] = "\xef\xbb\xbfname,time,artifact\r\n"
                               "\"a, \"\"b\"\"\",2026-03-02T00:00:00Z,sha256:00\r\n\r\n"
                               "c,2026-03-03T00:00:00Z,";
    static const char *const bad[] = {
        "",
        "time\n2026-03-02T00:00:00Z\n",
        "deployment\nweb\n",
        "time,deployment\nyesterday,web\n",
        "time,deployment\n\"2026-03-02T00:00:00Z,web\n",
        "time,deployment\n\"2026-03-02T00:00:00Z\"x,web\n",
        "time,deployment\n2026-03-02T00:00:00Z,\xff\n",
    };
    struct platform platform = {0};
    struct err_text why = {""};
    assert_int_equal(platform_read(&platform, good, sizeof(good) - 1, &why), ERR_OK);
    assert_int_equal(platform.event_count, 2);
    assert_int_equal(platform.events[0].line, 2);
    assert_string_equal(platform.events[0].artifact, "sha256:00");
    assert_int_equal(platform.events[1].line, 4);
    assert_null(platform.events[1].artifact);
    platform_free(&platform);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(platform_read(&platform, bad[i], strlen(bad[i]), &why), ERR_INVALID);
        platform_free(&platform);
    }
}

static void test_control_fill_names(void **state)
{
    (void)state;
    static const char *const named[] = {"CC8.1", "A.8.32", "6.5.1", "10.5.1",
                                        "CM-3",  "AU-9",   "AU-10", "AU-11"};
    struct sheet *controls = sheet_new(forms_of(FORM_CONTROLS));
    struct buf text = {0};
    control_fill(controls);
    for (size_t row = 0; row < sheet_rows(controls); row++)
        sheet_print(controls, row, CON_CONTROL, &text);
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
        assert_non_null(strstr((const char *)text.data, named[i]));
    assert_non_null(strstr(control_steps(), "--check"));
    buf_free(&text);
    sheet_free(controls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sample_draw_order),
        cmocka_unit_test(test_delivery_fill_figures),
        cmocka_unit_test(test_delivery_fill_of_a_period_that_is_not_over),
        cmocka_unit_test(test_delivery_fill_months),
        cmocka_unit_test(test_number_quotient_rounds),
        cmocka_unit_test(test_tally_thresholds_sums),
        cmocka_unit_test(test_kinds_means_something_of_each_rule_and_flag),
        cmocka_unit_test(test_tally_kinds_gravest_first),
        cmocka_unit_test(test_platform_read_csv),
        cmocka_unit_test(test_control_fill_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
