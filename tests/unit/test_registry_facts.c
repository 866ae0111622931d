#include "tests/unit/registry_kit.h"

static void test_registry_key_once(void **state)
{
    struct fold *fold = *state;
    enrol(fold, &admin, "alice", 2, RULE_NONE);
    enrol(fold, &admin, "alice", 2, RULE_BAD_VALUE);
    enrol(fold, &admin, "bob", 2, RULE_BAD_VALUE);
    revoke(fold, 2, "\"reason\":\"retired\"", RULE_NONE);
    enrol(fold, &admin, "alice", 2, RULE_BAD_VALUE);
    enrol(fold, &admin, "ledger", 3, RULE_BAD_VALUE);
    enrol(fold, &admin, "tls:host", 3, RULE_BAD_VALUE);
    enrol(fold, &admin, "amqp:user", 3, RULE_BAD_VALUE);
}

static void test_registry_key_by_admin(void **state)
{
    struct fold *fold = *state;
    static const struct actor with_alice = {"root", {1, 2}, ORIGIN_HTTP};
    enrol(fold, &admin, "alice", 2, RULE_NONE);
    assert_int_equal(fold->verdict.flags, 0);
    assert_false(key_by(fold, 2)->by_admin);
    enrol(fold, &with_alice, "alice", 3, RULE_NONE);
    assert_false(verdict_has(&fold->verdict, FLAG_KEY_BY_ADMIN));
    enrol(fold, &admin, "alice", 4, RULE_NONE);
    assert_true(verdict_has(&fold->verdict, FLAG_KEY_BY_ADMIN));
    assert_true(key_by(fold, 4)->by_admin);
    revoke(fold, 2, "\"reason\":\"retired\"", RULE_NONE);
    enrol(fold, &with_alice, "alice", 5, RULE_NONE);
    assert_true(key_by(fold, 5)->by_admin);
}

static void test_registry_key_valid_until_revoked(void **state)
{
    struct fold *fold = *state;
    enrol(fold, &admin, "alice", 2, RULE_NONE);
    const struct registry_key *key = key_by(fold, 2);
    uint64_t enrolled = fold->seq - 1, revoked = fold->seq;
    revoke(fold, 2, "\"reason\":\"retired\"", RULE_NONE);
    assert_false(registry_key_valid(key, enrolled));
    assert_true(registry_key_valid(key, enrolled + 1));
    assert_true(registry_key_valid(key, revoked));
    assert_false(registry_key_valid(key, revoked + 1));
    assert_false(registry_key_suspect(key, enrolled + 1, SEQ_NONE));
    revoke(fold, 2, "\"reason\":\"retired\"", RULE_BAD_VALUE);
}

static void test_registry_key_suspect(void **state)
{
    struct fold *fold = *state;
    enrol(fold, &admin, "alice", 2, RULE_NONE);
    accepted(fold, &admin, "clock.leapt", "{}");
    accepted(fold, &admin, "clock.leapt", "{}");
    revoke(fold, 2, "\"reason\":\"mislaid\"", RULE_BAD_VALUE);
    revoke(fold, 2, "\"reason\":\"compromised\",\"since\":99", RULE_BAD_VALUE);
    revoke(fold, 2, "\"reason\":\"compromised\",\"since\":-1", RULE_BAD_VALUE);
    uint64_t revoked = fold->seq;
    revoke(fold, 2, "\"reason\":\"compromised\",\"since\":3", RULE_NONE);
    const struct registry_key *key = key_by(fold, 2);
    assert_false(registry_key_suspect(key, 2, SEQ_NONE));
    assert_true(registry_key_suspect(key, 3, SEQ_NONE));
    assert_false(registry_key_suspect(key, 3, revoked));
    assert_true(registry_key_suspect(key, 3, revoked + 1));
    revoke(fold, 2, "\"reason\":\"compromised\",\"since\":2", RULE_BAD_VALUE);
}

/* A key that was retired may turn out later to have been in other hands. */
static void test_registry_key_suspect_after_retirement(void **state)
{
    struct fold *fold = *state;
    enrol(fold, &admin, "alice", 2, RULE_NONE);
    uint64_t retired = fold->seq;
    revoke(fold, 2, "\"reason\":\"retired\"", RULE_NONE);
    uint64_t found = fold->seq;
    revoke(fold, 2, "\"reason\":\"compromised\",\"since\":2", RULE_NONE);
    const struct registry_key *key = key_by(fold, 2);
    assert_int_equal(key->revoked_seq, retired);
    assert_false(registry_key_suspect(key, 2, found));
    assert_true(registry_key_suspect(key, 2, found + 1));
}

static void test_registry_token_valid(void **state)
{
    struct fold *fold = *state;
    uint8_t sha256[HASH_BYTES];
    assert_true(bytes_from_hex(TOKEN_HASH, sha256, HASH_BYTES));
    assert_null(registry_token(fold->registry, sha256));
    accepted(fold, &admin, "token.issued",
             "{\"principal\":\"ci\",\"sha256\":\"" TOKEN_HASH "\",\"scopes\":[\"write\",\"read\"],"
             "\"expires\":\"1970-01-03T00:00:00Z\"}");
    const struct registry_token *token = registry_token(fold->registry, sha256);
    assert_string_equal(token->principal, "ci");
    assert_int_equal(token->scopes, SCOPE_READ | SCOPE_WRITE);
    assert_false(registry_token_valid(token, 1, 0));
    assert_true(registry_token_valid(token, 2, 0));
    assert_true(registry_token_valid(token, 2, 2 * INSTANT_DAY_US - 1));
    assert_false(registry_token_valid(token, 2, 2 * INSTANT_DAY_US));
    refused(fold, &admin, "token.issued",
            "{\"principal\":\"cd\",\"sha256\":\"" TOKEN_HASH "\",\"scopes\":[\"read\"]}",
            RULE_BAD_VALUE);
    enrol(fold, &admin, "ci", 2, RULE_BAD_VALUE);
    uint64_t revoked = fold->seq;
    accepted(fold, &admin, "token.revoked", "{\"sha256\":\"" TOKEN_HASH "\"}");
    assert_true(registry_token_valid(token, revoked, 0));
    assert_false(registry_token_valid(token, revoked + 1, 0));
    refused(fold, &admin, "token.revoked", "{\"sha256\":\"" TOKEN_HASH "\"}", RULE_BAD_VALUE);
}

static void test_registry_role_same_folds(void **state)
{
    (void)state;
    assert_true(registry_role_same("Release Manager", "release  manager"));
    assert_true(registry_role_same(" \tCTO\n", "cto"));
    assert_true(registry_role_same("a\t \nb", "a b"));
    assert_true(registry_role_same("", "  "));
    assert_false(registry_role_same("release manager", "releasemanager"));
    assert_false(registry_role_same("cto", "ct"));
    assert_false(registry_role_same("cto", "cto x"));
    assert_false(registry_role_same("\xc3\x84", "\xc3\xa4"));
}

static void test_registry_holds_by_position(void **state)
{
    struct fold *fold = *state;
    uint64_t granted = fold->seq;
    accepted(fold, &admin, "role.granted", "{\"principal\":\"alice\",\"role\":\"QA Lead\"}");
    accepted(fold, &admin, "role.granted", "{\"principal\":\"alice\",\"role\":\"qa lead\"}");
    uint64_t taken = fold->seq;
    accepted(fold, &admin, "role.revoked", "{\"principal\":\"alice\",\"role\":\"QA  lead\"}");
    assert_false(registry_holds(fold->registry, "alice", "qa lead", granted));
    assert_true(registry_holds(fold->registry, "alice", "qa lead", granted + 1));
    assert_true(registry_holds(fold->registry, "alice", "qa lead", taken));
    assert_false(registry_holds(fold->registry, "alice", "qa lead", taken + 1));
    assert_false(registry_holds(fold->registry, "bob", "qa lead", taken));
    refused(fold, &admin, "role.revoked", "{\"principal\":\"alice\",\"role\":\"qa lead\"}",
            RULE_BAD_VALUE);
    accepted(fold, &admin, "role.granted", "{\"principal\":\"alice\",\"role\":\"QA Lead\"}");
    assert_true(registry_holds(fold->registry, "alice", "qa lead", fold->seq));
}

struct seen {
    size_t count;
    uint64_t from, to;
    char role[32];
};

static void see(void *ctx, const char *principal, const char *role, uint64_t from, uint64_t to)
{
    struct seen *seen = ctx;
    seen->count++;
    if (strcmp(principal, "alice") != 0)
        return;
    seen->from = from;
    seen->to = to;
    snprintf(seen->role, sizeof(seen->role), "%s", role);
}

static void test_registry_grants_in_order(void **state)
{
    struct fold *fold = *state;
    struct seen seen = {0};
    accepted(fold, &admin, "role.granted", "{\"principal\":\"alice\",\"role\":\"CTO\"}");
    registry_grants(fold->registry, see, &seen);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.from, 1);
    assert_true(seen.to == SEQ_NONE);
    assert_string_equal(seen.role, "CTO");
}

static void test_registry_signed_by_own_valid_key(void **state)
{
    struct fold *fold = *state;
    struct entry entry = {.seq = 1, .part = {.principal = "root", .sig_count = 1}};
    assert_false(registry_signed(fold->registry, &entry));
    memcpy(entry.part.sigs[0].key_id, key_by(fold, 1)->key.id, KEY_ID_BYTES);
    assert_true(registry_signed(fold->registry, &entry));
    entry.seq = 0;
    assert_false(registry_signed(fold->registry, &entry));
    entry.seq = 1;
    memcpy(entry.part.principal, "alice", sizeof("alice"));
    assert_false(registry_signed(fold->registry, &entry));
}

static void test_registry_checklist_by_position(void **state)
{
    struct fold *fold = *state;
    uint8_t sha256[HASH_BYTES];
    size_t count = 0;
    hash_bytes("# é\n", 5, sha256);
    uint64_t published = fold->seq;
    accepted(fold, &admin, "checklist.published", "{\"name\":\"n\",\"markdown\":\"# \\u00e9\\n\"}");
    accepted(fold, &admin, "checklist.published", "{\"name\":\"m\",\"markdown\":\"# é\\n\"}");
    const struct registry_checklist *const *all = registry_checklists(fold->registry, &count);
    assert_int_equal(count, 1);
    assert_string_equal(all[0]->name, "n");
    assert_int_equal(all[0]->markdown_bytes, 5);
    assert_null(registry_checklist(fold->registry, sha256, published));
    assert_ptr_equal(registry_checklist(fold->registry, sha256, published + 1), all[0]);
}

static void test_registry_checklist_too_big(void **state)
{
    struct fold *fold = *state;
    struct buf data = {0};
    buf_text(&data, "{\"name\":\"n\",\"markdown\":\"");
    for (size_t i = 0; i < CHECKLIST_BYTES_MAX + 1; i++)
        buf_text(&data, "x");
    buf_text(&data, "\"}");
    refused(fold, &admin, "checklist.published", (const char *)data.data, RULE_BAD_VALUE);
    buf_free(&data);
}

static void test_registry_policy_by_position(void **state)
{
    struct fold *fold = *state;
    const struct registry_policy *policy = registry_policy(fold->registry, 1);
    assert_true(policy->separation && !policy->late_refuses && policy->seq == 0);
    assert_true(policy->retroactive_us == 72 * 60 * INSTANT_MINUTE_US);
    assert_true(policy->skew_us == 300 * INSTANT_SECOND_US);
    assert_false(registry_policy_weaker(policy));
    uint64_t set = fold->seq;
    accepted(fold, &admin, "policy.set",
             "{\"retroactive_hours\":24,\"late_refuses\":true,\"quorum\":{\"CTO\":2},"
             "\"touch\":[\"CTO\"],\"pin\":[],\"other\":1}");
    assert_int_equal(registry_policy(fold->registry, set)->seq, 0);
    policy = registry_policy(fold->registry, set + 1);
    assert_true(policy->separation && policy->late_refuses && policy->seq == set);
    assert_true(policy->retroactive_us == 24 * 60 * INSTANT_MINUTE_US);
    assert_non_null(ijson_get(policy->json, "quorum"));
    assert_false(registry_policy_weaker(policy));
    accepted(fold, &admin, "policy.set", "{}");
    assert_false(registry_policy(fold->registry, fold->seq)->late_refuses);
    static const char *const weaker[] = {"{\"separation\":false}", "{\"retroactive_hours\":73}",
                                         "{\"skew_seconds\":301}"};
    for (size_t i = 0; i < 3; i++) {
        accepted(fold, &admin, "policy.set", weaker[i]);
        assert_true(registry_policy_weaker(registry_policy(fold->registry, fold->seq)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registry_key_once),
        TEST(test_registry_key_by_admin),
        TEST(test_registry_key_valid_until_revoked),
        TEST(test_registry_key_suspect),
        TEST(test_registry_key_suspect_after_retirement),
        TEST(test_registry_token_valid),
        TEST(test_registry_role_same_folds),
        TEST(test_registry_holds_by_position),
        TEST(test_registry_grants_in_order),
        TEST(test_registry_signed_by_own_valid_key),
        TEST(test_registry_checklist_by_position),
        TEST(test_registry_checklist_too_big),
        TEST(test_registry_policy_by_position),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
