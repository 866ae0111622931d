#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "replay/charter.h"
#include "replay/verb.h"

/* One command line behind LEDGER and ID: operands, then pairs of option and value. */
struct typed {
    const char *verb;
    const char *operands[3];
    struct args_choice choices[6]; /* up to the first without a value */
};

static enum err make(const struct typed *typed, struct errand_event *ret_event)
{
    struct err_text why = {""};
    struct args args = {.operand = {"L", "d1"}, .operand_count = 2};
    struct args_choice choices[6];
    for (size_t i = 0; i < 3 && typed->operands[i] != NULL; i++)
        args.operand[args.operand_count++] = typed->operands[i];
    memcpy(choices, typed->choices, sizeof(choices));
    args.choices = choices;
    while (args.choice_count < 6 && choices[args.choice_count].value != NULL)
        args.choice_count++;
    const struct verb *verb = verb_find(typed->verb);
    assert_non_null(verb);
    *ret_event = (struct errand_event){NULL, "d1", json_object()};
    enum err err = verb->make(&args, ret_event, &why);
    assert_true((err == ERR_OK) == (why.s[0] == '\0'));
    return err;
}

static void test_verb_make_events(void **state)
{
    (void)state;
    static const struct {
        struct typed typed;
        const char *type;
        const char *data;
    } cases[] = {
        {{"check", {"1.1"}, {{0}}}, "item.checked", "{\"node\":\"1.1\",\"result\":\"pass\"}"},
        {{"check", {"1.1", "na"}, {{VERB_NOTE, "n"}}},
         "item.checked",
         "{\"node\":\"1.1\",\"result\":\"na\",\"note\":\"n\"}"},
        {{"waive", {"1.1"}, {{VERB_REASON, "r"}}},
         "item.waived",
         "{\"node\":\"1.1\",\"reason\":\"r\"}"},
        {{"reopen", {"1.1"}, {{0}}}, "item.reopened", "{\"node\":\"1.1\"}"},
        {{"record", {"1.1", "0.05"}, {{VERB_UNIT, "%"}}},
         "field.recorded",
         "{\"node\":\"1.1\",\"value\":0.05,\"unit\":\"%\"}"},
        {{"record", {"1.1", "PASS"}, {{0}}},
         "field.recorded",
         "{\"node\":\"1.1\",\"value\":\"PASS\"}"},
        {{"status", {"1.1", "GOOD"}, {{0}}},
         "status.declared",
         "{\"node\":\"1.1\",\"value\":\"GOOD\"}"},
        {{"sample", {"error rate", "-1"}, {{VERB_NODE, "1.1"}, {VERB_WINDOW, "60"}}},
         "metric.sampled",
         "{\"metric\":\"error rate\",\"value\":-1,\"node\":\"1.1\",\"window_s\":60}"},
        {{"note", {"hello"}, {{VERB_ABOUT, "3:7"}}},
         "note.added",
         "{\"text\":\"hello\",\"about\":{\"from\":3,\"to\":7}}"},
        {{"issue", {"open", "i1"}, {{VERB_TITLE, "t"}, {VERB_SEVERITY, "1"}}},
         "issue.opened",
         "{\"issue\":\"i1\",\"title\":\"t\",\"severity\":1}"},
        {{"issue", {"resolve", "i1"}, {{VERB_TEXT, "done"}}},
         "issue.resolved",
         "{\"issue\":\"i1\",\"text\":\"done\"}"},
        {{"clock", {"2026-03-03T10:00:00Z"}, {{0}}},
         "clock.started",
         "{\"t0\":\"2026-03-03T10:00:00Z\"}"},
        {{"reschedule",
          {NULL},
          {{VERB_WINDOW, "2026-03-03T10:00:00Z/2026-03-03T12:00:00Z"}, {VERB_REASON, "r"}}},
         "deployment.rescheduled",
         "{\"window\":{\"from\":\"2026-03-03T10:00:00Z\",\"to\":\"2026-03-03T12:00:00Z\"},"
         "\"reason\":\"r\"}"},
        {{"assign", {"DBA", "dan"}, {{VERB_REASON, "r"}}},
         "role.assigned",
         "{\"role\":\"DBA\",\"principal\":\"dan\",\"reason\":\"r\"}"},
        {{"assign", {"DBA", "dan"}, {{VERB_REMOVE, ""}}},
         "role.unassigned",
         "{\"role\":\"DBA\",\"principal\":\"dan\"}"},
        {{"emergency", {NULL}, {{VERB_REASON, "r"}}}, "emergency.declared", "{\"reason\":\"r\"}"},
        {{"rollback", {"start"}, {{VERB_REASON, "r"}}}, "rollback.started", "{\"reason\":\"r\"}"},
        {{"rollback", {"finish", "SUCCESSFUL"}, {{0}}},
         "rollback.finished",
         "{\"status\":\"SUCCESSFUL\"}"},
        {{"close", {"abandoned"}, {{0}}}, "deployment.closed", "{\"outcome\":\"abandoned\"}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct errand_event event;
        struct buf text = {0};
        assert_int_equal(make(&cases[i].typed, &event), ERR_OK);
        ijson_print(event.data, &text);
        assert_string_equal(event.type, cases[i].type);
        assert_string_equal(text.data, cases[i].data);
        json_decref(event.data);
        buf_free(&text);
    }
}

static void test_verb_make_wrong_usage(void **state)
{
    (void)state;
    static const struct typed cases[] = {
        {"check", {"1.1", "passed"}, {{0}}},
        {"waive", {"1.1"}, {{0}}},
        {"sample", {"error rate", "high"}, {{0}}},
        {"sample", {"error rate", "1"}, {{VERB_WINDOW, "0"}}},
        {"note", {"t"}, {{VERB_ABOUT, "7:3"}}},
        {"note", {"t"}, {{VERB_ABOUT, "7"}}},
        {"issue", {"close", "i1"}, {{0}}},
        {"issue", {"open", "i1"}, {{VERB_TITLE, "t"}}},
        {"issue", {"open", "i1"}, {{VERB_TITLE, "t"}, {VERB_SEVERITY, "5"}}},
        {"issue", {"change", "i1"}, {{VERB_SEVERITY, "2"}}},
        {"clock", {"10:00"}, {{0}}},
        {"reschedule", {NULL}, {{VERB_REASON, "r"}}},
        {"reschedule", {NULL}, {{VERB_T0, "2026-03-03T10:00:00Z"}}},
        {"assign", {"DBA", "dan"}, {{VERB_UNTIL, "later"}}},
        {"assign", {"DBA", "dan"}, {{VERB_UNTIL, "2026-03-03T10:00:00Z"}, {VERB_REMOVE, ""}}},
        {"emergency", {NULL}, {{0}}},
        {"rollback", {"start"}, {{0}}},
        {"rollback", {"finish"}, {{0}}},
        {"rollback", {"stop"}, {{0}}},
        {"close", {"done"}, {{0}}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct errand_event event;
        assert_int_equal(make(&cases[i], &event), ERR_USAGE);
        json_decref(event.data);
    }
}

static void test_verb_make_attest(void **state)
{
    (void)state;
    const struct typed typed = {"attest", {"1.1", "/dev/null"}, {{VERB_URI, "s3://x"}}};
    struct errand_event event;
    assert_int_equal(make(&typed, &event), ERR_OK);
    assert_string_equal(ijson_string(event.data, "sha256"),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_null(ijson_get(event.data, "data_base64"));
    json_decref(event.data);
}

static void test_verb_find_and_names(void **state)
{
    (void)state;
    assert_null(verb_find("approve"));
    assert_string_equal(verb_option_name(VERB_NOTE), "note");
    assert_string_equal(verb_option_name(VERB_REMOVE), "remove");
}

static enum err charter(struct args_choice *choices, size_t count, json_t **ret_data)
{
    struct err_text why = {""};
    struct args args = {.choices = choices, .choice_count = count};
    return charter_data(&args, ret_data, &why);
}

static void test_charter_data_members(void **state)
{
    (void)state;
    struct args_choice choices[] = {
        {CHARTER_RELEASE, "2.1.0"},
        {CHARTER_ROLE, "DBA=dan"},
        {CHARTER_ROLE, "QA Lead=quinn"},
        {CHARTER_ROLE, "DBA=dora"},
        {CHARTER_AUTHOR, "ann"},
        {CHARTER_CHANGE, "PR-1"},
        {CHARTER_ARTIFACT, "oci://x?a=b="
                           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {CHARTER_T0, "2026-03-03T10:00:00Z"},
    };
    json_t *data = NULL;
    struct buf text = {0};
    assert_int_equal(charter(choices, sizeof(choices) / sizeof(choices[0]), &data), ERR_OK);
    ijson_print(data, &text);
    assert_string_equal(text.data,
                        "{\"rules\":1,\"release\":\"2.1.0\",\"authors\":[\"ann\"],"
                        "\"changes\":[{\"ref\":\"PR-1\"}],\"t0\":\"2026-03-03T10:00:00Z\","
                        "\"roles\":{\"DBA\":[\"dan\",\"dora\"],\"QA Lead\":[\"quinn\"]},"
                        "\"artifacts\":[{\"uri\":\"oci://x?a=b\",\"sha256\":"
                        "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}]}");
    buf_free(&text);
    json_decref(data);
}

static void test_charter_data_emergency(void **state)
{
    (void)state;
    struct args_choice choices[] = {{CHARTER_EMERGENCY, "it is down"}, {CHARTER_REASON, "why"}};
    json_t *data = NULL;
    assert_int_equal(charter(choices, 2, &data), ERR_USAGE);
    assert_int_equal(charter(choices, 1, &data), ERR_OK);
    assert_true(json_is_true(ijson_get(data, "emergency")));
    assert_string_equal(ijson_string(data, "reason"), "it is down");
    json_decref(data);
}

static void test_charter_data_malformed(void **state)
{
    (void)state;
    static const struct args_choice cases[] = {
        {CHARTER_ROLE, "DBA"},         {CHARTER_ARTIFACT, "oci://x=ba78"},
        {CHARTER_T0, "tomorrow"},      {CHARTER_WINDOW, "2026-03-03T10:00:00Z"},
        {CHARTER_ARTIFACT, "oci://x"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct args_choice choice = cases[i];
        json_t *data = NULL;
        assert_int_equal(charter(&choice, 1, &data), ERR_USAGE);
        assert_null(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verb_make_events),       cmocka_unit_test(test_verb_make_wrong_usage),
        cmocka_unit_test(test_verb_make_attest),       cmocka_unit_test(test_verb_find_and_names),
        cmocka_unit_test(test_charter_data_emergency), cmocka_unit_test(test_charter_data_members),
        cmocka_unit_test(test_charter_data_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
