#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay/window.h"

static void expect_read(const char *heading, int from_min, int to_min)
{
    struct window window = {0};
    if (window_parse(span_of(heading), &window) != WINDOW_READ)
        fail_msg("not read: %s", heading);
    assert_true(window.set);
    assert_int_equal(window.from_min, from_min);
    assert_int_equal(window.to_min, to_min);
}

static void expect(const char *heading, enum window_found found)
{
    struct window window = {true, 7, 9};
    assert_int_equal(window_parse(span_of(heading), &window), found);
    assert_true(window.set && window.from_min == 7 && window.to_min == 9);
}

static void test_window_parse_ranges(void **state)
{
    (void)state;
    expect_read("PHASE 1 (T-24 hours to T-0)", -1440, 0);
    expect_read("Phase 2b: Blue (T+5 to T+25 min)", 5, 25);
    expect_read("Prepare (T-7 days to T-1 day)", -10080, -1440);
    expect_read("Hour 6-12 Post-Deployment", 360, 720);
    expect_read("Hours 12 to 24", 720, 1440);
    expect_read("T+0 to T+5 min", 0, 5);
    expect_read("T-90 min to T+2 hours", -90, 120);
    expect_read("T-2 hours to T-1", -120, -60);
    expect_read("What follows T0 (T+5 to T+10 min)", 5, 10);
    expect_read("T+5 to T+25", 5, 25);
    expect_read("Start (T0 to T+5 min)", 0, 5);
    expect_read("Prepare (T-2 hours to T0)", -120, 0);
    expect_read("Prepare (T-2 hours \u2013 T0), then wait", -120, 0);
    expect_read("Watch T+90min-T+6h", 90, 360);
    expect_read("Watch (T\u221230 min \u2013 T+2 weeks)", -30, 20160);
    expect_read("Two (T+1 to T+2 min) times (T+8 min)", 1, 2);
}

static void test_window_parse_points(void **state)
{
    (void)state;
    expect_read("Gate 1 (T-1 hour)", -60, -60);
    expect_read("Gate 2 (T+50 min)", 50, 50);
    expect_read("T-0", 0, 0);
    expect_read("Start (T0)", 0, 0);
    expect_read("T+3 h - the end", 180, 180);
}

static void test_window_doubt_by_heading(void **state)
{
    (void)state;
    static const struct {
        const char *heading;
        enum window_doubt doubt;
    } headings[] = {{"Phase (T-24 hours to T-0)", WINDOW_SURE},
                    {"Hour 6-12 Post-Deployment", WINDOW_SURE},
                    {"Gate (T+50)", WINDOW_SURE},
                    {"None", WINDOW_SURE},
                    {"T-0 Start", WINDOW_SURE},
                    {"A (T+1 to T+2 min) and (T+8 min)", WINDOW_MORE},
                    {"Phase (T-24h bis T-0)", WINDOW_MORE},
                    {"Phase (T-10 Stunden)", WINDOW_FOREIGN},
                    {"T+5 Deploy", WINDOW_FOREIGN},
                    {"T+5 to T+25 Minuten", WINDOW_FOREIGN}};
    for (size_t i = 0; i < sizeof(headings) / sizeof(headings[0]); i++) {
        if (window_doubt(span_of(headings[i].heading)) != headings[i].doubt)
            fail_msg("%s", headings[i].heading);
    }
}

static void test_window_parse_none(void **state)
{
    (void)state;
    expect("", WINDOW_NONE);
    expect("PHASE 5: 24-HOUR MONITORING CHECKLIST", WINDOW_NONE);
    expect("PHASE 2 (During Deployment)", WINDOW_NONE);
    expect("Hour of need", WINDOW_NONE);
    expect("Hour 24", WINDOW_NONE);
    expect("Shirt-5 to TT+5", WINDOW_NONE);
    expect("T- and T+", WINDOW_NONE);
    expect("Milestone T01", WINDOW_NONE);
    expect("T0x and MT0", WINDOW_NONE);
    expect("What follows T0", WINDOW_NONE);
    expect("After T0 - the start", WINDOW_NONE);
    expect("RabbitMQ v2.1.0", WINDOW_NONE);
}

static void test_window_parse_odd(void **state)
{
    (void)state;
    expect("T-0 to T-24 hours", WINDOW_ODD);
    expect("Hour 12-6", WINDOW_ODD);
    expect("T+1.5 hours", WINDOW_ODD);
    expect("T+5-25 min", WINDOW_ODD);
    expect("T+99999999999999999999 min", WINDOW_ODD);
    expect("T+800 days to T+801 days", WINDOW_ODD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_parse_ranges), cmocka_unit_test(test_window_parse_points),
        cmocka_unit_test(test_window_parse_none),   cmocka_unit_test(test_window_doubt_by_heading),
        cmocka_unit_test(test_window_parse_odd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
