#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "replay/blank.h"

/* All blanks as "label|unit|expectation;", "-" for a label that is missing. */
static void expect(const char *line, const char *expected)
{
    struct blank_list list;
    struct buf text = {0};
    blank_parse(span_of(line), &list);
    for (size_t i = 0; i < list.count; i++) {
        char *label = NULL;
        bool named = blank_label(&list.blanks[i], &label);
        buf_printf(&text, "%s|", named ? label : "-");
        span_add(&text, list.blanks[i].unit);
        buf_text(&text, "|");
        span_add(&text, list.blanks[i].expectation);
        buf_text(&text, ";");
        assert_true(list.blanks[i].place.at[0] == '_');
        free(label);
    }
    char *found = buf_take_text(&text);
    assert_string_equal(found, expected);
    free(found);
    blank_free(&list);
}

static void test_blank_parse_labels(void **state)
{
    (void)state;
    expect("**Deployment Date:** ____", "Deployment Date||;");
    expect("**Date: ____**", "Date||;");
    expect("Date ___", "Date||;");
    expect("**Now: ___ | End Time: ___**", "Now||;End Time||;");
    expect("**By:** ____ **Date/Time:** ____", "By||;Date/Time||;");
    expect("Lead: ____ Phone: ____", "Lead||;Phone||;");
    expect("Lead: ____ Phone number: ____", "Lead||;Phone number||;");
    expect("Note (hh:mm): ____", "Note (hh:mm)||;");
    expect("Cost: $____ | **Rate:** ~ ____", "Cost||;Rate||;");
    expect("Host (____) | Name: (____)", "Host||;Name||;");
    expect("At: 10:____ | Ticket #____", "At: 10||;Ticket #||;");
    expect("____", "-||;");
    expect("a: ____ | ____", "a||;-||;");
}

static void test_blank_parse_units(void **state)
{
    (void)state;
    expect("P95: ____ ms", "P95|ms|;");
    expect("CPU: ____%", "CPU|%|;");
    expect("**Time to Deploy: ____ minutes**", "Time to Deploy|minutes|;");
    expect("**Rate at 50%: ____ %**", "Rate at 50%|%|;");
    expect("Errors: ____ % Latency: ____ ms", "Errors|%|;Latency|ms|;");
    expect("Rate: ____ req/s, Lag: ____ s", "Rate|req/s|;Lag|s|;");
    expect("Size: ____ \u00b5m (thick)", "Size|\u00b5m|;");
    expect("Took: ____ minutes after the start", "Took||;");
    expect("Team: ____ (Signature)", "Team||;");
    expect("A: ____ / B: ____ - C: ____", "A||;B||;C||;");
}

static void test_blank_parse_pairs(void **state)
{
    (void)state;
    expect("**Window:** ____ to ____", "Window from||;Window to||;");
    expect("Nodes: ____ of ____", "Nodes||;Nodes of||;");
    expect("From: ____ to ____ via ____", "From from||;From to||;From via||;");
    expect("P95: ____ ms (baseline: ____)", "P95|ms|;P95 baseline|ms|;");
    expect("CPU: ____ % (baseline: ____%)", "CPU|%|;CPU baseline|%|;");
    expect("Mem: ____ MB (baseline: ____MB) Disk: ____ GB", "Mem|MB|;Mem baseline|MB|;Disk|GB|;");
    expect("Weight: ____ (expected: 100)", "Weight||100;");
    expect("Weight: ____ % (Expected: 10 to 20) Sum: ___", "Weight|%|10 to 20;Sum||;");
    expect("Weight: ____ (expected: 100", "Weight||;");
}

static void test_blank_parse_no_blanks(void **state)
{
    (void)state;
    expect("", "");
    expect("forward_2.1.0 schema_versions __init__ a__", "");
    expect("my___name ___name___ `____` \\____", "");
    expect("a `b: ____", "a `b||;");
}

static void test_blank_parse_joined(void **state)
{
    (void)state;
    expect("Date: ____/____/____", "Date||;");
    expect("Time: ____-__-__ ____", "Time||;-||;");
    expect("At: ___:___ h", "At|h|;");
}

static void test_blank_parse_links(void **state)
{
    (void)state;
    expect("See [a](b/___) now: ____", "See [a](b/___) now||;");
    expect("[a]: https://b/___", "");
    expect("[a]: b: ____", "[a]: b||;");
    expect("[Lead]: ____", "[Lead]||;");
}

static void test_blank_label_too_long(void **state)
{
    (void)state;
    struct buf line = {0};
    for (size_t i = 0; i <= BLANK_LABEL_BYTES_MAX; i++)
        buf_text(&line, "x");
    buf_text(&line, ": ____");
    struct blank_list list;
    char *label = NULL;
    blank_parse(span_of((const char *)line.data), &list);
    assert_true(blank_label(&list.blanks[0], &label));
    assert_int_equal(strlen(label), BLANK_LABEL_BYTES_MAX + 1);
    free(label);
    blank_free(&list);
    buf_text(&line, " to ____");
    blank_parse(span_of((const char *)line.data), &list);
    assert_int_equal(list.count, 2);
    assert_false(blank_label(&list.blanks[0], &label));
    assert_false(blank_label(&list.blanks[1], &label));
    blank_free(&list);
    buf_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blank_parse_labels),   cmocka_unit_test(test_blank_parse_units),
        cmocka_unit_test(test_blank_parse_pairs),    cmocka_unit_test(test_blank_parse_no_blanks),
        cmocka_unit_test(test_blank_parse_joined),   cmocka_unit_test(test_blank_parse_links),
        cmocka_unit_test(test_blank_label_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
