/* What would have been, what each entry changed, and what changed between two moments. */
#include "tests/unit/story_kit.h"

#include "replay/between.h"
#include "replay/steps.h"
#include "replay/whatif.h"

/* Opened, up to the GO of the first gate, and a pass behind it. */
static struct errand *tell(struct story *story)
{
    story_new(story);
    story_open(story, "d1", "");
    story_go(story, 0, STORY_GATE1 + 2);
    story_at(story, 5);
    story_act(story, LEE, "item.checked", "\"node\":\"2.1.1\",\"result\":\"pass\"");
    return story_ask(story);
}

static void test_whatif_make_without_an_entry(void **state)
{
    static const char *const without[] = {"#11"}; /* an approval */
    const struct whatif whatif = {"d1", NULL, without, 1, NULL};
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct buf text = {0};
    assert_int_equal(whatif_make(errand, &whatif, false, &text, NULL), ERR_OK);
    STORY_HAS(&text, "approval.given 1.2.1.1 Release Manager\n    - accepted");
    STORY_HAS(&text, "+ left out\n");
    STORY_HAS(&text, "+ refused, children-open: ");
    STORY_HAS(&text, "+ refused, gate-not-ready: ");
    STORY_HAS(&text, "+ refused, phase-closed: ");
    STORY_HAS(&text, "  gate 1 ");
    STORY_LACKS(&text, "1.1.1 ");
    buf_clear(&text);
    assert_int_equal(whatif_make(errand, &whatif, true, &text, NULL), ERR_OK);
    json_t *json = json_loadb((const char *)text.data, text.bytes, 0, NULL);
    json_t *verdicts = json_object_get(json, "verdicts");
    assert_int_equal(json_array_size(verdicts), 4);
    assert_true(json_is_null(json_object_get(json_array_get(verdicts, 0), "would")));
    assert_int_equal(json_array_size(json_object_get(json, "without")), 1);
    json_decref(json);
    buf_free(&text);
    story_end(&story);
}

/* Of the fold up to a moment nothing behind it is told. */
static void test_whatif_make_up_to_a_moment(void **state)
{
    static const char *const without[] = {"#11"};
    const struct whatif whatif = {"d1", "#12", without, 1, NULL};
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct buf text = {0};
    assert_int_equal(whatif_make(errand, &whatif, false, &text, NULL), ERR_OK);
    STORY_HAS(&text, "+ left out\n");
    STORY_LACKS(&text, "refused");
    buf_free(&text);
    story_end(&story);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_whatif_make_by_a_policy(void **state)
{
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct buf text = {0};
    char path[128];
    snprintf(path, sizeof(path), "%s/policy.json", story.kit.dir);
    const struct whatif whatif = {"d1", NULL, NULL, 0, path};
    write_file(path, "{\"quorum\":{\"Security Lead\":2}}");
    assert_int_equal(whatif_make(errand, &whatif, false, &text, NULL), ERR_OK);
    STORY_HAS(&text, "refused, gate-not-ready");
    buf_clear(&text);
    write_file(path, "{}");
    assert_int_equal(whatif_make(errand, &whatif, false, &text, NULL), ERR_OK);
    STORY_HAS(&text, "  nothing\n\nWould stand otherwise\n  nothing\n");
    static const char *const bad[] = {"{\"separation\":1}", "[]", "{", ""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct err_text why = {""};
        write_file(path, bad[i]);
        assert_int_equal(whatif_make(errand, &whatif, false, &text, &why), ERR_INVALID);
        assert_non_null(strstr(why.s, "policy.json: "));
    }
    buf_free(&text);
    story_end(&story);
}

static void test_whatif_make_errors(void **state)
{
    static const struct {
        const char *id, *at, *without;
        enum err err;
    } cases[] = {
        {"d9", NULL, "#1", ERR_NOT_FOUND},    {"d1", NULL, "0", ERR_NOT_FOUND},
        {"d1", NULL, "#99", ERR_NOT_FOUND},   {"d1", NULL, "gate-1", ERR_USAGE},
        {"d1", "close", "#1", ERR_NOT_FOUND}, {"d1", "then", "#1", ERR_USAGE},
    };
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct whatif whatif = {cases[i].id, cases[i].at, &cases[i].without, 1, NULL};
        struct buf text = {0};
        struct err_text why = {""};
        assert_int_equal(whatif_make(errand, &whatif, true, &text, &why), cases[i].err);
        assert_int_equal(text.bytes, 0);
        assert_true(why.s[0] != '\0');
    }
    story_end(&story);
}

static void test_steps_print_of_each_entry(void **state)
{
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct buf text = {0};
    assert_int_equal(steps_print(errand, "d1", NULL, false, &text, NULL), ERR_OK);
    STORY_HAS(&text, "#0  seq ");
    STORY_HAS(&text, "dana: deployment.opened: 2.1.0");
    STORY_HAS(&text, "  phase\n    - unopened\n    + open (dana, seq ");
    STORY_HAS(&text, "  gate 1 Gate 1: go (T-1 hour)\n    - not open\n    + open (rosa, seq ");
    buf_clear(&text);
    assert_int_equal(steps_print(errand, "d1", "#3", true, &text, NULL), ERR_OK);
    size_t lines = 0;
    for (const char *at = (const char *)text.data; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, 4);
    STORY_HAS(&text, "\"name\":\"1.1.7.1\"");
    buf_free(&text);
    story_end(&story);
}

static void test_steps_print_errors(void **state)
{
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct buf text = {0};
    assert_int_equal(steps_print(errand, "d9", NULL, false, &text, NULL), ERR_NOT_FOUND);
    assert_int_equal(steps_print(errand, "d1", "close", false, &text, NULL), ERR_NOT_FOUND);
    assert_int_equal(steps_print(errand, "d1", "then", false, &text, NULL), ERR_USAGE);
    assert_int_equal(steps_walk(errand, "d9", NULL, NULL), ERR_NOT_FOUND);
    assert_int_equal(steps_walk(errand, "d1", "then", NULL), ERR_USAGE);
    assert_int_equal(text.bytes, 0);
    story_end(&story);
}

static void test_between_make_both_ways(void **state)
{
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct buf text = {0};
    assert_int_equal(
        between_make(errand, "d1", (const char *const[]){"#13", "gate-1"}, false, &text, NULL),
        ERR_OK);
    STORY_HAS(&text, "1 entries between");
    STORY_HAS(&text, "    - not open\n    + open (rosa, seq ");
    buf_clear(&text);
    assert_int_equal(
        between_make(errand, "d1", (const char *const[]){"now", "#13"}, false, &text, NULL),
        ERR_OK);
    STORY_HAS(&text, "3 entries between, backwards");
    STORY_HAS(&text, "    - open (rosa, seq ");
    buf_clear(&text);
    /* before the first entry, by time */
    assert_int_equal(between_make(errand, "d1",
                                  (const char *const[]){"2026-01-01T00:00:00Z", "now"}, true, &text,
                                  NULL),
                     ERR_OK);
    json_t *json = json_loadb((const char *)text.data, text.bytes, 0, NULL);
    assert_true(json_is_null(json_object_get(json_object_get(json, "from"), "seq")));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "to"), "pos")), 16);
    json_decref(json);
    buf_free(&text);
    story_end(&story);
}

static void test_between_make_errors(void **state)
{
    static const struct {
        const char *id, *moments[2];
        enum err err;
    } cases[] = {
        {"d9", {"open", "now"}, ERR_NOT_FOUND},
        {"d1", {"open", "close"}, ERR_NOT_FOUND},
        {"d1", {"then", "now"}, ERR_USAGE},
        {"d1", {"open", "#99"}, ERR_NOT_FOUND},
    };
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf text = {0};
        assert_int_equal(between_make(errand, cases[i].id, cases[i].moments, false, &text, NULL),
                         cases[i].err);
        assert_int_equal(text.bytes, 0);
    }
    story_end(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whatif_make_without_an_entry),
        cmocka_unit_test(test_whatif_make_up_to_a_moment),
        cmocka_unit_test(test_whatif_make_by_a_policy),
        cmocka_unit_test(test_whatif_make_errors),
        cmocka_unit_test(test_steps_print_of_each_entry),
        cmocka_unit_test(test_steps_print_errors),
        cmocka_unit_test(test_between_make_both_ways),
        cmocka_unit_test(test_between_make_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
