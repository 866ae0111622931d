#include "deployment_kit.h"

#include "replay/blameless.h"
#include "replay/timeline.h"

/* The timeline of what the kit has recorded: folded once more, from the start. */
static struct timeline *tell(struct kit *kit)
{
    static const struct ledger_info info = {.origin = "test/simulated", .simulated = true};
    struct timeline *timeline = timeline_new(&info);
    struct deployment *deployment = deployment_new("d1", kit->registry, kit->catalog);
    for (size_t i = 0; i < kit->record_count; i++) {
        struct event *event = kit_parse(&kit->records[i]->event);
        struct verdict verdict = {0};
        deployment_apply(deployment, kit->records[i], event, &verdict);
        struct replay_step step = {deployment, kit->records[i], event, &verdict};
        timeline_add(timeline, &step);
        verdict_clear(&verdict);
        event_free(event);
    }
    timeline_end(timeline, deployment);
    return timeline;
}

/* Opened, two readings of a threshold, one of them outside, a refusal, a late item, a note. */
static struct timeline *small(struct kit **ret_kit)
{
    struct kit *kit = kit_start(NULL);
    KIT_OK(kit, kit_open_with(kit, dana, ",\"title\":\"=cmd|' /C calc'!A0\""));
    kit_at(kit, -600);
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "12.50"));
    kit_at(kit, -590);
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "900"));
    assert_int_equal(kit_check(kit, eve, "1.1.99", "pass"), RULE_UNKNOWN_NODE);
    kit_at(kit, 90);
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    assert_int_equal(
        kit_act(kit, eve, "note.added",
                "{\"text\":\"<script>\\\"&'\\u001b[31m\\u202e, \\\"quoted\\\"\\nnext\"}"),
        RULE_NONE);
    *ret_kit = kit;
    return tell(kit);
}

static char *render(const struct timeline *timeline,
                    void (*format)(const struct timeline *, struct buf *))
{
    struct buf buf = {0};
    format(timeline, &buf);
    return buf_take_text(&buf);
}

static void test_timeline_end_sums(void **state)
{
    (void)state;
    struct kit *kit = NULL;
    struct timeline *timeline = small(&kit);
    const struct checklist *checklist = timeline->deployment->checklist;
    assert_int_equal(timeline->row_count, 6);
    const struct timeline_section *before = &timeline->sections[checklist_section(checklist, "1")];
    const struct timeline_section *first = &timeline->sections[checklist_section(checklist, "1.1")];
    assert_int_equal(first->acts, 3);
    assert_int_equal(before->acts, 3);
    assert_int_equal(first->late, 1);
    assert_int_equal(first->last_us - first->first_us, 690 * INSTANT_MINUTE_US);
    assert_int_equal(first->late_us, 90 * INSTANT_MINUTE_US + INSTANT_SECOND_US);
    assert_int_equal(timeline->silence_count, 3);
    assert_int_equal(timeline->silences[0].from_seq, timeline->rows[3].seq);
    assert_int_equal(timeline->silences[0].to_seq, timeline->rows[4].seq);
    assert_true(timeline->silences[0].length_us > timeline->silences[1].length_us);
    assert_true(timeline->silences[1].length_us > timeline->silences[2].length_us);
    const struct timeline_threshold *threshold = NULL;
    for (size_t i = 0; i < timeline->threshold_count; i++) {
        if (timeline->thresholds[i].item == checklist_node(checklist, "1.1.7"))
            threshold = &timeline->thresholds[i];
    }
    assert_non_null(threshold);
    assert_int_equal(threshold->readings, 2);
    assert_int_equal(threshold->outside, 1);
    assert_int_equal(threshold->worst, 2);
    assert_int_equal(threshold->last, 2);
    timeline_free(timeline);
    kit_free(kit);
}

static void test_timeline_text_fits(void **state)
{
    (void)state;
    struct kit *kit = NULL;
    struct timeline *timeline = small(&kit);
    char *text = render(timeline, timeline_text);
    assert_non_null(strstr(text, "SIMULATED"));
    assert_non_null(strstr(text, "REFUSED, unknown-node"));
    assert_non_null(strstr(text, "flags: late"));
    assert_non_null(strstr(text, "12.50"));
    assert_non_null(strstr(text, "T+1:30:01"));
    assert_non_null(strstr(text, "2 readings, 1 outside; worst 900"));
    const char *outside = strstr(text, "OUTSIDE 1.1.7 ");
    assert_non_null(outside);
    assert_null(strstr(outside + 1, "OUTSIDE"));
    assert_null(strchr(text, '\x1b'));
    assert_null(strstr(text, "\u202e"));
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 100);
    free(text);
    timeline_free(timeline);
    kit_free(kit);
}

static void test_timeline_csv_escapes(void **state)
{
    (void)state;
    struct kit *kit = NULL;
    struct timeline *timeline = small(&kit);
    char *text = render(timeline, timeline_csv);
    size_t rows = 0;
    for (const char *at = text; (at = strstr(at, "\r\n")) != NULL; at += 2)
        rows++;
    assert_int_equal(rows, 7);
    assert_non_null(strstr(text, ",\"'=cmd|' /C calc'!A0\","));
    assert_non_null(strstr(text, "<script>\"\"&'\\x1b[31m\\u202e, \"\"quoted\"\"\\nnext\""));
    assert_non_null(strstr(text, ",\"refused\",\"unknown-node\","));
    free(text);
    timeline_free(timeline);
    kit_free(kit);
}

static void test_timeline_html_escapes(void **state)
{
    (void)state;
    struct kit *kit = NULL;
    struct timeline *timeline = small(&kit);
    char *text = render(timeline, timeline_html);
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "http"));
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(text, "&lt;script&gt;&quot;&amp;&#39;\\x1b[31m\\u202e"));
    assert_non_null(strstr(text, "Simulated."));
    assert_non_null(strstr(text, "<span class=\"mark\">outside</span> 1.1.7 "));
    free(text);
    timeline_free(timeline);
    kit_free(kit);
}

static void test_timeline_json_whole(void **state)
{
    (void)state;
    struct kit *kit = NULL;
    struct timeline *timeline = small(&kit);
    char *text = render(timeline, timeline_json);
    json_t *json = NULL;
    assert_int_equal(ijson_parse(text, strlen(text), &json, NULL), ERR_OK);
    assert_true(json_is_true(ijson_get(json, "simulated")));
    const json_t *entries = ijson_get(json, "entries");
    assert_int_equal(json_array_size(entries), 6);
    const json_t *refused = json_array_get(entries, 3);
    assert_string_equal(ijson_string(refused, "verdict"), "refused");
    assert_string_equal(ijson_string(refused, "rule"), "unknown-node");
    assert_string_equal(ijson_string(json_array_get(entries, 1), "value"), "12.50");
    assert_string_equal(ijson_string(json_array_get(entries, 1), "node"), "1.1.7.1");
    assert_true(json_is_null(ijson_get(json_array_get(entries, 1), "outside")));
    assert_string_equal(ijson_string(json_array_get(entries, 2), "outside"), "1.1.7");
    assert_int_equal(json_array_size(ijson_get(json, "silences")), 3);
    json_decref(json);
    free(text);
    timeline_free(timeline);
    kit_free(kit);
}

/* Evidence before any opening: no checklist, no T0. */
static void test_timeline_end_unopened(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    KIT_OK(kit, kit_append(kit, robot, "com.example.build", "{}"));
    struct timeline *timeline = tell(kit);
    char *text = render(timeline, timeline_text);
    assert_non_null(strstr(text, "robot  com.example.build"));
    free(text);
    free(render(timeline, timeline_html));
    free(render(timeline, timeline_csv));
    free(render(timeline, timeline_json));
    timeline_free(timeline);
    kit_free(kit);
}

static void test_timeline_lanes_by_role(void **state)
{
    (void)state;
    struct kit *kit = NULL;
    struct timeline *timeline = small(&kit);
    assert_int_equal(timeline->lane_count, 3);
    assert_string_equal(timeline->lanes[0].name, "deployer");
    assert_string_equal(timeline->lanes[0].who, "dana");
    assert_string_equal(timeline->lanes[1].name, "Deployment Lead");
    assert_int_equal(timeline->lanes[1].acts, 3);
    assert_int_equal(timeline->lanes[1].flagged, 1);
    assert_string_equal(timeline->lanes[2].name, "no role");
    assert_string_equal(timeline->lanes[2].who, "eve");
    assert_int_equal(timeline->lanes[0].refused + timeline->lanes[2].refused, 1);
    timeline_free(timeline);
    kit_free(kit);
}

static void test_timeline_notable_is_what_went_wrong_or_was_said(void **state)
{
    static const bool expected[] = {true, false, true, true, true, true};
    (void)state;
    struct kit *kit = NULL;
    struct timeline *timeline = small(&kit);
    for (size_t i = 0; i < timeline->row_count; i++)
        assert_int_equal(timeline_notable(timeline, &timeline->rows[i]), expected[i]);
    timeline_free(timeline);
    kit_free(kit);
}

static void test_timeline_md_takes_no_markup(void **state)
{
    (void)state;
    struct kit *kit = NULL;
    struct timeline *timeline = small(&kit);
    char *text = render(timeline, timeline_md);
    assert_non_null(strstr(text, "1 more that passed or were recorded"));
    assert_non_null(strstr(text, "\\<script\\>"));
    assert_null(strstr(text, "<script>"));
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(text, "field.recorded 1.1.7.1 Latency: **900** — *outside 1.1.7 "));
    assert_null(strstr(text, ": 1 entries"));
    free(text);
    timeline_free(timeline);
    kit_free(kit);
}

static void test_timeline_grafana_is_an_array_of_annotations(void **state)
{
    (void)state;
    struct kit *kit = NULL;
    struct timeline *timeline = small(&kit);
    char *text = render(timeline, timeline_grafana);
    json_t *list = NULL;
    assert_int_equal(ijson_parse(text, strlen(text), &list, NULL), ERR_OK);
    assert_int_equal(json_array_size(list), 6); /* a section, and five entries */
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        assert_true(json_is_integer(json_object_get(one, "time")));
        assert_int_equal(json_array_size(json_object_get(one, "tags")), 3);
        assert_null(strchr(ijson_string(one, "text"), '<'));
    }
    json_decref(list);
    free(text);
    timeline_free(timeline);
    kit_free(kit);
}

static void test_timeline_html_has_a_chart(void **state)
{
    (void)state;
    struct kit *kit = NULL;
    struct timeline *timeline = small(&kit);
    char *text = render(timeline, timeline_svg);
    size_t marks = 0;
    for (const char *at = text; (at = strstr(at, "<circle")) != NULL; at++)
        marks++;
    assert_int_equal(marks, 3 + 6 + 2); /* of the phase, of the roles, of the threshold */
    assert_non_null(strstr(text, ">T+0</text>"));
    assert_non_null(strstr(text, "class=\"w\""));
    assert_non_null(strstr(text, " without an entry</title>"));
    free(text);
    timeline_free(timeline);
    kit_free(kit);
}

static void test_blameless_apply_leaves_no_name(void **state)
{
    static timeline_format_fn *const formats[] = {timeline_text, timeline_json, timeline_csv,
                                                  timeline_html, timeline_md,   timeline_grafana};
    static const char *const names[] = {"dana", "rosa", "lee",   "eve",
                                        "Rosa", "Rudi", "robot", "SHA256:"};
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_check(kit, robot, "1.1.1", "pass"));
    kit_approve(kit, eve, "1.2.1.1");
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"text\":\"Rosa saw eve. roseate\"}"));
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"text\":\"Rudi, who did nothing, knows\"}"));
    KIT_OK(kit, kit_act(kit, dana, "role.assigned",
                        "{\"role\":\"Security Lead\",\"principal\":\"rosa\"}"));
    struct timeline *timeline = tell(kit);
    blameless_apply(timeline);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        char *text = render(timeline, formats[i]);
        for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
            if (strstr(text, names[j]) != NULL)
                fail_msg("%s in:\n%s", names[j], text);
        }
        free(text);
    }
    assert_string_equal(timeline->rows[4].said.text,
                        "Release Manager / Security Lead saw person 2. roseate");
    assert_string_equal(timeline->rows[5].said.text, "person 4, who did nothing, knows");
    assert_string_equal(timeline->rows[1].principal, "pipeline");
    timeline_free(timeline);
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timeline_end_sums),
        cmocka_unit_test(test_timeline_text_fits),
        cmocka_unit_test(test_timeline_csv_escapes),
        cmocka_unit_test(test_timeline_html_escapes),
        cmocka_unit_test(test_timeline_json_whole),
        cmocka_unit_test(test_timeline_end_unopened),
        cmocka_unit_test(test_timeline_lanes_by_role),
        cmocka_unit_test(test_timeline_notable_is_what_went_wrong_or_was_said),
        cmocka_unit_test(test_timeline_md_takes_no_markup),
        cmocka_unit_test(test_timeline_grafana_is_an_array_of_annotations),
        cmocka_unit_test(test_timeline_html_has_a_chart),
        cmocka_unit_test(test_blameless_apply_leaves_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
