#include "deployment_kit.h"

#define HAS(kit, flag) assert_true(kit_has(kit, flag))
#define HAS_NOT(kit, flag) assert_false(kit_has(kit, flag))

static void test_late_by_the_window_and_t0(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    kit_at(kit, 20);
    kit->time_us -= INSTANT_SECOND_US;
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass")); /* at its end */
    HAS_NOT(kit, FLAG_LATE);
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    HAS(kit, FLAG_LATE);
    assert_string_equal(kit->verdict.reason, "late: 0 min 1 s after the window of 2.1.1");
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"text\":\"x\",\"node\":\"2.1.1\"}"));
    HAS_NOT(kit, FLAG_LATE);
    KIT_OK(kit, kit_check(kit, lee, "2.4.1", "pass"));
    HAS_NOT(kit, FLAG_LATE);
    KIT_OK(kit, kit_act(kit, lee, "clock.started", "{\"t0\":\"1970-01-11T00:10:00Z\"}"));
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    HAS_NOT(kit, FLAG_LATE);
    kit_free(kit);
}

static void test_late_decision_after_its_deadline(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_at(kit, -60);
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"));
    HAS(kit, FLAG_LATE);
    kit_at(kit, -61);
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"));
    HAS_NOT(kit, FLAG_LATE);
    HAS_NOT(kit, FLAG_EARLY);
    kit_free(kit);
}

static void test_early_only_after_t0(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    kit_at(kit, -1);
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    HAS_NOT(kit, FLAG_EARLY);
    KIT_OK(kit, kit_decide(kit, lee, "4.2.2", "NO-GO"));
    kit_at(kit, 5);
    KIT_OK(kit, kit_decide(kit, lee, "4.2.2", "NO-GO")); /* a deadline is never early */
    HAS_NOT(kit, FLAG_EARLY);
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"2.2.1\",\"exit\":0}"));
    HAS(kit, FLAG_EARLY);
    kit_at(kit, 30);
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"2.2.1\",\"exit\":0}"));
    HAS_NOT(kit, FLAG_EARLY);
    kit_free(kit);
}

static void test_late_needs_t0(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    uint8_t sha256[HASH_BYTES];
    struct buf data = {0};
    hash_bytes(kit->markdown, strlen(kit->markdown), sha256);
    buf_text(&data, "{\"checklist\":\"");
    buf_hex(&data, sha256, HASH_BYTES);
    buf_text(&data, "\"}");
    KIT_OK(kit, kit_act(kit, dana, "deployment.opened", (const char *)data.data));
    assert_string_equal(kit->deployment->lead, "dana");
    kit_at(kit, 600);
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    HAS_NOT(kit, FLAG_LATE);
    buf_free(&data);
    kit_free(kit);
}

static void test_outside_window(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    KIT_OK(kit, kit_open_with(kit, dana,
                              ",\"window\":{\"from\":\"1970-01-10T23:50:00Z\","
                              "\"to\":\"1970-01-11T01:00:00Z\"}"));
    kit_gate1(kit);
    HAS_NOT(kit, FLAG_OUTSIDE_WINDOW); /* a gate's decision is no work */
    KIT_OK(kit, kit_check(kit, lee, "1.2.3", "pass"));
    HAS_NOT(kit, FLAG_OUTSIDE_WINDOW); /* not guarded */
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    HAS(kit, FLAG_OUTSIDE_WINDOW);
    kit_at(kit, -9);
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    HAS_NOT(kit, FLAG_OUTSIDE_WINDOW);
    kit_at(kit, 60);
    KIT_OK(kit, kit_act(kit, lee, "clock.started", "{\"t0\":\"1970-01-11T01:00:00Z\"}"));
    HAS(kit, FLAG_OUTSIDE_WINDOW);
    kit_free(kit);
}

static void test_clock_skew(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit->claimed_off_us = 300 * INSTANT_SECOND_US;
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    HAS_NOT(kit, FLAG_CLOCK_SKEW);
    kit->claimed_off_us = 300 * INSTANT_SECOND_US + 1;
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    HAS(kit, FLAG_CLOCK_SKEW);
    kit->claimed_off_us = -301 * INSTANT_SECOND_US;
    KIT_OK(kit, kit_append(kit, robot, "com.example.build", "{}"));
    HAS(kit, FLAG_CLOCK_SKEW);
    assert_string_equal(kit->verdict.reason, "clock-skew: its time is 301 s after the ledger's");
    kit_free(kit);
}

static void test_spooled_and_replayed(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit->attributes = ",\"spooled\":true";
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    HAS(kit, FLAG_SPOOLED);
    HAS_NOT(kit, FLAG_REPLAYED);
    assert_true(kit->deployment->nodes[kit_node(kit, "1.1.1")].met);
    kit->attributes = ",\"replayed\":true,\"spooled\":false";
    KIT_OK(kit, kit_append(kit, robot, "com.example.build", "{}"));
    HAS(kit, FLAG_REPLAYED);
    HAS_NOT(kit, FLAG_SPOOLED);
    kit_free(kit);
}

static void test_waived(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.1\",\"reason\":\"r\"}"));
    HAS(kit, FLAG_WAIVED);
    assert_true(deployment_met(kit->deployment, kit_node(kit, "1.1.1")));
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    HAS_NOT(kit, FLAG_WAIVED);
    kit_free(kit);
}

static void test_emergency_lane(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_prepare(kit);
    kit_at(kit, -120);
    KIT_IS(kit, kit_decide(kit, rosa, "4.1.2", "GO"), RULE_GATE_NOT_READY);
    KIT_OK(kit, kit_act(kit, dana, "emergency.declared", "{\"reason\":\"outage\"}"));
    HAS(kit, FLAG_EMERGENCY);
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.1\"}"));
    KIT_IS(kit, kit_decide(kit, rosa, "4.1.2", "GO"), RULE_GATE_NOT_READY); /* items must be */
    assert_string_equal(kit->verdict.reason, "1 missing: 1.1.1: reopened, and not checked since");
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    HAS(kit, FLAG_EMERGENCY);
    kit_free(kit);
}

static void test_emergency_by_opening(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    KIT_OK(kit, kit_open_with(kit, dana, ",\"emergency\":true,\"reason\":\"outage\""));
    HAS(kit, FLAG_EMERGENCY);
    assert_string_equal(kit->deployment->emergency_reason, "outage");
    kit_free(kit);
}

static void test_retroactive_approvals(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    KIT_OK(kit, kit_open_with(kit, dana, ",\"emergency\":true"));
    kit_prepare(kit);
    kit_at(kit, -120);
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    HAS_NOT(kit, FLAG_RETROACTIVE); /* before the GO */
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
    KIT_OK(kit, kit_act(kit, sam, "rollback.started", "{}"));
    KIT_OK(kit, kit_act(kit, lee, "deployment.closed", "{\"outcome\":\"failed\"}"));
    kit_at(kit, -120 + 72 * 60);
    kit->time_us += INSTANT_SECOND_US; /* 72 hours to the second */
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    HAS(kit, FLAG_RETROACTIVE);
    HAS(kit, FLAG_AFTER_CLOSE);
    KIT_IS(kit, kit_approve(kit, sam, "1.2.1.2"), RULE_DEPLOYMENT_CLOSED); /* over 72 hours */
    kit_free(kit);
}

static void test_retroactive_only_of_an_emergency(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_OK(kit, kit_act(kit, dana, "emergency.declared", "{}")); /* after the GO */
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    HAS_NOT(kit, FLAG_RETROACTIVE);
    kit_free(kit);
}

static void test_blind_counts_what_stands_before(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    HAS(kit, FLAG_BLIND);
    /* 1.1.1 to 1.1.7 but the optional 1.1.5; neither 1.2.1, its ancestor, nor 4.1.1, behind it */
    assert_int_equal(kit->verdict.blind_count, 6);
    assert_string_equal(kit->verdict.reason,
                        "blind: 6 not met: 1.1.1 1.1.2 1.1.3 1.1.4 1.1.6 1.1.7");
    kit_prepare(kit);
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    HAS_NOT(kit, FLAG_BLIND);
    assert_int_equal(kit->verdict.blind_count, 0);
    kit_free(kit);
}

static void test_blind_sign_off_by_the_last_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate2(kit);
    kit_at(kit, 55);
    KIT_OK(kit, kit_check(kit, lee, "2.2.1", "pass"));
    KIT_OK(kit, kit_approve(kit, rosa, "2.3.1"));
    HAS(kit, FLAG_BLIND);
    assert_string_equal(kit->verdict.reason, "blind: 2 not met: 2.2.2 2.2.3");
    kit_free(kit);
}

static void test_unmeasured(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_check(kit, lee, "1.1.2", "pass"));
    HAS(kit, FLAG_UNMEASURED);
    KIT_OK(kit, kit_act(kit, lee, "metric.sampled",
                        "{\"metric\":\"scan\",\"value\":0,\"node\":\"1.1.2\"}"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.2", "pass"));
    HAS_NOT(kit, FLAG_UNMEASURED);
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    HAS_NOT(kit, FLAG_UNMEASURED); /* no threshold */
    kit_free(kit);
}

static void test_judgement_without_number_and_person(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_check(kit, robot, "1.1.1", "pass"));
    HAS(kit, FLAG_JUDGEMENT);
    KIT_OK(kit, kit_check(kit, robot, "1.1.1", "fail"));
    HAS_NOT(kit, FLAG_JUDGEMENT);
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass")); /* a person */
    HAS_NOT(kit, FLAG_JUDGEMENT);
    KIT_OK(kit, kit_check(kit, robot, "1.1.3", "pass")); /* its command was not run */
    HAS(kit, FLAG_JUDGEMENT);
    KIT_OK(kit, kit_act(kit, robot, "command.finished", "{\"node\":\"1.1.3\",\"exit\":0}"));
    KIT_OK(kit, kit_check(kit, robot, "1.1.3", "pass"));
    HAS_NOT(kit, FLAG_JUDGEMENT);
    KIT_OK(kit, kit_record_value(kit, "1.1.4.1", "900"));
    KIT_OK(kit, kit_record_value(kit, "1.1.4.2", "100"));
    KIT_OK(kit, kit_check(kit, robot, "1.1.4", "pass")); /* a number */
    HAS_NOT(kit, FLAG_JUDGEMENT);
    KIT_OK(kit, kit_check(kit, robot, "1.1.2", "pass"));
    HAS_NOT(kit, FLAG_JUDGEMENT); /* unmeasured says it */
    HAS(kit, FLAG_UNMEASURED);
    kit_free(kit);
}

static void test_other_command(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, lee, "command.finished",
                        "{\"node\":\"1.1.3\",\"command\":\"true\",\"exit\":0}"));
    HAS(kit, FLAG_OTHER_COMMAND);
    KIT_OK(kit, kit_act(kit, lee, "command.finished",
                        "{\"node\":\"1.1.3\",\"command\":\"scripts/check.sh --all\\n\","
                        "\"exit\":0}"));
    HAS_NOT(kit, FLAG_OTHER_COMMAND);
    KIT_OK(kit, kit_act(kit, lee, "command.finished",
                        "{\"node\":\"1.1.1\",\"command\":\"true\",\"exit\":0}"));
    HAS_NOT(kit, FLAG_OTHER_COMMAND); /* the checklist names none */
    kit_free(kit);
}

static void test_no_touch_by_policy(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    kit_ledger(kit, root, "policy.set", "{\"touch\":[\"Security Lead\"]}");
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    HAS(kit, FLAG_NO_TOUCH);
    assert_non_null(
        strstr(kit->verdict.reason, "no-touch: no touch is attested: it is no security key's"));
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    HAS_NOT(kit, FLAG_NO_TOUCH);
    kit_free(kit);
}

/* Approve with the security key of the person who must. */
static void approve_touched(struct kit *kit, struct person who, const char *node, uint8_t flags)
{
    kit->device = true;
    kit->device_flags = flags;
    kit->device_counter++;
    KIT_OK(kit, kit_approve(kit, who, node));
    kit->device = false;
}

static void test_no_touch_of_security_keys(void **state)
{
    (void)state;
    static const struct {
        const char *policy;
        const char *missing[8]; /* by flags; NULL: none */
    } cases[] = {
        {"{}", {NULL}},
        {"{\"touch\":[\"Security Lead\"]}",
         {[0] = "no touch is attested", [4] = "no touch is attested"}},
        {"{\"pin\":[\"security  LEAD\"]}",
         {[0] = "no PIN is attested", [1] = "no PIN is attested"}},
        {"{\"touch\":[\"Security Lead\"],\"pin\":[\"Security Lead\"]}",
         {[0] = "no touch, and no PIN is attested",
          [1] = "no PIN is attested",
          [4] = "no touch is attested"}},
        {"{\"touch\":[\"Release Manager\"],\"pin\":[\"Deployment Lead\"]}", {NULL}},
    };
    static const uint8_t flags[] = {0, 1, 4, 5};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kit *kit = kit_start(NULL);
        kit_ledger(kit, root, "policy.set", cases[i].policy);
        KIT_OK(kit, kit_open_with(kit, dana, ""));
        for (size_t j = 0; j < 4; j++) {
            const char *missing = cases[i].missing[flags[j]];
            approve_touched(kit, sam, "1.2.1.2", flags[j]);
            assert_int_equal(kit_has(kit, FLAG_NO_TOUCH), missing != NULL);
            if (missing != NULL)
                assert_non_null(strstr(kit->verdict.reason, missing));
            const struct touch *touch = &kit->deployment->last.touch;
            assert_true(touch->attested && touch->flags == flags[j]);
            assert_int_equal(touch->touched, (flags[j] & 1) != 0);
            assert_int_equal(touch->pin, (flags[j] & 4) != 0);
        }
        kit_free(kit);
    }
}

/* A decision is its authority's; of what is neither approval nor decision nothing is asked. */
static void test_no_touch_of_decisions(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    kit_ledger(kit, root, "policy.set", "{\"touch\":[\"Release Manager\",\"deployer\"]}");
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    HAS_NOT(kit, FLAG_NO_TOUCH);
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "NO-GO"));
    HAS(kit, FLAG_NO_TOUCH);
    KIT_OK(kit, kit_act(kit, rosa, "note.added", "{\"text\":\"x\",\"node\":\"4.1.2\"}"));
    HAS_NOT(kit, FLAG_NO_TOUCH);
    kit_free(kit);
}

/* One note signed with a security key whose counter says ${counter}. */
static bool counts(struct kit *kit, struct person who, uint32_t counter)
{
    kit->device = true;
    kit->device_counter = counter;
    KIT_OK(kit, kit_act(kit, who, "note.added", "{\"text\":\"x\"}"));
    kit->device = false;
    return kit_has(kit, FLAG_COUNTER);
}

static void test_counter_that_does_not_grow(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    assert_false(counts(kit, sam, 7));
    assert_false(counts(kit, rosa, 7)); /* another's key */
    assert_false(counts(kit, sam, 8));
    assert_true(counts(kit, sam, 8));
    assert_non_null(strstr(kit->verdict.reason, "counts 8 after 8"));
    assert_true(counts(kit, sam, 0));
    assert_true(counts(kit, sam, 7)); /* 8 is still the highest */
    assert_false(counts(kit, sam, 9));
    KIT_OK(kit, kit_act(kit, sam, "note.added", "{\"text\":\"x\"}"));
    HAS_NOT(kit, FLAG_COUNTER);        /* not by a security key */
    assert_false(counts(kit, lee, 0)); /* many count nothing */
    assert_false(counts(kit, lee, 0));
    assert_false(counts(kit, lee, 1));
    assert_true(counts(kit, lee, 0));
    kit_free(kit);
}

/* What was refused was signed all the same. */
static void test_counter_of_refused_acts(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit->device = true;
    kit->device_counter = 5;
    assert_int_not_equal(kit_approve(kit, eve, "1.2.1.2"), RULE_NONE);
    HAS_NOT(kit, FLAG_COUNTER);
    assert_int_not_equal(kit_approve(kit, eve, "1.2.1.2"), RULE_NONE);
    HAS_NOT(kit, FLAG_COUNTER); /* flags are of what is accepted */
    assert_true(counts(kit, eve, 5));
    assert_false(counts(kit, eve, 6));
    kit_free(kit);
}

static void test_new_key(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_enroll(kit, rosa, 33);
    const struct person again = {"rosa", 33};
    KIT_OK(kit, kit_check(kit, again, "1.1.6", "pass"));
    HAS(kit, FLAG_NEW_KEY);
    KIT_OK(kit, kit_check(kit, rosa, "1.1.6", "pass"));
    HAS_NOT(kit, FLAG_NEW_KEY);
    kit->time_us += INSTANT_DAY_US;
    KIT_OK(kit, kit_check(kit, again, "1.1.6", "pass"));
    HAS_NOT(kit, FLAG_NEW_KEY);
    kit_free(kit);
}

static void test_refusals_have_no_flags(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit->attributes = ",\"spooled\":true";
    kit->claimed_off_us = INSTANT_DAY_US;
    KIT_IS(kit, kit_check(kit, lee, "2.1.1", "pass"), RULE_PHASE_CLOSED);
    assert_int_equal(kit->verdict.flags, 0);
    assert_int_equal(kit->deployment->refused, 1);
    assert_int_equal(kit->deployment->flagged, 0);
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_by_the_window_and_t0),
        cmocka_unit_test(test_late_decision_after_its_deadline),
        cmocka_unit_test(test_early_only_after_t0),
        cmocka_unit_test(test_late_needs_t0),
        cmocka_unit_test(test_outside_window),
        cmocka_unit_test(test_clock_skew),
        cmocka_unit_test(test_spooled_and_replayed),
        cmocka_unit_test(test_waived),
        cmocka_unit_test(test_emergency_lane),
        cmocka_unit_test(test_emergency_by_opening),
        cmocka_unit_test(test_retroactive_approvals),
        cmocka_unit_test(test_retroactive_only_of_an_emergency),
        cmocka_unit_test(test_blind_counts_what_stands_before),
        cmocka_unit_test(test_blind_sign_off_by_the_last_gate),
        cmocka_unit_test(test_unmeasured),
        cmocka_unit_test(test_judgement_without_number_and_person),
        cmocka_unit_test(test_other_command),
        cmocka_unit_test(test_no_touch_by_policy),
        cmocka_unit_test(test_no_touch_of_security_keys),
        cmocka_unit_test(test_no_touch_of_decisions),
        cmocka_unit_test(test_counter_that_does_not_grow),
        cmocka_unit_test(test_counter_of_refused_acts),
        cmocka_unit_test(test_new_key),
        cmocka_unit_test(test_refusals_have_no_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
