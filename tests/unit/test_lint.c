/* What lint says of a checklist: weakness, soundness, and the order of it all. */
#include "replay/lint.h"
#include "replay/soundness.h"
#include "replay/weakness.h"
#include "tests/unit/checklist_kit.h"

/* All remarks but those on what a whole checklist should have, as "line rule" lines. */
static void expect(const char *markdown, const char *expected)
{
    struct checklist *checklist = kit_compile(markdown);
    struct remark_list list = {0};
    struct buf text = {0};
    buf_text(&text, "");
    lint_find(checklist, &list);
    for (size_t i = 0; i < list.count; i++) {
        enum remark_rule rule = list.remarks[i].rule;
        if (rule != REMARK_NO_GATE && rule != REMARK_NO_SIGN_OFF && rule != REMARK_NO_ROLLBACK)
            buf_printf(&text, "%u %s\n", list.remarks[i].line, remark_name(rule));
    }
    char *found = buf_take_text(&text);
    assert_string_equal(found, expected);
    free(found);
    remark_free(&list);
    checklist_free(checklist);
}

static void test_weakness_find_unjudged(void **state)
{
    (void)state;
    expect("- [ ] a\n- [ ] b\n  - told\n- [ ] c\n  - D: ____\n- [ ] e\n  ```\n  f\n  ```\n"
           "- [ ] g\n  ```\n  # Expected: h\n  ```\n- [ ] i < 5 ms\n- [ ] j: YES / NO\n"
           "- [ ] k\n  - [ ] l\n",
           "1 unjudged\n2 unjudged\n17 unjudged\n");
    expect("- [ ] Lead: ____ (Signature)\n- [ ] Sign-off of the lead\n", "");
}

static void test_weakness_find_commands(void **state)
{
    (void)state;
    expect("- [ ] a\n  ```\n  b | c || true\n  ```\n- [ ] d\n  ```\n  e\n  ```\n",
           "1 hidden-exit\n1 hidden-exit\n");
}

static void test_weakness_find_thresholds(void **state)
{
    (void)state;
    expect("- [ ] a < 5 ms\n- [ ] b < SLA\n- [ ] c <= ____ ms\n- [ ] d < 5 ms, e < 6\n"
           "- [ ] wait until f < 5\n- [ ] g at most 5 %\n- [ ] h normal\n- [ ] i\n  - < 5 ms\n",
           "2 threshold-number\n2 unjudged\n3 threshold-number\n4 threshold-second\n"
           "5 threshold-unread\n5 unjudged\n6 threshold-words\n6 unjudged\n7 threshold-words\n"
           "7 unjudged\n8 threshold-unread\n8 unjudged\n");
}

static void test_weakness_find_labels(void **state)
{
    (void)state;
    expect("## A\n- [ ] a < 1\n- [ ] a < 1\nB: ___ B: ___\n## C\n- [ ] a < 1\n  - B: ___\n",
           "3 same-label\n4 repeated\n");
    expect("- [ ] a: Pass / Fail\n", "1 near-choice\n1 unjudged\n");
}

static void test_soundness_find_gates(void **state)
{
    (void)state;
    expect("## G (T-1 hour)\n**Decision: [ ] GO [ ] NO-GO**\n", "2 gate-authority\n");
    expect("## Gate 1 (T-1 hour)\n**Decision Authority:** ____\n", "1 no-decision\n");
    expect("## Gates\n### Gate (T-1 hour)\n**Decision Authority:** R\n**Decision: [ ] A [ ] B**\n"
           "## S (T-2 hours to T-0)\n- [ ] Now: [ ] A [ ] B\n## Rollback\n- [ ] NO - a\n"
           "- [ ] YES - b\n\n**Rollback: \u2713 A / \u2717 B**\n",
           "");
}

static void test_soundness_find_approvals(void **state)
{
    (void)state;
    expect("## A (T-1 day to T-0)\n- [ ] Approvals:\n  - [ ] X: ____\n## B (T+1 to T+2 min)\n"
           "- [ ] Approvals:\n  - [ ] Y: ____\n## C\n- [ ] Approvals:\n  - [ ] Z: ____\n"
           "  - [ ] W: ____ (Signature)\n## G (T-1 hour)\n**Decision Authority:** R\n\n"
           "**Decision: [ ] GO [ ] NO-GO**\n",
           "6 late-approval\n9 late-approval\n");
}

static void test_soundness_find_windows(void **state)
{
    (void)state;
    expect("## A (T-1 day to T-0)\n## B (T-1 hour to T+1 min)\n### C (T-1 hour to T-5 min)\n"
           "### D (T-5 min to T+2 min)\n## E (T+1 to T+5 min)\n### F\n### H (T+2 min)\n",
           "2 overlap\n4 overlap\n");
    expect("## A (T+5 to T+9 min)\n## B (T-9 to T-5 min)\n## C (T+9 to T+5 min)\n"
           "## D (T-24 Stunden bis T-0)\n## E (T-5 Tage)\n",
           "2 overlap\n3 heading-time\n4 heading-time\n5 heading-time\n");
}

static void test_lint_find_times_unread(void **state)
{
    (void)state;
    expect("## A (T - 24 hours to T - 0)\n## B (t-24 hours to t-0)\n## C (10:00 to 11:00)\n"
           "## D (H-24)\n## E (the first 24 hours)\n",
           "1 heading-time\n2 heading-time\n3 heading-time\n4 heading-time\n5 heading-time\n");
    expect("## A: 30 minutes\n## B (step 1-2, v2.1.0)\n## C (T-1 hour)\n## H-24\n"
           "## PART-2 [at-5]\n",
           "");
}

static void test_lint_find_signatures_unread(void **state)
{
    (void)state;
    expect("- [ ] A: ____ (Signature).\n- [ ] B (Signature): ____\n"
           "- [ ] C: ____ (Signature) <!-- c -->\n- [ ] D\n  (Signature)\n\nE: ____ (signature)\n",
           "1 signature\n2 signature\n3 signature\n4 unjudged\n5 signature\n7 signature\n");
    expect("- [ ] A: ____ (Signature)\n- [ ] **B: ____ (signature)**\n- [ ] C (Signature)\n"
           "- [ ] `(Signature)` < 5\n## D (Signature)\n",
           "");
}

static void test_lint_find_boxes_unread(void **state)
{
    (void)state;
    expect("A: \u2610 yes \u2610 no\n\n| B | C |\n|---|---|\n| \u2610 | d |\n| e | [] |\n"
           "| [ ] | f < 5 |\n| \u2611 g | h |\n\n- [ ] `\u2610` < 5\n- \u2610 i\n"
           "- [ ] j < 5 \u2b1c\n",
           "1 not-a-box\n5 not-a-box\n6 not-a-box\n8 not-a-box\n11 not-a-box\n12 not-a-box\n");
}

static void test_soundness_find_rollback(void **state)
{
    (void)state;
    expect("## Rollback\n### How\n- [ ] a < 1\n", "1 rollback-status\n");
    expect("## Rollback\n### How\n**Rollback: \u2713 A / \u2717 B**\n", "");
    expect("## A\n- [ ] a < 1\n## A\n", "3 repeated\n");
}

static void test_soundness_find_whole(void **state)
{
    (void)state;
    struct checklist *checklist = kit_compile("- [ ] a\n");
    struct remark_list list = {0};
    soundness_find(checklist, &list);
    assert_int_equal(list.count, 3);
    assert_int_equal(remark_warnings(&list), 0);
    remark_free(&list);
    checklist_free(checklist);
}

static char *holders(void *ctx, const char *role)
{
    *(unsigned *)ctx += 1;
    return strcmp(role, "QA") == 0 ? mem_text("ann, bob") : NULL;
}

static void test_soundness_roles_once_each(void **state)
{
    (void)state;
    struct checklist *checklist =
        kit_compile("- [ ] DBA: ____ (Signature)\n- [ ] QA: ____ (Signature)\n"
                    "- [ ] approved by QA\n\n**Decision Authority:** Lead\n");
    struct remark_list list = {0};
    unsigned asked = 0;
    soundness_roles(checklist, holders, &asked, &list);
    assert_int_equal(asked, 2);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.remarks[0].rule, REMARK_ROLE_UNHELD);
    assert_string_equal(list.remarks[0].text, "nobody holds the role DBA");
    assert_int_equal(list.remarks[1].rule, REMARK_ROLE_HELD);
    assert_int_equal(list.remarks[1].line, 2);
    assert_string_equal(list.remarks[1].text, "the role QA is held by ann, bob");
    remark_free(&list);
    checklist_free(checklist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weakness_find_unjudged),
        cmocka_unit_test(test_weakness_find_commands),
        cmocka_unit_test(test_weakness_find_thresholds),
        cmocka_unit_test(test_weakness_find_labels),
        cmocka_unit_test(test_soundness_find_gates),
        cmocka_unit_test(test_soundness_find_approvals),
        cmocka_unit_test(test_soundness_find_windows),
        cmocka_unit_test(test_lint_find_times_unread),
        cmocka_unit_test(test_lint_find_signatures_unread),
        cmocka_unit_test(test_lint_find_boxes_unread),
        cmocka_unit_test(test_soundness_find_rollback),
        cmocka_unit_test(test_soundness_find_whole),
        cmocka_unit_test(test_soundness_roles_once_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
