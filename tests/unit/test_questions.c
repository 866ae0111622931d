/* Whatever has happened in a deployment, each question about it is answered, in text that a
 * terminal can take and in JSON, and answers agree with each other.  COUNTERSIGN_LONG asks more.
 */
#include "tests/unit/story_kit.h"

#include "replay/between.h"
#include "replay/steps.h"
#include "replay/whatif.h"
#include "replay/why.h"

#define ACTS 30

static uint64_t random_state;

static unsigned any(unsigned below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % below;
}

static const char *const nodes[] = {
    "1.1.1",   "1.1.2", "1.1.3", "1.1.4",  "1.1.4.1", "1.1.4.2", "1.1.5",  "1.1.6",   "1.1.7",
    "1.1.7.1", "1.2.1", "1.2.2", "1.2.3",  "1.2.1.1", "1.2.1.2", "2.1.1",  "2.1.2",   "2.1.4",
    "2.1.5",   "2.1.6", "2.2.1", "2.2.2",  "2.2.3",   "2.3.1",   "2.3.2",  "2.4.1",   "2.4.2",
    "3.0.1",   "3.1.1", "3.1.2", "4.1.1",  "4.1.2",   "4.2.1",   "4.2.2",  "4.3.1",   "4.3.2",
    "gate-1",  "9.9.9", "",      "gate-3", "gate-0",  "gate-99", "gate-x", "criteria"};

/* Acts with a place for a node; what its kind does not take is refused, and asked about, too. */
static const struct {
    const char *verb, *members;
} wild[] = {
    {"item.checked", "\"result\":\"pass\""},
    {"item.checked", "\"result\":\"fail\",\"note\":\"\\u202e\\u001b[2J<b>|`\\n# no\""},
    {"item.checked", "\"result\":\"na\",\"note\":\"none\""},
    {"item.reopened", "\"reason\":\"again\""},
    {"item.waived", "\"reason\":\"by word\""},
    {"field.recorded", "\"value\":900,\"unit\":\"ms\""},
    {"field.recorded", "\"value\":\"EAST\""},
    {"metric.sampled", "\"metric\":\"error rate\",\"value\":0.7,\"unit\":\"%\""},
    {"command.finished", "\"exit\":3,\"matched\":false,\"command\":\"x\""},
    {"status.declared", "\"value\":\"WARNINGS\""},
    {"status.declared", "\"value\":\"FAILED\""},
    {"approval.given", "\"role\":\"Release Manager\""},
    {"approval.given", "\"role\":\"Security Lead\",\"comment\":\"well\""},
    {"approval.rejected", "\"role\":\"Release Manager\",\"reason\":\"no\""},
    {"approval.withdrawn", "\"role\":\"Security Lead\",\"reason\":\"no\""},
    {"decision.made", "\"value\":\"GO\""},
    {"decision.made", "\"value\":\"NO-GO\""},
    {"decision.made", "\"value\":\"YES\""},
    {"decision.made", "\"value\":\"NO\",\"criteria\":[\"threshold:1.1.7\"]"},
    {"rollback.started", "\"reason\":\"bad\""},
    {"rollback.finished", "\"status\":\"SUCCESSFUL\""},
    {"issue.opened", "\"issue\":\"i\",\"title\":\"t\",\"severity\":1"},
    {"issue.resolved", "\"issue\":\"i\",\"text\":\"t\""},
    {"note.added", "\"text\":\"n\""},
    {"emergency.declared", "\"reason\":\"fire\""},
    {"clock.started", "\"t0\":\"2026-01-11T00:00:00Z\""},
    {"deployment.rescheduled", "\"t0\":\"2026-01-11T01:00:00Z\",\"reason\":\"late\""},
    {"role.assigned", "\"role\":\"Release Manager\",\"principal\":\"sam\",\"reason\":\"ill\""},
    {"role.unassigned", "\"role\":\"Security Lead\",\"principal\":\"sam\",\"reason\":\"ill\""},
    {"deployment.closed", "\"outcome\":\"successful\""},
    {"deployment.closed", "\"outcome\":\"abandoned\""},
    {"deployment.closed", "\"outcome\":\"failed\""},
    {"deployment.opened", "\"checklist\":\"00\""},
    {"key.enrolled", "\"principal\":\"x\""},
    {"nonsense.said", ""},
};

static void act_wild(struct story *story)
{
    static const uint8_t who[] = {ROBOT, ROOT, DANA, ROSA, SAM, LEE, EVE};
    struct buf members = {0};
    size_t at = any(sizeof(wild) / sizeof(wild[0]));
    const char *more = wild[at].members;
    buf_printf(&members, "\"node\":\"%s\"%s%s", nodes[any(36)], more[0] != '\0' ? "," : "", more);
    story->keep_basis = any(4) == 0;
    if (any(12) == 0)
        story_tell(story, ROBOT, "com.example.other", story->id, "\"a\":1");
    else
        story_act(story, who[any(7)], wild[at].verb, (const char *)members.data);
    story->keep_basis = false;
    buf_free(&members);
}

/* A deployment that goes well in part, with anything in between. */
static void tell(struct story *story, unsigned number)
{
    size_t step = 0;
    random_state = number;
    story_new(story);
    if (number % 5 == 4)
        story_act(story, LEE, "item.checked", "\"node\":\"1.1.1\",\"result\":\"pass\"");
    if (number % 7 != 6)
        story_open(story, "d1", number % 3 == 0 ? "\"authors\":[\"rosa\"]," : "");
    for (unsigned i = 0; i < ACTS; i++) {
        if (any(3) == 0 || step == STORY_STEPS)
            act_wild(story);
        else
            story_go(story, step, step + 1);
        step += step < STORY_STEPS;
        if (i == ACTS / 2 && number % 4 == 3)
            story_ledger(story, "role.revoked",
                         "\"principal\":\"rosa\",\"role\":\"Release Manager\"");
    }
}

/* A terminal shows it as it is: no control characters, and nothing that turns text around. */
static bool is_shown(uint32_t code)
{
    return code == '\n' || (code >= ' ' && code != 0x7F && code != 0x202E);
}

static void expect_text(const struct buf *text, const char *what)
{
    assert_true(text->bytes > 0);
    if (!utf8_all((const char *)text->data, text->bytes, is_shown))
        fail_msg("%s: no plain text:\n%s", what, (const char *)text->data);
}

static void expect_json(const struct buf *text, const char *what)
{
    json_error_t error;
    json_t *json = json_loadb((const char *)text->data, text->bytes, 0, &error);
    if (json == NULL)
        fail_msg("%s: %s in:\n%s", what, error.text, (const char *)text->data);
    json_decref(json);
}

static void ask_why(struct errand *errand, const char *target, const char *at)
{
    struct why why = {.held = NULL};
    struct err_text said = {""};
    struct buf text = {0};
    enum err err = why_make(errand, "d1", target, at, &why, &said);
    if (err != ERR_OK) {
        assert_int_equal(err, ERR_NOT_FOUND);
        assert_true(said.s[0] != '\0');
        return;
    }
    cause_text(&why.cause, &text);
    expect_text(&text, target);
    json_t *json = cause_json(&why.cause);
    assert_true(json_is_array(json_object_get(json, "because")));
    json_decref(json);
    buf_free(&text);
    why_free(&why);
}

static void ask_whatif(struct errand *errand, const char *without)
{
    const char *const list[] = {without};
    const struct whatif whatif = {"d1", NULL, list, 1, NULL};
    for (int json = 0; json < 2; json++) {
        struct buf text = {0};
        assert_int_equal(whatif_make(errand, &whatif, json != 0, &text, NULL), ERR_OK);
        if (json != 0)
            expect_json(&text, without);
        else
            expect_text(&text, without);
        buf_free(&text);
    }
}

/* The number of changes. */
static size_t ask_between(struct errand *errand, const char *from, const char *to)
{
    const char *const moments[] = {from, to};
    struct buf text = {0};
    assert_int_equal(between_make(errand, "d1", moments, false, &text, NULL), ERR_OK);
    expect_text(&text, from);
    buf_clear(&text);
    assert_int_equal(between_make(errand, "d1", moments, true, &text, NULL), ERR_OK);
    json_t *json = json_loadb((const char *)text.data, text.bytes, 0, NULL);
    size_t count = json_array_size(json_object_get(json, "changes"));
    assert_true(json_is_array(json_object_get(json, "changes")));
    json_decref(json);
    buf_free(&text);
    return count;
}

/* The changes of each step are those between the two moments. */
static void ask_steps(struct errand *errand)
{
    struct buf text = {0};
    size_t pos = 0;
    assert_int_equal(steps_print(errand, "d1", NULL, false, &text, NULL), ERR_OK);
    expect_text(&text, "steps");
    buf_clear(&text);
    assert_int_equal(steps_print(errand, "d1", NULL, true, &text, NULL), ERR_OK);
    char *line = NULL, *rest = (char *)text.data;
    for (; (line = strtok_r(rest, "\n", &rest)) != NULL; pos++) {
        json_t *json = json_loads(line, 0, NULL);
        char from[32], to[32];
        snprintf(from, sizeof(from), "#%zu", pos - 1);
        snprintf(to, sizeof(to), "#%zu", pos);
        size_t count = json_array_size(json_object_get(json, "changes"));
        assert_int_equal(json_integer_value(json_object_get(json, "pos")), pos);
        if (pos > 0) {
            assert_int_equal(ask_between(errand, from, to), count);
            assert_int_equal(ask_between(errand, to, from), count);
        }
        json_decref(json);
    }
    buf_free(&text);
}

static void ask_all(unsigned number)
{
    struct story story;
    tell(&story, number);
    uint64_t count = story.pos + 1;
    struct errand *errand = story_ask(&story);
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        char at[16];
        snprintf(at, sizeof(at), "#%u", any((unsigned)count));
        ask_why(errand, nodes[i], NULL);
        ask_why(errand, nodes[i], at);
    }
    for (uint64_t i = 0; i <= story.seq + 1; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%llu", (unsigned long long)i);
        ask_why(errand, name, NULL);
    }
    for (uint64_t i = 0; i < count; i++) {
        char one[32], other[32];
        snprintf(one, sizeof(one), "#%llu", (unsigned long long)i);
        snprintf(other, sizeof(other), "#%u", any((unsigned)count));
        ask_why(errand, one, NULL);
        ask_whatif(errand, one);
        assert_int_equal(ask_between(errand, one, one), 0);
        assert_int_equal(ask_between(errand, one, other), ask_between(errand, other, one));
    }
    ask_why(errand, "#99999", NULL);
    ask_steps(errand);
    story_end(&story);
}

static void test_questions_of_random_deployments(void **state)
{
    (void)state;
    bool all = getenv("COUNTERSIGN_LONG") != NULL;
    for (unsigned i = all ? 0 : 3; i < (all ? 300 : 7); i++)
        ask_all(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions_of_random_deployments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
