/* Closings that claim a state, and what the ledger would answer to an event that came now. */
#include "tests/unit/story_kit.h"

#include "replay/closings.h"
#include "replay/digest.h"
#include "replay/forecast.h"

/* Closes the deployment as failed, with the claim of a state: 64 digits. */
static void close_with(struct story *story, uint8_t who, uint64_t pos, const char *digest)
{
    struct buf members = {0};
    buf_printf(&members, "\"outcome\":\"failed\",\"state\":{\"pos\":%llu,\"digest\":\"%s\"}",
               (unsigned long long)pos, digest);
    story_act(story, who, "deployment.closed", (const char *)members.data);
    buf_free(&members);
}

/* The state that replay gives now, as hex. */
static void state_of(struct story *story, char ret[2 * HASH_BYTES + 1])
{
    struct deployment *deployment = NULL;
    struct buf hex = {0};
    uint8_t digest[HASH_BYTES];
    struct errand *errand = story_ask(story);
    assert_int_equal(errand_head(errand, story->id, &deployment, NULL), ERR_OK);
    digest_state(deployment, digest);
    buf_hex(&hex, digest, HASH_BYTES);
    snprintf(ret, 2 * HASH_BYTES + 1, "%s", (const char *)hex.data);
    deployment_free(deployment);
    buf_free(&hex);
    errand_close(errand);
    kit_open(&story->kit, true);
}

static void test_closings_check_holds_and_differs(void **state)
{
    (void)state;
    struct story story;
    struct verify_closings found = {0};
    char digest[2 * HASH_BYTES + 1], zeros[2 * HASH_BYTES + 1];
    uint64_t seqs[5];
    memset(zeros, '0', sizeof(zeros) - 1);
    zeros[sizeof(zeros) - 1] = '\0';
    story_new(&story);
    story_open(&story, "d1", "");
    state_of(&story, digest);
    close_with(&story, EVE, 0, zeros); /* refused: it says nothing */
    seqs[0] = story.seq;
    close_with(&story, LEE, 0, digest);
    seqs[1] = story.seq;
    story_open(&story, "d2", "");
    close_with(&story, LEE, 0, zeros);
    seqs[2] = story.seq;
    story_open(&story, "d3", "");
    close_with(&story, LEE, 7, digest); /* a position that is not below its own: no claim */
    seqs[3] = story.seq;
    story_open(&story, "d4", "");
    story_act(&story, LEE, "deployment.closed", "\"outcome\":\"failed\"");
    seqs[4] = story.seq;
    story_ask(&story);
    assert_int_equal(closings_check(story.kit.path, seqs, 5, &found, NULL), ERR_OK);
    assert_int_equal(found.held, 1);
    assert_int_equal(found.differing, 1);
    assert_int_equal(found.unchecked, 0);
    assert_true(found.first.found);
    assert_int_equal(found.first.seq, seqs[2]);
    assert_non_null(strstr(found.first.what, "of d2 names state 0000"));
    assert_int_equal(closings_check(story.kit.path, seqs, 0, &found, NULL), ERR_OK);
    assert_int_equal(found.held + found.differing, 0);
    story_end(&story);
}

static void test_closings_check_counts_too_many(void **state)
{
    (void)state;
    struct story story;
    struct verify_closings found = {0};
    static uint64_t seqs[CLOSINGS_CLAIMS_MAX + 3];
    char digest[2 * HASH_BYTES + 1];
    story_new(&story);
    story_open(&story, "d1", "");
    state_of(&story, digest);
    for (size_t i = 0; i < CLOSINGS_CLAIMS_MAX + 3; i++) {
        close_with(&story, LEE, 0, digest);
        seqs[i] = story.seq;
    }
    story_ask(&story);
    assert_int_equal(closings_check(story.kit.path, seqs, CLOSINGS_CLAIMS_MAX + 3, &found, NULL),
                     ERR_OK);
    assert_int_equal(found.held, 1); /* all others are refused */
    assert_int_equal(found.unchecked, 3);
    story_end(&story);
}

static void test_closings_check_no_ledger(void **state)
{
    struct verify_closings found = {.held = 7};
    struct err_text why = {""};
    (void)state;
    assert_int_equal(closings_check("/tmp/there-is-no-such-ledger", NULL, 0, &found, &why),
                     ERR_NOT_FOUND);
    assert_int_equal(found.held, 7);
    assert_true(why.s[0] != '\0');
}

/* What would be answered to an act signed by the key of ${seed}, 0: by nobody. */
static enum err forecast(struct story *story, uint8_t seed, const char *verb, const char *id,
                         const char *members, struct verdict *verdict)
{
    char type[64], data[256];
    struct buf event = {0};
    struct entry_sig sig = {.alg = SIG_SSHSIG};
    struct sshkey key;
    uint8_t secret[64];
    struct err_text why = {""};
    kit_key(seed, &key, secret);
    memcpy(sig.key_id, key.id, KEY_ID_BYTES);
    snprintf(type, sizeof(type), "dev.countersign.%s.v1", verb);
    snprintf(data, sizeof(data), "{%s}", members);
    buf_printf(&event,
               "{\"specversion\":\"1.0\",\"id\":\"f\",\"source\":\"/f\",\"type\":\"%s\"%s%s%s,"
               "\"data\":%s}",
               type, id != NULL ? ",\"deployment\":\"" : "", id != NULL ? id : "",
               id != NULL ? "\"" : "", data);
    verdict_clear(verdict);
    enum err err = forecast_make(&story->errand, &event, seed != 0 ? &sig : NULL, verdict, &why);
    assert_true((err == ERR_OK) == (why.s[0] == '\0'));
    buf_free(&event);
    return err;
}

static void test_forecast_make_judges_and_appends_nothing(void **state)
{
    static const char waiver[] = "\"node\":\"1.1.1\",\"reason\":\"r\"";
    (void)state;
    struct story story;
    struct verdict verdict = {0};
    uint64_t before = 0, after = 0;
    story_new(&story);
    story_open(&story, "d1", "");
    story_ask(&story);
    assert_int_equal(ledger_size(story.errand.ledger, &before, NULL), ERR_OK);
    assert_int_equal(forecast(&story, ROSA, "item.waived", "d1", waiver, &verdict), ERR_OK);
    assert_int_equal(verdict.rule, RULE_NONE);
    assert_int_equal(forecast(&story, EVE, "item.waived", "d1", waiver, &verdict), ERR_OK);
    assert_int_equal(verdict.rule, RULE_NOT_AUTHORIZED);
    assert_int_equal(forecast(&story, 0, "item.waived", "d1", waiver, &verdict), ERR_OK);
    assert_int_equal(verdict.rule, RULE_UNSIGNED);
    assert_int_equal(forecast(&story, ROSA, "item.waived", "d9", waiver, &verdict), ERR_OK);
    assert_int_equal(verdict.rule, RULE_UNKNOWN_DEPLOYMENT);
    assert_int_equal(ledger_size(story.errand.ledger, &after, NULL), ERR_OK);
    assert_int_equal(before, after);
    verdict_clear(&verdict);
    story_end(&story);
}

static void test_forecast_make_errors(void **state)
{
    static const struct {
        const char *event;
        enum err err;
    } cases[] = {{"{", ERR_INVALID}, {"{}", ERR_NOT_EVENT}};
    (void)state;
    struct story story;
    struct verdict verdict = {0};
    story_new(&story);
    story_ask(&story);
    assert_int_equal(forecast(&story, ROOT, "note.added", NULL, "", &verdict), ERR_NOT_FOUND);
    assert_int_equal(forecast(&story, ROOT, "note.added", "ledger", "", &verdict), ERR_NOT_FOUND);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf event = {0};
        buf_text(&event, cases[i].event);
        assert_int_equal(forecast_make(&story.errand, &event, NULL, &verdict, NULL), cases[i].err);
        buf_free(&event);
    }
    story_end(&story);
}

static void test_forecast_since_lists_and_counts(void **state)
{
    (void)state;
    struct story story;
    struct buf text = {0};
    size_t count = 0, lines = 0;
    story_new(&story);
    story_open(&story, "d1", "");
    for (int i = 0; i < FORECAST_SINCE_MAX + 2; i++)
        story_act(&story, LEE, "item.checked", "\"node\":\"1.1.1\",\"result\":\"pass\"");
    struct errand *errand = story_ask(&story);
    assert_int_equal(forecast_since(errand, "d1", 0, &text, &count, NULL), ERR_OK);
    assert_int_equal(count, FORECAST_SINCE_MAX + 2);
    STORY_HAS(&text, "#1 item.checked 1.1.1, lee, ");
    for (const char *at = (const char *)text.data; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, FORECAST_SINCE_MAX);
    buf_clear(&text);
    assert_int_equal(forecast_since(errand, "d1", story.pos, &text, &count, NULL), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(text.bytes, 0);
    buf_free(&text);
    story_end(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closings_check_holds_and_differs),
        cmocka_unit_test(test_closings_check_counts_too_many),
        cmocka_unit_test(test_closings_check_no_ledger),
        cmocka_unit_test(test_forecast_make_judges_and_appends_nothing),
        cmocka_unit_test(test_forecast_make_errors),
        cmocka_unit_test(test_forecast_since_lists_and_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
