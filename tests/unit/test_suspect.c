#include "deployment_kit.h"

#include <stdio.h>

/* A deployment before its first gate, with the approvals. */
static struct kit *approved(void)
{
    struct kit *kit = kit_open();
    kit_prepare(kit);
    kit_approvals(kit);
    return kit;
}

static void compromise_since(struct kit *kit, struct person who, uint64_t since)
{
    char more[64];
    snprintf(more, sizeof(more), "\"reason\":\"compromised\",\"since\":%llu",
             (unsigned long long)since);
    kit_revoke(kit, who.seed, more);
}

/* A key revoked as compromised since the opening of the deployment: which the deployment is to hear
 * of with its next entry, or now. */
static void compromise(struct kit *kit, struct person who)
{
    compromise_since(kit, who, kit->records[0]->entry.seq);
}

static void compromise_now(struct kit *kit, struct person who)
{
    compromise(kit, who);
    deployment_settle(kit->deployment, kit->seq);
}

/* The same person with a new key. */
static struct person with_key(struct kit *kit, struct person who, uint8_t seed)
{
    kit_enroll(kit, who, seed);
    return (struct person){who.name, seed};
}

static const struct criterion *last_criterion(const struct kit *kit)
{
    size_t count = kit->deployment->criterion_count;
    return count == 0 ? NULL : &kit->deployment->criteria[count - 1];
}

static bool has_criterion(const struct kit *kit, const char *id)
{
    for (size_t i = 0; i < kit->deployment->criterion_count; i++)
        if (strcmp(kit->deployment->criteria[i].id, id) == 0)
            return true;
    return false;
}

static void test_suspect_approval_counts_for_nothing_after(void **state)
{
    (void)state;
    struct kit *kit = approved();
    size_t node = kit_node(kit, "1.2.1.2");
    compromise(kit, sam);
    assert_true(deployment_met(kit->deployment, node)); /* not known here yet */
    KIT_IS(kit, kit_decide(kit, rosa, "4.1.2", "GO"), RULE_STALE_BASIS);
    assert_false(deployment_met(kit->deployment, node));
    KIT_IS(kit, kit_decide(kit, rosa, "4.1.2", "GO"), RULE_GATE_NOT_READY);
    assert_string_equal(kit->verdict.reason, "1 missing: 1.2.1.2: its signature is suspect: no "
                                             "approval of Security Lead");
    assert_null(last_criterion(kit)); /* no gate rests on it */
    KIT_OK(kit, kit_approve(kit, with_key(kit, sam, 44), "1.2.1.2"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    kit_free(kit);
}

static void test_retired_key_keeps_its_past(void **state)
{
    (void)state;
    struct kit *kit = approved();
    kit_revoke(kit, sam.seed, "\"reason\":\"retired\"");
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    assert_null(last_criterion(kit));
    kit_free(kit);
}

static void test_suspect_signature_behind_an_open_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    compromise_now(kit, sam);
    const struct criterion *criterion = last_criterion(kit);
    assert_non_null(criterion);
    assert_string_equal(criterion->id, "signature:1.2.1.2");
    assert_int_equal(criterion->arose.pos, kit->record_count);
    assert_string_equal(criterion->arose.principal, "ledger");
    assert_int_equal(criterion->arose.seq, kit->seq - 1); /* of the revocation, and its time: */
    assert_true(criterion->arose.time_us > kit->deployment->last.time_us);
    KIT_IS(kit, kit_check(kit, lee, "2.1.1", "pass"), RULE_CRITERION_OPEN);
    KIT_OK(kit, kit_approve(kit, with_key(kit, sam, 44), "1.2.1.2"));
    assert_true(last_criterion(kit)->resolved.set);
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    kit_free(kit);
}

static void test_suspect_decision_of_a_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate2(kit);
    compromise(kit, rosa);
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"text\":\"x\"}"));
    assert_true(has_criterion(kit, "signature:4.1.2"));
    KIT_IS(kit, kit_decide(kit, lee, "4.2.2", "GO"), RULE_GATE_NOT_READY);
    assert_non_null(strstr(kit->verdict.reason, "4.1.2: this earlier gate is not open"));
    kit_free(kit);
}

static void test_suspect_before_since_is_not(void **state)
{
    (void)state;
    struct kit *kit = approved();
    compromise_since(kit, sam, kit->seq);
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    assert_true(deployment_met(kit->deployment, kit_node(kit, "1.2.1.2")));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    kit_free(kit);
}

static void test_suspect_assignment_waiver_and_emergency(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, rosa, "role.assigned",
                        "{\"role\":\"Release Manager\",\"principal\":\"rudi\"}"));
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.1\",\"reason\":\"r\"}"));
    KIT_OK(kit, kit_act(kit, rosa, "emergency.declared", "{}"));
    KIT_OK(kit, kit_approve(kit, rudi, "1.2.1.1"));
    compromise(kit, rosa);
    KIT_IS(kit, kit_approve(kit, rudi, "1.2.1.1"), RULE_NOT_AUTHORIZED);
    assert_false(deployment_met(kit->deployment, kit_node(kit, "1.1.1")));
    assert_true(deployment_met(kit->deployment, kit_node(kit, "1.2.1.1"))); /* rudi's own */
    KIT_IS(kit, kit_decide(kit, lee, "4.2.2", "GO"), RULE_GATE_NOT_READY);
    assert_non_null(strstr(kit->verdict.reason, "1.2.1.2: no approval")); /* no emergency */
    kit_free(kit);
}

static void test_suspect_waiver_of_a_value_off_its_expectation(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_record_value(kit, "1.1.4.1", "900"));
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.4.2\",\"reason\":\"r\"}"));
    KIT_OK(kit, kit_record_value(kit, "1.1.4.2", "90"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.4", "pass"));
    compromise(kit, rosa);
    KIT_IS(kit, kit_check(kit, lee, "1.1.4", "pass"), RULE_CONTRADICTED);
    kit_free(kit);
}

static void test_suspect_only_by_a_second_revocation(void **state)
{
    (void)state;
    struct kit *kit = approved();
    size_t node = kit_node(kit, "1.2.1.2");
    kit_revoke(kit, sam.seed, "\"reason\":\"retired\"");
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    assert_true(deployment_met(kit->deployment, node));
    compromise(kit, sam);
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    assert_false(deployment_met(kit->deployment, node));
    kit_free(kit);
}

/* The registry may be ahead of the entries: each revocation counts from its own position on. */
static void test_suspect_by_a_second_revocation_seen_at_once(void **state)
{
    (void)state;
    struct kit *kit = approved();
    size_t node = kit_node(kit, "1.2.1.2");
    kit_revoke(kit, sam.seed, "\"reason\":\"retired\"");
    uint64_t between = kit->seq;
    compromise(kit, sam);
    deployment_settle(kit->deployment, between);
    assert_true(deployment_met(kit->deployment, node));
    deployment_settle(kit->deployment, kit->seq);
    assert_false(deployment_met(kit->deployment, node));
    kit_free(kit);
}

static void test_suspect_note_is_none(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    size_t node = kit_node(kit, "2.1.4");
    KIT_OK(kit, kit_status(kit, "2.1.4", "WARNINGS"));
    KIT_OK(kit, kit_act(kit, eve, "note.added", "{\"node\":\"2.1.4\",\"text\":\"slow\"}"));
    assert_true(deployment_met(kit->deployment, node));
    compromise_now(kit, eve);
    assert_false(deployment_met(kit->deployment, node));
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"node\":\"2.1.4\",\"text\":\"slow\"}"));
    assert_true(deployment_met(kit->deployment, node));
    KIT_OK(kit, kit_act(kit, sam, "note.added", "{\"node\":\"2.1.4\",\"text\":\"slow\"}"));
    compromise_now(kit, sam);
    assert_true(deployment_met(kit->deployment, node)); /* by lee's, as before */
    kit_free(kit);
}

static void test_suspect_note_and_failure_are_nothing_that_a_gate_rests_on(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_OK(kit, kit_act(kit, eve, "note.added", "{\"node\":\"4.1.2\",\"text\":\"t\"}"));
    KIT_OK(kit, kit_act(kit, eve, "item.checked", "{\"node\":\"1.1.1\",\"result\":\"fail\"}"));
    compromise_now(kit, eve);
    assert_string_equal(last_criterion(kit)->id, "item:1.1.1");
    kit_free(kit);
}

static void test_suspect_status_made_good_by_a_warning_and_a_note(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate2(kit);
    compromise(kit, lee);
    kit_enroll(kit, lee, 55);
    KIT_OK(kit,
           kit_act(kit, dana, "status.declared", "{\"node\":\"2.1.4\",\"value\":\"WARNINGS\"}"));
    const char *noted = "{\"node\":\"2.1.4\",\"text\":\"it will do\"}";
    KIT_OK(kit, kit_act(kit, dana, "note.added", noted));
    for (size_t i = 0; i < kit->deployment->criterion_count; i++) {
        const struct criterion *criterion = &kit->deployment->criteria[i];
        bool of_status = strcmp(criterion->id, "signature:2.1.4") == 0;
        assert_int_equal(criterion->resolved.set, of_status);
    }
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suspect_approval_counts_for_nothing_after),
        cmocka_unit_test(test_retired_key_keeps_its_past),
        cmocka_unit_test(test_suspect_signature_behind_an_open_gate),
        cmocka_unit_test(test_suspect_decision_of_a_gate),
        cmocka_unit_test(test_suspect_before_since_is_not),
        cmocka_unit_test(test_suspect_assignment_waiver_and_emergency),
        cmocka_unit_test(test_suspect_waiver_of_a_value_off_its_expectation),
        cmocka_unit_test(test_suspect_only_by_a_second_revocation),
        cmocka_unit_test(test_suspect_by_a_second_revocation_seen_at_once),
        cmocka_unit_test(test_suspect_note_is_none),
        cmocka_unit_test(test_suspect_note_and_failure_are_nothing_that_a_gate_rests_on),
        cmocka_unit_test(test_suspect_status_made_good_by_a_warning_and_a_note),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
