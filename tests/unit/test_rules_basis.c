/* Rule 6: on what an approval or a decision rests. */
#include "deployment_kit.h"

static size_t last(const struct kit *kit)
{
    return kit->record_count - 1;
}

static void test_bad_basis_missing_or_wrong(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    struct buf hex = {0};
    buf_hex(&hex, kit->records[0]->leaf, HASH_BYTES);
    KIT_IS(kit, kit_act(kit, rosa, "approval.given", "{\"node\":\"1.2.1.1\"}"), RULE_BAD_BASIS);
    KIT_IS(kit,
           kit_act(kit, rosa, "approval.given",
                   kit_say(kit, "{\"node\":\"1.2.1.1\",\"basis\":{\"pos\":1,\"leaf\":\"%s\"}}",
                           (const char *)hex.data)),
           RULE_BAD_BASIS); /* another position's leaf */
    KIT_IS(kit,
           kit_act(kit, rosa, "approval.given",
                   kit_say(kit, "{\"node\":\"1.2.1.1\",\"basis\":{\"pos\":3,\"leaf\":\"%s\"}}",
                           (const char *)hex.data)),
           RULE_BAD_BASIS); /* its own position */
    KIT_IS(kit,
           kit_act(kit, rosa, "approval.given",
                   "{\"node\":\"1.2.1.1\",\"basis\":{\"pos\":-1,\"leaf\":\"00\"}}"),
           RULE_BAD_BASIS);
    KIT_IS(kit, kit_act(kit, rosa, "decision.made", "{\"node\":\"4.1.2\",\"value\":\"GO\"}"),
           RULE_BAD_BASIS);
    KIT_OK(kit, kit_act(kit, rosa, "decision.made", "{\"node\":\"4.1.2\",\"value\":\"NO-GO\"}"));
    KIT_OK(kit, kit_act(kit, rosa, "approval.rejected", "{\"node\":\"1.2.1.1\"}"));
    KIT_OK(kit, kit_approve_on(kit, rosa, "1.2.1.1", 0));
    buf_free(&hex);
    kit_free(kit);
}

static void test_bad_basis_admitted_a_day_late(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit->claimed_off_us = INSTANT_DAY_US + 1;
    KIT_IS(kit, kit_approve(kit, rosa, "1.2.1.1"), RULE_BAD_BASIS);
    kit->claimed_off_us = INSTANT_DAY_US;
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    kit->claimed_off_us = INSTANT_DAY_US + 1;
    kit->admitted_off_us = 1; /* admission counts, not the entry's time */
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    kit_free(kit);
}

/* Ready for gate 1, at T-2 h; returns the position that the decider sees. */
static size_t ready(struct kit *kit)
{
    kit_prepare(kit);
    kit_approvals(kit);
    kit_at(kit, -120);
    return last(kit);
}

static void test_stale_basis_after_a_reopening(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    size_t seen = ready(kit);
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.1\",\"reason\":\"again\"}"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_STALE_BASIS);
    assert_non_null(strstr(kit->verdict.reason, "1.1.1 was reopened"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    kit_free(kit);
}

static void test_stale_basis_not_by_what_the_gate_does_not_need(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_check(kit, lee, "1.2.3", "pass")); /* after the twin */
    KIT_OK(kit, kit_check(kit, lee, "2.4.1", "pass")); /* without a window */
    size_t seen = ready(kit);
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.2.3\"}"));
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"2.4.1\"}"));
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"text\":\"x\"}"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass")); /* again: nothing undone */
    KIT_OK(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen));
    kit_free(kit);
}

static void test_stale_basis_after_a_rejection_given_again(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    size_t seen = ready(kit);
    KIT_OK(kit, kit_act(kit, sam, "approval.rejected", "{\"node\":\"1.2.1.2\"}"));
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_STALE_BASIS);
    KIT_IS(kit, kit_approve_on(kit, rosa, "1.2.1.1", seen), RULE_STALE_BASIS);
    KIT_OK(kit, kit_approve_on(kit, rosa, "1.2.1.1", last(kit)));
    kit_free(kit);
}

static void test_stale_basis_after_one_of_two_has_withdrawn(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    kit_ledger(kit, root, "policy.set", "{\"quorum\":{\"Release Manager\":2}}");
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    size_t seen = last(kit);
    KIT_OK(kit, kit_act(kit, rosa, "approval.withdrawn", "{\"node\":\"1.2.1.1\"}"));
    KIT_IS(kit, kit_approve_on(kit, sam, "1.2.1.2", seen), RULE_STALE_BASIS);
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    kit_free(kit);
}

static void test_stale_basis_after_a_value_recorded_again(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    size_t seen = ready(kit);
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "151"));
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_STALE_BASIS);
    assert_non_null(strstr(kit->verdict.reason, "1.1.7.1 was recorded again: 151 after 150"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    kit_free(kit);
}

static void test_stale_basis_after_a_status_declared_again(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_OK(kit, kit_check(kit, lee, "1.2.3", "pass"));
    kit_at(kit, 5);
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"node\":\"2.1.4\",\"text\":\"x\"}"));
    KIT_OK(kit, kit_record_value(kit, "2.1.5", "0.05"));
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    KIT_OK(kit, kit_check(kit, lee, "2.1.2", "pass"));
    KIT_OK(kit, kit_check(kit, lee, "2.1.3", "pass"));
    KIT_OK(kit, kit_check(kit, lee, "4.2.1", "pass"));
    KIT_OK(kit, kit_status(kit, "2.1.4", "GOOD"));
    size_t seen = last(kit);
    KIT_OK(kit, kit_status(kit, "2.1.4", "WARNINGS"));
    KIT_IS(kit, kit_decide_on(kit, lee, "4.2.2", "GO", seen), RULE_STALE_BASIS);
    assert_non_null(strstr(kit->verdict.reason, "2.1.4 was declared again: WARNINGS after GOOD"));
    KIT_OK(kit, kit_decide(kit, lee, "4.2.2", "GO"));
    kit_free(kit);
}

static void test_stale_basis_after_a_new_criterion_though_resolved(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    size_t seen = ready(kit);
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"1.1.3\",\"exit\":1}"));
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"1.1.3\",\"exit\":0}"));
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_STALE_BASIS);
    assert_non_null(strstr(kit->verdict.reason, "command:1.1.3"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    kit_free(kit);
}

static void test_stale_basis_after_t0_moved(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    size_t seen = ready(kit);
    KIT_OK(kit, kit_act(kit, dana, "deployment.rescheduled", "{\"t0\":\"1970-01-11T00:00:00Z\"}"));
    seen = last(kit);
    KIT_OK(kit, kit_act(kit, dana, "deployment.rescheduled", "{\"t0\":\"1970-01-11T00:05:00Z\"}"));
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_STALE_BASIS);
    seen = last(kit);
    KIT_OK(kit, kit_act(kit, dana, "clock.started", "{\"t0\":\"1970-01-11T00:05:00Z\"}"));
    KIT_OK(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen)); /* the same T0, confirmed */
    kit_free(kit);
}

static void test_stale_basis_after_a_role_was_lost(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    size_t seen = ready(kit);
    KIT_OK(kit, kit_act(kit, dana, "role.unassigned",
                        "{\"role\":\"Security Lead\",\"principal\":\"sam\"}"));
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_STALE_BASIS);
    assert_non_null(strstr(kit->verdict.reason, "sam"));
    seen = last(kit);
    kit_ledger(kit, root, "role.revoked", "{\"principal\":\"sam\",\"role\":\"Security Lead\"}");
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_STALE_BASIS);
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO")); /* what was given, was given */
    kit_free(kit);
}

static void test_stale_basis_after_a_key_was_lost(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    size_t seen = ready(kit);
    kit_revoke(kit, sam.seed, "\"reason\":\"retired\"");
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_STALE_BASIS);
    assert_non_null(strstr(kit->verdict.reason, "has lost the key"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    kit_free(kit);
}

static void test_stale_basis_after_an_earlier_gate_closed(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate2(kit);
    size_t seen = last(kit);
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    KIT_IS(kit, kit_decide_on(kit, lee, "4.2.2", "GO", seen), RULE_STALE_BASIS);
    assert_non_null(strstr(kit->verdict.reason, "4.1.2"));
    KIT_OK(kit, kit_decide(kit, lee, "4.2.2", "GO"));
    kit_free(kit);
}

static void test_gate_not_ready_lists_what_is_missing(void **state)
{
    static const char *const parts[] = {
        "1.1.1: not checked",
        "1.1.2: failed",
        "1.1.3: reopened, and not checked since",
        "1.2.1: not checked",
        "1.2.1.1: no approval of Release Manager",
        "4.1.1: na is not enough for a gate's own item",
        "item:1.1.2: failed: seen",
    };
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_check(kit, lee, "1.1.2", "fail"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.3", "pass"));
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.3\"}"));
    KIT_OK(kit, kit_check(kit, lee, "4.1.1", "na"));
    KIT_IS(kit, kit_decide(kit, rosa, "4.1.2", "GO"), RULE_GATE_NOT_READY);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strstr(kit->verdict.reason, parts[i]) == NULL)
            fail_msg("no '%s' in '%s'", parts[i], kit->verdict.reason);
    }
    assert_null(strstr(kit->verdict.reason, " 1.1.5: ")); /* optional */
    assert_null(strstr(kit->verdict.reason, " 1.2.3: ")); /* after the twin */
    assert_null(strstr(kit->verdict.reason, " 2.1.1: ")); /* later */
    assert_null(strstr(kit->verdict.reason, " 3.1.1: ")); /* rollback is not open */
    kit_free(kit);
}

static void test_gate_not_ready_at_the_basis(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_prepare(kit);
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    size_t seen = last(kit);
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    KIT_OK(kit, kit_check(kit, lee, "1.2.1", "pass"));
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_GATE_NOT_READY);
    assert_string_equal(kit->verdict.reason, "2 missing: 1.2.1: met only after the basis; "
                                             "1.2.1.2: met only after the basis");
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    kit_free(kit);
}

static void test_gate_not_ready_by_what_was_resolved_after_the_basis(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, lee, "issue.opened", "{\"issue\":\"I1\",\"severity\":1}"));
    size_t seen = ready(kit);
    KIT_OK(kit, kit_act(kit, lee, "issue.resolved", "{\"issue\":\"I1\"}"));
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_GATE_NOT_READY);
    assert_non_null(strstr(kit->verdict.reason, "issue:I1: resolved only after the basis"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    kit_free(kit);
}

/* A gate's own section that begins before the gate's time is a section before it as any other. */
static void test_gate_not_ready_without_its_own_statuses(void **state)
{
    static const char markdown[] = "# One\n\n## For tests\n\n## Gate (T-2 hours to T-1 hour)\n\n"
                                   "**Decision Authority:** Release Manager\n\n"
                                   "- [ ] No blockers\n\n"
                                   "**Plan Status: ✓ GOOD / ✗ BAD**\n\n"
                                   "**Decision: [ ] GO [ ] NO-GO**\n";
    (void)state;
    struct kit *kit = kit_start(markdown);
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_OK(kit, kit_check(kit, lee, "1.0.1", "pass"));
    KIT_IS(kit, kit_decide(kit, rosa, "1.0.3", "GO"), RULE_GATE_NOT_READY);
    assert_string_equal(kit->verdict.reason, "1 missing: 1.0.2: not declared");
    KIT_OK(kit, kit_status(kit, "1.0.2", "GOOD"));
    KIT_OK(kit, kit_decide(kit, rosa, "1.0.3", "GO"));
    kit_free(kit);
}

static void test_gate_not_ready_before_earlier_gates(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_IS(kit, kit_decide(kit, lee, "4.3.2", "SUCCESS"), RULE_GATE_NOT_READY);
    assert_non_null(strstr(kit->verdict.reason, "4.2.2: this earlier gate is not open"));
    assert_null(strstr(kit->verdict.reason, "4.1.2"));
    KIT_OK(kit, kit_decide(kit, lee, "4.3.2", "ISSUES"));
    kit_free(kit);
}

static void test_superseded_by_the_decision_that_stands(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    size_t seen = ready(kit);
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"));
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", seen), RULE_SUPERSEDED);
    KIT_OK(kit, kit_act(kit, rosa, "decision.made", "{\"node\":\"4.1.2\",\"value\":\"NO-GO\"}"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    kit_free(kit);
}

static void test_gate_not_ready_where_the_emergency_came_after_the_basis(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_prepare(kit);
    size_t before = last(kit);
    KIT_OK(kit, kit_act(kit, dana, "emergency.declared", "{}"));
    size_t since = last(kit);
    KIT_OK(kit, kit_act(kit, dana, "emergency.declared", "{\"reason\":\"again\"}"));
    KIT_IS(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", before), RULE_GATE_NOT_READY);
    KIT_OK(kit, kit_decide_on(kit, rosa, "4.1.2", "GO", since));
    kit_free(kit);
}

/* A rollback section with a window, so that a gate needs it once rollback is open. */
static const char rollback_markdown[] = "# One gate\n"
                                        "\n"
                                        "## With a rollback\n"
                                        "\n"
                                        "## ROLLBACK (T+0 to T+20 min)\n"
                                        "\n"
                                        "- [ ] Traffic returned\n"
                                        "\n"
                                        "## GATE (T+60 min)\n"
                                        "\n"
                                        "**Decision Authority:** Deployment Lead\n"
                                        "\n"
                                        "**Decision: [ ] GO [ ] NO-GO**\n";

static void test_gate_ready_at_a_basis_before_rollback_counted(void **state)
{
    (void)state;
    struct kit *kit = kit_start(rollback_markdown);
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    size_t before = last(kit);
    KIT_OK(kit, kit_act(kit, lee, "rollback.started", "{}"));
    size_t open = last(kit);
    KIT_IS(kit, kit_decide_on(kit, lee, "2.0.1", "GO", before), RULE_GATE_NOT_READY); /* now */
    KIT_OK(kit, kit_check(kit, lee, "1.0.1", "pass"));
    KIT_IS(kit, kit_decide_on(kit, lee, "2.0.1", "GO", open), RULE_GATE_NOT_READY);
    KIT_OK(kit, kit_decide_on(kit, lee, "2.0.1", "GO", before)); /* it did not count then */
    kit_free(kit);
}

static void test_superseded_second_opening_and_t0(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_IS(kit, kit_open_with(kit, dana, ",\"title\":\"again\""), RULE_SUPERSEDED);
    assert_null(kit->deployment->title);
    KIT_OK(kit, kit_act(kit, lee, "clock.started", "{\"t0\":\"1970-01-11T00:01:00Z\"}"));
    KIT_IS(kit, kit_act(kit, lee, "clock.started", "{\"t0\":\"1970-01-11T00:02:00Z\"}"),
           RULE_SUPERSEDED);
    KIT_IS(kit, kit_act(kit, dana, "deployment.rescheduled", "{\"t0\":\"1970-01-11T00:03:00Z\"}"),
           RULE_SUPERSEDED);
    assert_int_equal(kit->deployment->t0_us, KIT_T0_US + INSTANT_MINUTE_US);
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_basis_missing_or_wrong),
        cmocka_unit_test(test_bad_basis_admitted_a_day_late),
        cmocka_unit_test(test_stale_basis_after_a_reopening),
        cmocka_unit_test(test_stale_basis_not_by_what_the_gate_does_not_need),
        cmocka_unit_test(test_stale_basis_after_a_rejection_given_again),
        cmocka_unit_test(test_stale_basis_after_one_of_two_has_withdrawn),
        cmocka_unit_test(test_stale_basis_after_a_value_recorded_again),
        cmocka_unit_test(test_stale_basis_after_a_status_declared_again),
        cmocka_unit_test(test_stale_basis_after_a_new_criterion_though_resolved),
        cmocka_unit_test(test_stale_basis_after_t0_moved),
        cmocka_unit_test(test_stale_basis_after_a_role_was_lost),
        cmocka_unit_test(test_stale_basis_after_a_key_was_lost),
        cmocka_unit_test(test_stale_basis_after_an_earlier_gate_closed),
        cmocka_unit_test(test_gate_not_ready_lists_what_is_missing),
        cmocka_unit_test(test_gate_not_ready_at_the_basis),
        cmocka_unit_test(test_gate_not_ready_by_what_was_resolved_after_the_basis),
        cmocka_unit_test(test_gate_not_ready_without_its_own_statuses),
        cmocka_unit_test(test_gate_not_ready_before_earlier_gates),
        cmocka_unit_test(test_gate_not_ready_where_the_emergency_came_after_the_basis),
        cmocka_unit_test(test_gate_ready_at_a_basis_before_rollback_counted),
        cmocka_unit_test(test_superseded_by_the_decision_that_stands),
        cmocka_unit_test(test_superseded_second_opening_and_t0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
