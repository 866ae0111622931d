#include "tests/unit/story_kit.h"

#include "reports/carried.h"
#include "reports/casefile.h"
#include "reports/page.h"

/* A deployment that goes well, beside another, with a refusal, a waiver and hostile texts. */
static struct errand *tell(struct story *story)
{
    story_new(story);
    story_open(story, "d2", "");
    story_open(story, "d1", "\"title\":\"<b>web</b>\",");
    story_go(story, 0, STORY_GATE1);
    story_act(story, LEE, "item.checked", "\"node\":\"2.1.1\",\"result\":\"pass\"");
    story_act(story, EVE, "note.added", "\"text\":\"<script>\\u202eone\\ntwo\"");
    story_go(story, STORY_GATE1, STORY_STEPS);
    return story_ask(story);
}

static void render(struct story *story, const char *id, uint64_t size, struct buf *page)
{
    struct casefile *casefile = NULL;
    enum err err =
        casefile_make(story->errand.ledger, &(struct casefile_want){id, size, VERIFY_NONE},
                      &casefile, &story->kit.why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), story->kit.why.s);
    page_document(casefile_document(casefile), page);
    casefile_free(casefile);
}

static void test_casefile_make_holds_the_whole_deployment(void **state)
{
    (void)state;
    struct story story;
    struct buf page = {0};
    uint64_t size;
    assert_int_equal(ledger_size(tell(&story)->ledger, &size, &story.kit.why), ERR_OK);
    render(&story, "d1", size, &page);
    STORY_HAS(&page, "<h1>Deployment d1</h1>");
    STORY_HAS(&page, "&lt;b&gt;web&lt;/b&gt;");
    STORY_HAS(&page, "closed as successful");
    STORY_HAS(&page, "refused, phase-closed");
    STORY_HAS(&page, "&lt;script&gt;\\u202eone\\ntwo");
    STORY_LACKS(&page, "<script>\\u202e");
    STORY_HAS(&page, "approval.given 1.2.1.1 Release Manager");
    STORY_HAS(&page, "signed with SHA256:");
    STORY_HAS(&page, "&quot;type&quot;:&quot;dev.countersign.decision.made.v1&quot;");
    STORY_HAS(&page, "<td class=\"c\">pass</td><td class=\"c\">1.1.1</td>");
    STORY_LACKS(&page, "href=\"#seq-0\"");
    buf_free(&page);
    story_end(&story);
}

static void test_casefile_read_of_what_a_page_carries(void **state)
{
    (void)state;
    struct story story;
    struct buf page = {0};
    struct casefile_want want;
    json_t *json = NULL;
    uint64_t size;
    assert_int_equal(ledger_size(tell(&story)->ledger, &size, &story.kit.why), ERR_OK);
    render(&story, "d1", size, &page);
    assert_int_equal(carried_find(page.data, page.bytes, &json, &story.kit.why), ERR_OK);
    assert_true(casefile_read(json, &want));
    assert_string_equal(want.id, "d1");
    assert_int_equal(want.size, size);
    assert_int_equal(want.verify, VERIFY_NONE);
    static const char *const members[] = {"report", "deployment", "size", "verify"};
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *other = json_copy(json);
        ijson_put(other, members[i], json_string("countersign/annual/2"));
        assert_int_equal(casefile_read(other, &want),
                         i == 1); /* any text, until it is looked for */
        json_object_del(other, members[i]);
        assert_false(casefile_read(other, &want));
        json_decref(other);
    }
    json_decref(json);
    buf_free(&page);
    story_end(&story);
}

static void test_casefile_make_as_of_a_size(void **state)
{
    (void)state;
    struct story story;
    struct buf early = {0}, again = {0};
    uint64_t seq;
    bool found;
    struct errand *errand = tell(&story);
    assert_int_equal(ledger_stream_seq(errand->ledger, "d1", 12, &seq, &found, &story.kit.why),
                     ERR_OK);
    render(&story, "d1", seq + 1, &early);
    render(&story, "d1", seq + 1, &again);
    assert_string_equal((char *)early.data, (char *)again.data);
    STORY_LACKS(&early, "closed as");
    STORY_HAS(&early, "13: 13 accepted");
    buf_free(&early);
    buf_free(&again);
    story_end(&story);
}

static void test_casefile_make_not_found(void **state)
{
    (void)state;
    struct story story;
    struct casefile *casefile = NULL;
    uint64_t size;
    struct ledger *ledger = tell(&story)->ledger;
    assert_int_equal(ledger_size(ledger, &size, &story.kit.why), ERR_OK);
    assert_int_equal(casefile_make(ledger, &(struct casefile_want){"d3", size, VERIFY_NONE},
                                   &casefile, &story.kit.why),
                     ERR_NOT_FOUND);
    assert_int_equal(casefile_make(ledger, &(struct casefile_want){"d1", 3, VERIFY_NONE}, &casefile,
                                   &story.kit.why),
                     ERR_NOT_FOUND);
    assert_int_equal(casefile_make(ledger, &(struct casefile_want){"d1", size + 1, VERIFY_NONE},
                                   &casefile, &story.kit.why),
                     ERR_NOT_FOUND);
    assert_int_equal(casefile_make(ledger, &(struct casefile_want){"ledger", size, VERIFY_NONE},
                                   &casefile, &story.kit.why),
                     ERR_NOT_FOUND);
    assert_null(casefile);
    story_end(&story);
}

static void test_casefile_make_of_what_was_never_opened(void **state)
{
    (void)state;
    struct story story;
    struct buf page = {0};
    uint64_t size;
    story_new(&story);
    story.id = "d9";
    story_act(&story, LEE, "item.checked", "\"node\":\"1.1.1\",\"result\":\"pass\"");
    struct ledger *ledger = story_ask(&story)->ledger;
    assert_int_equal(ledger_size(ledger, &size, &story.kit.why), ERR_OK);
    render(&story, "d9", size, &page);
    STORY_HAS(&page, "unopened");
    STORY_HAS(&page, "refused, unknown-deployment");
    STORY_LACKS(&page, "id=\"checklist\"");
    buf_free(&page);
    story_end(&story);
}

static void test_casefile_make_says_what_it_is_of(void **state)
{
    (void)state;
    struct story story;
    struct buf page = {0};
    uint64_t size;
    story_new(&story);
    story_open(&story, "d7",
               "\"services\":[\"web\",\"<api>\"],\"impact\":\"a minute's pause\","
               "\"changes\":[{\"ref\":\"web@1\"},{\"ref\":\"web@2\"}],\"authors\":[\"kim\"],");
    story_act(&story, LEE, "emergency.declared", "\"reason\":\"the disk fills\"");
    struct ledger *ledger = story_ask(&story)->ledger;
    assert_int_equal(ledger_size(ledger, &size, &story.kit.why), ERR_OK);
    render(&story, "d7", size, &page);
    STORY_HAS(&page, "<dt>Services</dt><dd>web, &lt;api&gt;</dd>");
    STORY_HAS(&page, "<dt>Impact</dt><dd>a minute&#39;s pause</dd>");
    STORY_HAS(&page, "<dt>Changes</dt><dd>web@1, web@2</dd>");
    STORY_HAS(&page, "<dt>Authors</dt><dd>kim</dd>");
    STORY_HAS(&page, "<dt>Emergency because</dt><dd>the disk fills</dd>");
    STORY_HAS(&page, "<dt>Key</dt><dd class=\"c\">");
    STORY_LACKS(&page, "<dt>Repairs</dt>");
    buf_free(&page);
    story_end(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_casefile_make_holds_the_whole_deployment),
        cmocka_unit_test(test_casefile_read_of_what_a_page_carries),
        cmocka_unit_test(test_casefile_make_as_of_a_size),
        cmocka_unit_test(test_casefile_make_not_found),
        cmocka_unit_test(test_casefile_make_of_what_was_never_opened),
        cmocka_unit_test(test_casefile_make_says_what_it_is_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
