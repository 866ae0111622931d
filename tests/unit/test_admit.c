#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"
#include "ledger/sshsig.h"

#define OTHER_ID "2222222222222222222222222222222222222222222222222222222222222222"
#define LEDGER_ID "0707070707070707070707070707070707070707070707070707070707070707"
#define PLAIN(type) "\"specversion\":\"1.0\",\"id\":\"e-1\",\"source\":\"/t\",\"type\":\"" type "\""
#define OWN(name) PLAIN("dev.countersign." name ".v1")

/* A ledger as admission sees it: root is an admin with key 1, alice has key 2, the token of `ci`
 * may write, that of `eye` may read. */
struct bench {
    struct admission admission;
    uint8_t admission_key[ED25519_KEY_BYTES];
    char id_hex[2 * HASH_BYTES + 1];
    struct registry *registry;
    uint64_t seq;
    char token[2][64];
    struct admitted *admitted;
    struct err_text why;
};

static void key_of(uint8_t seed, struct sshkey *ret, uint8_t ret_secret[64])
{
    uint8_t seeds[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES];
    memset(seeds, seed, sizeof(seeds));
    crypto_sign_seed_keypair(public_key, ret_secret, seeds);
    sshkey_from_ed25519(public_key, ret);
}

static void fold(struct bench *bench, const char *name, const char *data)
{
    struct buf text = {0};
    struct event *event = NULL;
    struct verdict verdict = {0};
    struct sshkey key;
    uint8_t secret[64];
    struct entry entry = {.seq = bench->seq++, .part = {.stream = "ledger", .principal = "root"}};
    entry.part.origin = entry.seq == 0 ? ORIGIN_LEDGER : ORIGIN_CLI;
    entry.part.sig_count = 1;
    key_of(1, &key, secret);
    memcpy(entry.part.sigs[0].key_id, key.id, KEY_ID_BYTES);
    buf_printf(&text,
               "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/t\",\"type\":"
               "\"dev.countersign.%s.v1\",\"data\":%s}",
               name, data);
    assert_int_equal(event_parse(text.data, text.bytes, &event, NULL), ERR_OK);
    registry_apply(bench->registry, &entry, event, &verdict);
    assert_int_equal(verdict.rule, RULE_NONE);
    event_free(event);
    buf_free(&text);
}

static void fold_key(struct bench *bench, const char *principal, uint8_t seed)
{
    struct buf data = {0};
    struct sshkey key;
    uint8_t secret[64];
    key_of(seed, &key, secret);
    if (bench->seq == 0)
        buf_printf(&data,
                   "{\"ledger\":\"%s\",\"origin\":\"o\",\"vkey\":\"v\",\"admission_key\":\"%s\","
                   "\"admins\":[",
                   bench->id_hex, OTHER_ID);
    buf_printf(&data, "{\"principal\":\"%s\",\"public_key\":\"", principal);
    sshkey_format(&key, &data);
    buf_text(&data, bench->seq == 0 ? "\"}]}" : "\"}");
    fold(bench, bench->seq == 0 ? "ledger.created" : "key.enrolled", (const char *)data.data);
    buf_free(&data);
}

static void fold_token(struct bench *bench, size_t which, const char *principal, const char *scope)
{
    uint8_t secret[TOKEN_BYTES], sha256[HASH_BYTES];
    struct buf data = {0};
    memset(secret, (int)which + 1, sizeof(secret));
    hash_bytes(secret, sizeof(secret), sha256);
    sodium_bin2base64(bench->token[which], sizeof(bench->token[which]), secret, sizeof(secret),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    buf_printf(&data, "{\"principal\":\"%s\",\"scopes\":[\"%s\"],\"sha256\":\"", principal, scope);
    buf_hex(&data, sha256, sizeof(sha256));
    buf_text(&data, "\",\"expires\":\"2030-01-01T00:00:00Z\"}");
    fold(bench, "token.issued", (const char *)data.data);
    buf_free(&data);
}

static int setup(void **state)
{
    struct bench *bench = mem_zero(1, sizeof(*bench));
    struct buf hex = {0};
    memset(bench->admission.ledger_id, 7, HASH_BYTES);
    crypto_sign_keypair(bench->admission_key, bench->admission.secret_key);
    buf_hex(&hex, bench->admission.ledger_id, HASH_BYTES);
    memcpy(bench->id_hex, hex.data, sizeof(bench->id_hex));
    buf_free(&hex);
    bench->registry = registry_new();
    fold_key(bench, "root", 1);
    fold_key(bench, "alice", 2);
    fold_token(bench, 0, "ci", "write");
    fold_token(bench, 1, "eye", "read");
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    admit_free(bench->admitted);
    registry_free(bench->registry);
    free(bench);
    return 0;
}

static struct courier courier_of(const struct bench *bench, size_t which)
{
    struct courier courier = {.origin = ORIGIN_HTTP};
    assert_int_equal(admit_token(bench->registry, bench->token[which], bench->seq, 0, &courier),
                     ERR_OK);
    return courier;
}

static enum err admit(struct bench *bench, const struct courier *courier,
                      const struct admit_message *message)
{
    admit_free(bench->admitted);
    bench->admitted = NULL;
    bench->why.s[0] = '\0';
    enum err err = admit_event(&bench->admission, bench->registry, courier, message,
                               &bench->admitted, &bench->why);
    assert_true((err == ERR_OK) == (bench->admitted != NULL));
    assert_true((err == ERR_OK) == (bench->why.s[0] == '\0'));
    return err;
}

/* Admit "{${attributes}}" brought with the token that may write; ${beside} is the request's
 * deployment. */
static enum err bring(struct bench *bench, const char *attributes, const char *beside)
{
    struct courier courier = courier_of(bench, 0);
    struct buf text = {0};
    buf_printf(&text, " {%s}\n", attributes);
    const struct admit_message message = {EVENT_MEDIA_TYPE, text.data, text.bytes, beside};
    enum err err = admit(bench, &courier, &message);
    buf_free(&text);
    return err;
}

/* How an event is signed: by which key, as what algorithm, with a wrong bit or key id. */
struct hand {
    uint8_t seed; /* 0: none */
    bool ssh;
    bool spoilt;
    uint8_t claimed; /* key whose id the envelope names; 0: that of `seed`; 255: none */
};

static void add_string(struct buf *buf, const void *data, size_t bytes)
{
    buf_u32(buf, (uint32_t)bytes);
    buf_add(buf, data, bytes);
}

static void make_sshsig(const struct sshkey *key, const uint8_t secret[64], const struct buf *event,
                        struct buf *ret)
{
    uint8_t hash[HASH_BYTES], signature[ED25519_SIG_BYTES];
    struct buf text = {0}, inner = {0};
    hash_bytes(event->data, event->bytes, hash);
    buf_text(&text, "SSHSIG");
    add_string(&text, SSHSIG_NAMESPACE, strlen(SSHSIG_NAMESPACE));
    add_string(&text, "", 0);
    add_string(&text, "sha256", 6);
    add_string(&text, hash, sizeof(hash));
    crypto_sign_detached(signature, NULL, text.data, text.bytes, secret);
    buf_text(ret, "SSHSIG");
    buf_u32(ret, 1);
    add_string(ret, key->wire, key->wire_bytes);
    add_string(ret, SSHSIG_NAMESPACE, strlen(SSHSIG_NAMESPACE));
    add_string(ret, "", 0);
    add_string(ret, "sha256", 6);
    add_string(&inner, "ssh-ed25519", 11);
    add_string(&inner, signature, sizeof(signature));
    add_string(ret, inner.data, inner.bytes);
    buf_free(&text);
    buf_free(&inner);
}

static void put_signature(struct dsse *dsse, const struct hand *hand)
{
    struct dsse_sig *sig = &dsse->sigs[dsse->sig_count++];
    struct sshkey key, claimed;
    uint8_t secret[64], other_secret[64];
    struct buf bytes = {0}, pae = {0};
    key_of(hand->seed, &key, secret);
    key_of(hand->claimed == 0 ? hand->seed : hand->claimed, &claimed, other_secret);
    if (hand->claimed != 255)
        memcpy(sig->key_id, claimed.id, KEY_ID_BYTES);
    if (hand->ssh) {
        make_sshsig(&key, secret, &dsse->payload, &bytes);
    } else {
        uint8_t signature[ED25519_SIG_BYTES];
        dsse_pae(EVENT_MEDIA_TYPE, dsse->payload.data, dsse->payload.bytes, &pae);
        crypto_sign_detached(signature, NULL, pae.data, pae.bytes, secret);
        buf_add(&bytes, signature, sizeof(signature));
    }
    if (hand->spoilt)
        bytes.data[bytes.bytes - 40] ^= 1;
    sig->data = bytes.data;
    sig->bytes = bytes.bytes;
    buf_free(&pae);
}

/* Admit "{${attributes}}" in an envelope signed by up to two hands, brought by ${courier} (NULL:
 * nobody). */
static enum err bring_signed(struct bench *bench, const struct courier *courier,
                             const char *attributes, const struct hand hands[2])
{
    static const struct courier nobody = {.origin = ORIGIN_CLI};
    struct dsse *dsse = mem_zero(1, sizeof(*dsse));
    struct buf text = {0};
    buf_printf(&dsse->payload, "{%s}", attributes);
    for (size_t i = 0; i < 2 && hands[i].seed != 0; i++)
        put_signature(dsse, &hands[i]);
    dsse_format(dsse, &text);
    const struct admit_message message = {DSSE_MEDIA_TYPE, text.data, text.bytes, NULL};
    enum err err = admit(bench, courier == NULL ? &nobody : courier, &message);
    buf_free(&text);
    dsse_free(dsse);
    return err;
}

/* A person's event: `${attributes}` and the extension `ledger`. */
static enum err bring_own(struct bench *bench, const char *attributes, const struct hand hands[2])
{
    struct buf text = {0};
    buf_printf(&text, "%s,\"ledger\":\"%s\"", attributes, bench->id_hex);
    enum err err = bring_signed(bench, NULL, (const char *)text.data, hands);
    buf_free(&text);
    return err;
}

static void test_admit_token_good(void **state)
{
    struct bench *bench = *state;
    uint8_t secret[TOKEN_BYTES], sha256[HASH_BYTES];
    struct courier courier = courier_of(bench, 1);
    memset(secret, 2, sizeof(secret));
    hash_bytes(secret, sizeof(secret), sha256);
    assert_string_equal(courier.principal, "eye");
    assert_int_equal(courier.scopes, SCOPE_READ);
    assert_memory_equal(courier.credential, sha256, HASH_BYTES);
}

static void test_admit_token_bad(void **state)
{
    struct bench *bench = *state;
    int64_t end_us = instant_from_date(2030, 1, 1);
    struct courier courier = {0};
    char changed[64], spaced[64];
    memcpy(changed, bench->token[0], sizeof(changed));
    changed[5] = changed[5] == 'A' ? 'B' : 'A';
    snprintf(spaced, sizeof(spaced), "%.42s ", bench->token[0]);
    const char *const bad[] = {"", "x", changed, spaced};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(admit_token(bench->registry, bad[i], bench->seq, 0, &courier),
                         ERR_UNAUTHENTICATED);
    const char *good = bench->token[0];
    assert_int_equal(admit_token(bench->registry, good, 0, 0, &courier), ERR_UNAUTHENTICATED);
    assert_int_equal(admit_token(bench->registry, good, bench->seq, end_us, &courier),
                     ERR_UNAUTHENTICATED);
    assert_int_equal(courier.scopes, 0);
    assert_int_equal(admit_token(bench->registry, good, bench->seq, end_us - 1, &courier), ERR_OK);
}

/* What was let in decodes, and its digest and admission signature hold. */
static void check_sealed(const struct bench *bench)
{
    const struct admitted *admitted = bench->admitted;
    struct entry entry = {.time_us = admitted->part.admitted_us, .part = admitted->part}, decoded;
    struct buf bytes = {0}, message = {0};
    uint8_t digest[HASH_BYTES];
    memcpy(entry.admission, admitted->admission, ED25519_SIG_BYTES);
    entry_encode(&entry, &bytes);
    assert_int_equal(entry_decode(bytes.data, bytes.bytes, &decoded, NULL), ERR_OK);
    entry_event_digest(admitted->salt, admitted->event.data, admitted->event.bytes, digest);
    assert_memory_equal(decoded.part.event_digest, digest, HASH_BYTES);
    assert_int_equal(decoded.part.event_bytes, admitted->event.bytes);
    entry_admission_message(bench->admission.ledger_id, admitted->part_bytes.data,
                            admitted->part_bytes.bytes, &message);
    assert_int_equal(crypto_sign_verify_detached(admitted->admission, message.data, message.bytes,
                                                 bench->admission_key),
                     0);
    assert_memory_equal(bytes.data + 92, admitted->part_bytes.data, admitted->part_bytes.bytes);
    buf_free(&bytes);
    buf_free(&message);
}

static void test_admit_event_by_token(void **state)
{
    struct bench *bench = *state;
    uint8_t name[HASH_BYTES];
    assert_int_equal(bring(bench, OWN("note.added") ",\"deployment\":\"d-1\",\"data\":{}", NULL),
                     ERR_OK);
    const struct admitted *admitted = bench->admitted;
    assert_string_equal(admitted->part.stream, "d-1");
    assert_string_equal(admitted->part.principal, "ci");
    assert_int_equal(admitted->part.origin, ORIGIN_HTTP);
    assert_int_equal(admitted->part.sig_count, 0);
    assert_string_equal(admitted->id, "e-1");
    hash_bytes("ci\0/t", 5, name);
    assert_memory_equal(admitted->name, name, HASH_BYTES);
    assert_int_equal(admitted->event.data[0], '{');
    assert_int_equal(admitted->event.data[admitted->event.bytes - 1], '}');
    check_sealed(bench);
}

static void test_admit_event_by_key(void **state)
{
    struct bench *bench = *state;
    static const struct hand raw[2] = {{.seed = 2}}, ssh[2] = {{.seed = 2, .ssh = true}},
                             unnamed[2] = {{.seed = 2, .ssh = true, .claimed = 255}};
    const struct hand *const ways[] = {raw, ssh, unnamed};
    for (size_t i = 0; i < 3; i++) {
        struct sshkey key;
        uint8_t secret[64];
        key_of(2, &key, secret);
        assert_int_equal(bring_own(bench, OWN("approval.given") ",\"deployment\":\"d-1\"", ways[i]),
                         ERR_OK);
        const struct admitted_part *part = &bench->admitted->part;
        assert_string_equal(part->principal, "alice");
        assert_int_equal(part->origin, ORIGIN_CLI);
        assert_int_equal(part->sig_count, 1);
        assert_int_equal(part->sigs[0].alg, i == 0 ? SIG_DSSE_ED25519 : SIG_SSHSIG);
        assert_memory_equal(part->sigs[0].key_id, key.id, KEY_ID_BYTES);
        assert_memory_equal(part->credential, key.id, KEY_ID_BYTES);
        assert_true(part->sigs[0].data > bench->admitted->part_bytes.data &&
                    part->sigs[0].data + part->sigs[0].bytes ==
                        bench->admitted->part_bytes.data + bench->admitted->part_bytes.bytes);
        check_sealed(bench);
    }
}

static void test_admit_event_by_two_keys(void **state)
{
    struct bench *bench = *state;
    static const struct hand two[2] = {{.seed = 1}, {.seed = 2, .ssh = true}},
                             same[2] = {{.seed = 1}, {.seed = 1, .ssh = true}},
                             second_bad[2] = {{.seed = 1}, {.seed = 2, .spoilt = true}};
    assert_int_equal(bring_own(bench, OWN("key.enrolled"), two), ERR_OK);
    assert_int_equal(bench->admitted->part.sig_count, 2);
    assert_string_equal(bench->admitted->part.principal, "root");
    check_sealed(bench);
    assert_int_equal(bring_own(bench, OWN("key.enrolled"), same), ERR_INVALID);
    assert_int_equal(bring_own(bench, OWN("key.enrolled"), second_bad), ERR_UNAUTHENTICATED);
}

static void test_admit_event_bad_signature(void **state)
{
    struct bench *bench = *state;
    static const struct hand bad[][2] = {
        {{.seed = 2, .spoilt = true}},
        {{.seed = 2, .ssh = true, .spoilt = true}},
        {{.seed = 3}},
        {{.seed = 3, .ssh = true}},
        {{.seed = 3, .claimed = 2}},
        {{.seed = 2, .claimed = 1}},
        {{.seed = 2, .claimed = 255}},
        {{.seed = 2, .ssh = true, .claimed = 1}},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(bring_own(bench, OWN("approval.given") ",\"deployment\":\"d-1\"", bad[i]),
                         ERR_UNAUTHENTICATED);
}

/* The signature of a revoked key says who it was; the rules say that it counts for nothing. */
static void test_admit_event_revoked_key(void **state)
{
    struct bench *bench = *state;
    static const struct hand hand[2] = {{.seed = 2}};
    struct sshkey key;
    uint8_t secret[64];
    struct buf data = {0};
    key_of(2, &key, secret);
    buf_text(&data, "{\"reason\":\"retired\",\"key_id\":\"");
    buf_hex(&data, key.id, KEY_ID_BYTES);
    buf_text(&data, "\"}");
    fold(bench, "key.revoked", (const char *)data.data);
    buf_free(&data);
    assert_int_equal(bring_own(bench, OWN("approval.given") ",\"deployment\":\"d-1\"", hand),
                     ERR_OK);
    assert_string_equal(bench->admitted->part.principal, "alice");
}

static void test_admit_event_signed_with_token(void **state)
{
    struct bench *bench = *state;
    static const struct hand hand[2] = {{.seed = 2}};
    struct courier courier = courier_of(bench, 1);
    assert_int_equal(bring_signed(bench, &courier, PLAIN("x"), hand), ERR_OK);
    assert_string_equal(bench->admitted->part.principal, "alice");
    assert_memory_equal(bench->admitted->part.credential, courier.credential, HASH_BYTES);
}

static void test_admit_event_nobody(void **state)
{
    struct bench *bench = *state;
    const struct courier nobody = {.origin = ORIGIN_HTTP}, reader = courier_of(bench, 1);
    const char *text = "{" PLAIN("x") "}";
    const struct admit_message message = {EVENT_MEDIA_TYPE, text, strlen(text), NULL};
    assert_int_equal(admit(bench, &nobody, &message), ERR_UNAUTHENTICATED);
    assert_int_equal(admit(bench, &reader, &message), ERR_FORBIDDEN);
}

static void test_admit_event_malformed(void **state)
{
    struct bench *bench = *state;
    const struct courier courier = courier_of(bench, 0);
    const struct admit_message invalid[] = {
        {EVENT_MEDIA_TYPE, "", 0, NULL},  {EVENT_MEDIA_TYPE, " \n", 2, NULL},
        {EVENT_MEDIA_TYPE, "{", 1, NULL}, {EVENT_MEDIA_TYPE, "{}\0", 3, NULL},
        {DSSE_MEDIA_TYPE, "{}", 2, NULL},
    };
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
        assert_int_equal(admit(bench, &courier, &invalid[i]), ERR_INVALID);
    const struct admit_message other = {"application/json", "{}", 2, NULL};
    assert_int_equal(admit(bench, &courier, &other), ERR_MEDIA_TYPE);
    assert_int_equal(bring(bench, "\"specversion\":\"1.0\"", NULL), ERR_NOT_EVENT);
    char *big = mem_zero(1, EVENT_BYTES_MAX + 1);
    memset(big, 'x', EVENT_BYTES_MAX + 1);
    const struct admit_message too_big = {EVENT_MEDIA_TYPE, big, EVENT_BYTES_MAX + 1, NULL};
    assert_int_equal(admit(bench, &courier, &too_big), ERR_TOO_BIG);
    free(big);
}

static void streams_to(struct bench *bench, const char *attributes, const char *beside,
                       const char *stream)
{
    assert_int_equal(bring(bench, attributes, beside), ERR_OK);
    assert_string_equal(bench->admitted->part.stream, stream);
}

static void test_admit_event_stream(void **state)
{
    struct bench *bench = *state;
    streams_to(bench, PLAIN("com.x.deployed"), NULL, "inbox");
    streams_to(bench, PLAIN("com.x.deployed"), "d-2", "d-2");
    streams_to(bench, PLAIN("com.x.deployed") ",\"deployment\":\"d-1\"", NULL, "d-1");
    streams_to(bench, PLAIN("com.x.deployed") ",\"deployment\":\"d-1\"", "d-1", "d-1");
    streams_to(bench, OWN("clock.started") ",\"deployment\":\"d-1\"", "d-1", "d-1");
    streams_to(bench, OWN("role.assigned") ",\"deployment\":\"d-1\"", NULL, "d-1");
    streams_to(bench, OWN("role.granted"), NULL, "ledger");
    streams_to(bench, OWN("role.granted") ",\"deployment\":\"ledger\"", NULL, "ledger");
    streams_to(bench, OWN("role.granted") ",\"deployment\":\"d-1\"", NULL, "d-1");
    streams_to(bench, OWN("item.checked") ",\"deployment\":\"ledger\"", NULL, "ledger");
    streams_to(bench, OWN("item.invented") ",\"deployment\":\"d-1\"", NULL, "d-1");
    streams_to(bench, PLAIN("dev.countersign.item.checked.v2"), NULL, "inbox");
    streams_to(bench, OWN("clock.leapt"), NULL, "ledger");
    streams_to(bench, PLAIN("x") ",\"replayed\":true,\"replayof\":\"" OTHER_ID "\"", NULL, "inbox");
    static const char *const ledger[] = {
        OWN("checklist.published"), OWN("policy.set"),    OWN("key.enrolled"),  OWN("key.revoked"),
        OWN("role.revoked"),        OWN("token.issued"),  OWN("token.revoked"), OWN("hold.placed"),
        OWN("hold.released"),       OWN("report.issued"),
    };
    for (size_t i = 0; i < sizeof(ledger) / sizeof(ledger[0]); i++)
        streams_to(bench, ledger[i], NULL, "ledger");
}

static void test_admit_event_wrong_stream(void **state)
{
    struct bench *bench = *state;
    static const char *const bad[][2] = {
        {PLAIN("com.x.deployed") ",\"deployment\":\"d-1\"", "d-2"},
        {PLAIN("com.x.deployed"), "ledger"},
        {PLAIN("com.x.deployed"), "D 1"},
        {PLAIN("com.x.deployed"), ""},
        {PLAIN("com.x.deployed") ",\"deployment\":\"inbox\"", NULL},
        {OWN("item.checked") ",\"deployment\":\"inbox\"", NULL},
        {OWN("item.checked"), NULL},
        {OWN("item.checked"), "d-1"},
        {OWN("role.granted"), "d-1"},
        {OWN("note.added") ",\"deployment\":\"d-1\",\"ledger\":\"" OTHER_ID "\"", NULL},
        {PLAIN("com.x.y") ",\"replayed\":true,\"replayof\":\"" LEDGER_ID "\"", NULL},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(bring(bench, bad[i][0], bad[i][1]), ERR_NOT_EVENT);
}

static void test_admit_event_reserved_type(void **state)
{
    struct bench *bench = *state;
    static const char *const reserved[] = {OWN("ledger.created"), OWN("ledger.heads"),
                                           OWN("ingest.denied"), OWN("ingest.quarantined"),
                                           OWN("ingest.conflicted")};
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        assert_int_equal(bring(bench, reserved[i], NULL), ERR_FORBIDDEN);
}

static void test_admit_event_other_ledger(void **state)
{
    struct bench *bench = *state;
    static const struct hand hand[2] = {{.seed = 2}};
    const char *text = OWN("approval.given") ",\"deployment\":\"d-1\"";
    assert_int_equal(bring_signed(bench, NULL, text, hand), ERR_NOT_EVENT);
    text = OWN("approval.given") ",\"deployment\":\"d-1\",\"ledger\":\"" OTHER_ID "\"";
    assert_int_equal(bring_signed(bench, NULL, text, hand), ERR_NOT_EVENT);
    text = OWN("approval.given") ",\"deployment\":\"d-1\",\"ledger\":\"07\"";
    assert_int_equal(bring_signed(bench, NULL, text, hand), ERR_NOT_EVENT);
    assert_int_equal(bring_own(bench, OWN("approval.given"), hand), ERR_NOT_EVENT);
    assert_int_equal(bring_own(bench, OWN("item.invented"), hand), ERR_NOT_EVENT);
    assert_int_equal(bring_own(bench, OWN("item.invented") ",\"deployment\":\"d-1\"", hand),
                     ERR_OK);
    assert_int_equal(bring_signed(bench, NULL, PLAIN("com.x.y"), hand), ERR_OK);
}

static void test_admit_event_clock(void **state)
{
    struct bench *bench = *state;
    int64_t before_us = instant_from_date(2020, 1, 1);
    bench->admission.last_us = before_us;
    assert_int_equal(bring(bench, PLAIN("x") ",\"time\":\"2019-01-01T00:00:00Z\"", NULL), ERR_OK);
    assert_true(bench->admitted->part.admitted_us > before_us);
    bench->admission.last_us = instant_from_date(9000, 1, 1);
    assert_int_equal(bring(bench, PLAIN("x"), NULL), ERR_CLOCK);
}

static void test_admit_event_simulated(void **state)
{
    struct bench *bench = *state;
    bench->admission.simulated = true;
    bench->admission.last_us = instant_from_date(9000, 1, 1);
    assert_int_equal(bring(bench, PLAIN("x") ",\"time\":\"2019-01-01T00:00:00Z\"", NULL), ERR_OK);
    assert_true(bench->admitted->part.admitted_us == instant_from_date(2019, 1, 1));
    assert_int_equal(bring(bench, PLAIN("x"), NULL), ERR_OK);
    assert_true(bench->admitted->part.admitted_us == bench->admission.last_us);
}

static void test_admit_event_salts_differ(void **state)
{
    struct bench *bench = *state;
    uint8_t salt[SALT_BYTES];
    assert_int_equal(bring(bench, PLAIN("x"), NULL), ERR_OK);
    memcpy(salt, bench->admitted->salt, SALT_BYTES);
    assert_int_equal(bring(bench, PLAIN("x"), NULL), ERR_OK);
    assert_memory_not_equal(salt, bench->admitted->salt, SALT_BYTES);
}

static void test_admit_own_by_ledger(void **state)
{
    struct bench *bench = *state;
    static const uint8_t nobody[HASH_BYTES] = {0};
    struct buf event = {0};
    buf_text(&event, "{" OWN("ledger.heads") "}");
    assert_int_equal(admit_own(&bench->admission, &event, "ledger", 77, &bench->admitted), ERR_OK);
    const struct admitted_part *part = &bench->admitted->part;
    assert_string_equal(part->stream, "ledger");
    assert_string_equal(part->principal, "ledger");
    assert_int_equal(part->origin, ORIGIN_LEDGER);
    assert_true(part->admitted_us == 77);
    assert_memory_equal(part->credential, nobody, HASH_BYTES);
    check_sealed(bench);
    buf_free(&event);
}

static void test_admit_own_malformed(void **state)
{
    struct bench *bench = *state;
    struct buf event = {0};
    buf_text(&event, "{}");
    assert_int_equal(admit_own(&bench->admission, &event, "ledger", 77, &bench->admitted),
                     ERR_NOT_EVENT);
    buf_free(&event);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_admit_token_good),          TEST(test_admit_token_bad),
        TEST(test_admit_event_by_token),      TEST(test_admit_event_by_key),
        TEST(test_admit_event_by_two_keys),   TEST(test_admit_event_bad_signature),
        TEST(test_admit_event_revoked_key),   TEST(test_admit_event_signed_with_token),
        TEST(test_admit_event_nobody),        TEST(test_admit_event_malformed),
        TEST(test_admit_event_stream),        TEST(test_admit_event_wrong_stream),
        TEST(test_admit_event_reserved_type), TEST(test_admit_event_other_ledger),
        TEST(test_admit_event_clock),         TEST(test_admit_event_simulated),
        TEST(test_admit_event_salts_differ),  TEST(test_admit_own_by_ledger),
        TEST(test_admit_own_malformed),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
