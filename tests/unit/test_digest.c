#include "deployment_kit.h"

#include "replay/digest.h"

static char *lines(const struct kit *kit)
{
    struct buf buf = {0};
    digest_text(kit->deployment, &buf);
    return buf_take_text(&buf);
}

static void test_digest_text_of_an_unopened_deployment(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    char *text = lines(kit);
    assert_string_equal(text, "countersign/state/v1\n"
                              "deployment d1 unopened\n"
                              "entries 0 accepted 0 refused 0 flagged 0\n"
                              "opened - - [] - - -\n"
                              "t0 -1 - - []\n"
                              "window -1 -1\n"
                              "emergency - - [] -\n"
                              "rollback - - [] - - - [] -\n"
                              "closed - - [] -\n");
    free(text);
    kit_free(kit);
}

/* As a person has written the lines from digest.h. */
static void test_digest_text_of_acts(void **state)
{
    static const char *const expected[] = {
        "deployment d1 open\n",
        "entries 8 accepted 7 refused 1 flagged 2\n",
        "opened 0 4:dana [] 5:2.1.0 - 4:dana\n",
        "t0 864000000000 - - []\n",
        "node 1.1.1 met 1 5:robot [judgement] pass - - 4:seen - - [] - - - [] - - - - 0\n",
        "node 1.1.2 met - - [] - - - - 2 4:rosa [waived] 3:why - - [] - - - - 0\n",
        "node 1.1.3 unmet - - [] - - - - - - [] - - - [] - 3 3 unmatched - - 0\n",
        "node 1.1.4.1 met 4 3:lee [] - 3:900 - - - - [] - - - [] - - - - 0\n",
        "node 1.2.2 unmet - - [] - - - - - - [] - - - [] - - - - 1\n",
        "assignment 15:Release Manager 4:rosa 0 4:dana [] -1 0 -\n",
        "criterion 13:command:1.1.3 3 -\n",
        "note 6 - 4:a\nb \n",
    };
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_check(kit, robot, "1.1.1", "pass"));
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.2\",\"reason\":\"why\"}"));
    KIT_OK(kit, kit_act(kit, robot, "command.finished",
                        "{\"node\":\"1.1.3\",\"exit\":3,\"matched\":false}"));
    KIT_OK(kit, kit_record_value(kit, "1.1.4.1", "900"));
    KIT_IS(kit, kit_decide(kit, eve, "1.2.2", "GO"), RULE_WRONG_KIND);
    KIT_OK(kit, kit_act(kit, eve, "note.added", "{\"text\":\"a\\nb \"}"));
    KIT_OK(kit, kit_append(kit, robot, "com.example.other", "{}"));
    char *text = lines(kit);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        if (strstr(text, expected[i]) == NULL)
            fail_msg("no '%s' in:\n%s", expected[i], text);
    }
    free(text);
    kit_free(kit);
}

/* Acts in the ledger's stream and other times change neither positions nor the state. */
static void test_digest_state_is_that_of_the_acts(void **state)
{
    (void)state;
    uint8_t one[HASH_BYTES], other[HASH_BYTES], more[HASH_BYTES];
    struct kit *a = kit_open(), *b = kit_open();
    for (int i = 0; i < 2; i++) {
        struct kit *kit = i == 0 ? a : b;
        if (i == 1) {
            kit_grant(kit, eve, "Witness");
            kit->time_us += 17 * INSTANT_SECOND_US;
        }
        KIT_OK(kit, kit_check(kit, robot, "1.1.1", "pass"));
    }
    digest_state(a->deployment, one);
    digest_state(b->deployment, other);
    assert_memory_equal(one, other, HASH_BYTES);
    KIT_OK(b, kit_append(b, robot, "com.example.other", "{}"));
    digest_state(b->deployment, more);
    assert_memory_not_equal(one, more, HASH_BYTES);
    kit_free(a);
    kit_free(b);
}

static bool claims(const char *type, const char *data, struct digest_claim *ret)
{
    struct event *event = NULL;
    struct buf text = {0};
    buf_printf(&text,
               "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/test\",\"type\":\"%s\","
               "\"data\":%s}",
               type, data);
    event = kit_parse(&text);
    bool found = digest_claim(event, ret);
    event_free(event);
    buf_free(&text);
    return found;
}

#define CLOSED "dev.countersign.deployment.closed.v1"
#define ONES "1111111111111111111111111111111111111111111111111111111111111111"

static void test_digest_claim_of_what_was_put(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    struct digest_claim claim;
    struct buf data = {0};
    uint8_t digest[HASH_BYTES];
    KIT_OK(kit, kit_check(kit, robot, "1.1.1", "pass"));
    json_t *json = json_object();
    digest_put_claim(json, kit->deployment);
    digest_state(kit->deployment, digest);
    ijson_print(json, &data);
    assert_true(claims(CLOSED, (const char *)data.data, &claim));
    assert_int_equal(claim.pos, 1);
    assert_memory_equal(claim.digest, digest, HASH_BYTES);
    buf_free(&data);
    json_decref(json);
    kit_free(kit);
}

static void test_digest_claim_of_anything_else(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"state\":1}",
        "{\"state\":{\"pos\":1}}",
        "{\"state\":{\"pos\":-1,\"digest\":\"" ONES "\"}}",
        "{\"state\":{\"pos\":\"1\",\"digest\":\"" ONES "\"}}",
        "{\"state\":{\"pos\":1,\"digest\":\"" ONES "1\"}}",
        "{\"state\":{\"pos\":1,\"digest\":\"11\"}}",
        "[]",
    };
    struct digest_claim claim;
    (void)state;
    assert_true(claims(CLOSED, "{\"state\":{\"pos\":1,\"digest\":\"" ONES "\"}}", &claim));
    assert_false(claims("dev.countersign.note.added.v1",
                        "{\"state\":{\"pos\":1,\"digest\":\"" ONES "\"}}", &claim));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(claims(CLOSED, bad[i], &claim));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest_text_of_an_unopened_deployment),
        cmocka_unit_test(test_digest_text_of_acts),
        cmocka_unit_test(test_digest_state_is_that_of_the_acts),
        cmocka_unit_test(test_digest_claim_of_what_was_put),
        cmocka_unit_test(test_digest_claim_of_anything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
