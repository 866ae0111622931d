#include "replay/filled.h"
#include "tests/unit/checklist_kit.h"

#define AT "2026-01-01 00:00:00 UTC"

static const struct mark mark = {
    .set = true, .seq = 7, .pos = 3, .time_us = 1767225600000000, .principal = "ann"};

/* A deployment of a checklist of which some nodes have a state. */
struct copy {
    struct checklist *checklist;
    struct deployment deployment;
    struct node_state *states;
};

static void copy_new(struct copy *copy, const char *markdown)
{
    static char release[] = "1.0";
    copy->checklist = kit_compile(markdown);
    copy->states = mem_zero(copy->checklist->node_count, sizeof(*copy->states));
    copy->deployment = (struct deployment){.id = "d1",
                                           .phase = PHASE_OPEN,
                                           .checklist = copy->checklist,
                                           .release = release,
                                           .nodes = copy->states,
                                           .last = mark};
}

static struct node_state *copy_state(struct copy *copy, const char *id)
{
    size_t index = checklist_node(copy->checklist, id);
    assert_true(index < copy->checklist->node_count);
    return &copy->states[index];
}

/* Compare the copy, but for what it says of itself at the end, and free all. */
static void copy_expect(struct copy *copy, const char *expected)
{
    struct buf text = {0};
    struct ledger_info info = {.origin = "ledger.example/simulated", .simulated = true};
    filled_add(&copy->deployment, &info, &text);
    char *found = buf_take_text(&text), *end = strstr(found, "\n---\n\n*Filled");
    assert_non_null(end);
    assert_non_null(strstr(end, "ledger.example/simulated (SIMULATED): deployment d1, release 1.0, "
                                "open; last entry: ann, " AT ", seq 7; checklist sha256 "));
    *end = '\0';
    assert_string_equal(found, expected);
    free(found);
    free(copy->states);
    checklist_free(copy->checklist);
}

static void test_filled_add_nothing(void **state)
{
    (void)state;
    struct copy copy;
    const char *source = "# T\n\n- [ ] a\n- [ ] B: ___ ms\n\n**S: \u2713 C / \u2717 D**\n";
    copy_new(&copy, source);
    copy_expect(&copy, source);
    copy_new(&copy, "- [X] a\r\n- b: ___");
    copy_expect(&copy, "- [ ] a\r\n- b: ___\n");
}

static void test_filled_add_items(void **state)
{
    (void)state;
    struct copy copy;
    static char why[] = "too *hot*\n[x]";
    copy_new(&copy, "- [ ] a\r\n- [ ] b\n- [x] c\n- [ ] d\n- [ ] e\n  more\n");
    copy_state(&copy, "0.0.1")->result = RESULT_PASS;
    copy_state(&copy, "0.0.1")->mark = mark;
    copy_state(&copy, "0.0.1")->command = (struct command_run){mark, 3, false};
    copy_state(&copy, "0.0.2")->result = RESULT_FAIL;
    copy_state(&copy, "0.0.2")->mark = mark;
    copy_state(&copy, "0.0.2")->note = why;
    copy_state(&copy, "0.0.3")->undone = mark;
    copy_state(&copy, "0.0.4")->waived = mark;
    copy_state(&copy, "0.0.4")->waive_reason = why;
    copy_state(&copy, "0.0.5")->result = RESULT_NA;
    copy_state(&copy, "0.0.5")->mark = mark;
    copy_expect(&copy,
                "- [x] a \u2014 ann, " AT ", seq 7; command: exit 3, not as expected, seq 7\r\n"
                "- [ ] b \u2014 failed: ann, " AT ", seq 7: too \\*hot\\*\\\\n\\[x\\]\n"
                "- [ ] c \u2014 reopened: ann, " AT ", seq 7\n"
                "- [ ] d \u2014 waived: ann, " AT ", seq 7: too \\*hot\\*\\\\n\\[x\\]\n"
                "- [ ] e \u2014 not applicable: ann, " AT ", seq 7\n  more\n");
}

static void test_filled_add_values(void **state)
{
    (void)state;
    struct copy copy;
    static char value[] = "0.1", unit[] = "s", why[] = "broken";
    copy_new(&copy, "**A: ____ % | B: ____ms** C: ____ (expected: 1)\n- D: PASS / FAIL\n");
    copy_state(&copy, "0.0.1")->value = value;
    copy_state(&copy, "0.0.1")->mark = mark;
    copy_state(&copy, "0.0.2")->value = value;
    copy_state(&copy, "0.0.2")->unit = unit;
    copy_state(&copy, "0.0.2")->mark = mark;
    copy_state(&copy, "0.0.3")->waived = mark;
    copy_state(&copy, "0.0.3")->waive_reason = why;
    copy_state(&copy, "0.0.4")->option = 1;
    copy_state(&copy, "0.0.4")->mark = mark;
    copy_expect(&copy, "**A: 0.1 % (ann, " AT ", seq 7) | B: 0.1 s (ann, " AT ", seq 7)** "
                       "C: waived (ann, " AT ", seq 7: broken) (expected: 1)\n"
                       "- D: PASS / FAIL \u2014 FAIL \u2014 ann, " AT ", seq 7\n");
}

static void test_filled_add_approvals(void **state)
{
    (void)state;
    struct copy copy;
    struct mark later = mark;
    later.pos = mark.pos + 1;
    copy_new(&copy, "- [ ] Approvals\n  - [ ] RM: ____\n  - [ ] QA: ____\n- [ ] DBA (Signature)\n");
    copy_state(&copy, "0.0.1.1")->mark = mark;
    copy_state(&copy, "0.0.1.1")->met = true;
    copy_state(&copy, "0.0.1.2")->mark = mark;
    copy_state(&copy, "0.0.1.2")->undone = later;
    copy_state(&copy, "0.0.2")->mark = mark;
    copy_state(&copy, "0.0.2")->met = true;
    copy_expect(&copy, "- [ ] Approvals\n  - [x] RM: ann \u2014 ann, " AT ", seq 7\n"
                       "  - [ ] QA: ____ \u2014 taken back or rejected: ann, " AT ", seq 7\n"
                       "- [x] DBA (Signature) \u2014 ann, " AT ", seq 7\n");
}

static void test_filled_add_decisions(void **state)
{
    (void)state;
    struct copy copy;
    copy_new(&copy, "## G (T-1 hour)\n**Decision Authority:** RM\n\n**Go: [ ] GO [ ] NO**\n\n"
                    "**Decided By:** ____ **Date/Time:** ____\n\n## H\n- [ ] Go: [ ] GO [ ] NO\n\n"
                    "**Back?**\n- [ ] NO - on\n- [ ] YES - back\n\n**S: \u2713 A / \u2717 B**\n");
    static const char *const ids[] = {"1.0.1", "2.0.1", "2.0.2", "2.0.3"};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        copy_state(&copy, ids[i])->mark = mark;
        copy_state(&copy, ids[i])->option = 1;
    }
    copy_expect(&copy, "## G (T-1 hour)\n**Decision Authority:** RM\n\n**Go: [ ] GO [x] NO** "
                       "\u2014 NO \u2014 ann, " AT ", seq 7\n\n"
                       "**Decided By:** ann **Date/Time:** " AT "\n\n## H\n- [x] Go: [ ] GO [x] NO "
                       "\u2014 NO \u2014 ann, " AT ", seq 7\n\n**Back?**\n- [ ] NO - on\n"
                       "- [x] YES - back \u2014 YES \u2014 ann, " AT ", seq 7\n\n"
                       "**S: \u2713 A / \u2717 B** \u2014 \u2717 B \u2014 ann, " AT ", seq 7\n");
}

static void test_filled_add_notes(void **state)
{
    (void)state;
    static char first[] = "one", second[] = "two\nlines", third[] = "three";
    struct note_taken notes[] = {{first, CHECKLIST_NONE, mark},
                                 {second, CHECKLIST_NONE, mark},
                                 {third, CHECKLIST_NONE, mark}};
    struct copy copy;
    copy_new(&copy, "```\nWrite:\n\nTime: ____ Note: ____\n\nTime: ____ Note: ____\n```\nend\n");
    copy.deployment.notes = notes;
    copy.deployment.note_count = 3;
    copy_expect(&copy, "```\nWrite:\n\nTime: " AT " Note: one (ann, seq 7)\n\n"
                       "Time: " AT " Note: two\\nlines (ann, seq 7)\n"
                       "Time: " AT " Note: three (ann, seq 7)\n```\nend\n");
    copy_new(&copy, "```\nTime: ____ Note: ____\nTime: ____ Note: ____\n```\n");
    copy.deployment.notes = notes;
    copy.deployment.note_count = 1;
    copy_expect(&copy, "```\nTime: " AT " Note: one (ann, seq 7)\nTime: ____ Note: ____\n```\n");
}

/* Without a fence for them, notes stand at the end; flags stand with their mark. */
static void test_filled_add_elsewhere(void **state)
{
    (void)state;
    static char text[] = "one";
    struct mark flagged = mark;
    flagged.flags = 1U << FLAG_LATE;
    struct note_taken notes[] = {{text, 0, mark}};
    struct copy copy;
    copy_new(&copy, "- [ ] a");
    copy_state(&copy, "0.0.1")->result = RESULT_PASS;
    copy_state(&copy, "0.0.1")->mark = flagged;
    copy.deployment.notes = notes;
    copy.deployment.note_count = 1;
    copy_expect(&copy, "- [x] a \u2014 ann, " AT ", seq 7, flags: late\n\n---\n\n```\n"
                       "Time: " AT " Note: one (ann, seq 7, on 0.0.1)\n```\n");
}

static void test_filled_add_unopened(void **state)
{
    (void)state;
    struct deployment deployment = {.id = "d1"};
    struct ledger_info info = {.origin = "o"};
    struct buf text = {0};
    filled_add(&deployment, &info, &text);
    assert_int_equal(text.bytes, 0);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filled_add_nothing),   cmocka_unit_test(test_filled_add_items),
        cmocka_unit_test(test_filled_add_values),    cmocka_unit_test(test_filled_add_approvals),
        cmocka_unit_test(test_filled_add_decisions), cmocka_unit_test(test_filled_add_notes),
        cmocka_unit_test(test_filled_add_elsewhere), cmocka_unit_test(test_filled_add_unopened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
