#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

#define DAY_S 86400
#define TOKEN_HASH "1111111111111111111111111111111111111111111111111111111111111111"
#define OTHER_HASH "2222222222222222222222222222222222222222222222222222222222222222"

/* A registry in the making: one entry a second apart from one day after the ledger's making, so
 * that no key is new. */
struct fold {
    struct registry *registry;
    uint64_t seq;
    int64_t step_s; /* seconds from one entry to the next */
    struct verdict verdict;
};

static void key_of(uint8_t seed, struct sshkey *ret)
{
    uint8_t seeds[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES], secret_key[64];
    memset(seeds, seed, sizeof(seeds));
    crypto_sign_seed_keypair(public_key, secret_key, seeds);
    sshkey_from_ed25519(public_key, ret);
}

static char *key_text(uint8_t seed)
{
    struct sshkey key;
    struct buf text = {0};
    key_of(seed, &key);
    sshkey_format(&key, &text);
    return buf_take_text(&text);
}

/* Who acts: the entry's principal, and the keys that signed, by seed, up to the first 0. */
struct actor {
    const char *principal;
    uint8_t keys[ENTRY_SIGS_MAX];
    uint8_t origin;
};

static const struct actor admin = {"root", {1}, ORIGIN_HTTP};
static const struct actor itself = {"ledger", {0}, ORIGIN_LEDGER};

/* Fold one event of type dev.countersign.${name}.v1 with ${attributes} (",\"a\":1", or ""). */
static void act_with(struct fold *fold, const struct actor *actor, const char *name,
                     const char *attributes, const char *data)
{
    struct buf text = {0};
    struct event *event = NULL;
    struct err_text why = {0};
    struct entry entry = {.seq = fold->seq,
                          .time_us = (int64_t)(fold->seq * (uint64_t)fold->step_s) * 1000000};
    if (fold->seq > 0)
        entry.time_us += DAY_S * INSTANT_SECOND_US;
    entry.part.origin = actor->origin;
    memcpy(entry.part.stream, "ledger", sizeof("ledger"));
    memcpy(entry.part.principal, actor->principal, strlen(actor->principal) + 1);
    for (size_t i = 0; i < ENTRY_SIGS_MAX && actor->keys[i] != 0; i++) {
        struct sshkey key;
        key_of(actor->keys[i], &key);
        memcpy(entry.part.sigs[i].key_id, key.id, KEY_ID_BYTES);
        entry.part.sig_count++;
    }
    buf_printf(&text,
               "{\"specversion\":\"1.0\",\"id\":\"%llu\",\"source\":\"/test\","
               "\"type\":\"dev.countersign.%s.v1\"%s,\"data\":%s}",
               (unsigned long long)fold->seq, name, attributes, data);
    if (event_parse(text.data, text.bytes, &event, &why) != ERR_OK)
        fail_msg("%s: %s", (const char *)text.data, why.s);
    verdict_clear(&fold->verdict);
    registry_apply(fold->registry, &entry, event, &fold->verdict);
    event_free(event);
    buf_free(&text);
    fold->seq++;
}

static void act(struct fold *fold, const struct actor *actor, const char *name, const char *data)
{
    act_with(fold, actor, name, "", data);
}

static void accepted(struct fold *fold, const struct actor *actor, const char *name,
                     const char *data)
{
    act(fold, actor, name, data);
    if (fold->verdict.rule != RULE_NONE)
        fail_msg("%s %s: %s: %s", name, data, rule_name(fold->verdict.rule), fold->verdict.reason);
}

static void refused(struct fold *fold, const struct actor *actor, const char *name,
                    const char *data, enum rule rule)
{
    act(fold, actor, name, data);
    if (fold->verdict.rule != rule)
        fail_msg("%s %s: '%s', not '%s'", name, data, rule_name(fold->verdict.rule),
                 rule_name(rule));
    assert_int_equal(fold->verdict.flags, 0);
}

static void enrol(struct fold *fold, const struct actor *actor, const char *principal, uint8_t seed,
                  enum rule rule)
{
    struct buf data = {0};
    char *text = key_text(seed);
    buf_printf(&data, "{\"principal\":\"%s\",\"public_key\":\"%s\"}", principal, text);
    if (rule == RULE_NONE)
        accepted(fold, actor, "key.enrolled", (const char *)data.data);
    else
        refused(fold, actor, "key.enrolled", (const char *)data.data, rule);
    buf_free(&data);
    free(text);
}

static void revoke(struct fold *fold, uint8_t seed, const char *more, enum rule rule)
{
    struct buf data = {0};
    struct sshkey key;
    char name[SSHKEY_FINGERPRINT_BYTES];
    key_of(seed, &key);
    sshkey_fingerprint(key.id, name);
    buf_printf(&data, "{\"key_id\":\"%s\",%s}", name, more);
    if (rule == RULE_NONE)
        accepted(fold, &admin, "key.revoked", (const char *)data.data);
    else
        refused(fold, &admin, "key.revoked", (const char *)data.data, rule);
    buf_free(&data);
}

static void create(struct fold *fold)
{
    struct buf data = {0};
    char *text = key_text(1);
    buf_printf(&data,
               "{\"ledger\":\"" TOKEN_HASH "\",\"origin\":\"a/b\",\"vkey\":\"a/b+00+x\","
               "\"admission_key\":\"" OTHER_HASH "\",\"admins\":[{\"principal\":\"root\","
               "\"public_key\":\"%s\"}],\"follows\":null}",
               text);
    accepted(fold, &itself, "ledger.created", (const char *)data.data);
    buf_free(&data);
    free(text);
}

static int setup(void **state)
{
    struct fold *fold = mem_zero(1, sizeof(*fold));
    fold->registry = registry_new();
    fold->step_s = 1;
    create(fold);
    *state = fold;
    return 0;
}

static int teardown(void **state)
{
    struct fold *fold = *state;
    verdict_clear(&fold->verdict);
    registry_free(fold->registry);
    free(fold);
    return 0;
}

static const struct registry_key *key_by(const struct fold *fold, uint8_t seed)
{
    struct sshkey key;
    key_of(seed, &key);
    return registry_key(fold->registry, key.id);
}

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
    {"hold.released", "{\"deployment\":\"d-1\"}"},
    {"report.issued", "{\"parameters\":{},\"files\":[]}"},
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
        if (undoes || stops)
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
        {"hold.released", "{\"deployment\":\"D 1\"}"},
        {"report.issued", "{\"parameters\":{}}"},
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

static void test_registry_free_null(void **state)
{
    (void)state;
    registry_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
        TEST(test_registry_apply_key_revoked),
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
        cmocka_unit_test(test_registry_free_null),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
