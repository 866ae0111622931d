/* A ledger with several deployments: searched, and two of them compared. */
#include "tests/unit/story_kit.h"

#include "replay/comparison.h"
#include "replay/search.h"

#define MANY 70 /* deployments of one entry: more than one piece of work */

/* d1 closed, d2 with a broken threshold and refusals, d3 never opened, and many of one entry. */
static struct errand *tell(struct story *story)
{
    story_new(story);
    story_open(story, "d1", "");
    story_go(story, 0, STORY_STEPS);
    story->time_us = STORY_T0_US + INSTANT_DAY_US;
    story_open(story, "d2", "");
    story_act(story, LEE, "item.checked", "\"node\":\"2.1.1\",\"result\":\"pass\"");
    story_act(story, EVE, "approval.given", "\"node\":\"1.2.1.1\",\"role\":\"Release Manager\"");
    story_act(story, LEE, "field.recorded", "\"node\":\"1.1.7.1\",\"value\":500,\"unit\":\"ms\"");
    story_act(story, LEE, "field.recorded", "\"node\":\"1.1.7.1\",\"value\":600,\"unit\":\"ms\"");
    story_act(story, ROSA, "item.waived", "\"node\":\"1.1.1\",\"reason\":\"word\"");
    story_tell(story, ROBOT, "com.example.other", "d3", "");
    for (int i = 0; i < MANY; i++) {
        char id[16];
        snprintf(id, sizeof(id), "m%d", i);
        story_tell(story, ROBOT, "com.example.other", id, "");
    }
    return story_ask(story);
}

static struct search_hits run(struct errand *errand, struct search search)
{
    struct search_hits hits;
    struct err_text why = {""};
    if (search.until_us == 0)
        search.until_us = INT64_MAX;
    if (search_run(errand->ledger, &search, &hits, &why) != ERR_OK)
        fail_msg("%s", why.s);
    for (size_t i = 1; i < hits.count; i++)
        assert_true(hits.list[i - 1].seq <= hits.list[i].seq);
    return hits;
}

static void test_search_run_refused(void **state)
{
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct search_hits hits = run(errand, (struct search){.what = SEARCH_REFUSED});
    assert_int_equal(hits.count, 2);
    assert_string_equal(hits.list[0].stream, "d2");
    assert_int_equal(hits.list[0].rule, RULE_PHASE_CLOSED);
    assert_string_equal(hits.list[0].what, "item.checked 2.1.1 pass");
    assert_int_equal(hits.deployments, MANY + 3);
    search_free(&hits);
    hits = run(errand, (struct search){.what = SEARCH_REFUSED, .rule = RULE_NOT_AUTHORIZED});
    assert_int_equal(hits.count, 1);
    assert_string_equal(hits.list[0].principal, "eve");
    assert_true(hits.list[0].refused);
    assert_int_equal(hits.list[0].pos, 2);
    search_free(&hits);
    hits = run(errand, (struct search){.what = SEARCH_REFUSED, .until_us = STORY_T0_US});
    assert_int_equal(hits.count, 0);
    search_free(&hits);
    story_end(&story);
}

static void test_search_run_broken_and_state(void **state)
{
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct search_hits hits = run(errand, (struct search){.what = SEARCH_BROKEN});
    assert_int_equal(hits.count, 1); /* of each deployment the first alone */
    assert_string_equal(hits.list[0].reason, "500 of 1.1.7.1 is not < 200 ms");
    search_free(&hits);
    hits = run(errand, (struct search){.what = SEARCH_STATE, .state = "successful"});
    assert_int_equal(hits.count, 1);
    assert_string_equal(hits.list[0].what, "closed as successful");
    assert_string_equal(hits.list[0].reason, "2.1.0");
    search_free(&hits);
    hits = run(errand, (struct search){.what = SEARCH_STATE, .state = "unopened"});
    assert_int_equal(hits.count, MANY + 1);
    assert_null(hits.list[0].reason);
    search_free(&hits);
    story_end(&story);
}

static void test_search_run_flagged_and_key(void **state)
{
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct search_hits hits = run(errand, (struct search){.what = SEARCH_FLAGGED, .flags = ~0u});
    assert_true(hits.count > 0);
    for (size_t i = 0; i < hits.count; i++)
        assert_true(!hits.list[i].refused && hits.list[i].flags != 0);
    search_free(&hits);
    struct search search = {.what = SEARCH_KEY};
    struct sshkey key;
    uint8_t secret[64];
    kit_key(EVE, &key, secret);
    memcpy(search.key_id, key.id, KEY_ID_BYTES);
    hits = run(errand, search);
    assert_int_equal(hits.count, 2); /* a note, and what she was not to do */
    assert_false(hits.list[0].refused);
    assert_true(hits.list[1].refused);
    search_free(&hits);
    kit_key(ROOT, &key, secret);
    memcpy(search.key_id, key.id, KEY_ID_BYTES);
    hits = run(errand, search);
    assert_int_equal(hits.count, 10); /* in the ledger's stream */
    assert_string_equal(hits.list[0].stream, "ledger");
    search_free(&hits);
    story_end(&story);
}

struct seen {
    uint64_t calls, last;
};

static void see(void *ctx, uint64_t done, uint64_t total)
{
    struct seen *seen = ctx;
    assert_true(done > seen->last && done <= total);
    seen->calls++;
    seen->last = done;
}

static void test_search_run_tells_progress(void **state)
{
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct seen seen = {0, 0};
    struct search_hits hits =
        run(errand, (struct search){.what = SEARCH_REFUSED, .progress = see, .ctx = &seen});
    assert_true(seen.calls > 1);
    assert_int_equal(seen.last, MANY + 3);
    search_free(&hits);
    story_end(&story);
}

static void test_comparison_make_side_by_side(void **state)
{
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    struct buf text = {0};
    const char *const ids[] = {"d1", "d2"};
    assert_int_equal(comparison_make(errand, ids, false, &text, NULL), ERR_OK);
    STORY_HAS(&text, "- d1\n+ d2\n");
    STORY_HAS(&text, "  phase\n    - closed as successful\n    + open\n");
    STORY_HAS(&text, "    - 0 outside of 1, worst 150 ms, last 150 ms\n");
    STORY_HAS(&text, "    + 2 outside of 2, worst 600 ms, last 600 ms\n");
    STORY_HAS(&text, "    + waived: word\n");
    STORY_HAS(&text, "    - GO by rosa, T-");
    buf_clear(&text);
    assert_int_equal(comparison_make(errand, ids, true, &text, NULL), ERR_OK);
    json_t *json = json_loadb((const char *)text.data, text.bytes, 0, NULL);
    assert_true(json_array_size(json_object_get(json, "rows")) > 10);
    assert_int_equal(json_array_size(json_object_get(json, "ids")), 2);
    json_decref(json);
    buf_clear(&text);
    const char *const same[] = {"d1", "d1"};
    assert_int_equal(comparison_make(errand, same, true, &text, NULL), ERR_OK);
    STORY_HAS(&text, "\"rows\": []");
    buf_free(&text);
    story_end(&story);
}

static void test_comparison_make_errors(void **state)
{
    static const struct {
        const char *ids[2];
        enum err err;
    } cases[] = {
        {{"d1", "d9"}, ERR_NOT_FOUND},
        {{"d3", "d1"}, ERR_CONFLICT},
    };
    (void)state;
    struct story story;
    struct errand *errand = tell(&story);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf text = {0};
        struct err_text why = {""};
        assert_int_equal(comparison_make(errand, cases[i].ids, false, &text, &why), cases[i].err);
        assert_int_equal(text.bytes, 0);
        assert_true(why.s[0] != '\0');
    }
    story_end(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search_run_refused),
        cmocka_unit_test(test_search_run_broken_and_state),
        cmocka_unit_test(test_search_run_flagged_and_key),
        cmocka_unit_test(test_search_run_tells_progress),
        cmocka_unit_test(test_comparison_make_side_by_side),
        cmocka_unit_test(test_comparison_make_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
