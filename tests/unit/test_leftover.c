#include "tests/unit/checklist_kit.h"
#include "tests/unit/unread_kit.h"

/* The notes of a checklist as "line rule" lines. */
static void expect_notes(const char *markdown, const char *expected)
{
    struct checklist *checklist = kit_compile(markdown);
    struct buf text = {0};
    for (size_t i = 0; i < checklist->notes.count; i++)
        buf_printf(&text, "%u %s\n", checklist->notes.remarks[i].line,
                   remark_name(checklist->notes.remarks[i].rule));
    char *found = buf_take_text(&text);
    assert_string_equal(found, expected);
    free(found);
    checklist_free(checklist);
}

static void test_leftover_find_by_mark(void **state)
{
    (void)state;
    expect_notes("a `[ ]`\n\nb___c\n\n\u2713 d\n\nE / F\n\n**Owner:** Ann\n\nDone: Yes / No\n",
                 "1 mark-as-text\n3 mark-as-text\n5 mark-as-text\n7 mark-as-text\n9 label-alone\n"
                 "11 near-choice\n");
    expect_notes("[ ](link)\n\n`___`\n\n**a** b\n\n**a:\n\nA/B\n\nGo \u2705\n",
                 "1 mark-as-text\n3 mark-as-text\n11 mark-as-text\n");
    expect_notes("- [ ] a [ ](b) `___` \u2713\n  - **C:** d\n  - \u2717\n", "");
}

static void test_leftover_block_by_line(void **state)
{
    (void)state;
    expect_notes("```\na: ___\nb\n- [ ] c\n```\n", "2 reference\n4 reference\n");
    expect_notes("~~~a ____\nTime: ____ Note: ____\n~~~\n", "1 reference\n");
    expect_notes("<!-- [ ] a\nb ___\n-->\n", "1 comment\n");
    expect_notes("<div>\n\u2713 a\n</div>\n", "2 reference\n");
    expect_notes("- a\n  ```\n  b\n  ```\n", "2 reference\n");
    expect_notes("---\na: b\nc: \u2713\n---\n# T\n", "3 mark-as-text\n");
}

static const char *const samples[] = {
    "- [ ]a\n- [-] b\n- \u2610 c\n-[ ] d\n- [\u00a0] e\n[x]f\n",
    "| a | b |\n|---|---|\n| [ ] c | ____ ms | d ___ |\n| [ ] [ ] | e |\n| [ ] | |\n| f | ___ |\n",
    "**If it rains:**\n- [ ] a\n\n**If not: \u2713 A / \u2717 B**\n",
    "## G (T-1 hour)\n**Decision Authority:** R\n\n**Decision: [ ] GO [ ] NO-GO**\n\n"
    "**Decided By:** ____ **Date/Time:** ____\n",
    "**Sure?**\n- [ ] NO - a ___\n- [ ] YES - b\n",
    "> > - [x] a\n> > **B:** c\n>\n> ___\n",
    "- [ ] a\n  ```sh\n  b ____ [ ]\n  # Expected: \u2713\n  ```\n",
    "# A **b:** [ ]\n## C ___\nd\n[ ] e\n===\n#### **F:** g\n",
    "```\nTime: ____ Note: ____\n\nTime: ____ Note: ____\n```\n",
    "\xef\xbb\xbf---\ntitle: [ ]\n---\r\n- [ ] a\r\n\r\n    - [ ] b\r\n",
    "**A: [ ] b: \u2713 C / \u2717 D**\n",
    "~~~a ____ b\nTime: ____ Note: ____\n~~~\n",
    "- [ ] a: PASS / FAIL\n- [ ] b ____ to ____ [ ] c\n- ____\n- [ ]\n",
    "## G\n**Decision Authority:** R\nDecided by: ____\nDate/time: ___\n",
    "- [ ] a\n  - ``````[ ] b ___\n- c\n",
    "***\n___\n* * ___\n- ___\n-\n  ___\n",
    "- [ ] a ____ ms: [ ] B [ ] C\nd: ____ ms [ ] E [ ] F\ng ____: PASS / FAIL\n"
    "**h ____: \u2713 I [ ] / \u2717 J ____**\n",
    "## G (T-1 hour)\n**Decision Authority:** R [ ] GO [ ] NO-GO\n\n- [ ] GO - a\n- [ ] NO - b\n",
    "- [ ] All approvals\n  - [ ] R: ____ [ ] yes [ ] no\n- [ ] Q [ ] (Signature)\n",
    "## G (T-1 hour)\n**Decision Authority:** R\n\n**Decision (one [ ] of):**\n- [ ] GO - a [ ] b\n"
    "- [ ] NO - c ____\n",
};

static void test_leftover_find_nothing_dropped(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct checklist *checklist = kit_compile(samples[i]);
        unsigned line = unread_first(checklist);
        if (line > 0)
            fail_msg("line %u of:\n%s", line, samples[i]);
        checklist_free(checklist);
    }
}

/* The same of each sample cut short, and of each beside each other. */
static void test_leftover_find_nothing_dropped_in_pairs(void **state)
{
    (void)state;
    size_t count = sizeof(samples) / sizeof(samples[0]);
    for (size_t i = 0; i < count * count; i++) {
        struct buf source = {0};
        buf_text(&source, samples[i / count]);
        source.bytes -= i % 7 < source.bytes ? i % 7 : 0;
        while (source.bytes > 0 && (source.data[source.bytes - 1] & 0x80) != 0)
            source.bytes--;
        buf_text(&source, samples[i % count]);
        struct checklist *checklist = kit_compile((const char *)source.data);
        unsigned line = unread_first(checklist);
        if (line > 0)
            fail_msg("line %u of:\n%s", line, (const char *)source.data);
        checklist_free(checklist);
        buf_free(&source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leftover_find_by_mark),
        cmocka_unit_test(test_leftover_block_by_line),
        cmocka_unit_test(test_leftover_find_nothing_dropped),
        cmocka_unit_test(test_leftover_find_nothing_dropped_in_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
