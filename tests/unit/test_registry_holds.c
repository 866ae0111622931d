#include "tests/unit/registry_kit.h"

#define PLACED "{\"deployment\":\"d-1\",\"reason\":\"lawsuit\"}"
#define RELEASED "{\"deployment\":\"d-1\",\"reason\":\"settled\"}"

static const struct registry_hold *hold_at(const struct fold *fold, uint64_t seq, size_t count)
{
    size_t found = 99;
    const struct registry_hold *hold = registry_hold_on(fold->registry, "d-1", seq, &found);
    assert_int_equal(found, count);
    assert_int_equal(hold != NULL, count > 0);
    return hold;
}

static void test_registry_hold_over_positions(void **state)
{
    struct fold *fold = *state;
    size_t count = 0;
    uint64_t placed = fold->seq;
    accepted(fold, &admin, "hold.placed", PLACED);
    accepted(fold, &admin, "clock.leapt", "{}");
    uint64_t released = fold->seq;
    accepted(fold, &admin, "hold.released", RELEASED);
    hold_at(fold, placed, 0);
    const struct registry_hold *hold = hold_at(fold, placed + 1, 1);
    assert_ptr_equal(hold_at(fold, released, 1), hold);
    hold_at(fold, released + 1, 0);
    hold_at(fold, SEQ_NONE, 0);
    assert_string_equal(hold->deployment, "d-1");
    assert_string_equal(hold->reason, "lawsuit");
    assert_string_equal(hold->placed_by, "root");
    assert_string_equal(hold->released_by, "root");
    assert_string_equal(hold->release_reason, "settled");
    assert_true(hold->placed_seq == placed && hold->released_seq == released);
    assert_true(hold->placed_us < hold->released_us);
    assert_null(registry_hold_on(fold->registry, "d-10", placed + 1, &count));
    assert_ptr_equal(registry_hold_list(fold->registry, &count)[0], hold);
    assert_int_equal(count, 1);
}

/* Two holds: whoever releases says which, and the other stays. */
static void test_registry_hold_released_by_its_position(void **state)
{
    struct fold *fold = *state;
    struct buf data = {0};
    uint64_t first = fold->seq;
    accepted(fold, &admin, "hold.placed", PLACED);
    accepted(fold, &admin, "hold.placed", "{\"deployment\":\"d-2\",\"reason\":\"x\"}");
    accepted(fold, &admin, "hold.placed", "{\"deployment\":\"d-1\",\"reason\":\"audit\"}");
    assert_int_equal(hold_at(fold, SEQ_NONE, 2)->placed_seq, first);
    refused(fold, &admin, "hold.released", RELEASED, RULE_BAD_VALUE);
    buf_printf(&data, "{\"deployment\":\"d-1\",\"reason\":\"settled\",\"hold\":%llu}",
               (unsigned long long)first + 1); /* of another deployment */
    refused(fold, &admin, "hold.released", (const char *)data.data, RULE_BAD_VALUE);
    refused(fold, &admin, "hold.released",
            "{\"deployment\":\"d-1\",\"reason\":\"settled\",\"hold\":\"1\"}", RULE_BAD_VALUE);
    buf_clear(&data);
    buf_printf(&data, "{\"deployment\":\"d-1\",\"reason\":\"settled\",\"hold\":%llu}",
               (unsigned long long)first);
    accepted(fold, &admin, "hold.released", (const char *)data.data);
    assert_int_equal(hold_at(fold, SEQ_NONE, 1)->placed_seq, first + 2);
    refused(fold, &admin, "hold.released", (const char *)data.data, RULE_BAD_VALUE);
    accepted(fold, &admin, "hold.released", RELEASED);
    hold_at(fold, SEQ_NONE, 0);
    refused(fold, &admin, "hold.released", RELEASED, RULE_BAD_VALUE);
    buf_free(&data);
}

static void test_registry_hold_by_admin_alone(void **state)
{
    struct fold *fold = *state;
    static const struct actor other = {"alice", {2}, ORIGIN_HTTP};
    enrol(fold, &admin, "alice", 2, RULE_NONE);
    refused(fold, &other, "hold.placed", PLACED, RULE_NOT_AUTHORIZED);
    hold_at(fold, SEQ_NONE, 0);
    accepted(fold, &admin, "hold.placed", PLACED);
    refused(fold, &other, "hold.released", RELEASED, RULE_NOT_AUTHORIZED);
    hold_at(fold, SEQ_NONE, 1);
}

static void test_registry_report_list(void **state)
{
    struct fold *fold = *state;
    size_t count = 99;
    registry_report_list(fold->registry, &count);
    assert_int_equal(count, 0);
    uint64_t issued = fold->seq;
    accepted(fold, &admin, "report.issued",
             "{\"parameters\":{\"year\":2026},\"files\":[{\"name\":\"report.json\",\"sha256\":"
             "\"" TOKEN_HASH "\",\"bytes\":7},{\"name\":\"b\",\"sha256\":\"" OTHER_HASH "\"}]}");
    const struct registry_report *report = registry_report_list(fold->registry, &count)[0];
    assert_int_equal(count, 1);
    assert_int_equal(report->seq, issued);
    assert_true(report->time_us > 0);
    assert_string_equal(report->principal, "root");
    assert_int_equal(json_array_size(ijson_get(report->data, "files")), 2);
}

/* --- how long */

static uint64_t days_of(const struct fold *fold, const char *name, const char *class_name)
{
    const char *found = NULL;
    const struct registry_policy *policy = registry_policy(fold->registry, fold->seq);
    uint64_t days = registry_policy_days(policy, name, &found);
    assert_string_equal(found, class_name);
    return days;
}

static void test_registry_policy_days_by_class(void **state)
{
    struct fold *fold = *state;
    assert_int_equal(days_of(fold, "Production", "default"), 365);
    assert_int_equal(days_of(fold, NULL, "default"), 365);
    accepted(fold, &admin, "policy.set",
             "{\"retention\":{\"production\":3650,\"EU  Production\":730,\"eu production\":400}}");
    assert_int_equal(days_of(fold, " PRODUCTION ", "production"), 3650);
    assert_int_equal(days_of(fold, "eu production", "EU  Production"), 730); /* the longer one */
    assert_int_equal(days_of(fold, "staging", "default"), 365);
    accepted(fold, &admin, "policy.set", "{\"retention\":{\"default\":500,\"staging\":365}}");
    assert_int_equal(days_of(fold, "production", "default"), 500);
    assert_int_equal(days_of(fold, "staging", "staging"), 365);
    assert_int_equal(days_of(fold, NULL, "default"), 500);
    assert_false(registry_policy_weaker(registry_policy(fold->registry, fold->seq)));
    accepted(fold, &admin, "policy.set", "{}"); /* each is whole */
    assert_int_equal(days_of(fold, "production", "default"), 365);
}

static void test_registry_policy_days_refused(void **state)
{
    struct fold *fold = *state;
    static const char *const bad[] = {"365",
                                      "[]",
                                      "{\"production\":364}",
                                      "{\"production\":0}",
                                      "{\"production\":-400}",
                                      "{\"production\":36601}",
                                      "{\"production\":400.5}",
                                      "{\"production\":\"400\"}",
                                      "{\"\":400}",
                                      "{\" \":400}"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char data[80];
        snprintf(data, sizeof(data), "{\"retention\":%s}", bad[i]);
        refused(fold, &admin, "policy.set", data, RULE_BAD_VALUE);
    }
    accepted(fold, &admin, "policy.set", "{\"retention\":{\"a\":365,\"b\":36600}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registry_hold_over_positions),  TEST(test_registry_hold_released_by_its_position),
        TEST(test_registry_hold_by_admin_alone),  TEST(test_registry_report_list),
        TEST(test_registry_policy_days_by_class), TEST(test_registry_policy_days_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
