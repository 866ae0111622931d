/* Rule 1: form. */
#include "deployment_kit.h"

static void test_wrong_stream_act_of_the_ledger(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_act(kit, root, "role.granted", "{\"principal\":\"eve\",\"role\":\"deployer\"}"),
           RULE_WRONG_STREAM);
    KIT_OK(kit, kit_act(kit, root, "role.assigned", "{\"principal\":\"eve\",\"role\":\"QA\"}"));
    kit_free(kit);
}

static void test_unknown_deployment_before_opening(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    KIT_IS(kit, kit_check(kit, lee, "1.1.1", "pass"), RULE_UNKNOWN_DEPLOYMENT);
    KIT_IS(kit, kit_act(kit, lee, "note.added", "{\"text\":\"early\"}"), RULE_UNKNOWN_DEPLOYMENT);
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    kit_free(kit);
}

static void test_unknown_checklist_not_published(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    kit->markdown = "# another";
    KIT_IS(kit, kit_open_with(kit, dana, ""), RULE_UNKNOWN_CHECKLIST);
    KIT_IS(kit, kit_act(kit, dana, "deployment.opened", "{}"), RULE_UNKNOWN_CHECKLIST);
    assert_int_equal(kit->deployment->phase, PHASE_UNOPENED);
    kit_publish(kit);
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    kit_free(kit);
}

static void test_unknown_node_or_none(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_check(kit, lee, "9.9.9", "pass"), RULE_UNKNOWN_NODE);
    KIT_IS(kit, kit_act(kit, lee, "item.checked", "{\"result\":\"pass\"}"), RULE_UNKNOWN_NODE);
    KIT_IS(kit, kit_act(kit, lee, "note.added", "{\"text\":\"x\",\"node\":\"9.9\"}"),
           RULE_UNKNOWN_NODE);
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"text\":\"x\"}"));
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"text\":\"x\",\"node\":\"1.1.1\"}"));
    kit_free(kit);
}

static void test_wrong_kind_of_node(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_check(kit, lee, "2.1.4", "pass"), RULE_WRONG_KIND);
    KIT_IS(kit, kit_status(kit, "1.1.1", "GOOD"), RULE_WRONG_KIND);
    KIT_IS(kit, kit_record_value(kit, "1.1.1", "1"), RULE_WRONG_KIND);
    KIT_IS(kit, kit_approve(kit, rosa, "1.1.1"), RULE_WRONG_KIND);
    KIT_IS(kit, kit_decide(kit, rosa, "1.1.1", "GO"), RULE_WRONG_KIND);
    KIT_IS(kit,
           kit_act(kit, lee, "metric.sampled", "{\"metric\":\"m\",\"value\":1,\"node\":\"2.1.5\"}"),
           RULE_WRONG_KIND);
    KIT_IS(kit,
           kit_act(kit, rosa, "item.waived", "{\"node\":\"1.2.1.1\",\"reason\":\"no approval\"}"),
           RULE_WRONG_KIND);
    kit_free(kit);
}

static void test_wrong_kind_twin_names_its_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_decide(kit, rosa, "1.2.2", "GO"), RULE_WRONG_KIND);
    assert_non_null(strstr(kit->verdict.reason, "4.1.2"));
    KIT_IS(kit, kit_decide(kit, rosa, "1.2.2", "NO-GO"), RULE_WRONG_KIND);
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"));
    assert_string_equal(kit->deployment->nodes[kit_node(kit, "1.2.2")].value, "NO-GO");
    kit_free(kit);
}

/* {who, act, data} that is malformed. */
struct bad {
    const struct person *who;
    const char *name;
    const char *data;
};

static void check_bad(struct kit *kit, const struct bad *bad, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (kit_act(kit, *bad[i].who, bad[i].name, bad[i].data) != RULE_BAD_VALUE)
            fail_msg("%s %s: '%s', not bad-value", bad[i].name, bad[i].data,
                     rule_name(kit->verdict.rule));
        assert_non_null(kit->verdict.reason);
    }
}

static void test_bad_value_of_nodes(void **state)
{
    static const struct bad bad[] = {
        {&lee, "item.checked", "{\"node\":\"1.1.1\",\"result\":\"ok\"}"},
        {&lee, "item.checked", "{\"node\":\"1.1.1\"}"},
        {&lee, "item.checked", "{\"node\":\"1.1.1\",\"result\":\"na\"}"},
        {&lee, "item.checked", "{\"node\":\"1.1.1\",\"result\":\"na\",\"note\":\" \"}"},
        {&lee, "item.checked", "{\"node\":\"1.1.1\",\"result\":\"pass\",\"note\":1}"},
        {&rosa, "item.waived", "{\"node\":\"1.1.1\"}"},
        {&rosa, "item.waived", "{\"node\":\"1.1.1\",\"reason\":\"\"}"},
        {&lee, "field.recorded", "{\"node\":\"1.1.7.1\"}"},
        {&lee, "field.recorded", "{\"node\":\"1.1.7.1\",\"value\":true}"},
        {&lee, "field.recorded", "{\"node\":\"1.1.7.1\",\"value\":\" \"}"},
        {&lee, "field.recorded", "{\"node\":\"1.1.7.1\",\"value\":1,\"unit\":\"s\"}"},
        {&lee, "field.recorded", "{\"node\":\"2.1.6\",\"value\":\"NORTH\"}"},
        {&lee, "field.recorded", "{\"node\":\"2.1.6\",\"value\":1}"},
        {&lee, "status.declared", "{\"node\":\"2.1.4\",\"value\":\"FINE\"}"},
        {&lee, "status.declared", "{\"node\":\"2.1.4\"}"},
        {&lee, "metric.sampled", "{\"metric\":\"error rate\",\"value\":\"high\"}"},
        {&lee, "metric.sampled", "{\"metric\":\"error rate\"}"},
        {&lee, "metric.sampled", "{\"value\":1}"},
        {&lee, "metric.sampled",
         "{\"metric\":\"m\",\"value\":1,\"unit\":\"ms\",\"node\":\"2.1.2\"}"},
        {&lee, "command.finished", "{\"node\":\"1.1.3\"}"},
        {&lee, "command.finished", "{\"node\":\"1.1.3\",\"exit\":\"0\"}"},
        {&lee, "command.finished", "{\"node\":\"1.1.3\",\"exit\":0,\"matched\":\"yes\"}"},
        {&rosa, "approval.given", "{\"node\":\"1.2.1.1\",\"role\":\"Security Lead\"}"},
        {&rosa, "decision.made", "{\"node\":\"4.1.2\",\"value\":\"MAYBE\"}"},
        {&rosa, "decision.made", "{\"node\":\"4.1.2\",\"value\":\"go\"}"},
        {&lee, "decision.made", "{\"node\":\"3.0.1\",\"value\":\"NO\",\"criteria\":[1]}"},
        {&lee, "evidence.attached", "{\"sha256\":\"abc\"}"},
    };
    (void)state;
    struct kit *kit = kit_open();
    check_bad(kit, bad, sizeof(bad) / sizeof(bad[0]));
    assert_int_equal(kit->deployment->accepted, 1);
    assert_int_equal(kit->deployment->nodes[kit_node(kit, "1.1.1")].refused, 7);
    kit_free(kit);
}

static void test_bad_value_of_others(void **state)
{
    static const struct bad bad[] = {
        {&lee, "note.added", "{}"},
        {&lee, "note.added", "{\"text\":\"x\",\"about\":{\"from\":2,\"to\":1}}"},
        {&lee, "note.added", "[]"},
        {&lee, "note.added", "\"text\""},
        {&lee, "issue.opened", "{\"issue\":\"I1\",\"title\":\"t\"}"},
        {&lee, "issue.opened", "{\"issue\":\"I1\",\"severity\":0}"},
        {&lee, "issue.opened", "{\"issue\":\"I1\",\"severity\":5}"},
        {&lee, "issue.opened", "{\"severity\":2}"},
        {&lee, "issue.changed", "{\"issue\":\"I1\",\"text\":\"t\"}"},
        {&lee, "issue.resolved", "{\"issue\":\"I1\"}"},
        {&dana, "clock.started", "{}"},
        {&dana, "clock.started", "{\"t0\":\"now\"}"},
        {&dana, "deployment.rescheduled", "{}"},
        {&dana, "deployment.rescheduled",
         "{\"window\":{\"from\":\"2026-01-02T00:00:00Z\",\"to\":\"2026-01-01T00:00:00Z\"}}"},
        {&dana, "role.assigned", "{\"role\":\"QA\"}"},
        {&dana, "role.assigned", "{\"role\":\"QA\",\"principal\":\"a b\"}"},
        {&dana, "role.assigned", "{\"role\":\"QA\",\"principal\":\"sam\",\"until\":5}"},
        {&dana, "role.unassigned", "{\"role\":\"QA\",\"principal\":\"sam\"}"},
        {&lee, "deployment.closed", "{\"outcome\":\"fine\"}"},
        {&lee, "rollback.finished", "{\"status\":\"DONE\"}"},
    };
    (void)state;
    struct kit *kit = kit_open();
    check_bad(kit, bad, sizeof(bad) / sizeof(bad[0]));
    assert_int_equal(kit->deployment->accepted, 1);
    kit_free(kit);
}

static void test_bad_value_of_opening(void **state)
{
    static const char *const bad[] = {
        ",\"rules\":2",
        ",\"title\":1",
        ",\"lead\":\"a b\"",
        ",\"window\":{\"from\":\"2026-01-01T00:00:00Z\"}",
        ",\"emergency\":1",
        ",\"services\":\"api\"",
        ",\"authors\":[\"a b\"]",
        ",\"roles\":{\"QA\":\"sam\"}",
        ",\"artifacts\":[{\"uri\":\"x\"}]",
        ",\"changes\":{}",
        ",\"repairs\":[1]",
    };
    (void)state;
    struct kit *kit = kit_start(NULL);
    uint8_t sha256[HASH_BYTES];
    hash_bytes(kit->markdown, strlen(kit->markdown), sha256);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buf data = {0};
        buf_text(&data, "{\"checklist\":\"");
        buf_hex(&data, sha256, HASH_BYTES);
        buf_printf(&data, "\"%s}", bad[i]);
        KIT_IS(kit, kit_act(kit, dana, "deployment.opened", (const char *)data.data),
               RULE_BAD_VALUE);
        buf_free(&data);
    }
    kit_free(kit);
}

static void test_values_that_are_good(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    const struct node_state *latency = &kit->deployment->nodes[kit_node(kit, "1.1.7.1")];
    KIT_OK(kit, kit_act(kit, lee, "field.recorded",
                        "{\"node\":\"1.1.7.1\",\"value\":150.50,\"unit\":\" MS\"}"));
    assert_string_equal(latency->value, "150.50");
    assert_true(latency->numeric);
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "\" 1.5e2 \""));
    assert_string_equal(latency->value, " 1.5e2 ");
    assert_true(latency->numeric && latency->number > 149.9 && latency->number < 150.1);
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "\"slow\""));
    assert_false(latency->numeric);
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.7.1\",\"reason\":\"why\"}"));
    KIT_OK(kit, kit_act(kit, lee, "item.checked",
                        "{\"node\":\"1.1.1\",\"result\":\"na\",\"note\":\"no code\"}"));
    KIT_OK(kit, kit_act(kit, lee, "metric.sampled",
                        "{\"metric\":\"m\",\"value\":\"0.05\",\"unit\":\"%\",\"node\":\"2.1.2\"}"));
    kit_free(kit);
}

static void test_sample_in_any_unit_where_the_threshold_names_none(void **state)
{
    (void)state;
    struct kit *kit = kit_start("# T\n\n## Sub\n\n## A (T-1 hour to T-0)\n\n- [ ] Users >= 1000\n");
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_OK(kit, kit_act(kit, lee, "metric.sampled",
                        "{\"metric\":\"u\",\"value\":1000,\"unit\":\"users\",\"node\":\"1.0.1\"}"));
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_stream_act_of_the_ledger),
        cmocka_unit_test(test_unknown_deployment_before_opening),
        cmocka_unit_test(test_unknown_checklist_not_published),
        cmocka_unit_test(test_unknown_node_or_none),
        cmocka_unit_test(test_wrong_kind_of_node),
        cmocka_unit_test(test_wrong_kind_twin_names_its_gate),
        cmocka_unit_test(test_bad_value_of_nodes),
        cmocka_unit_test(test_bad_value_of_others),
        cmocka_unit_test(test_bad_value_of_opening),
        cmocka_unit_test(test_values_that_are_good),
        cmocka_unit_test(test_sample_in_any_unit_where_the_threshold_names_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
