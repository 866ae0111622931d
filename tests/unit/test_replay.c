#include "ledger_kit.h"
#include "replay/replay.h"

#define MARKDOWN "# Plain\n\n## One\n\n## Work\n\n- [ ] Done\n- [ ] Told\n"

/* Append one event as the live judge sees it; the verdict's rule. */
static enum rule judged(struct kit *kit, const struct judge *judge, const struct kit_event *event)
{
    struct receipt receipt;
    struct admitted *admitted = kit_admit(kit, event);
    enum err err = ledger_append(kit->ledger, &admitted, 1, judge, &receipt, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    enum rule rule = receipt.verdict.rule;
    admit_free(admitted);
    ledger_receipts_free(&receipt, 1);
    return rule;
}

static void publish(struct kit *kit)
{
    json_t *json = json_pack("{s:s, s:s}", "name", "plain", "markdown", MARKDOWN);
    struct buf data = {0};
    ijson_print(json, &data);
    const struct kit_event published = {.id = "publish",
                                        .type = "dev.countersign.checklist.published.v1",
                                        .data = (const char *)data.data,
                                        .signers = {1}};
    const struct kit_event granted = {.id = "grant",
                                      .type = "dev.countersign.role.granted.v1",
                                      .data = "{\"principal\":\"root\",\"role\":\"deployer\"}",
                                      .signers = {1}};
    assert_int_equal(judged(kit, NULL, &published), RULE_NONE);
    assert_int_equal(judged(kit, NULL, &granted), RULE_NONE);
    json_decref(json);
    buf_free(&data);
}

static enum rule open_one(struct kit *kit, const struct judge *judge, const char *id)
{
    uint8_t sha256[HASH_BYTES];
    struct buf data = {0}, event_id = {0};
    hash_bytes(MARKDOWN, strlen(MARKDOWN), sha256);
    buf_text(&data, "{\"rules\":1,\"checklist\":\"");
    buf_hex(&data, sha256, HASH_BYTES);
    buf_text(&data, "\"}");
    buf_printf(&event_id, "open-%s", id);
    const struct kit_event event = {.id = (const char *)event_id.data,
                                    .type = "dev.countersign.deployment.opened.v1",
                                    .deployment = id,
                                    .data = (const char *)data.data,
                                    .signers = {1}};
    enum rule rule = judged(kit, judge, &event);
    buf_free(&data);
    buf_free(&event_id);
    return rule;
}

static enum rule check(struct kit *kit, const struct judge *judge, const char *event_id,
                       const char *node)
{
    char data[64];
    snprintf(data, sizeof(data), "{\"node\":\"%s\",\"result\":\"pass\"}", node);
    const struct kit_event event = {.id = event_id,
                                    .type = "dev.countersign.item.checked.v1",
                                    .deployment = "d1",
                                    .data = data};
    return judged(kit, judge, &event);
}

struct seen {
    size_t count;
    size_t refused;
    uint64_t last_pos;
};

static void see(void *ctx, const struct replay_step *step)
{
    struct seen *seen = ctx;
    assert_int_equal(step->deployment->entries, step->record->entry.stream_pos + 1);
    assert_non_null(step->event);
    seen->count++;
    seen->refused += step->verdict->rule != RULE_NONE;
    seen->last_pos = step->record->entry.stream_pos;
}

static void test_replay_fold_to_a_seq(void **state)
{
    (void)state;
    struct kit kit;
    struct replay *replay = NULL;
    struct deployment *deployment = NULL;
    struct seen seen = {0};
    const struct replay_view view = {.fn = see, .ctx = &seen};
    kit_new(&kit);
    publish(&kit);
    open_one(&kit, NULL, "d1");       /* seq 3 */
    open_one(&kit, NULL, "d2");       /* seq 4 */
    check(&kit, NULL, "c1", "1.0.1"); /* seq 5 */
    check(&kit, NULL, "c2", "9.9.9"); /* seq 6 */
    assert_int_equal(replay_open(kit.ledger, &replay), ERR_OK);
    assert_int_equal(replay_fold(replay, "d1", UINT64_MAX, &view, &deployment, &kit.why), ERR_OK);
    assert_int_equal(deployment->entries, 3);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.refused, 1);
    assert_int_equal(seen.last_pos, 2);
    assert_true(deployment->nodes[0].met);
    deployment_free(deployment);
    assert_int_equal(replay_fold(replay, "d1", 5, NULL, &deployment, &kit.why), ERR_OK);
    assert_int_equal(deployment->entries, 1);
    assert_false(deployment->nodes[0].met);
    deployment_free(deployment);
    replay_close(replay);
    kit_end(&kit);
}

static void test_replay_fold_of_an_unknown_id(void **state)
{
    (void)state;
    struct kit kit;
    struct replay *replay = NULL;
    struct deployment *deployment = NULL;
    kit_new(&kit);
    assert_int_equal(replay_open(kit.ledger, &replay), ERR_OK);
    assert_int_equal(replay_fold(replay, "none", UINT64_MAX, NULL, &deployment, NULL), ERR_OK);
    assert_int_equal(deployment->entries, 0);
    assert_int_equal(deployment->phase, PHASE_UNOPENED);
    deployment_free(deployment);
    replay_close(replay);
    replay_close(NULL);
    kit_end(&kit);
}

/* Change one byte of ${text} where it stands in the ledger's file. */
static void spoil(const struct kit *kit, const char *text)
{
    char path[128];
    struct buf bytes = {0};
    snprintf(path, sizeof(path), "%s/data.mdb", kit->path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    int c;
    while ((c = fgetc(file)) != EOF)
        buf_u8(&bytes, (uint8_t)c);
    const uint8_t *at = memmem(bytes.data, bytes.bytes, text, strlen(text));
    assert_non_null(at);
    fseek(file, at - bytes.data, SEEK_SET);
    fputc(text[0] ^ 1, file);
    fclose(file);
    buf_free(&bytes);
}

static void test_replay_fold_of_a_damaged_event(void **state)
{
    (void)state;
    struct kit kit;
    struct replay *replay = NULL;
    struct deployment *deployment = NULL;
    struct err_text why = {""};
    kit_new(&kit);
    publish(&kit);
    open_one(&kit, NULL, "d1");
    check(&kit, NULL, "remarkable", "1.0.1");
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    spoil(&kit, "remarkable\",\"source");
    kit_open(&kit, false);
    assert_int_equal(replay_open(kit.ledger, &replay), ERR_OK);
    assert_int_equal(replay_fold(replay, "d1", UINT64_MAX, NULL, &deployment, &why), ERR_DAMAGED);
    assert_null(deployment);
    assert_true(why.s[0] != '\0');
    replay_close(replay);
    kit_end(&kit);
}

static void test_replay_judge_live_and_late(void **state)
{
    (void)state;
    struct kit kit;
    struct replay *first = NULL, *second = NULL;
    kit_new(&kit);
    publish(&kit);
    assert_int_equal(replay_open(kit.ledger, &first), ERR_OK);
    struct judge judge = replay_judge(first);
    assert_int_equal(check(&kit, &judge, "c0", "1.0.1"), RULE_UNKNOWN_DEPLOYMENT);
    assert_int_equal(open_one(&kit, &judge, "d1"), RULE_NONE);
    assert_int_equal(check(&kit, &judge, "c1", "1.0.1"), RULE_NONE);
    assert_int_equal(check(&kit, &judge, "c2", "9.9.9"), RULE_UNKNOWN_NODE);
    assert_int_equal(open_one(&kit, &judge, "d1"), RULE_NONE); /* a duplicate: its first verdict */
    assert_int_equal(check(&kit, &judge, "c2", "9.9.9"), RULE_UNKNOWN_NODE);
    assert_int_equal(replay_open(kit.ledger, &second), ERR_OK);
    judge = replay_judge(second); /* has to catch up */
    assert_int_equal(check(&kit, &judge, "c3", "1.0.2"), RULE_NONE);
    const struct kit_event foreign = {.id = "f1"};
    assert_int_equal(judged(&kit, &judge, &foreign), RULE_NONE);
    replay_close(first);
    replay_close(second);
    kit_end(&kit);
}

static void test_replay_judge_says_why(void **state)
{
    (void)state;
    struct kit kit;
    struct replay *replay = NULL;
    struct receipt receipt;
    kit_new(&kit);
    assert_int_equal(replay_open(kit.ledger, &replay), ERR_OK);
    struct judge judge = replay_judge(replay);
    const struct kit_event event = {
        .id = "n1", .type = "dev.countersign.note.added.v1", .deployment = "d9"};
    struct admitted *admitted = kit_admit(&kit, &event);
    assert_int_equal(ledger_append(kit.ledger, &admitted, 1, &judge, &receipt, NULL), ERR_OK);
    json_t *json = ledger_receipt_json(&receipt);
    assert_string_equal(ijson_string(json, "rule"), "unknown-deployment");
    assert_string_equal(ijson_string(json, "reason"), "unknown-deployment: d9 has not been opened");
    json_decref(json);
    admit_free(admitted);
    ledger_receipts_free(&receipt, 1);
    replay_close(replay);
    kit_end(&kit);
}

static void test_replay_is_deployment(void **state)
{
    (void)state;
    assert_true(replay_is_deployment("d1"));
    assert_false(replay_is_deployment("ledger"));
    assert_false(replay_is_deployment("inbox"));
}

static void test_catalog_find_by_position(void **state)
{
    (void)state;
    struct kit kit;
    uint8_t sha256[HASH_BYTES], other[HASH_BYTES] = {0};
    kit_new(&kit);
    publish(&kit); /* seq 1 */
    hash_bytes(MARKDOWN, strlen(MARKDOWN), sha256);
    struct catalog *catalog = catalog_new(ledger_registry(kit.ledger));
    assert_null(catalog_find(catalog, sha256, 1));
    const struct checklist *checklist = catalog_find(catalog, sha256, 2);
    assert_non_null(checklist);
    assert_ptr_equal(catalog_find(catalog, sha256, 9), checklist);
    assert_null(catalog_find(catalog, other, 9));
    catalog_free(catalog);
    catalog_free(NULL);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replay_fold_to_a_seq),
        cmocka_unit_test(test_replay_fold_of_an_unknown_id),
        cmocka_unit_test(test_replay_fold_of_a_damaged_event),
        cmocka_unit_test(test_replay_judge_live_and_late),
        cmocka_unit_test(test_replay_judge_says_why),
        cmocka_unit_test(test_replay_is_deployment),
        cmocka_unit_test(test_catalog_find_by_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
