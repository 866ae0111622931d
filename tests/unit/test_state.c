#include "deployment_kit.h"

#include "replay/layout.h"
#include "replay/standing.h"
#include "replay/state_json.h"
#include "replay/state_text.h"
#include "replay/summary.h"

static const struct ledger_info info = {.origin = "test/simulated", .simulated = true};

static char *show(const struct kit *kit, int now_min)
{
    struct buf buf = {0};
    struct state_text state = {.deployment = kit->deployment,
                               .info = &info,
                               .dir = "L",
                               .now_us = KIT_T0_US + now_min * INSTANT_MINUTE_US,
                               .live = true};
    state_text_add(&state, &buf);
    return buf_take_text(&buf);
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no '%s' in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("'%s' in:\n%s", part, text);
}

static void fits(const char *text)
{
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        char *copy = mem_text_n(line, strcspn(line, "\n"));
        assert_true(layout_columns(copy) <= LAYOUT_COLUMNS);
        free(copy);
    }
}

static json_t *find(const json_t *list, const char *id)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *its = ijson_string(json_array_get(list, i), "id");
        if (its != NULL && strcmp(its, id) == 0)
            return json_array_get(list, i);
    }
    fail_msg("no %s", id);
    return NULL;
}

static void expect_standing(const struct kit *kit, const char *node, enum standing standing)
{
    assert_string_equal(standing_name(standing_of(kit->deployment, kit_node(kit, node))),
                        standing_name(standing));
}

static void test_standing_of_each_kind(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_prepare(kit);
    expect_standing(kit, "1.1.1", STANDING_PASS);
    expect_standing(kit, "1.1.4.1", STANDING_RECORDED);
    expect_standing(kit, "1.1.5", STANDING_OPEN);
    expect_standing(kit, "1.2.1.1", STANDING_OPEN);
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    expect_standing(kit, "1.2.1.1", STANDING_GIVEN);
    KIT_OK(kit,
           kit_act(kit, rosa, "approval.withdrawn", "{\"node\":\"1.2.1.1\",\"reason\":\"r\"}"));
    expect_standing(kit, "1.2.1.1", STANDING_UNDONE);
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "na"));
    expect_standing(kit, "1.1.1", STANDING_NA);
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "fail"));
    expect_standing(kit, "1.1.1", STANDING_FAIL);
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.1\",\"reason\":\"why\"}"));
    expect_standing(kit, "1.1.1", STANDING_WAIVED);
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.3\"}"));
    expect_standing(kit, "1.1.3", STANDING_UNDONE);
    kit_free(kit);
}

static void test_standing_of_options(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate2(kit);
    expect_standing(kit, "4.1.2", STANDING_PROCEEDS);
    expect_standing(kit, "2.1.4", STANDING_GOOD);
    KIT_OK(kit, kit_status(kit, "2.1.4", "WARNINGS"));
    expect_standing(kit, "2.1.4", STANDING_WARNING);
    KIT_OK(kit, kit_status(kit, "2.1.4", "BAD"));
    expect_standing(kit, "2.1.4", STANDING_BAD);
    KIT_OK(kit, kit_decide(kit, lee, "4.2.2", "NO-GO"));
    expect_standing(kit, "4.2.2", STANDING_STOPPED);
    kit_free(kit);
}

/* Optional nodes, and those of a rollback section while there is none, are no steps. */
static void test_standing_count_steps(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    struct standing_counts before = standing_count(kit->deployment, NULL);
    assert_false(standing_step(kit->deployment, kit_node(kit, "1.1.5")));
    assert_false(standing_step(kit->deployment, kit_node(kit, "3.1.1")));
    assert_false(standing_step(kit->deployment, kit_node(kit, "1.2.2")));
    assert_true(standing_step(kit->deployment, kit_node(kit, "4.1.2")));
    assert_int_equal(before.met, 0);
    kit_gate1(kit);
    struct standing_counts after = standing_count(kit->deployment, NULL);
    assert_int_equal(after.steps, before.steps);
    assert_int_equal(after.met, 6 + 1 + 2 + 1 + 1);
    KIT_OK(kit, kit_act(kit, lee, "rollback.started", "{\"reason\":\"r\"}"));
    assert_int_equal(standing_count(kit->deployment, NULL).steps, before.steps + 2);
    kit_free(kit);
}

static void test_state_text_before_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_prepare(kit);
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    char *text = show(kit, -90);
    fits(text);
    has(text, "SIMULATED");
    has(text, "d1, release 2.1.0");
    has(text, "before gate 1 of 3");
    has(text, "[x] 1.1.1    Code reviewed");
    has(text, "[ ] 1.2.1.1  Release Manager");
    has(text, "lacks 3");
    has(text, "no approval of Security Lead");
    has(text, "gate 1 lacks 3");
    lacks(text, "overdue");
    free(text);
    text = show(kit, 1);
    has(text, "overdue");
    free(text);
    kit_free(kit);
}

static void test_state_text_next_decision(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_prepare(kit);
    kit_approvals(kit);
    char *text = show(kit, -30);
    has(text, "gate 1 is ready for a holder of Release Manager: countersign decide L d1 4.1.2 GO");
    free(text);
    kit_gate3(kit);
    text = show(kit, 58);
    has(text, "all gates are open; when all is done: countersign close L d1 successful");
    free(text);
    kit_free(kit);
}

static void test_state_text_rollback(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate2(kit);
    kit_at(kit, 35);
    KIT_OK(kit, kit_act(kit, lee, "metric.sampled",
                        "{\"metric\":\"error rate\",\"value\":0.4,\"unit\":\"%\","
                        "\"node\":\"2.2.2\"}"));
    char *text = show(kit, 36);
    has(text, "Unresolved criteria");
    has(text, "threshold:2.2.2");
    free(text);
    KIT_OK(kit, kit_act(kit, lee, "rollback.started", "{\"reason\":\"errors\\u001b[31m\"}"));
    text = show(kit, 37);
    has(text, "ROLLBACK   by lee");
    has(text, "errors\\x1b[31m");
    has(text, "then 3.1.1 Traffic returned");
    lacks(text, "\x1b");
    free(text);
    kit_free(kit);
}

static void test_state_text_unopened(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    KIT_OK(kit, kit_append(kit, robot, "com.example.build", "{}"));
    char *text = show(kit, 0);
    has(text, "phase      unopened");
    free(text);
    json_t *json = state_json_full(kit->deployment, &info);
    assert_int_equal(json_array_size(ijson_get(json, "nodes")), 0);
    assert_true(json_is_null(ijson_get(json, "checklist")));
    json_decref(json);
    kit_free(kit);
}

static void test_state_json_full_members(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_prepare(kit);
    KIT_IS(kit, kit_approve(kit, eve, "1.2.1.1"), RULE_NOT_AUTHORIZED);
    json_t *json = state_json_full(kit->deployment, &info);
    assert_string_equal(ijson_string(json, "deployment"), "d1");
    assert_true(json_is_true(ijson_get(json, "simulated")));
    const json_t *node = find(ijson_get(json, "nodes"), "1.1.7.1");
    assert_string_equal(ijson_string(node, "state"), "recorded");
    assert_string_equal(ijson_string(node, "value"), "150");
    assert_string_equal(ijson_string(node, "by"), "lee");
    assert_int_equal(json_array_size(ijson_get(node, "flags")), 0);
    const json_t *gate = find(ijson_get(json, "gates"), "4.1.2");
    assert_true(json_is_false(ijson_get(gate, "open")));
    assert_int_equal(json_array_size(ijson_get(gate, "missing")), 3);
    const json_t *need = find(ijson_get(gate, "needs"), "1.1.1");
    assert_string_equal(ijson_string(need, "how"), "pass");
    assert_string_equal(ijson_string(json_array_get(ijson_get(need, "by"), 0), "by"), "lee");
    need = find(ijson_get(gate, "needs"), "1.2.1.1");
    assert_string_equal(ijson_string(need, "how"), "missing");
    const json_t *approval = find(ijson_get(json, "approvals"), "1.2.1.1");
    assert_string_equal(ijson_string(approval, "state"), "open");
    const json_t *basis = ijson_get(json, "basis");
    assert_int_equal(json_integer_value(ijson_get(basis, "pos")), kit->record_count - 1);
    assert_int_equal(json_integer_value(ijson_get(ijson_get(json, "counts"), "refused")), 1);
    assert_string_equal(ijson_string(json, "next_gate"), "4.1.2");
    json_decref(json);
    kit_free(kit);
}

/* What a signer is shown, as text. */
static void show_summary(const struct summary *summary, struct buf *buf)
{
    json_t *json = summary_json(summary);
    buf_clear(buf);
    summary_text(json, buf);
    json_decref(json);
}

static void test_summary_text_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    struct buf buf = {0}, event = {0};
    struct verdict expected = {0};
    char name[] = "rosa";
    struct signer_key key = {.name = name, .fingerprint = "SHA256:abc", .touched = true};
    struct summary summary = {.deployment = kit->deployment,
                              .info = &info,
                              .act = "decide",
                              .node = "4.1.2",
                              .what = "GO",
                              .principal = "rosa",
                              .key = &key,
                              .event = &event,
                              .expected = &expected};
    buf_text(&event, "{}");
    kit_prepare(kit);
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.2\",\"reason\":\"scanned\"}"));
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    show_summary(&summary, &buf);
    const char *text = (const char *)buf.data;
    fits(text);
    has(text, "To be signed for d1, release 2.1.0");
    has(text, "in ledger test/simulated (SIMULATED):");
    has(text, "decide     4.1.2 ");
    has(text, ": GO");
    has(text, "signer     rosa, SHA256:abc, a security key, to be touched");
    has(text, "for        gate 1, 4.1.2 ");
    has(text, "steps that the gate needs, 2 missing, 1 waived");
    has(text, "no approval of Security Lead");
    has(text, "1.1.2 Image scan passed (0 critical): scanned (rosa, seq ");
    has(text, "latency within limits < 200 ms: 150");
    has(text, "approved   1.2.1.1 Release Manager: rosa");
    has(text, "basis      position #");
    has(text, "event      2 bytes, SHA-256 "
              "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    has(text, "answer     would be accepted");
    verdict_refuse(&expected, RULE_GATE_NOT_READY, "2 missing: \x1b[2J");
    show_summary(&summary, &buf);
    has((const char *)buf.data, "answer     would be refused: gate-not-ready: 2 missing: \\x1b[2J");
    verdict_clear(&expected);
    summary = (struct summary){.deployment = kit->deployment,
                               .info = &info,
                               .act = "approve",
                               .node = "9.9",
                               .event = &event};
    show_summary(&summary, &buf);
    has((const char *)buf.data, "9.9 (no such node)");
    assert_null(strstr((const char *)buf.data, "answer"));
    buf_free(&buf);
    buf_free(&event);
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standing_of_each_kind),
        cmocka_unit_test(test_standing_of_options),
        cmocka_unit_test(test_standing_count_steps),
        cmocka_unit_test(test_state_text_before_gate),
        cmocka_unit_test(test_state_text_next_decision),
        cmocka_unit_test(test_state_text_rollback),
        cmocka_unit_test(test_state_text_unopened),
        cmocka_unit_test(test_state_json_full_members),
        cmocka_unit_test(test_summary_text_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
