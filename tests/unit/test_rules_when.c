/* Rules 3 and 4: when it may be done, and after what. */
#include "deployment_kit.h"

static const char rollback_now[] = "{\"reason\":\"errors\"}";

static void test_deployment_closed_and_who_may_still(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, lee, "issue.opened", "{\"issue\":\"I1\",\"severity\":3}"));
    KIT_OK(kit, kit_act(kit, lee, "deployment.closed", "{\"outcome\":\"failed\"}"));
    KIT_IS(kit, kit_check(kit, lee, "1.1.1", "pass"), RULE_DEPLOYMENT_CLOSED);
    KIT_IS(kit, kit_approve(kit, rosa, "1.2.1.1"), RULE_DEPLOYMENT_CLOSED);
    KIT_IS(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"), RULE_DEPLOYMENT_CLOSED);
    KIT_IS(kit, kit_act(kit, dana, "rollback.started", rollback_now), RULE_DEPLOYMENT_CLOSED);
    KIT_IS(kit, kit_act(kit, lee, "deployment.closed", "{\"outcome\":\"failed\"}"),
           RULE_DEPLOYMENT_CLOSED);
    KIT_IS(kit, kit_act(kit, lee, "metric.sampled", "{\"metric\":\"m\",\"value\":1}"),
           RULE_DEPLOYMENT_CLOSED);
    KIT_IS(kit, kit_open_with(kit, dana, ""), RULE_DEPLOYMENT_CLOSED);
    assert_int_equal(kit->verdict.flags, 0);
    kit_at(kit, 0);
    KIT_OK(kit, kit_check(kit, lee, "2.4.1", "pass")); /* an item without a window */
    assert_true(kit_has(kit, FLAG_AFTER_CLOSE));
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"text\":\"x\"}"));
    assert_true(kit_has(kit, FLAG_AFTER_CLOSE));
    KIT_OK(kit, kit_act(kit, lee, "issue.resolved", "{\"issue\":\"I1\"}"));
    KIT_OK(kit, kit_append(kit, robot, "com.example.build", "{}"));
    assert_true(kit_has(kit, FLAG_AFTER_CLOSE));
    kit_free(kit);
}

static void test_rolled_back_bars_guarded_work(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_OK(kit, kit_check(kit, lee, "2.1.3", "pass"));
    KIT_OK(kit, kit_act(kit, dana, "rollback.started", rollback_now));
    KIT_IS(kit, kit_check(kit, lee, "2.1.1", "pass"), RULE_ROLLED_BACK);
    KIT_IS(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"2.1.3\"}"), RULE_ROLLED_BACK);
    KIT_IS(kit, kit_status(kit, "2.1.4", "GOOD"), RULE_ROLLED_BACK);
    KIT_IS(kit, kit_record_value(kit, "2.1.5", "0.01"), RULE_ROLLED_BACK);
    KIT_OK(kit, kit_check(kit, lee, "1.2.3", "pass")); /* not guarded */
    KIT_OK(kit, kit_act(kit, lee, "metric.sampled", "{\"metric\":\"m\",\"value\":1}"));
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"2.1.1\",\"exit\":0}"));
    KIT_OK(kit, kit_act(kit, dana, "role.assigned", "{\"role\":\"QA\",\"principal\":\"sam\"}"));
    KIT_OK(kit, kit_act(kit, rosa, "approval.withdrawn", "{\"node\":\"1.2.1.1\"}"));
    kit_free(kit);
}

static void test_not_rolling_back(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_check(kit, lee, "3.1.1", "pass"), RULE_NOT_ROLLING_BACK);
    KIT_IS(kit, kit_status(kit, "3.1.2", "SUCCESSFUL"), RULE_NOT_ROLLING_BACK);
    KIT_IS(kit, kit_act(kit, lee, "rollback.finished", "{\"status\":\"SUCCESSFUL\"}"),
           RULE_NOT_ROLLING_BACK);
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"text\":\"x\",\"node\":\"3.1.1\"}"));
    KIT_OK(kit, kit_act(kit, dana, "rollback.started", rollback_now));
    KIT_OK(kit, kit_check(kit, lee, "3.1.1", "pass"));
    KIT_OK(kit, kit_act(kit, lee, "rollback.finished", "{\"status\":\"SUCCESSFUL\"}"));
    kit_free(kit);
}

static void test_phase_closed_until_its_gate_is_open(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_check(kit, lee, "2.1.1", "pass"), RULE_PHASE_CLOSED);
    assert_non_null(strstr(kit->verdict.reason, "4.1.2"));
    KIT_IS(kit, kit_check(kit, lee, "2.1.1", "fail"), RULE_PHASE_CLOSED);
    KIT_IS(kit, kit_status(kit, "2.1.4", "GOOD"), RULE_PHASE_CLOSED);
    KIT_IS(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"2.1.1\",\"reason\":\"r\"}"),
           RULE_PHASE_CLOSED);
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"2.1.1\",\"exit\":0}"));
    KIT_OK(kit, kit_act(kit, lee, "metric.sampled",
                        "{\"metric\":\"m\",\"value\":0.01,\"node\":\"2.1.2\"}"));
    kit_gate1(kit);
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    KIT_IS(kit, kit_check(kit, lee, "2.2.1", "pass"), RULE_PHASE_CLOSED);
    assert_non_null(strstr(kit->verdict.reason, "4.2.2"));
    KIT_IS(kit, kit_approve(kit, rosa, "2.3.1"), RULE_PHASE_CLOSED);
    KIT_OK(kit, kit_act(kit, rosa, "approval.rejected", "{\"node\":\"2.3.1\"}")); /* is no work */
    kit_free(kit);
}

static void test_phase_closed_by_a_stop_and_opened_again(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"));
    KIT_IS(kit, kit_check(kit, lee, "2.1.3", "pass"), RULE_PHASE_CLOSED);
    assert_non_null(strstr(kit->verdict.reason, "NO-GO"));
    KIT_OK(kit, kit_check(kit, lee, "1.2.3", "pass")); /* the rest goes on */
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    KIT_OK(kit, kit_check(kit, lee, "2.1.3", "pass"));
    kit_free(kit);
}

static void test_criterion_open_bars_later_sections(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate2(kit);
    KIT_OK(kit, kit_check(kit, lee, "2.1.3", "fail"));
    KIT_IS(kit, kit_check(kit, lee, "2.2.1", "pass"), RULE_CRITERION_OPEN);
    assert_non_null(strstr(kit->verdict.reason, "item:2.1.3"));
    KIT_OK(kit, kit_check(kit, lee, "2.2.1", "na"));   /* no pass */
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass")); /* the same section */
    KIT_OK(kit, kit_check(kit, lee, "1.2.3", "pass")); /* an earlier one */
    KIT_OK(kit, kit_check(kit, lee, "2.4.1", "pass")); /* without a window nothing is later */
    KIT_OK(kit, kit_check(kit, lee, "2.1.3", "pass"));
    KIT_OK(kit, kit_check(kit, lee, "2.2.1", "pass"));
    kit_free(kit);
}

static void test_criterion_open_not_for_issues(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate2(kit);
    KIT_OK(kit, kit_act(kit, lee, "issue.opened", "{\"issue\":\"I1\",\"severity\":1}"));
    KIT_OK(kit, kit_check(kit, lee, "2.2.1", "pass"));
    kit_free(kit);
}

static void test_children_open(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_record_value(kit, "1.1.4.1", "900"));
    KIT_IS(kit, kit_check(kit, lee, "1.1.4", "pass"), RULE_CHILDREN_OPEN);
    assert_string_equal(kit->verdict.reason, "nested in 1.1.4 and not met: 1.1.4.2");
    KIT_OK(kit, kit_check(kit, lee, "1.1.4", "fail"));
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.4.2\",\"reason\":\"none\"}"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.4", "pass"));
    KIT_IS(kit, kit_check(kit, lee, "1.2.1", "pass"), RULE_CHILDREN_OPEN);
    kit_free(kit);
}

static void test_contradicted_by_a_value(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "200"));
    KIT_IS(kit, kit_check(kit, lee, "1.1.7", "pass"), RULE_CONTRADICTED);
    assert_string_equal(kit->verdict.reason, "1.1.7: 200 of 1.1.7.1 is not < 200 ms");
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "199.9"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.7", "pass"));
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "300"));
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.7\",\"reason\":\"why\"}"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.7", "pass"));
    kit_free(kit);
}

static void test_contradicted_by_a_sample(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, lee, "metric.sampled",
                        "{\"metric\":\"scan\",\"value\":1,\"node\":\"1.1.2\"}"));
    KIT_IS(kit, kit_check(kit, lee, "1.1.2", "pass"), RULE_CONTRADICTED);
    assert_string_equal(kit->verdict.reason, "1.1.2: 1 of scan is not = 0 critical");
    KIT_OK(kit, kit_act(kit, lee, "metric.sampled",
                        "{\"metric\":\"scan\",\"value\":0,\"node\":\"1.1.2\"}"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.2", "pass"));
    kit_free(kit);
}

static void test_contradicted_by_a_command(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"1.1.3\",\"exit\":2}"));
    KIT_IS(kit, kit_check(kit, lee, "1.1.3", "pass"), RULE_CONTRADICTED);
    KIT_OK(kit, kit_act(kit, lee, "command.finished",
                        "{\"node\":\"1.1.3\",\"exit\":0,\"matched\":false}"));
    KIT_IS(kit, kit_check(kit, lee, "1.1.3", "pass"), RULE_CONTRADICTED);
    KIT_OK(kit, kit_act(kit, lee, "command.finished",
                        "{\"node\":\"1.1.3\",\"exit\":0,\"matched\":true}"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.3", "pass"));
    kit_free(kit);
}

static void test_contradicted_by_an_expectation(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_record_value(kit, "1.1.4.1", "900"));
    KIT_OK(kit, kit_record_value(kit, "1.1.4.2", "50"));
    KIT_IS(kit, kit_check(kit, lee, "1.1.4", "pass"), RULE_CONTRADICTED);
    assert_string_equal(kit->verdict.reason, "1.1.4: 1.1.4.2 is 50, expected 100");
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.4.2\",\"reason\":\"why\"}"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.4", "pass"));
    KIT_OK(kit, kit_record_value(kit, "1.1.4.2", "100.0"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.4", "pass"));
    kit_free(kit);
}

static void test_late_refuses_by_policy(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    kit_ledger(kit, root, "policy.set", "{\"late_refuses\":true}");
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    kit_at(kit, 0);
    kit->time_us -= INSTANT_SECOND_US;
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass")); /* just in time */
    KIT_IS(kit, kit_check(kit, lee, "1.1.1", "pass"), RULE_LATE);
    KIT_IS(kit, kit_check(kit, lee, "1.2.1", "pass"), RULE_CHILDREN_OPEN); /* comes first */
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"));                  /* who stops, may */
    KIT_OK(kit, kit_check(kit, lee, "2.4.1", "pass"));                     /* never late */
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deployment_closed_and_who_may_still),
        cmocka_unit_test(test_rolled_back_bars_guarded_work),
        cmocka_unit_test(test_not_rolling_back),
        cmocka_unit_test(test_phase_closed_until_its_gate_is_open),
        cmocka_unit_test(test_phase_closed_by_a_stop_and_opened_again),
        cmocka_unit_test(test_criterion_open_bars_later_sections),
        cmocka_unit_test(test_criterion_open_not_for_issues),
        cmocka_unit_test(test_children_open),
        cmocka_unit_test(test_contradicted_by_a_value),
        cmocka_unit_test(test_contradicted_by_a_sample),
        cmocka_unit_test(test_contradicted_by_a_command),
        cmocka_unit_test(test_contradicted_by_an_expectation),
        cmocka_unit_test(test_late_refuses_by_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
