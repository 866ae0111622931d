#include "tests/unit/story_kit.h"

#include "replay/why.h"

static char *ask(struct errand *errand, const char *target, const char *at)
{
    struct why why = {.held = NULL};
    struct err_text said = {""};
    struct buf text = {0};
    if (why_make(errand, "d1", target, at, &why, &said) != ERR_OK)
        fail_msg("%s: %s", target, said.s);
    cause_text(&why.cause, &text);
    why_free(&why);
    return buf_take_text(&text);
}

/* Wants the answer to have ${part}; a part that begins with '!' it must not have. */
static void expect(struct errand *errand, const char *target, const char *const *parts)
{
    char *text = ask(errand, target, NULL);
    for (size_t i = 0; parts[i] != NULL; i++) {
        bool none = parts[i][0] == '!';
        if ((strstr(text, parts[i] + none) == NULL) != none)
            fail_msg("%s '%s' in:\n%s", none ? "a" : "no", parts[i] + none, text);
    }
    free(text);
}

#define EXPECT(errand, target, ...) expect(errand, target, (const char *const[]){__VA_ARGS__, NULL})

static void test_why_make_errors(void **state)
{
    (void)state;
    struct story story;
    struct why why;
    story_new(&story);
    story_open(&story, "d2", "");
    story_open(&story, "d1", "");
    struct errand *errand = story_ask(&story);
    static const struct {
        const char *id, *target, *at;
        enum err err;
    } cases[] = {
        {"d9", "1.1.1", NULL, ERR_NOT_FOUND},    {"d1", "9.9.9", NULL, ERR_NOT_FOUND},
        {"d1", "gate-9", NULL, ERR_NOT_FOUND},   {"d1", "0", NULL, ERR_NOT_FOUND},
        {"d1", "#9", NULL, ERR_NOT_FOUND},       {"d1", "#x", NULL, ERR_USAGE},
        {"d1", "1.1.1", "close", ERR_NOT_FOUND}, {"d1", "1.1.1", "then", ERR_USAGE},
        {"ledger", "0", NULL, ERR_NOT_FOUND},    {"d1", "1.1.1", "0", ERR_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_text said = {""};
        enum err err = why_make(errand, cases[i].id, cases[i].target, cases[i].at, &why, &said);
        if (err != cases[i].err || said.s[0] == '\0')
            fail_msg("%s %s: %s (%s)", cases[i].id, cases[i].target, err_name(err), said.s);
    }
    story_end(&story);
}

static void test_why_make_behind_a_gate(void **state)
{
    (void)state;
    struct story story;
    story_new(&story);
    story_open(&story, "d1", "");
    story_go(&story, 0, STORY_GATE1 + 1);
    struct errand *errand = story_ask(&story);
    EXPECT(errand, "gate-1", "decision.made 4.1.2 GO was accepted",
           "rosa was granted Release Manager on the ledger (root, seq ",
           "rosa was assigned Release Manager here (dana, seq ",
           "1.2.1.1 Release Manager: given (rosa, seq ", "items and statuses were met; the last: ");
    EXPECT(errand, "gate-2", "gate 2, 4.2.2 ", "is not open: not decided",
           "otherwise: GO decided by a holder of Deployment Lead (lee)", "2.1.1 New version runs");
    /* a node of a closed section, one that counts all the same, a twin, and a rollback's */
    char *then = ask(errand, "2.1.1", "#3");
    assert_non_null(strstr(then, "gate 1, 4.1.2 "));
    free(then);
    EXPECT(errand, "1.1.5", "1.1.5 Customers told (if applicable): not checked, and optional");
    EXPECT(errand, "1.2.2", "decision.made 4.1.2 GO was accepted");
    then = ask(errand, "1.2.2", "#3");
    assert_non_null(strstr(then, "decided where its gate is, 4.1.2"));
    free(then);
    EXPECT(errand, "3.1.1", "and counts only while rollback is open");
    story_end(&story);
}

static void test_why_make_refusals(void **state)
{
    (void)state;
    struct story story;
    story_new(&story);
    story_open(&story, "d1", "\"authors\":[\"sam\"],");
    story_go(&story, 0, 9);
    story_act(&story, EVE, "role.assigned", "\"role\":\"Deployment Lead\",\"principal\":\"eve\"");
    story_act(&story, SAM, "approval.given", "\"node\":\"1.2.1.2\",\"role\":\"Security Lead\"");
    story_act(&story, EVE, "rollback.started", "\"reason\":\"r\"");
    story_act(&story, LEE, "deployment.closed", "\"outcome\":\"successful\"");
    story_act(&story, LEE, "deployment.closed", "\"outcome\":\"rolled-back\"");
    story_open(&story, "d1", "");
    story_act(&story, LEE, "field.recorded", "\"node\":\"1.1.4.2\",\"value\":50");
    story_act(&story, LEE, "item.checked", "\"node\":\"1.1.4\",\"result\":\"pass\"");
    story_act(&story, LEE, "deployment.closed", "\"outcome\":\"failed\"");
    story_act(&story, LEE, "item.checked", "\"node\":\"1.1.1\",\"result\":\"pass\"");
    struct errand *errand = story_ask(&story);
    EXPECT(errand, "#10", "otherwise: done by an admin, by the lead dana, or by a holder of ",
           "eve was not granted Deployment Lead on the ledger");
    EXPECT(errand, "#11", "refused, separation-of-duties",
           "the opening names sam as an author (dana,");
    EXPECT(errand, "#12", "otherwise: done by somebody who was assigned a role here");
    EXPECT(errand, "#13", "not-closable", "2.1.1 New version runs: not checked", "and 2 more",
           "gate 3, 4.3.2 ");
    EXPECT(errand, "#14", "otherwise: rollback finished with a ✓ before, or closed as failed",
           "!2.1.1");
    EXPECT(errand, "#15", "superseded", "it was opened (dana, seq ", "!that decision");
    EXPECT(errand, "#17", "contradicted", "1.1.4.2 Blue weight is 50, expected 100");
    EXPECT(errand, "#19", "deployment-closed", "it was closed as failed (lee, seq ",
           "otherwise: done before it was closed");
    EXPECT(errand, "1.1.1", "item.checked 1.1.1 pass was refused, deployment-closed");
    story_end(&story);
}

static void test_why_make_criteria_and_stale_basis(void **state)
{
    (void)state;
    struct story story;
    story_new(&story);
    story_open(&story, "d1", "");
    story_go(&story, 0, STORY_GATE1);
    story_at(&story, -120);
    story.keep_basis = true; /* it looks at what was before the next two */
    story_act(&story, LEE, "item.reopened", "\"node\":\"1.1.1\",\"reason\":\"again\"");
    story_act(&story, LEE, "item.checked", "\"node\":\"1.1.1\",\"result\":\"pass\"");
    story_act(&story, ROSA, "decision.made", "\"node\":\"4.1.2\",\"value\":\"GO\"");
    story.keep_basis = false;
    story_act(&story, ROSA, "decision.made", "\"node\":\"4.1.2\",\"value\":\"GO\"");
    story_act(&story, ROBOT, "metric.sampled",
              "\"metric\":\"error rate\",\"value\":0.9,\"unit\":\"%\",\"node\":\"2.1.2\"");
    story_act(&story, LEE, "item.checked", "\"node\":\"2.2.1\",\"result\":\"pass\"");
    for (int i = 0; i < 20; i++)
        story_act(&story, LEE, "item.checked", "\"node\":\"2.1.2\",\"result\":\"pass\"");
    struct errand *errand = story_ask(&story);
    EXPECT(errand, "#16", "stale-basis", "position 14: 1.1.1 was reopened (lee, seq ",
           "otherwise: signed again, on what stands now");
    EXPECT(errand, "criteria", "d1: what must not stay, and does", "threshold:2.1.2: 0.9 of ",
           "otherwise: resolved by a later good value");
    EXPECT(errand, "2.1.2", "earlier attempts on it were refused",
           "item.checked 2.1.2 pass was refused, contradicted: ");
    EXPECT(errand, "#19", "item.checked 2.2.1 pass was refused, phase-closed");
    story_end(&story);
}

/* What ended it is said first, and that the rest came too late. */
static void test_why_make_after_the_end(void **state)
{
    (void)state;
    struct story story;
    story_new(&story);
    story_open(&story, "d1", "");
    story_go(&story, 0, STORY_GATE1 + 1);
    story_act(&story, LEE, "decision.made",
              "\"node\":\"3.0.1\",\"value\":\"YES\",\"comment\":\"errors\"");
    story_act(&story, LEE, "rollback.finished", "\"status\":\"SUCCESSFUL\"");
    story_act(&story, LEE, "deployment.closed", "\"outcome\":\"rolled-back\"");
    struct errand *errand = story_ask(&story);
    EXPECT(errand, "gate-2", ": not decided\n  rollback was opened: errors (lee, seq ",
           "it was closed as rolled-back (lee, seq ",
           "GO decided by a holder of Deployment Lead (lee), before it was closed");
    EXPECT(errand, "2.1.1", "otherwise: a pass of it, or a waiver, before rollback was opened");
    EXPECT(errand, "2.4.1", "otherwise: a pass of it, or a waiver\n", "!closed");
    EXPECT(errand, "3.0.1", "decided: YES\n", "YES, “errors”, was accepted",
           "lee was assigned Deployment Lead here (dana, seq ");
    EXPECT(errand, "#17", "deployment.closed rolled-back was accepted",
           "rollback finished: SUCCESSFUL (lee, seq ");
    story_end(&story);
}

/* Who said it in the stream `ledger`, and when, and what became of a signature by that. */
static void test_why_make_by_the_ledger_stream(void **state)
{
    (void)state;
    struct story story;
    struct sshkey key;
    uint8_t secret[64];
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    struct buf members = {0};
    story_new(&story);
    story_open(&story, "d1", "");
    story_act(&story, SAM, "approval.given", "\"node\":\"1.2.1.2\",\"role\":\"Security Lead\"");
    kit_key(SAM, &key, secret);
    sshkey_fingerprint(key.id, fingerprint);
    buf_printf(&members, "\"key_id\":\"%s\",\"reason\":\"compromised\",\"since\":%llu", fingerprint,
               (unsigned long long)story.seq);
    story_ledger(&story, "key.revoked", (const char *)members.data);
    story_ledger(&story, "role.revoked", "\"principal\":\"rosa\",\"role\":\"Release Manager\"");
    story_act(&story, ROSA, "item.checked", "\"node\":\"1.1.6\",\"result\":\"pass\"");
    story_act(&story, SAM, "approval.rejected",
              "\"node\":\"1.2.1.2\",\"role\":\"Security Lead\",\"reason\":\"r\"");
    story_tell(&story, ROSA, "dev.countersign.item.checked.v2", "d1",
               "\"node\":\"1.1.6\",\"result\":\"pass\"");
    struct errand *errand = story_ask(&story);
    EXPECT(errand, "#2", "rosa was granted Release Manager on the ledger (root, seq ",
           "Release Manager of rosa was revoked (root, seq ",
           "otherwise: done before that, or granted again");
    EXPECT(errand, "#3", "refused, key-revoked", "the key was revoked (root, seq ",
           "otherwise: signed by a key that was valid then");
    EXPECT(errand, "#4", "its type has a version that this program does not know",
           "otherwise: judged by a program that knows that version");
    EXPECT(errand, "1.2.1.2", "given, by a key that was revoked since before it, not met\n");
    buf_free(&members);
    story_end(&story);
}

static void test_cause_json_nests(void **state)
{
    (void)state;
    const struct mark mark = {.set = true, .seq = 7, .pos = 3, .principal = "lee"};
    struct cause cause = {.what = NULL};
    cause_say(&cause, NULL, "%s", "a");
    struct cause *under = cause_add(&cause, &mark, "b %d", 1);
    cause_otherwise(under, "first");
    cause_otherwise(under, "c");
    json_t *json = cause_json(&cause), *first = NULL;
    assert_string_equal(ijson_string(json, "what"), "a");
    assert_null(json_object_get(json, "seq"));
    assert_true(json_is_null(json_object_get(json, "otherwise")));
    first = json_array_get(json_object_get(json, "because"), 0);
    assert_string_equal(ijson_string(first, "what"), "b 1");
    assert_string_equal(ijson_string(first, "otherwise"), "c");
    assert_string_equal(ijson_string(first, "by"), "lee");
    assert_int_equal(json_integer_value(json_object_get(first, "seq")), 7);
    json_decref(json);
    cause_free(&cause);
    assert_null(cause.what);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_why_make_errors),
        cmocka_unit_test(test_why_make_behind_a_gate),
        cmocka_unit_test(test_why_make_refusals),
        cmocka_unit_test(test_why_make_criteria_and_stale_basis),
        cmocka_unit_test(test_why_make_after_the_end),
        cmocka_unit_test(test_why_make_by_the_ledger_stream),
        cmocka_unit_test(test_cause_json_nests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
