/* Rule 7: when a deployment may be closed, and as what. */
#include "deployment_kit.h"

static enum rule close_as(struct kit *kit, const char *outcome)
{
    return kit_act(kit, lee, "deployment.closed", kit_say(kit, "{\"outcome\":\"%s\"}", outcome));
}

static void assert_named(const struct kit *kit, const char *part)
{
    if (strstr(kit->verdict.reason, part) == NULL)
        fail_msg("no '%s' in '%s'", part, kit->verdict.reason);
}

static void test_successful_lists_what_is_in_the_way(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "fail"));
    KIT_IS(kit, close_as(kit, "successful"), RULE_NOT_CLOSABLE);
    assert_named(kit, "4.3.2: the last gate is not open");
    assert_named(kit, "2.3.1: no approval of Release Manager");
    assert_named(kit, "2.1.4: not declared");
    assert_named(kit, "1.2.3: not checked");
    assert_named(kit, "2.3: its window, the last, is not past");
    assert_named(kit, "item:2.1.1");
    assert_null(strstr(kit->verdict.reason, " 2.4.1:"));
    assert_null(strstr(kit->verdict.reason, " 1.1.5:"));
    assert_null(strstr(kit->verdict.reason, " 3.1.1:"));
    kit_free(kit);
}

static void test_successful_only_past_the_last_window(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate3(kit);
    kit_at(kit, 60);
    kit->time_us -= 2 * INSTANT_SECOND_US;
    KIT_IS(kit, close_as(kit, "successful"), RULE_NOT_CLOSABLE);
    assert_string_equal(kit->verdict.reason,
                        "not successful: 2.3: its window, the last, is not past");
    KIT_OK(kit, close_as(kit, "successful"));
    kit_free(kit);
}

static void test_successful_not_without_a_sign_off_or_the_last_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate3(kit);
    kit_at(kit, 61);
    KIT_OK(kit, kit_act(kit, sam, "approval.withdrawn", "{\"node\":\"2.3.2\"}"));
    KIT_IS(kit, close_as(kit, "successful"), RULE_NOT_CLOSABLE);
    assert_string_equal(kit->verdict.reason, "not successful: 2.3.2: no approval of Security Lead, "
                                             "withdrawn by sam");
    KIT_OK(kit, kit_approve(kit, sam, "2.3.2"));
    KIT_OK(kit, kit_decide(kit, lee, "4.3.2", "ISSUES"));
    KIT_IS(kit, close_as(kit, "successful"), RULE_NOT_CLOSABLE);
    KIT_OK(kit, kit_decide(kit, lee, "4.3.2", "SUCCESS"));
    KIT_OK(kit, close_as(kit, "successful"));
    kit_free(kit);
}

static void test_successful_not_with_a_criterion(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate3(kit);
    kit_at(kit, 61);
    KIT_OK(kit, kit_act(kit, lee, "issue.opened", "{\"issue\":\"I1\",\"severity\":1}"));
    KIT_IS(kit, close_as(kit, "successful"), RULE_NOT_CLOSABLE);
    assert_named(kit, "issue:I1: open issue of severity 1");
    KIT_OK(kit, kit_act(kit, lee, "issue.resolved", "{\"issue\":\"I1\"}"));
    KIT_OK(kit, kit_act(kit, lee, "issue.opened", "{\"issue\":\"I2\",\"severity\":2}"));
    KIT_OK(kit, close_as(kit, "successful"));
    kit_free(kit);
}

static void test_rolled_back_only_after_a_good_end(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate3(kit);
    KIT_IS(kit, close_as(kit, "rolled-back"), RULE_NOT_CLOSABLE);
    KIT_OK(kit, kit_act(kit, sam, "rollback.started", "{}"));
    kit_at(kit, 62);
    KIT_IS(kit, close_as(kit, "successful"), RULE_NOT_CLOSABLE);
    assert_named(kit, "rollback: opened at position");
    KIT_OK(kit, kit_act(kit, lee, "rollback.finished", "{\"status\":\"PARTIAL\"}"));
    KIT_IS(kit, close_as(kit, "rolled-back"), RULE_NOT_CLOSABLE);
    KIT_IS(kit, close_as(kit, "abandoned"), RULE_NOT_CLOSABLE);
    KIT_OK(kit, kit_act(kit, lee, "rollback.finished", "{\"status\":\"SUCCESSFUL\"}"));
    KIT_OK(kit, close_as(kit, "rolled-back"));
    kit_free(kit);
}

static void test_abandoned_without_guarded_work(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_prepare(kit);
    KIT_IS(kit, kit_check(kit, lee, "2.1.1", "pass"), RULE_PHASE_CLOSED); /* does not count */
    KIT_OK(kit, close_as(kit, "abandoned"));
    kit_free(kit);
}

static void test_abandoned_not_after_guarded_work(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    KIT_IS(kit, close_as(kit, "abandoned"), RULE_NOT_CLOSABLE);
    KIT_OK(kit, kit_act(kit, sam, "rollback.started", "{}"));
    KIT_OK(kit, kit_act(kit, lee, "rollback.finished", "{\"status\":\"SUCCESSFUL\"}"));
    KIT_OK(kit, close_as(kit, "abandoned"));
    kit_free(kit);
}

static void test_failed_always(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "fail"));
    KIT_OK(kit, close_as(kit, "failed"));
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_successful_lists_what_is_in_the_way),
        cmocka_unit_test(test_successful_only_past_the_last_window),
        cmocka_unit_test(test_successful_not_without_a_sign_off_or_the_last_gate),
        cmocka_unit_test(test_successful_not_with_a_criterion),
        cmocka_unit_test(test_rolled_back_only_after_a_good_end),
        cmocka_unit_test(test_abandoned_without_guarded_work),
        cmocka_unit_test(test_abandoned_not_after_guarded_work),
        cmocka_unit_test(test_failed_always),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
