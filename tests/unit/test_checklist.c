#include "ledger/ledger.h"
#include "tests/unit/checklist_kit.h"

static enum err compile(const char *source, size_t bytes)
{
    struct checklist *checklist = NULL;
    struct err_text why = {""};
    enum err err = checklist_compile(source, bytes, &checklist, &why);
    assert_true((err == ERR_OK) == (why.s[0] == '\0'));
    assert_true((err == ERR_OK) == (checklist != NULL));
    checklist_free(checklist);
    return err;
}

/* ${count} times ${text}. */
static enum err compile_many(const char *text, size_t count)
{
    struct buf source = {0};
    for (size_t i = 0; i < count; i++)
        buf_text(&source, text);
    enum err err = compile((const char *)source.data, source.bytes);
    buf_free(&source);
    return err;
}

static void test_checklist_compile_invalid(void **state)
{
    (void)state;
    assert_int_equal(compile("a\0b", 3), ERR_INVALID);
    assert_int_equal(compile("\xff", 1), ERR_INVALID);
    assert_int_equal(compile("\xc0\xaf", 2), ERR_INVALID);
    assert_int_equal(compile("\xc3", 1), ERR_INVALID);
    assert_int_equal(compile("", 0), ERR_OK);
    assert_int_equal(compile(NULL, 0), ERR_OK);
}

static void test_checklist_compile_too_big(void **state)
{
    (void)state;
    assert_int_equal(compile_many("x", CHECKLIST_BYTES_MAX), ERR_OK);
    assert_int_equal(compile_many("x", CHECKLIST_BYTES_MAX + 1), ERR_TOO_BIG);
    assert_int_equal(compile_many("- [ ] a\n", CHECKLIST_NODES_MAX), ERR_OK);
    assert_int_equal(compile_many("- [ ] a\n", CHECKLIST_NODES_MAX + 1), ERR_TOO_BIG);
}

static enum err compile_nested(unsigned depth)
{
    struct buf source = {0};
    for (unsigned i = 0; i < depth; i++)
        buf_printf(&source, "%*s- [ ] a\n", (int)(2 * i), "");
    enum err err = compile((const char *)source.data, source.bytes);
    buf_free(&source);
    return err;
}

static void test_checklist_compile_too_deep(void **state)
{
    (void)state;
    assert_int_equal(compile_nested(CHECKLIST_DEPTH_MAX), ERR_OK);
    assert_int_equal(compile_nested(CHECKLIST_DEPTH_MAX + 1), ERR_TOO_BIG);
}

static void test_checklist_compile_ids(void **state)
{
    (void)state;
    kit_expect("# T\n## Sub\nA: ___\n\n---\n## One\n- [ ] a\n  - B: ___\n    - C: ___\n- [ ] d\n"
               "### One one\n- [ ] e\n### One two\n- [ ] f\n## Two\n- [ ] g\n---\nH: ___\n\n---\n"
               "### Two one\n- [ ] i\n",
               "0.0.1 field A\n1.0.1 item a\n1.0.1.1 field B\n1.0.1.2 field C\n1.0.2 item d\n"
               "1.1.1 item e\n1.2.1 item f\n2.0.1 item g\n0.0.2 field H\n2.1.1 item i\n");
}

static void test_checklist_compile_sections(void **state)
{
    (void)state;
    struct checklist *checklist = kit_compile(
        "Title\n=====\n## Sub\nA: ___\n## One (T-1 day to T-0)\n### In\n### Own (T-1 hour)\n"
        "## Two\n### If asked\n- [ ] a\n## Rollback now (if any)\n### Do\n- [ ] b\n");
    assert_string_equal(checklist->title, "Title");
    assert_string_equal(checklist->subtitle, "Sub");
    assert_int_equal(checklist->section_count, 8);
    const struct section *sections = checklist->sections;
    static const char *const ids[] = {"0", "1", "1.1", "1.2", "2", "2.1", "3", "3.1"};
    for (size_t i = 0; i < 8; i++) {
        assert_string_equal(sections[i].id, ids[i]);
        assert_int_equal(checklist_section(checklist, ids[i]), i);
    }
    assert_true(sections[2].window.set && sections[2].window.from_min == -1440);
    assert_true(sections[3].window.from_min == -60 && sections[3].window.to_min == -60);
    assert_true(!sections[4].window.set && !sections[4].optional);
    assert_true(sections[5].optional && sections[6].optional && sections[7].optional);
    assert_true(sections[6].rollback && sections[7].rollback && !sections[5].rollback);
    assert_int_equal(sections[7].parent, 6);
    assert_int_equal(checklist_section(checklist, "9"), CHECKLIST_NONE);
    assert_int_equal(checklist_node(checklist, "9.0.1"), CHECKLIST_NONE);
    assert_true(kit_node(checklist, "2.1.1")->optional && kit_node(checklist, "3.1.1")->rollback);
    checklist_free(checklist);
}

static void test_checklist_compile_items(void **state)
{
    (void)state;
    kit_expect("## S\n* [x] **a** b:\n+ [X] c\n  wrapped\n  D: ___ ms\n1. [ ] d ___\n- [ ] ___ e\n"
               "- [ ] f: [ ] None [ ] Some\n- [ ] g: PASS / FAIL\n",
               "1.0.1 item a b\n1.0.2 item c wrapped\n1.0.2.1 field D\n1.0.3 item d\n"
               "1.0.3.1 field d\n1.0.4 item ___ e\n1.0.5 item f\n1.0.5.1 choice f\n"
               "1.0.6 item g: PASS / FAIL\n1.0.6.1 choice g\nline 7: a blank without a label\n");
}

static void test_checklist_compile_commands(void **state)
{
    (void)state;
    struct checklist *checklist = kit_compile(
        "- [ ] a\n  plain\n  - sub: text\n    more\n  - sub: ___\n  ```bash\n  one \\\n    two\n"
        "  # Expected: x\n  # expected:  y\n  # note\n  ```\n  ~~~\n  three\n  ~~~\n- [ ] b\n"
        "  ```\n  # Expected: z\n  ```\n\n```\nno: ___\n```\n");
    const struct node *node = kit_node(checklist, "0.0.1");
    assert_string_equal(node->label, "a plain");
    assert_string_equal(node->line_text, "a plain");
    assert_string_equal(node->text, "sub: text\nmore");
    assert_string_equal(node->command, "one \\\n  two\n# note\nthree");
    assert_string_equal(node->expected, "x\ny");
    node = kit_node(checklist, "0.0.2");
    assert_null(node->command);
    assert_null(node->text);
    assert_string_equal(node->expected, "z");
    assert_int_equal(checklist->node_count, 3);
    assert_int_equal(checklist->warnings.count, 0);
    checklist_free(checklist);
}

static void test_checklist_compile_approvals(void **state)
{
    (void)state;
    struct checklist *checklist = kit_compile(
        "- [ ] All approvals:\n  - [ ] **Release Manager:** ____\n  - [ ] QA: ____ Date: ____\n"
        "  - [ ] no blank\n- [ ] Ask: ____\n- [ ] DBA: ____ (Signature)\n- [ ] On-call "
        "(signature)\n"
        "- [ ] (Signature)\n- [ ] Sign-off of the release  manager\n- [ ] Release Manager present\n"
        "- [ ] Done\n  - approved by dba\n- [ ] approved by a release manageress\n");
    const struct node *node = kit_node(checklist, "0.0.1.1");
    assert_int_equal(node->kind, NODE_APPROVAL);
    assert_string_equal(node->role, "Release Manager");
    assert_false(node->signature);
    assert_int_equal(kit_node(checklist, "0.0.1.2")->kind, NODE_APPROVAL);
    assert_string_equal(kit_node(checklist, "0.0.1.2.1")->label, "Date");
    assert_int_equal(kit_node(checklist, "0.0.1.3")->kind, NODE_ITEM);
    assert_int_equal(kit_node(checklist, "0.0.2")->kind, NODE_ITEM);
    assert_true(kit_node(checklist, "0.0.3")->signature);
    assert_string_equal(kit_node(checklist, "0.0.4")->role, "On-call");
    assert_int_equal(kit_node(checklist, "0.0.5")->kind, NODE_ITEM);
    assert_int_equal(checklist->warnings.count, 1);
    assert_string_equal(kit_node(checklist, "0.0.6")->role, "Release Manager");
    assert_null(kit_node(checklist, "0.0.7")->role);
    assert_string_equal(kit_node(checklist, "0.0.8")->role, "DBA");
    assert_null(kit_node(checklist, "0.0.9")->role);
    size_t top = checklist_node(checklist, "0.0.1"), leaf = checklist_node(checklist, "0.0.1.2.1");
    assert_true(checklist_child_of(checklist, leaf, top));
    assert_false(checklist_child_of(checklist, top, leaf));
    assert_false(checklist_child_of(checklist, top, top));
    checklist_free(checklist);
}

#define GATE(heading, role, options)                                                               \
    "### " heading "\n**Decision Authority:** " role "\n\n**Decision: " options                    \
    "**\n\n**Decided By:** ____ **Date/Time:** ____\n"

static void test_checklist_compile_gates(void **state)
{
    (void)state;
    struct checklist *checklist = kit_compile(
        "## Gates\n" GATE("Late (T+90 min)", "Lead", "[ ] OK [ ] BAD")
            GATE("None", "Lead", "[ ] A [ ] B") GATE("Early (T-1 hour)", "RM", "[ ] GO [ ] NO-GO")
                GATE("Middle (T+50 min)", "Lead", "[ ] GO [ ] NO-GO"));
    static const char *const order[] = {"1.3.1", "1.4.1", "1.1.1", "1.2.1"};
    assert_int_equal(checklist->gate_count, 4);
    assert_int_equal(checklist->node_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(checklist->nodes[checklist->gates[i]].id, order[i]);
    const struct node *gate = kit_node(checklist, "1.3.1");
    assert_string_equal(gate->label, "Early (T-1 hour)");
    assert_string_equal(gate->authority, "RM");
    assert_int_equal(checklist_option_of(gate, "NO-GO"), 1);
    assert_int_equal(checklist_option_of(gate, "no-go"), CHECKLIST_NONE);
    assert_int_equal(checklist->warnings.count, 0);
    checklist_free(checklist);
}

static void expect_guard(const struct checklist *checklist, const char *id, const char *gate)
{
    size_t guard = kit_node(checklist, id)->guarded_by;
    if (gate == NULL)
        assert_int_equal(guard, CHECKLIST_NONE);
    else
        assert_string_equal(checklist->nodes[guard].id, gate);
}

static void test_checklist_compile_guards(void **state)
{
    (void)state;
    struct checklist *checklist = kit_compile(
        "## Before (T-1 day to T-0)\n- [ ] a\n- [ ] Go: [ ] GO [ ] NO-GO\n- [ ] [ ] YES [ ] NO\n"
        "## During (T+0 to T+50 min)\n- [ ] b\n- [ ] Go: [ ] GO [ ] NO-GO\n## At (T+50 min)\n- [ ] "
        "c\n"
        "## After (T+51 min to T+2 hours)\n- [ ] d\n## Later (T+2 days to T+3 days)\n- [ ] e\n"
        "## Never\n- [ ] f\n## Rollback\n**Needed?**\n- [ ] NO - go on\n- [ ] YES - go back\n"
        "## Gates\n" GATE("One (T-1 hour)", "A", "[ ] GO [ ] NO-GO")
            GATE("Two (T+50 min)", "B", "[ ] GO [ ] NO-GO")
                GATE("Three (T+1 day)", "C", "[ ] OK [ ] BAD"));
    expect_guard(checklist, "1.0.1", NULL);
    expect_guard(checklist, "2.0.1", "8.1.1");
    expect_guard(checklist, "3.0.1", "8.1.1");
    expect_guard(checklist, "4.0.1", "8.2.1");
    expect_guard(checklist, "5.0.1", "8.2.1");
    expect_guard(checklist, "6.0.1", NULL);
    expect_guard(checklist, "8.2.1", NULL);
    const struct node *twin = kit_node(checklist, "1.0.2");
    assert_string_equal(checklist->nodes[twin->twin_of].id, "8.1.1");
    assert_int_equal(kit_node(checklist, "1.0.3")->twin_of, CHECKLIST_NONE);
    twin = kit_node(checklist, "2.0.2"); /* inside its window: the end is */
    assert_string_equal(checklist->nodes[twin->twin_of].id, "8.2.1");
    const struct node *rollback = kit_node(checklist, "7.0.1");
    assert_true(rollback->rollback_decision && !rollback->rollback);
    assert_string_equal(rollback->label, "Needed?");
    assert_string_equal(rollback->options[1].label, "YES");
    assert_int_equal(rollback->line, 18);
    checklist_free(checklist);
}

static void test_checklist_compile_late_title(void **state)
{
    (void)state;
    struct checklist *checklist = kit_compile("## S\n- [ ] a\n# Title\n## Sub\n# More\n");
    assert_non_null(checklist->title);
    assert_string_equal(checklist->title, "Title");
    assert_null(checklist->subtitle);
    assert_int_equal(checklist->section_count, 2);
    assert_int_equal(checklist->warnings.count, 2);
    assert_string_equal(checklist->warnings.remarks[0].text, "a late # begins no section");
    assert_string_equal(checklist->warnings.remarks[1].text, "a further # begins no section");
    checklist_free(checklist);
}

/* A list of options is named by the line above it, or by the entry that it is nested in. */
static void test_checklist_compile_decision_lists(void **state)
{
    (void)state;
    kit_expect("## S\nGo?\n- [ ] NO - a\n- [ ] YES - b\n\n* Turn?\n  - [ ] LEFT - a\n"
               "  - [ ] RIGHT - b\n* [ ] Back?\n  - [ ] NO - a\n  - [ ] YES - b\n",
               "1.0.1 decision Go?\n1.0.2 decision Turn?\n1.0.3 item Back?\n"
               "1.0.3.1 decision Back?\n");
}

static void test_checklist_compile_optional_lists(void **state)
{
    (void)state;
    struct checklist *checklist =
        kit_compile("**If it rains:**\n- [ ] STAY - in\n- [ ] GO - out\n  - Where: ___\n\n"
                    "**If Broken at: ___**\n- [ ] a\n\nText\n- [ ] NO - b\n- [ ] YES - c\n");
    static const struct {
        const char *id;
        bool optional;
    } expected[] = {
        {"0.0.1", true}, {"0.0.1.1", true}, {"0.0.2", false}, {"0.0.3", true}, {"0.0.4", false}};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        if (kit_node(checklist, expected[i].id)->optional != expected[i].optional)
            fail_msg("%s", expected[i].id);
    }
    assert_int_equal(checklist->node_count, sizeof(expected) / sizeof(expected[0]));
    checklist_free(checklist);
}

static void test_checklist_compile_optional(void **state)
{
    (void)state;
    struct checklist *checklist = kit_compile(
        "- [ ] a (if any)\n  - B: ___\n- [ ] c (as if)\n- [ ] d (iffy)\n- [ ] e `(if any)`\n"
        "- [ ] f if needed\n\n**If Broken:**\n- [ ] g\n  - [ ] h\n- i: ___\n\nText\n- [ ] j\n\n"
        "K (If asked): ___\n");
    static const struct {
        const char *id;
        bool optional;
    } expected[] = {{"0.0.1", true},  {"0.0.1.1", true}, {"0.0.2", false}, {"0.0.3", false},
                    {"0.0.4", false}, {"0.0.5", false},  {"0.0.6", true},  {"0.0.6.1", true},
                    {"0.0.7", true},  {"0.0.8", false},  {"0.0.9", true}};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        if (kit_node(checklist, expected[i].id)->optional != expected[i].optional)
            fail_msg("%s", expected[i].id);
    }
    assert_int_equal(checklist->node_count, sizeof(expected) / sizeof(expected[0]));
    checklist_free(checklist);
}

static void test_checklist_compile_notes(void **state)
{
    (void)state;
    kit_expect("## Notes\n```\nTime: ____ Note: ____\n```\n```\nA: ____ B: ____\n```\n",
               "1.0.1 notes Notes\n");
}

static void test_checklist_compile_warnings(void **state)
{
    (void)state;
    kit_expect(
        "# A\n# B\n### C\n#### D\n- [ ] e\n## F ___\n## G (T+5 to T+1 min)\n- []\n- [ ]\n____ h\n"
        "[ ] i\n\u2713 j / \u2717 k\n\n<div>\n[ ] l\n</div>\n\n- m\n  # n\n- ___\n",
        "0.0.1 item e\n"
        "line 2: a further # begins no section\n"
        "line 3: a ### under no ## begins no section\n"
        "line 4: a heading of level 4 begins no section\n"
        "line 6: a blank or a box in a heading is no part of the checklist\n"
        "line 7: the time in this heading cannot be read\n"
        "line 8: not a box\n"
        "line 9: a box without a text\n"
        "line 10: a blank without a label\n"
        "line 11: a box or mark that is no task and no choice of two or more\n"
        "line 12: marked alternatives outside a bold line are no status\n"
        "line 14: HTML is no part of the checklist\n"
        "line 19: a heading within a list begins no section\n"
        "line 20: a blank without a label\n");
    kit_expect("## S\n**Decision Authority:** R\n**X: [ ] A [ ] A**\n**Y: [ ] B [ ] C**\n"
               "## T\n**Decision Authority:** R\n## Rollback\n**[ ] D [ ] E**\n**[ ] F [ ] G**\n",
               "1.0.1 decision S\n1.0.2 decision Y\n3.0.1 decision Rollback\n"
               "3.0.2 decision Rollback\n"
               "line 3: two alternatives of the same name\n"
               "line 4: a second decision in a gate's section is no gate\n"
               "line 5: an authority, but no decision\n"
               "line 6: this says who decides, but there is no decision\n"
               "line 9: a second rollback decision is an ordinary one\n");
    kit_expect("# T\n\n## Sub\n- [ ] a\n<!-- b",
               "0.0.1 item a\nline 3: a ## right under the # is the subtitle, so that what follows "
               "is in no section\nline 5: a comment that is not closed hides the rest\n");
}

static void test_checklist_measures_by_place(void **state)
{
    (void)state;
    struct checklist *checklist = kit_compile(
        "## A\n### One\n- [ ] Error rate < 1%\n- Error rate: ___ %\n### Two\n- [ ] Error rate < "
        "2%\n"
        "  - Rate: ___\n### Three\nError Rate at 50%: ___ %\n## B\n- [ ] Error rate < 3%\n");
    size_t one = checklist_node(checklist, "1.1.1"), two = checklist_node(checklist, "1.2.1");
    size_t far = checklist_node(checklist, "2.0.1"), own = checklist_node(checklist, "1.1.2");
    size_t other = checklist_node(checklist, "1.3.1"), inner = checklist_node(checklist, "1.2.1.1");
    assert_true(checklist_measures(checklist, own, one));
    assert_false(checklist_measures(checklist, other, one));
    assert_true(checklist_measures(checklist, own, two));
    assert_true(checklist_measures(checklist, other, two));
    assert_true(checklist_measures(checklist, inner, two));
    assert_false(checklist_measures(checklist, inner, one));
    assert_false(checklist_measures(checklist, own, far));
    assert_false(checklist_measures(checklist, one, two));
    assert_false(checklist_measures(checklist, own, other));
    assert_true(checklist_metric_measures(checklist, "error_rate", "%", far));
    assert_false(checklist_metric_measures(checklist, "error_rate", NULL, far));
    assert_false(checklist_metric_measures(checklist, "rate", "%", own));
    checklist_free(checklist);
}

static void test_checklist_threshold_holds_by_op(void **state)
{
    (void)state;
    static const struct {
        enum threshold_op op;
        bool below, at, above;
    } ops[] = {{OP_LESS, true, false, false},
               {OP_LESS_EQUAL, true, true, false},
               {OP_GREATER, false, false, true},
               {OP_GREATER_EQUAL, false, true, true},
               {OP_EQUAL, false, true, false}};
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        struct threshold threshold = {.op = ops[i].op, .value = 5};
        assert_true(checklist_threshold_holds(&threshold, 4.9) == ops[i].below);
        assert_true(checklist_threshold_holds(&threshold, 5) == ops[i].at);
        assert_true(checklist_threshold_holds(&threshold, 5.1) == ops[i].above);
    }
}

static void test_checklist_compile_places(void **state)
{
    (void)state;
    const char *source = "- [x] a: ____ ms\n- [ ] b: [ ] GO [ ] NO\n";
    struct checklist *checklist = kit_compile(source);
    const struct node *field = kit_node(checklist, "0.0.1.1"), *go = kit_node(checklist, "0.0.2");
    assert_memory_equal(source + kit_node(checklist, "0.0.1")->place.at, "[x]", 3);
    assert_memory_equal(source + field->place.at, "____ ms", 7);
    assert_int_equal(field->place.bytes, 7);
    assert_memory_equal(source + go->place.at, "[ ] b", 5);
    assert_memory_equal(source + go->options[1].box.at, "[ ] NO", 6);
    checklist_free(checklist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checklist_compile_invalid),
        cmocka_unit_test(test_checklist_compile_too_big),
        cmocka_unit_test(test_checklist_compile_too_deep),
        cmocka_unit_test(test_checklist_compile_ids),
        cmocka_unit_test(test_checklist_compile_sections),
        cmocka_unit_test(test_checklist_compile_items),
        cmocka_unit_test(test_checklist_compile_commands),
        cmocka_unit_test(test_checklist_compile_approvals),
        cmocka_unit_test(test_checklist_compile_gates),
        cmocka_unit_test(test_checklist_compile_guards),
        cmocka_unit_test(test_checklist_compile_late_title),
        cmocka_unit_test(test_checklist_compile_decision_lists),
        cmocka_unit_test(test_checklist_compile_optional_lists),
        cmocka_unit_test(test_checklist_compile_optional),
        cmocka_unit_test(test_checklist_compile_notes),
        cmocka_unit_test(test_checklist_compile_warnings),
        cmocka_unit_test(test_checklist_measures_by_place),
        cmocka_unit_test(test_checklist_threshold_holds_by_op),
        cmocka_unit_test(test_checklist_compile_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
