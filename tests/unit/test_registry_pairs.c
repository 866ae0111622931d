/* The ledger's own key pairs: which sign what, by position and entry time. */
#include "registry_kit.h"

#define DAY_US INSTANT_DAY_US

static void raw_key(uint8_t seed, uint8_t ret[ED25519_KEY_BYTES])
{
    struct sshkey key;
    key_of(seed, &key);
    memcpy(ret, key.ed25519, ED25519_KEY_BYTES);
}

static void note_key_of(const char *name, uint8_t seed, struct note_key *ret)
{
    uint8_t raw[ED25519_KEY_BYTES];
    raw_key(seed, raw);
    note_key_make(name, raw, ret);
}

/* {vkey, admission_key, until} of the keys of two seeds; ${until} is JSON text. */
static char *pair_data(const char *name, uint8_t checkpoint, uint8_t admission, const char *until)
{
    struct note_key key;
    struct buf text = {0};
    uint8_t raw[ED25519_KEY_BYTES];
    note_key_of(name, checkpoint, &key);
    raw_key(admission, raw);
    buf_text(&text, "{\"vkey\":\"");
    note_key_format(&key, &text);
    buf_text(&text, "\",\"admission_key\":\"");
    buf_hex(&text, raw, sizeof(raw));
    buf_printf(&text, "\",\"until\":%s}", until);
    return buf_take_text(&text);
}

static void rekey(struct fold *fold, const struct actor *actor, const char *data, enum rule rule)
{
    if (rule == RULE_NONE)
        accepted(fold, actor, "ledger.rekeyed", data);
    else
        refused(fold, actor, "ledger.rekeyed", data, rule);
}

/* A change to the keys of ${seed} and the one behind it, which is judged as ${rule}. */
static void change(struct fold *fold, uint8_t seed, const char *until, enum rule rule)
{
    char *data = pair_data("a/b", seed, (uint8_t)(seed + 1), until);
    rekey(fold, &admin, data, rule);
    free(data);
}

/* A registry whose first pair has the seeds 11 and 12, in simulated days: entry n is of day n. */
static int setup_pairs(void **state)
{
    struct fold *fold = mem_zero(1, sizeof(*fold));
    struct buf data = {0};
    char *text = key_text(1), *pair = pair_data("a/b", 11, 12, "null");
    fold->registry = registry_new();
    fold->step_s = DAY_S;
    pair[0] = ',';
    buf_printf(&data,
               "{\"ledger\":\"" TOKEN_HASH "\",\"origin\":\"a/b\",\"admins\":[{\"principal\":"
               "\"root\",\"public_key\":\"%s\"}]%s",
               text, pair);
    accepted(fold, &itself, "ledger.created", (const char *)data.data);
    buf_free(&data);
    free(text);
    free(pair);
    *state = fold;
    return 0;
}

static int64_t time_of(uint64_t seq)
{
    return (int64_t)seq * DAY_US + (seq > 0 ? DAY_US : 0);
}

/* The seeds of the keys that sign a checkpoint: 100 * the old one's + the new one's. */
static unsigned signers(const struct fold *fold, uint64_t size, int64_t time_us)
{
    struct note_key keys[REGISTRY_PAIRS_MAX], of_seed;
    size_t count = registry_checkpoint_keys(fold->registry, size, time_us, keys);
    unsigned found = 0;
    for (size_t i = 0; i < count; i++) {
        for (uint8_t seed = 1; seed < 99; seed++) {
            note_key_of("a/b", seed, &of_seed);
            if (memcmp(of_seed.public_key, keys[i].public_key, ED25519_KEY_BYTES) == 0)
                found = found * 100 + seed;
        }
    }
    return found;
}

/* The same of those that may admit an entry, the new one's first. */
static unsigned admitters(const struct fold *fold, uint64_t seq, int64_t time_us)
{
    const uint8_t *keys[REGISTRY_PAIRS_MAX];
    size_t count = registry_admission_keys(fold->registry, seq, time_us, keys);
    unsigned found = 0;
    for (size_t i = 0; i < count; i++) {
        for (uint8_t seed = 1; seed < 99; seed++) {
            uint8_t raw[ED25519_KEY_BYTES];
            raw_key(seed, raw);
            if (memcmp(raw, keys[i], ED25519_KEY_BYTES) == 0)
                found = found * 100 + seed;
        }
    }
    return found;
}

static void test_registry_checkpoint_keys_overlap(void **state)
{
    struct fold *fold = *state;
    struct note_key none[REGISTRY_PAIRS_MAX];
    struct registry *empty = registry_new();
    size_t count = 0;
    assert_int_equal(registry_checkpoint_keys(empty, 0, 0, none), 0);
    registry_free(empty);
    accepted(fold, &admin, "clock.leapt", "{}");
    change(fold, 21, "\"1970-01-06T00:00:00Z\"", RULE_NONE); /* entry 2 of day 3: until day 5 */
    for (uint64_t size = 1; size <= 2; size++)
        assert_int_equal(signers(fold, size, time_of(size - 1)), 11);
    assert_int_equal(signers(fold, 3, time_of(2)), 1121);
    assert_int_equal(signers(fold, 9, 5 * DAY_US), 1121);
    assert_int_equal(signers(fold, 9, 5 * DAY_US + 1), 21);
    const struct registry_pair *const *pairs = registry_pairs(fold->registry, &count);
    assert_int_equal(count, 2);
    assert_int_equal(pairs[0]->seq, 0);
    assert_int_equal(pairs[0]->until_us, -1);
    assert_int_equal(pairs[1]->seq, 2);
    assert_int_equal(pairs[1]->until_us, 5 * DAY_US);
}

static void test_registry_checkpoint_keys_at_once(void **state)
{
    struct fold *fold = *state;
    change(fold, 21, "null", RULE_NONE);
    assert_int_equal(signers(fold, 1, 0), 11);
    assert_int_equal(signers(fold, 2, time_of(1)), 1121);
    assert_int_equal(signers(fold, 3, time_of(1)), 21);
    change(fold, 31, "null", RULE_NONE);
    assert_int_equal(signers(fold, 2, time_of(1)), 1121);
    assert_int_equal(signers(fold, 3, time_of(2)), 2131);
    assert_int_equal(signers(fold, 4, time_of(3)), 31);
}

static void test_registry_admission_keys_overlap(void **state)
{
    struct fold *fold = *state;
    accepted(fold, &admin, "clock.leapt", "{}");
    change(fold, 21, "\"1970-01-06T00:00:00Z\"", RULE_NONE);
    for (uint64_t seq = 0; seq <= 2; seq++)
        assert_int_equal(admitters(fold, seq, time_of(seq)), 12);
    assert_int_equal(admitters(fold, 3, 5 * DAY_US), 2212);
    assert_int_equal(admitters(fold, 3, 5 * DAY_US + 1), 22);
}

static void test_registry_admission_keys_at_once(void **state)
{
    struct fold *fold = *state;
    change(fold, 21, "null", RULE_NONE);
    assert_int_equal(admitters(fold, 1, time_of(1)), 12);
    assert_int_equal(admitters(fold, 2, time_of(1)), 22);
}

static void test_registry_apply_rekeyed_refused(void **state)
{
    struct fold *fold = *state;
    static const struct actor robot = {"root", {0}, ORIGIN_HTTP}, other = {"kim", {5}, ORIGIN_HTTP};
    char *good = pair_data("a/b", 21, 22, "null"), *named = pair_data("a/c", 21, 22, "null");
    enrol(fold, &admin, "kim", 5, RULE_NONE);
    rekey(fold, &admin, "{}", RULE_BAD_VALUE);
    rekey(fold, &admin, "{\"vkey\":\"a/b+00+x\",\"admission_key\":\"" OTHER_HASH "\"}",
          RULE_BAD_VALUE);
    rekey(fold, &admin, named, RULE_BAD_VALUE);
    rekey(fold, &robot, good, RULE_UNSIGNED);
    rekey(fold, &other, good, RULE_NOT_AUTHORIZED);
    memset(strstr(good, "admission_key\":\"") + 16, '0', 64); /* the point of order 4 */
    rekey(fold, &admin, good, RULE_BAD_VALUE);
    free(good);
    free(named);
}

static void test_registry_apply_rekeyed_old_keys(void **state)
{
    struct fold *fold = *state;
    static const struct {
        uint8_t checkpoint, admission;
    } pairs[] = {{11, 22}, {21, 12}, {12, 22}, {21, 11}, {21, 21}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char *data = pair_data("a/b", pairs[i].checkpoint, pairs[i].admission, "null");
        rekey(fold, &admin, data, RULE_BAD_VALUE);
        free(data);
    }
}

static void test_registry_apply_rekeyed_until(void **state)
{
    struct fold *fold = *state;
    change(fold, 21, "5", RULE_BAD_VALUE);
    change(fold, 21, "\"soon\"", RULE_BAD_VALUE);
    change(fold, 21, "\"1970-01-05T00:00:00Z\"", RULE_BAD_VALUE); /* entry 3 of day 4 */
    change(fold, 21, "\"1971-01-08T00:00:01Z\"", RULE_BAD_VALUE); /* entry 4: a second too far */
    change(fold, 21, "\"1971-01-08T00:00:00Z\"", RULE_NONE);      /* entry 5 of day 6 */
}

static void test_registry_apply_rekeyed_during_overlap(void **state)
{
    struct fold *fold = *state;
    change(fold, 21, "\"1970-01-05T00:00:00Z\"", RULE_NONE); /* entry 1 of day 2: until day 4 */
    change(fold, 31, "\"1970-01-10T00:00:00Z\"", RULE_BAD_VALUE);
    change(fold, 31, "\"1970-01-10T00:00:00Z\"", RULE_BAD_VALUE); /* entry 3 of day 4: the end */
    change(fold, 31, "\"1970-01-10T00:00:00Z\"", RULE_NONE);
    assert_int_equal(signers(fold, 9, time_of(8)), 2131);
}

/* Without an overlap of its own, a change ends that of the one before. */
static void test_registry_apply_rekeyed_ends_an_overlap(void **state)
{
    struct fold *fold = *state;
    change(fold, 21, "\"1970-02-01T00:00:00Z\"", RULE_NONE); /* entry 1 */
    change(fold, 31, "null", RULE_NONE);                     /* entry 2 */
    assert_int_equal(signers(fold, 2, time_of(1)), 1121);
    assert_int_equal(signers(fold, 3, time_of(2)), 2131);
    assert_int_equal(signers(fold, 4, time_of(3)), 31);
    assert_int_equal(admitters(fold, 2, time_of(2)), 2212);
    assert_int_equal(admitters(fold, 3, time_of(3)), 32);
}

static void test_registry_rekeys_agrees(void **state)
{
    struct fold *fold = *state;
    char *data = pair_data("a/b", 21, 22, "null");
    struct registry_pair pair;
    struct entry entry = {.seq = 1, .time_us = time_of(1)};
    struct event *event = NULL;
    struct buf text = {0};
    struct sshkey key;
    size_t count = 0;
    buf_printf(&text,
               "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/t\",\"type\":"
               "\"dev.countersign.ledger.rekeyed.v1\",\"data\":%s}",
               data);
    assert_int_equal(event_parse(text.data, text.bytes, &event, NULL), ERR_OK);
    memcpy(entry.part.principal, "root", sizeof("root"));
    memcpy(entry.part.stream, "ledger", sizeof("ledger"));
    assert_false(registry_rekeys(fold->registry, &entry, event, &pair));
    key_of(1, &key);
    memcpy(entry.part.sigs[0].key_id, key.id, KEY_ID_BYTES);
    entry.part.sig_count = 1;
    assert_true(registry_rekeys(fold->registry, &entry, event, &pair));
    assert_int_equal(pair.seq, 1);
    assert_int_equal(pair.until_us, -1);
    registry_pairs(fold->registry, &count);
    assert_int_equal(count, 1);
    memcpy(entry.part.stream, "other", sizeof("other"));
    assert_false(registry_rekeys(fold->registry, &entry, event, &pair));
    event_free(event);
    buf_free(&text);
    free(data);
}

/* Sign ${body} by the keys of ${seeds}. */
static void sign(const char *body, const uint8_t *seeds, struct buf *note)
{
    for (size_t i = 0; seeds[i] != 0; i++) {
        uint8_t seed[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES], secret_key[64];
        struct note_key key;
        memset(seed, seeds[i], sizeof(seed));
        crypto_sign_seed_keypair(public_key, secret_key, seed);
        note_key_make("a/b", public_key, &key);
        if (i == 0)
            note_sign(body, &key, secret_key, note);
        else
            note_sign_also(body, &key, secret_key, note);
    }
}

static void test_registry_note_signed_by_all(void **state)
{
    struct fold *fold = *state;
    static const struct {
        uint8_t seeds[4];
        uint64_t size;
        bool good;
    } cases[] = {
        {{11, 0}, 1, true},  {{21, 0}, 1, false},    {{11, 21, 0}, 1, true}, {{11, 0}, 2, false},
        {{21, 0}, 2, false}, {{11, 21, 0}, 2, true}, {{21, 11, 0}, 2, true}, {{11, 0}, 3, false},
        {{21, 0}, 3, true},  {{11, 21, 0}, 3, true}, {{31, 0}, 3, false},    {{31, 21, 0}, 3, true},
    };
    change(fold, 21, "null", RULE_NONE);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf note = {0};
        sign("a\n", cases[i].seeds, &note);
        bool good = registry_note_signed(fold->registry, &note, cases[i].size, time_of(1));
        if (good != cases[i].good)
            fail_msg("case %zu", i);
        buf_free(&note);
    }
}

static void test_registry_apply_reserved_types(void **state)
{
    struct fold *fold = *state;
    refused(fold, &admin, "ledger.sealed", "{\"size\":1}", RULE_BAD_VALUE);
    refused(fold, &itself, "event.erased", "{\"seq\":1}", RULE_BAD_VALUE);
}

#define PAIRS(name) cmocka_unit_test_setup_teardown(name, setup_pairs, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAIRS(test_registry_checkpoint_keys_overlap),
        PAIRS(test_registry_checkpoint_keys_at_once),
        PAIRS(test_registry_admission_keys_overlap),
        PAIRS(test_registry_admission_keys_at_once),
        PAIRS(test_registry_apply_rekeyed_refused),
        PAIRS(test_registry_apply_rekeyed_old_keys),
        PAIRS(test_registry_apply_rekeyed_until),
        PAIRS(test_registry_apply_rekeyed_during_overlap),
        PAIRS(test_registry_apply_rekeyed_ends_an_overlap),
        PAIRS(test_registry_rekeys_agrees),
        PAIRS(test_registry_note_signed_by_all),
        PAIRS(test_registry_apply_reserved_types),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
