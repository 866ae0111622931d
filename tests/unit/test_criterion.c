#include "deployment_kit.h"

#include <stdio.h>

/* The latest criterion of this id, or NULL. */
static const struct criterion *find(const struct kit *kit, const char *id)
{
    const struct deployment *deployment = kit->deployment;
    for (size_t i = deployment->criterion_count; i > 0; i--) {
        if (strcmp(deployment->criteria[i - 1].id, id) == 0)
            return &deployment->criteria[i - 1];
    }
    return NULL;
}

static bool unresolved(const struct kit *kit, const char *id)
{
    const struct criterion *criterion = find(kit, id);
    return criterion != NULL && !criterion->resolved.set;
}

static enum rule sample(struct kit *kit, const char *metric, const char *value, const char *more)
{
    return kit_act(
        kit, robot, "metric.sampled",
        kit_say(kit, "{\"metric\":\"%s\",\"value\":%s,\"unit\":\"%%\"%s}", metric, value, more));
}

static void test_threshold_of_a_field(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "250"));
    assert_true(unresolved(kit, "threshold:1.1.7"));
    assert_string_equal(find(kit, "threshold:1.1.7")->text, "250 of 1.1.7.1 is not < 200 ms");
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "270"));
    assert_int_equal(kit->deployment->criterion_count, 1);
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "\"fast\"")); /* no number judges nothing */
    assert_true(unresolved(kit, "threshold:1.1.7"));
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "199"));
    assert_false(unresolved(kit, "threshold:1.1.7"));
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "201"));
    assert_true(unresolved(kit, "threshold:1.1.7"));
    assert_int_equal(kit->deployment->criterion_count, 2);
    kit_free(kit);
}

static void test_threshold_of_a_field_that_measures(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_OK(kit, kit_record_value(kit, "2.1.5", "0.2"));
    assert_true(unresolved(kit, "threshold:2.1.2"));
    assert_true(unresolved(kit, "threshold:2.2.2")); /* its section has no field of its own */
    assert_int_equal(find(kit, "threshold:2.2.2")->section,
                     checklist_section(kit->deployment->checklist, "2.1"));
    KIT_IS(kit, kit_check(kit, lee, "2.1.2", "pass"), RULE_CONTRADICTED);
    kit_free(kit);
}

/* A threshold without a unit names none that a sample's could differ from. */
static void test_threshold_without_a_unit(void **state)
{
    static const char markdown[] = "# One\n\n## For tests\n\n## A (T-2 hours to T-0)\n\n"
                                   "- [ ] Health score (> 5)\n";
    (void)state;
    struct kit *kit = kit_start(markdown);
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_OK(kit, sample(kit, "score", "4", ",\"node\":\"1.0.1\""));
    assert_true(unresolved(kit, "threshold:1.0.1"));
    kit_free(kit);
}

static void test_threshold_of_samples_in_their_window(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_at(kit, -5);
    KIT_OK(kit, sample(kit, "error rate", "0.5", ""));
    assert_int_equal(kit->deployment->criterion_count, 0);
    kit_at(kit, 10);
    KIT_OK(kit, sample(kit, "error rate", "0.5", ""));
    assert_true(unresolved(kit, "threshold:2.1.2"));
    assert_null(find(kit, "threshold:2.2.2"));
    KIT_OK(kit, sample(kit, "success rate", "0.01", ""));
    assert_true(unresolved(kit, "threshold:2.1.2"));
    KIT_OK(kit, sample(kit, "error rate at 50%", "0.01", ""));
    assert_false(unresolved(kit, "threshold:2.1.2"));
    kit_at(kit, 40);
    KIT_OK(kit, sample(kit, "error rate", "0.1", ""));
    assert_true(unresolved(kit, "threshold:2.2.2"));
    assert_false(unresolved(kit, "threshold:2.1.2"));
    KIT_OK(kit, sample(kit, "whatever", "0.1", ",\"node\":\"2.1.2\"")); /* it names it */
    assert_true(unresolved(kit, "threshold:2.1.2"));
    assert_int_equal(kit->deployment->sample_count, 6);
    kit_free(kit);
}

static void test_status_until_a_good_one(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    size_t node = kit_node(kit, "2.1.4");
    KIT_OK(kit, kit_status(kit, "2.1.4", "BAD"));
    assert_true(unresolved(kit, "status:2.1.4"));
    KIT_OK(kit, kit_status(kit, "2.1.4", "WARNINGS"));
    assert_true(unresolved(kit, "status:2.1.4")); /* a warning needs a note */
    assert_false(deployment_met(kit->deployment, node));
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"node\":\"2.1.4\",\"text\":\"known\"}"));
    assert_true(deployment_met(kit->deployment, node));
    assert_false(unresolved(kit, "status:2.1.4"));
    KIT_OK(kit, kit_status(kit, "2.1.4", "BAD"));
    assert_true(unresolved(kit, "status:2.1.4"));
    KIT_OK(kit, kit_status(kit, "2.1.4", "GOOD"));
    assert_false(unresolved(kit, "status:2.1.4"));
    kit_free(kit);
}

static void test_item_failed(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "fail"));
    assert_true(unresolved(kit, "item:1.1.1"));
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.1\"}"));
    assert_true(unresolved(kit, "item:1.1.1"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    assert_false(unresolved(kit, "item:1.1.1"));
    KIT_OK(kit, kit_check(kit, lee, "4.1.1", "fail"));
    KIT_OK(kit, kit_check(kit, lee, "4.1.1", "na"));
    assert_true(unresolved(kit, "item:4.1.1")); /* a gate's own item */
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"4.1.1\",\"reason\":\"r\"}"));
    assert_false(unresolved(kit, "item:4.1.1"));
    kit_free(kit);
}

static void test_item_reopened_behind_an_open_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.1\"}"));
    assert_null(find(kit, "item:1.1.1")); /* the gate is not open */
    kit_gate1(kit);
    KIT_OK(kit, kit_check(kit, lee, "1.2.3", "pass"));
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.2.3\"}"));
    assert_null(find(kit, "item:1.2.3")); /* the gate did not need it */
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.1\",\"reason\":\"doubt\"}"));
    assert_true(unresolved(kit, "item:1.1.1"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    assert_false(unresolved(kit, "item:1.1.1"));
    kit_free(kit);
}

static void test_command_until_a_good_one(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"1.1.3\",\"exit\":1}"));
    assert_true(unresolved(kit, "command:1.1.3"));
    KIT_OK(kit, kit_act(kit, lee, "command.finished",
                        "{\"node\":\"1.1.3\",\"exit\":0,\"matched\":false}"));
    assert_true(unresolved(kit, "command:1.1.3"));
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"1.1.3\",\"exit\":0}"));
    assert_false(unresolved(kit, "command:1.1.3"));
    kit_free(kit);
}

static void test_approval_taken_back_behind_an_open_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    KIT_OK(kit, kit_act(kit, sam, "approval.rejected", "{\"node\":\"1.2.1.2\"}"));
    assert_null(find(kit, "approval:1.2.1.2"));
    kit_gate1(kit);
    KIT_OK(kit, kit_act(kit, sam, "approval.withdrawn", "{\"node\":\"1.2.1.2\"}"));
    assert_true(unresolved(kit, "approval:1.2.1.2"));
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    assert_false(unresolved(kit, "approval:1.2.1.2"));
    KIT_OK(kit, kit_act(kit, rosa, "approval.rejected", "{\"node\":\"1.2.1.1\"}"));
    assert_true(unresolved(kit, "approval:1.2.1.1"));
    kit_free(kit);
}

/* Also where enough others have given it, or it need not be met. */
static void test_taken_back_behind_an_open_gate_though_met(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, dana, "role.assigned",
                        "{\"role\":\"Release Manager\",\"principal\":\"rudi\"}"));
    KIT_OK(kit, kit_approve(kit, rudi, "1.2.1.1"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.5", "pass"));
    kit_gate1(kit);
    KIT_OK(kit, kit_act(kit, rudi, "approval.withdrawn", "{\"node\":\"1.2.1.1\"}"));
    assert_true(deployment_met(kit->deployment, kit_node(kit, "1.2.1.1")));
    assert_true(unresolved(kit, "approval:1.2.1.1"));
    KIT_OK(kit, kit_approve(kit, rudi, "1.2.1.1"));
    assert_false(unresolved(kit, "approval:1.2.1.1"));
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.5\"}")); /* optional */
    assert_true(unresolved(kit, "item:1.1.5"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.5", "na"));
    assert_false(unresolved(kit, "item:1.1.5"));
    kit_free(kit);
}

static void test_issue_of_severity_1(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, lee, "issue.opened", "{\"issue\":\"I1\",\"severity\":2}"));
    assert_null(find(kit, "issue:I1"));
    KIT_OK(kit, kit_act(kit, lee, "issue.opened",
                        "{\"issue\":\"I2\",\"severity\":1,\"title\":\"down\"}"));
    assert_true(unresolved(kit, "issue:I2"));
    assert_int_equal(find(kit, "issue:I2")->section, CHECKLIST_NONE);
    KIT_OK(kit, kit_act(kit, lee, "issue.changed", "{\"issue\":\"I2\",\"text\":\"better\"}"));
    assert_true(unresolved(kit, "issue:I2"));
    KIT_OK(kit, kit_act(kit, lee, "issue.resolved", "{\"issue\":\"I2\"}"));
    assert_false(unresolved(kit, "issue:I2"));
    KIT_OK(kit, kit_act(kit, lee, "issue.opened", "{\"issue\":\"I2\",\"severity\":1}"));
    assert_true(unresolved(kit, "issue:I2"));
    assert_int_equal(kit->deployment->issue_count, 2);
    kit_free(kit);
}

#define GOOD_SHA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER_SHA "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static enum rule deploy(struct kit *kit, const char *verb, const char *artifact)
{
    char type[64];
    snprintf(type, sizeof(type), "dev.cdevents.service.%s.0.3.0", verb);
    return kit_append(
        kit, robot, type,
        kit_say(kit, "{\"subject\":{\"id\":\"s\",\"content\":{\"artifactId\":\"%s\"}}}", artifact));
}

static void test_artifact_that_was_not_named(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    KIT_OK(kit, deploy(kit, "deployed", "pkg:oci/app@sha256:" OTHER_SHA)); /* before opening */
    KIT_OK(kit,
           kit_open_with(kit, dana,
                         ",\"artifacts\":[{\"uri\":\"app:2.1\",\"sha256\":\"" GOOD_SHA "\"}]"));
    KIT_OK(kit, deploy(kit, "deployed", "pkg:oci/app@sha256%3A" GOOD_SHA));
    KIT_OK(kit, deploy(kit, "upgraded", "app:2.1"));
    KIT_OK(kit, deploy(kit, "rolledback", "pkg:oci/app@sha256:" OTHER_SHA));
    assert_int_equal(kit->deployment->criterion_count, 0);
    KIT_OK(kit, deploy(kit, "upgraded", "pkg:oci/app@sha256:" OTHER_SHA));
    assert_true(unresolved(kit, "artifact:" OTHER_SHA));
    KIT_OK(kit, deploy(kit, "deployed", "app:latest"));
    assert_true(unresolved(kit, "artifact:app:latest"));
    kit_free(kit);
}

static void test_artifacts_only_if_any_are_named(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, deploy(kit, "deployed", "app:latest"));
    assert_int_equal(kit->deployment->criterion_count, 0);
    kit_free(kit);
}

static void test_resolved_by_the_no_that_lists_them(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    struct buf hex = {0};
    KIT_OK(kit, kit_open_with(kit, dana, ",\"artifacts\":[{\"sha256\":\"" GOOD_SHA "\"}]"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "fail"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.2", "fail"));
    KIT_OK(kit, kit_act(kit, lee, "issue.opened", "{\"issue\":\"I:1\",\"severity\":1}"));
    KIT_OK(kit, deploy(kit, "deployed", "app:latest"));
    buf_hex(&hex, kit->records[4]->leaf, HASH_BYTES);
    KIT_OK(kit, kit_act(kit, lee, "decision.made",
                        kit_say(kit,
                                "{\"node\":\"3.0.1\",\"value\":\"NO\",\"basis\":{\"pos\":4,"
                                "\"leaf\":\"%s\"},\"criteria\":[\"item:1.1.1\",\"issue:I:1\","
                                "\"artifact:app:latest\",\"item:9.9.9\"]}",
                                (const char *)hex.data)));
    assert_false(unresolved(kit, "item:1.1.1"));
    assert_false(unresolved(kit, "issue:I:1"));
    assert_false(unresolved(kit, "artifact:app:latest"));
    assert_true(unresolved(kit, "item:1.1.2"));
    assert_false(kit->deployment->rollback_started.set);
    buf_free(&hex);
    kit_free(kit);
}

static void test_resolved_by_a_waiver(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "250"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.7", "fail"));
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"1.1.7\",\"exit\":1}"));
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.7\",\"reason\":\"r\"}"));
    assert_false(unresolved(kit, "threshold:1.1.7"));
    assert_false(unresolved(kit, "item:1.1.7"));
    assert_false(unresolved(kit, "command:1.1.7"));
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "260")); /* a new one */
    assert_true(unresolved(kit, "threshold:1.1.7"));
    assert_int_equal(find(kit, "threshold:1.1.7")->section,
                     kit->deployment->checklist->nodes[kit_node(kit, "1.1.7.1")].section);
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threshold_of_a_field),
        cmocka_unit_test(test_threshold_of_a_field_that_measures),
        cmocka_unit_test(test_threshold_without_a_unit),
        cmocka_unit_test(test_threshold_of_samples_in_their_window),
        cmocka_unit_test(test_status_until_a_good_one),
        cmocka_unit_test(test_item_failed),
        cmocka_unit_test(test_item_reopened_behind_an_open_gate),
        cmocka_unit_test(test_command_until_a_good_one),
        cmocka_unit_test(test_approval_taken_back_behind_an_open_gate),
        cmocka_unit_test(test_taken_back_behind_an_open_gate_though_met),
        cmocka_unit_test(test_issue_of_severity_1),
        cmocka_unit_test(test_artifact_that_was_not_named),
        cmocka_unit_test(test_artifacts_only_if_any_are_named),
        cmocka_unit_test(test_resolved_by_the_no_that_lists_them),
        cmocka_unit_test(test_resolved_by_a_waiver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
