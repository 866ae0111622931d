#include "tests/unit/registry_kit.h"

static void test_registry_apply_created(void **state)
{
    struct fold *fold = *state;
    size_t count = 0;
    assert_string_equal(ijson_string(registry_ledger(fold->registry), "origin"), "a/b");
    assert_int_equal(registry_size(fold->registry), 1);
    assert_true(registry_holds(fold->registry, "root", "admin", 1));
    assert_false(registry_holds(fold->registry, "root", "admin", 0));
    const struct registry_key *const *keys = registry_keys(fold->registry, &count);
    assert_int_equal(count, 1);
    assert_string_equal(keys[0]->principal, "root");
    assert_false(registry_key_valid(keys[0], 0));
    assert_true(registry_key_valid(keys[0], 1));
}

static void test_registry_apply_created_again(void **state)
{
    struct fold *fold = *state;
    refused(fold, &itself, "ledger.created", "{}", RULE_BAD_VALUE);
}

static void test_registry_apply_created_malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{}",
        "{\"ledger\":\"" TOKEN_HASH "\",\"origin\":\"a\",\"vkey\":\"v\",\"admission_key\":\"00\","
        "\"admins\":[]}",
        "{\"ledger\":\"" TOKEN_HASH
        "\",\"origin\":\"a\",\"vkey\":\"v\",\"admission_key\":\"" OTHER_HASH "\",\"admins\":[]}",
        "{\"ledger\":\"" TOKEN_HASH
        "\",\"origin\":\"a\",\"vkey\":\"v\",\"admission_key\":\"" OTHER_HASH
        "\",\"admins\":[{\"principal\":\"root\",\"public_key\":\"ssh-ed25519 x\"}]}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct fold fold = {.registry = registry_new(), .step_s = 1};
        refused(&fold, &itself, "ledger.created", bad[i], RULE_BAD_VALUE);
        assert_null(registry_ledger(fold.registry));
        verdict_clear(&fold.verdict);
        registry_free(fold.registry);
    }
}

/* Acts that need no key in their data; in this order each is right, done by an admin. */
static const char *const acts[][2] = {
    {"checklist.published", "{\"name\":\"n\",\"markdown\":\"# m\"}"},
    {"policy.set", "{\"separation\":false}"},
    {"role.granted", "{\"principal\":\"alice\",\"role\":\"Release Manager\"}"},
    {"role.revoked", "{\"principal\":\"alice\",\"role\":\"release  manager \"}"},
    {"token.issued", "{\"principal\":\"ci\",\"sha256\":\"" OTHER_HASH
                     "\",\"scopes\":[\"write\"],\"expires\":null}"},
    {"token.revoked", "{\"sha256\":\"" OTHER_HASH "\"}"},
    {"hold.placed", "{\"deployment\":\"d-1\",\"reason\":\"lawsuit\"}"},
    {"hold.released", "{\"deployment\":\"d-1\",\"reason\":\"settled\"}"},
    {"report.issued",
     "{\"parameters\":{},\"files\":[{\"name\":\"report.json\",\"sha256\":\"" TOKEN_HASH "\"}]}"},
    {"clock.leapt", "{}"},
};
#define ACT_COUNT (sizeof(acts) / sizeof(acts[0]))

static void test_registry_apply_by_admin(void **state)
{
    struct fold *fold = *state;
    for (size_t i = 0; i < ACT_COUNT; i++)
        accepted(fold, &admin, acts[i][0], acts[i][1]);
    assert_int_equal(registry_size(fold->registry), 1 + ACT_COUNT);
}

static void test_registry_apply_not_by_admin(void **state)
{
    struct fold *fold = *state;
    static const struct actor courier = {"pipeline", {0}, ORIGIN_HTTP};
    static const struct actor other = {"alice", {2}, ORIGIN_HTTP};
    static const struct actor lent = {"alice", {1}, ORIGIN_HTTP};
    size_t count = 0;
    enrol(fold, &admin, "alice", 2, RULE_NONE);
    for (size_t i = 0; i < ACT_COUNT; i++) {
        bool undoes = strcmp(acts[i][0], "role.revoked") == 0;
        bool stops = strcmp(acts[i][0], "token.revoked") == 0;
        bool frees = strcmp(acts[i][0], "hold.released") == 0;
        if (undoes || stops || frees)
            accepted(fold, &admin, acts[i - 1][0], acts[i - 1][1]);
        refused(fold, &courier, acts[i][0], acts[i][1], RULE_UNSIGNED);
        refused(fold, &itself, acts[i][0], acts[i][1], RULE_UNSIGNED);
        refused(fold, &lent, acts[i][0], acts[i][1], RULE_UNSIGNED);
        refused(fold, &other, acts[i][0], acts[i][1], RULE_NOT_AUTHORIZED);
    }
    registry_checklists(fold->registry, &count);
    assert_int_equal(count, 0);
    assert_int_equal(registry_policy(fold->registry, fold->seq)->seq, 0);
    assert_true(registry_holds(fold->registry, "alice", "release manager", fold->seq));
    const struct registry_token *const *tokens = registry_tokens(fold->registry, &count);
    assert_int_equal(count, 1);
    assert_true(registry_token_valid(tokens[0], fold->seq, 0));
}

static void test_registry_apply_keys_not_by_admin(void **state)
{
    struct fold *fold = *state;
    static const struct actor courier = {"pipeline", {0}, ORIGIN_HTTP};
    static const struct actor other = {"alice", {2}, ORIGIN_HTTP};
    enrol(fold, &admin, "alice", 2, RULE_NONE);
    enrol(fold, &courier, "bob", 3, RULE_UNSIGNED);
    enrol(fold, &other, "bob", 3, RULE_NOT_AUTHORIZED);
    assert_null(key_by(fold, 3));
    refused(fold, &other, "key.revoked", "{\"key_id\":\"SHA256:no\",\"reason\":\"retired\"}",
            RULE_BAD_VALUE);
}

static void test_registry_apply_by_ledger_alone(void **state)
{
    struct fold *fold = *state;
    static const char *const heads = "{\"size\":1,\"root\":\"" TOKEN_HASH "\"}";
    accepted(fold, &itself, "ledger.heads", heads);
    accepted(fold, &itself, "ingest.denied", "{\"from\":0,\"to\":1}");
    refused(fold, &admin, "ledger.heads", heads, RULE_NOT_AUTHORIZED);
    refused(fold, &admin, "ingest.denied", "{\"from\":0,\"to\":1}", RULE_NOT_AUTHORIZED);
    refused(fold, &itself, "ledger.heads", "{\"size\":99,\"root\":\"" TOKEN_HASH "\"}",
            RULE_BAD_VALUE);
    refused(fold, &itself, "ledger.heads", "{\"size\":1,\"root\":\"00\"}", RULE_BAD_VALUE);
}

static void test_registry_apply_wrong_stream(void **state)
{
    struct fold *fold = *state;
    struct entry entry = {.seq = 1};
    struct event *event = NULL;
    const char *text = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/x\","
                       "\"type\":\"dev.countersign.role.granted.v1\",\"data\":{}}";
    refused(fold, &admin, "item.checked", "{}", RULE_WRONG_STREAM);
    refused(fold, &admin, "clock.started", "{}", RULE_WRONG_STREAM);
    assert_int_equal(event_parse(text, strlen(text), &event, NULL), ERR_OK);
    memcpy(entry.part.stream, "d-1", sizeof("d-1"));
    verdict_clear(&fold->verdict);
    registry_apply(fold->registry, &entry, event, &fold->verdict);
    assert_int_equal(fold->verdict.rule, RULE_WRONG_STREAM);
    event_free(event);
}

static void test_registry_apply_bad_value(void **state)
{
    struct fold *fold = *state;
    static const char *const bad[][2] = {
        {"checklist.published", "{\"name\":\"\",\"markdown\":\"# m\"}"},
        {"checklist.published", "{\"name\":\"n\"}"},
        {"checklist.published", "[]"},
        {"policy.set", "{\"separation\":1}"},
        {"policy.set", "{\"touch\":\"CTO\"}"},
        {"policy.set", "{\"pin\":[1]}"},
        {"policy.set", "{\"quorum\":{\"CTO\":0}}"},
        {"policy.set", "{\"quorum\":[]}"},
        {"policy.set", "{\"retroactive_hours\":-1}"},
        {"policy.set", "{\"retroactive_hours\":9007199254740991}"},
        {"policy.set", "{\"skew_seconds\":1.5}"},
        {"policy.set", "{\"late_refuses\":\"yes\"}"},
        {"key.enrolled", "{\"principal\":\"alice\",\"public_key\":\"ssh-ed25519 AAAA\"}"},
        {"key.enrolled", "{\"principal\":\"alice\"}"},
        {"key.revoked", "{\"key_id\":\"SHA256:x\",\"reason\":\"retired\"}"},
        {"key.revoked", "{\"key_id\":\"" TOKEN_HASH "\",\"reason\":\"retired\"}"},
        {"role.granted", "{\"principal\":\"alice\",\"role\":\"\"}"},
        {"role.granted", "{\"principal\":\"alice\",\"role\":\" \\t\"}"},
        {"role.granted", "{\"principal\":\"no space\",\"role\":\"x\"}"},
        {"role.granted", "{\"principal\":\"ledger\",\"role\":\"x\"}"},
        {"role.revoked", "{\"principal\":\"alice\",\"role\":\"x\"}"},
        {"token.issued", "{\"principal\":\"ci\",\"sha256\":\"\",\"scopes\":[\"read\"]}"},
        {"token.issued", "{\"principal\":\"ci\",\"sha256\":\"" TOKEN_HASH "\",\"scopes\":[]}"},
        {"token.issued",
         "{\"principal\":\"ci\",\"sha256\":\"" TOKEN_HASH "\",\"scopes\":[\"read\",\"admin\"]}"},
        {"token.issued", "{\"principal\":\"ci\",\"sha256\":\"" TOKEN_HASH
                         "\",\"scopes\":[\"read\"],\"expires\":\"soon\"}"},
        {"token.issued",
         "{\"principal\":\"amqp:ci\",\"sha256\":\"" TOKEN_HASH "\",\"scopes\":[\"read\"]}"},
        {"token.issued",
         "{\"principal\":\"root\",\"sha256\":\"" TOKEN_HASH "\",\"scopes\":[\"read\"]}"},
        {"token.revoked", "{\"sha256\":\"" TOKEN_HASH "\"}"},
        {"hold.placed", "{\"deployment\":\"ledger\",\"reason\":\"x\"}"},
        {"hold.placed", "{\"deployment\":\"d-1\"}"},
        {"hold.placed", "{\"deployment\":\"d-1\",\"reason\":\"\"}"},
        {"hold.released", "{\"deployment\":\"D 1\",\"reason\":\"x\"}"},
        {"hold.released", "{\"deployment\":\"d-1\",\"reason\":\"x\"}"},
        {"report.issued", "{\"parameters\":{}}"},
        {"report.issued", "{\"parameters\":{},\"files\":{}}"},
        {"report.issued", "{\"files\":[{\"name\":\"a\",\"sha256\":\"" TOKEN_HASH "\"}]}"},
        {"report.issued",
         "{\"parameters\":{},\"files\":[{\"name\":\"\",\"sha256\":\"" TOKEN_HASH "\"}]}"},
        {"report.issued", "{\"parameters\":{},\"files\":[{\"name\":\"a\",\"sha256\":\"00\"}]}"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refused(fold, &admin, bad[i][0], bad[i][1], RULE_BAD_VALUE);
}

static void test_registry_apply_erased(void **state)
{
    struct fold *fold = *state;
    struct entry entry = {.seq = 41};
    verdict_clear(&fold->verdict);
    registry_apply(fold->registry, &entry, NULL, &fold->verdict);
    assert_int_equal(fold->verdict.rule, RULE_NONE);
    assert_int_equal(registry_size(fold->registry), 42);
}

static void test_registry_apply_flags(void **state)
{
    struct fold *fold = *state;
    act_with(fold, &admin, "clock.leapt", "", "{}");
    assert_int_equal(fold->verdict.flags, 0);
    act_with(fold, &admin, "clock.leapt", ",\"spooled\":true,\"replayed\":true", "{}");
    assert_true(verdict_has(&fold->verdict, FLAG_SPOOLED));
    assert_true(verdict_has(&fold->verdict, FLAG_REPLAYED));
    act_with(fold, &admin, "clock.leapt", ",\"time\":\"1970-01-01T23:54:00Z\"", "{}");
    assert_true(verdict_has(&fold->verdict, FLAG_CLOCK_SKEW));
    act_with(fold, &admin, "clock.leapt", ",\"time\":\"1970-01-02T00:04:00Z\"", "{}");
    assert_false(verdict_has(&fold->verdict, FLAG_CLOCK_SKEW));
    accepted(fold, &admin, "policy.set", "{\"skew_seconds\":100}");
    act_with(fold, &admin, "clock.leapt", ",\"time\":\"1970-01-02T00:04:00Z\"", "{}");
    assert_true(verdict_has(&fold->verdict, FLAG_CLOCK_SKEW));
}

static void test_registry_apply_new_key(void **state)
{
    struct fold *fold = *state;
    static const struct actor second = {"alice", {2}, ORIGIN_HTTP};
    enrol(fold, &admin, "alice", 2, RULE_NONE);
    accepted(fold, &admin, "role.granted", "{\"principal\":\"alice\",\"role\":\"admin\"}");
    assert_int_equal(fold->verdict.flags, 0);
    accepted(fold, &second, "clock.leapt", "{}");
    assert_true(verdict_has(&fold->verdict, FLAG_NEW_KEY));
    fold->step_s = DAY_S;
    accepted(fold, &second, "clock.leapt", "{}");
    assert_int_equal(fold->verdict.flags, 0);
}

/* It is the first signature that counts. */
static void test_registry_apply_new_key_beside_an_old_one(void **state)
{
    struct fold *fold = *state;
    static const struct actor old_first = {"alice", {2, 3}, ORIGIN_HTTP};
    static const struct actor new_first = {"alice", {3, 2}, ORIGIN_HTTP};
    enrol(fold, &admin, "alice", 2, RULE_NONE);
    accepted(fold, &admin, "role.granted", "{\"principal\":\"alice\",\"role\":\"admin\"}");
    fold->step_s = DAY_S / 3;
    enrol(fold, &admin, "alice", 3, RULE_NONE);
    accepted(fold, &old_first, "clock.leapt", "{}");
    assert_false(verdict_has(&fold->verdict, FLAG_NEW_KEY));
    accepted(fold, &new_first, "clock.leapt", "{}");
    assert_true(verdict_has(&fold->verdict, FLAG_NEW_KEY));
}

static void test_registry_apply_key_revoked(void **state)
{
    struct fold *fold = *state;
    static const struct actor by_second = {"root", {1, 2}, ORIGIN_HTTP};
    enrol(fold, &admin, "root", 2, RULE_NONE);
    assert_int_equal(fold->verdict.flags, 0);
    revoke(fold, 1, "\"reason\":\"compromised\"", RULE_NONE);
    refused(fold, &admin, "clock.leapt", "{}", RULE_KEY_REVOKED);
    accepted(fold, &by_second, "clock.leapt", "{}");
}

/* The head of a blob, as far as it is looked at, and what a security key counts. */
static void count(struct fold *fold, uint32_t counter)
{
    static const char type[] = "sk-ssh-ed25519@openssh.com";
    struct buf key = {0}, inner = {0};
    buf_clear(&fold->blob);
    buf_string(&key, type, strlen(type));
    buf_string(&inner, type, strlen(type));
    buf_string(&inner, "", 0);
    buf_u8(&inner, 1);
    buf_u32(&inner, counter);
    buf_text(&fold->blob, "SSHSIG");
    buf_u32(&fold->blob, 1);
    buf_string(&fold->blob, key.data, key.bytes);
    for (int i = 0; i < 3; i++)
        buf_string(&fold->blob, "", 0);
    buf_string(&fold->blob, inner.data, inner.bytes);
    buf_free(&key);
    buf_free(&inner);
}

static void test_registry_apply_counter(void **state)
{
    struct fold *fold = *state;
    static const struct {
        uint32_t counter;
        bool refused, flagged;
    } cases[] = {{4, false, false}, {5, false, false}, {5, false, true},
                 {9, true, false},  {6, false, true},  {10, false, false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        count(fold, cases[i].counter);
        if (cases[i].refused)
            refused(fold, &admin, "role.granted", "{}", RULE_BAD_VALUE);
        else
            accepted(fold, &admin, "clock.leapt", "{}");
        assert_int_equal(verdict_has(&fold->verdict, FLAG_COUNTER), cases[i].flagged);
    }
}

static void test_registry_free_null(void **state)
{
    (void)state;
    registry_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registry_apply_created),
        TEST(test_registry_apply_created_again),
        TEST(test_registry_apply_created_malformed),
        TEST(test_registry_apply_by_admin),
        TEST(test_registry_apply_not_by_admin),
        TEST(test_registry_apply_keys_not_by_admin),
        TEST(test_registry_apply_by_ledger_alone),
        TEST(test_registry_apply_wrong_stream),
        TEST(test_registry_apply_bad_value),
        TEST(test_registry_apply_erased),
        TEST(test_registry_apply_flags),
        TEST(test_registry_apply_new_key),
        TEST(test_registry_apply_new_key_beside_an_old_one),
        TEST(test_registry_apply_key_revoked),
        TEST(test_registry_apply_counter),
        cmocka_unit_test(test_registry_free_null),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
