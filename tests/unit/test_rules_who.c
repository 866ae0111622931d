/* Rules 2 and 5: who may do it. */
#include "deployment_kit.h"

static void test_unsigned_by_token(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_grant(kit, robot, "Release Manager");
    KIT_OK(kit, kit_act(kit, dana, "role.assigned",
                        "{\"role\":\"Release Manager\",\"principal\":\"robot\"}"));
    KIT_IS(kit, kit_approve(kit, robot, "1.2.1.1"), RULE_UNSIGNED);
    KIT_IS(kit, kit_decide(kit, robot, "4.1.2", "NO-GO"), RULE_UNSIGNED);
    KIT_IS(kit, kit_act(kit, robot, "item.waived", "{\"node\":\"1.1.1\",\"reason\":\"r\"}"),
           RULE_UNSIGNED);
    KIT_IS(kit, kit_act(kit, robot, "emergency.declared", "{}"), RULE_UNSIGNED);
    KIT_IS(kit, kit_act(kit, robot, "rollback.started", "{}"), RULE_UNSIGNED);
    KIT_OK(kit, kit_check(kit, robot, "1.1.1", "pass"));
    KIT_OK(kit, kit_check(kit, robot, "1.1.6", "pass"));
    kit_free(kit);
}

static void test_unsigned_by_anothers_key(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_approve(kit, (struct person){"rosa", 6}, "1.2.1.1"), RULE_UNSIGNED);
    KIT_IS(kit, kit_approve(kit, (struct person){"rosa", 99}, "1.2.1.1"), RULE_UNSIGNED);
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    kit_free(kit);
}

static void test_not_authorized_to_open(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    KIT_IS(kit, kit_open_with(kit, eve, ""), RULE_NOT_AUTHORIZED);
    KIT_IS(kit, kit_open_with(kit, root, ""), RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_IS(kit, kit_act(kit, rosa, "deployment.rescheduled", "{\"t0\":\"1970-01-12T00:00:00Z\"}"),
           RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_act(kit, dana, "deployment.rescheduled", "{\"t0\":\"1970-01-12T00:00:00Z\"}"));
    kit_free(kit);
}

static void test_not_authorized_to_approve(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_approve(kit, eve, "1.2.1.1"), RULE_NOT_AUTHORIZED);
    KIT_IS(kit, kit_approve(kit, rudi, "1.2.1.1"), RULE_NOT_AUTHORIZED); /* granted only */
    assert_non_null(strstr(kit->verdict.reason, "not assigned"));
    KIT_OK(kit, kit_act(kit, dana, "role.assigned",
                        "{\"role\":\"Release Manager\",\"principal\":\"eve\"}"));
    KIT_IS(kit, kit_approve(kit, eve, "1.2.1.1"), RULE_NOT_AUTHORIZED); /* assigned only */
    assert_non_null(strstr(kit->verdict.reason, "not granted"));
    KIT_IS(kit, kit_act(kit, eve, "approval.rejected", "{\"node\":\"1.2.1.1\"}"),
           RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_act(kit, rosa, "approval.rejected", "{\"node\":\"1.2.1.1\"}"));
    kit_free(kit);
}

static void test_not_authorized_after_until(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, rosa, "role.assigned",
                        "{\"role\":\"release  manager\",\"principal\":\"rudi\","
                        "\"until\":\"1970-01-10T20:00:00Z\"}"));
    kit_at(kit, -4 * 60 - 1);
    KIT_OK(kit, kit_approve(kit, rudi, "1.2.1.1"));
    kit_at(kit, -4 * 60);
    KIT_IS(kit, kit_approve(kit, rudi, "1.2.1.1"), RULE_NOT_AUTHORIZED);
    kit_free(kit);
}

static void test_not_authorized_after_loss_of_role(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    KIT_OK(kit, kit_act(kit, dana, "role.unassigned",
                        "{\"role\":\"Release Manager\",\"principal\":\"rosa\"}"));
    KIT_IS(kit, kit_approve(kit, rosa, "1.2.1.1"), RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    kit_ledger(kit, root, "role.revoked", "{\"principal\":\"sam\",\"role\":\"Security Lead\"}");
    KIT_IS(kit, kit_approve(kit, sam, "1.2.1.2"), RULE_NOT_AUTHORIZED);
    assert_true(kit->deployment->nodes[kit_node(kit, "1.2.1.2")].met); /* what was given, was */
    kit_free(kit);
}

static void test_not_authorized_to_withdraw(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    KIT_IS(kit, kit_act(kit, sam, "approval.withdrawn", "{\"node\":\"1.2.1.1\"}"),
           RULE_NOT_AUTHORIZED);
    KIT_IS(kit, kit_act(kit, sam, "approval.withdrawn", "{\"node\":\"1.2.1.2\"}"),
           RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_act(kit, rosa, "approval.withdrawn", "{\"node\":\"1.2.1.1\"}"));
    assert_false(kit->deployment->nodes[kit_node(kit, "1.2.1.1")].met);
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    KIT_OK(kit, kit_act(kit, root, "approval.withdrawn",
                        "{\"node\":\"1.2.1.1\",\"reason\":\"left the firm\"}"));
    assert_false(kit->deployment->nodes[kit_node(kit, "1.2.1.1")].met);
    kit_free(kit);
}

static void test_not_authorized_to_check_item_with_role(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_check(kit, lee, "1.1.6", "pass"), RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_check(kit, rosa, "1.1.6", "pass"));
    KIT_OK(kit, kit_check(kit, robot, "1.1.1", "pass"));
    kit_free(kit);
}

static void test_not_authorized_to_decide(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_decide(kit, lee, "4.1.2", "GO"), RULE_NOT_AUTHORIZED);
    KIT_IS(kit, kit_decide(kit, lee, "4.1.2", "NO-GO"), RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"));
    KIT_IS(kit, kit_decide(kit, rosa, "3.0.1", "NO"), RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_decide(kit, lee, "3.0.1", "NO"));
    KIT_IS(kit, kit_decide(kit, eve, "3.0.1", "YES"), RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_decide(kit, eve, "2.4.2", "EARLY")); /* neither gate nor rollback */
    KIT_OK(kit, kit_decide(kit, sam, "3.0.1", "YES"));
    kit_free(kit);
}

static void test_not_authorized_to_waive(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    static const char waive[] = "{\"node\":\"1.1.1\",\"reason\":\"r\"}";
    KIT_IS(kit, kit_act(kit, lee, "item.waived", waive), RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", waive));
    kit_gate1(kit);
    KIT_IS(kit, kit_act(kit, rosa, "item.waived", waive), RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_act(kit, lee, "item.waived", waive)); /* the first gate not open is lee's */
    kit_free(kit);
}

static void test_not_authorized_to_start_rollback_or_close(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_act(kit, eve, "rollback.started", "{}"), RULE_NOT_AUTHORIZED);
    KIT_IS(kit, kit_act(kit, rudi, "rollback.started", "{}"), RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_act(kit, dana, "rollback.started", "{}")); /* deployer: the grant is enough */
    KIT_IS(kit, kit_act(kit, rosa, "deployment.closed", "{\"outcome\":\"failed\"}"),
           RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_act(kit, lee, "deployment.closed", "{\"outcome\":\"failed\"}"));
    kit_free(kit);
}

static void test_not_authorized_to_assign(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    static const char assign[] = "{\"role\":\"Release Manager\",\"principal\":\"rudi\"}";
    KIT_IS(kit, kit_act(kit, eve, "role.assigned", assign), RULE_NOT_AUTHORIZED);
    KIT_IS(kit, kit_act(kit, rudi, "role.assigned", assign), RULE_NOT_AUTHORIZED);
    KIT_IS(kit, kit_act(kit, sam, "role.assigned", assign), RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_act(kit, rosa, "role.assigned", assign));   /* the holder */
    KIT_OK(kit, kit_act(kit, root, "role.unassigned", assign)); /* an admin */
    KIT_OK(kit, kit_act(kit, dana, "role.assigned", assign));   /* the lead */
    kit_free(kit);
}

static void test_lead_stands_for_authority_without_gates(void **state)
{
    (void)state;
    struct kit *kit = kit_start("# Plain\n\n## One\n\n## Work\n\n- [ ] Done\n- [ ] Told\n");
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_IS(kit, kit_act(kit, lee, "item.waived", "{\"node\":\"1.0.1\",\"reason\":\"r\"}"),
           RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_act(kit, dana, "item.waived", "{\"node\":\"1.0.1\",\"reason\":\"r\"}"));
    KIT_IS(kit, kit_act(kit, lee, "deployment.closed", "{\"outcome\":\"successful\"}"),
           RULE_NOT_AUTHORIZED);
    KIT_OK(kit, kit_act(kit, dana, "deployment.closed", "{\"outcome\":\"successful\"}"));
    kit_free(kit);
}

static void test_key_revoked_by_position(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    kit_revoke(kit, rosa.seed, "\"reason\":\"retired\"");
    KIT_IS(kit, kit_approve(kit, rosa, "1.2.1.1"), RULE_KEY_REVOKED);
    KIT_IS(kit, kit_check(kit, rosa, "1.1.6", "pass"), RULE_KEY_REVOKED);
    KIT_IS(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"), RULE_KEY_REVOKED);
    KIT_IS(kit, kit_decide(kit, rosa, "4.2.2", "NO-GO"), RULE_NOT_AUTHORIZED); /* comes first */
    assert_true(kit->deployment->nodes[kit_node(kit, "1.2.1.1")].met);
    kit_enroll(kit, rosa, 33);
    KIT_OK(kit, kit_check(kit, (struct person){"rosa", 33}, "1.1.6", "pass"));
    kit_free(kit);
}

/* sam and rosa both hold both roles. */
static void share_roles(struct kit *kit)
{
    kit_grant(kit, rosa, "Security Lead");
    KIT_OK(kit, kit_act(kit, dana, "role.assigned",
                        "{\"role\":\"Security Lead\",\"principal\":\"rosa\"}"));
}

static void test_separation_two_approvals_of_a_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    share_roles(kit);
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    KIT_IS(kit, kit_approve(kit, rosa, "1.2.1.2"), RULE_SEPARATION);
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1")); /* the same one again */
    KIT_OK(kit, kit_act(kit, rosa, "approval.withdrawn", "{\"node\":\"1.2.1.1\"}"));
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.2"));
    kit_free(kit);
}

static void test_separation_spares_sign_offs(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    share_roles(kit);
    kit_gate2(kit);
    kit_at(kit, 52);
    KIT_OK(kit, kit_approve(kit, rosa, "2.3.1"));
    KIT_OK(kit, kit_approve(kit, rosa, "2.3.2"));
    kit_free(kit);
}

static void test_separation_of_authors(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    KIT_OK(kit, kit_open_with(kit, dana, ",\"authors\":[\"rosa\"]"));
    KIT_IS(kit, kit_approve(kit, rosa, "1.2.1.1"), RULE_SEPARATION);
    KIT_IS(kit, kit_decide(kit, rosa, "4.1.2", "GO"), RULE_SEPARATION);
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO")); /* who stops, may */
    KIT_OK(kit, kit_check(kit, rosa, "1.1.6", "pass"));
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    kit_free(kit);
}

static void test_separation_unless_policy(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    kit_ledger(kit, root, "policy.set", "{\"separation\":false}");
    KIT_OK(kit, kit_open_with(kit, dana, ",\"authors\":[\"rosa\"]"));
    kit_ledger(kit, root, "policy.set", "{\"separation\":true}"); /* too late for this one */
    share_roles(kit);
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.2"));
    kit_free(kit);
}

static void test_quorum_of_distinct_persons(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    kit_ledger(kit, root, "policy.set", "{\"quorum\":{\"release manager\":2}}");
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_OK(kit, kit_act(kit, dana, "role.assigned",
                        "{\"role\":\"Release Manager\",\"principal\":\"rudi\"}"));
    const struct node_state *approval = &kit->deployment->nodes[kit_node(kit, "1.2.1.1")];
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    assert_false(approval->met);
    KIT_OK(kit, kit_approve(kit, rudi, "1.2.1.1"));
    assert_true(approval->met);
    KIT_OK(kit, kit_act(kit, rosa, "approval.withdrawn", "{\"node\":\"1.2.1.1\"}"));
    assert_false(approval->met);
    assert_string_equal(approval->mark.principal, "rudi");
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unsigned_by_token),
        cmocka_unit_test(test_unsigned_by_anothers_key),
        cmocka_unit_test(test_not_authorized_to_open),
        cmocka_unit_test(test_not_authorized_to_approve),
        cmocka_unit_test(test_not_authorized_after_until),
        cmocka_unit_test(test_not_authorized_after_loss_of_role),
        cmocka_unit_test(test_not_authorized_to_withdraw),
        cmocka_unit_test(test_not_authorized_to_check_item_with_role),
        cmocka_unit_test(test_not_authorized_to_decide),
        cmocka_unit_test(test_not_authorized_to_waive),
        cmocka_unit_test(test_not_authorized_to_start_rollback_or_close),
        cmocka_unit_test(test_not_authorized_to_assign),
        cmocka_unit_test(test_lead_stands_for_authority_without_gates),
        cmocka_unit_test(test_key_revoked_by_position),
        cmocka_unit_test(test_separation_two_approvals_of_a_gate),
        cmocka_unit_test(test_separation_spares_sign_offs),
        cmocka_unit_test(test_separation_of_authors),
        cmocka_unit_test(test_separation_unless_policy),
        cmocka_unit_test(test_quorum_of_distinct_persons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
