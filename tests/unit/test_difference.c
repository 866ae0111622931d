#include "deployment_kit.h"

#include "replay/difference.h"

static const struct fact *find(const struct facts *facts, enum fact_kind kind, const char *name)
{
    for (size_t i = 0; i < facts->count; i++) {
        if (facts->list[i].kind == kind && strcmp(facts->list[i].name, name) == 0)
            return &facts->list[i];
    }
    fail_msg("no %s %s", facts_kind(kind), name);
    return NULL;
}

static void test_facts_of_an_unopened_deployment(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    struct facts facts;
    facts_of(kit->deployment, 0, &facts);
    assert_int_equal(facts.count, 1);
    assert_string_equal(find(&facts, FACT_COURSE, "phase")->text, "unopened");
    facts_free(&facts);
    kit_free(kit);
}

static void test_facts_of_all_kinds(void **state)
{
    static const struct {
        enum fact_kind kind;
        const char *name, *text;
    } expected[] = {
        {FACT_COURSE, "phase", "open"},
        {FACT_COURSE, "T+0", "1970-01-11 00:00:00 UTC, planned"},
        {FACT_COURSE, "emergency", "declared: r"},
        {FACT_GATE, "gate 1", "not open"},
        {FACT_NODE, "1.1.1", "pass"},
        {FACT_NODE, "1.1.2", "waived: why"},
        {FACT_NODE, "1.1.7.1", "recorded: 250 ms"},
        {FACT_THRESHOLD, "1.1.7", "broken: 250 of 1.1.7.1 is not < 200 ms"},
        {FACT_CRITERION, "threshold:1.1.7 from #4", "unresolved: 250 of 1.1.7.1 is not < 200 ms"},
        {FACT_ASSIGNMENT, "Security Lead: sam", "assigned"},
        {FACT_ISSUE, "i-1", "open, severity 2: slow"},
        {FACT_SAMPLE, "#6", "load: 3"},
        {FACT_NOTE, "#7", "on 1.1.1: n"},
    };
    (void)state;
    struct kit *kit = kit_open();
    struct facts facts;
    KIT_OK(kit, kit_check(kit, robot, "1.1.1", "pass"));
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.2\",\"reason\":\"why\"}"));
    KIT_OK(kit, kit_act(kit, lee, "emergency.declared", "{\"reason\":\"r\"}"));
    KIT_OK(kit, kit_act(kit, lee, "field.recorded",
                        "{\"node\":\"1.1.7.1\",\"value\":250,\"unit\":\"ms\"}"));
    KIT_OK(kit, kit_act(kit, lee, "issue.opened",
                        "{\"issue\":\"i-1\",\"title\":\"slow\",\"severity\":2}"));
    KIT_OK(kit, kit_act(kit, robot, "metric.sampled", "{\"metric\":\"load\",\"value\":3}"));
    KIT_OK(kit, kit_act(kit, eve, "note.added", "{\"text\":\"n\",\"node\":\"1.1.1\"}"));
    facts_of(kit->deployment, 0, &facts);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_string_equal(find(&facts, expected[i].kind, expected[i].name)->text,
                            expected[i].text);
    size_t all = facts.count;
    facts_free(&facts);
    facts_of(kit->deployment, 7, &facts); /* of samples and notes those from there on */
    assert_int_equal(facts.count, all - 1);
    facts_forget_told(&facts);
    assert_int_equal(facts.count, all - 2);
    facts_forget_told(&facts);
    assert_int_equal(facts.count, all - 2);
    facts_free(&facts);
    kit_free(kit);
}

static struct fact fact(enum fact_kind kind, const char *name, const char *text, uint64_t pos)
{
    return (struct fact){
        kind, mem_text(name), NULL, mem_text(text), {.set = true, .pos = pos, .principal = "p"}};
}

static struct facts list(const struct fact *facts, size_t count)
{
    struct facts all = {.cap = 0};
    for (size_t i = 0; i < count; i++)
        *(struct fact *)MEM_PUSH(all.list, all.count, all.cap) = facts[i];
    return all;
}

/* "-name" of what is gone, "+name" of what is new, "name" of what changed. */
static void expect(const struct differences *differences, const char *expected)
{
    struct buf text = {0};
    for (size_t i = 0; i < differences->count; i++) {
        const struct difference *one = &differences->list[i];
        buf_printf(&text, " %s%s",
                   one->before == NULL  ? "+"
                   : one->after == NULL ? "-"
                                        : "",
                   one->after != NULL ? one->after->name : one->before->name);
    }
    assert_string_equal(text.bytes > 0 ? (const char *)text.data : "", expected);
    buf_free(&text);
}

static void test_difference_find_in_order(void **state)
{
    (void)state;
    struct facts before =
        list((struct fact[]){fact(FACT_NODE, "a", "x", 1), fact(FACT_NODE, "b", "x", 2),
                             fact(FACT_NODE, "c", "x", 3), fact(FACT_NODE, "d", "x", 4)},
             4);
    struct facts after =
        list((struct fact[]){fact(FACT_GATE, "a", "x", 1), fact(FACT_NODE, "b", "y", 2),
                             fact(FACT_NODE, "d", "x", 9), fact(FACT_NODE, "e", "x", 5)},
             4);
    struct differences differences;
    difference_find(&before, &after, true, &differences);
    expect(&differences, " +a -a b -c d +e");
    difference_free(&differences);
    difference_find(&before, &after, false, &differences);
    expect(&differences, " +a -a b -c +e");
    difference_free(&differences);
    difference_find(&before, &before, true, &differences);
    expect(&differences, "");
    difference_free(&differences);
    facts_free(&before);
    facts_free(&after);
}

static void test_difference_text_of_both_sides(void **state)
{
    (void)state;
    struct facts before = list((struct fact[]){fact(FACT_NODE, "a", "x", 1)}, 1);
    struct facts after = list((struct fact[]){fact(FACT_NODE, "a", "\x1b[31m", 2)}, 1);
    struct differences differences;
    struct buf text = {0};
    difference_find(&before, &after, true, &differences);
    difference_text(&differences, &text);
    assert_string_equal((const char *)text.data,
                        "  a\n"
                        "    - x (p, seq 0, 1970-01-01 00:00:00)\n"
                        "    + \\x1b[31m (p, seq 0, 1970-01-01 00:00:00)\n");
    json_t *json = difference_json(&differences);
    assert_string_equal(ijson_string(json_object_get(json_array_get(json, 0), "before"), "text"),
                        "x");
    json_decref(json);
    buf_free(&text);
    difference_free(&differences);
    facts_free(&before);
    facts_free(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_of_an_unopened_deployment),
        cmocka_unit_test(test_facts_of_all_kinds),
        cmocka_unit_test(test_difference_find_in_order),
        cmocka_unit_test(test_difference_text_of_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
