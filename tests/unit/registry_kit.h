/* registry_kit - a registry in the making, for its tests: acts by whom, and what must come of them.
 */
#ifndef TESTS_UNIT_REGISTRY_KIT_H
#define TESTS_UNIT_REGISTRY_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#define DAY_S 86400
#define TOKEN_HASH "1111111111111111111111111111111111111111111111111111111111111111"
#define OTHER_HASH "2222222222222222222222222222222222222222222222222222222222222222"

/* A registry in the making: one entry a second apart from one day after the ledger's making, so
 * that no key is new. */
struct fold {
    struct registry *registry;
    uint64_t seq;
    int64_t step_s;  /* seconds from one entry to the next */
    struct buf blob; /* the SSHSIG of the first key, where it matters; owned */
    struct verdict verdict;
};

static inline void key_of(uint8_t seed, struct sshkey *ret)
{
    uint8_t seeds[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES], secret_key[64];
    memset(seeds, seed, sizeof(seeds));
    crypto_sign_seed_keypair(public_key, secret_key, seeds);
    sshkey_from_ed25519(public_key, ret);
}

static inline char *key_text(uint8_t seed)
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
static inline void act_with(struct fold *fold, const struct actor *actor, const char *name,
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
    if (fold->blob.bytes > 0) {
        entry.part.sigs[0].alg = SIG_SSHSIG;
        entry.part.sigs[0].data = fold->blob.data;
        entry.part.sigs[0].bytes = (uint16_t)fold->blob.bytes;
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

static inline void act(struct fold *fold, const struct actor *actor, const char *name,
                       const char *data)
{
    act_with(fold, actor, name, "", data);
}

static inline void accepted(struct fold *fold, const struct actor *actor, const char *name,
                            const char *data)
{
    act(fold, actor, name, data);
    if (fold->verdict.rule != RULE_NONE)
        fail_msg("%s %s: %s: %s", name, data, rule_name(fold->verdict.rule), fold->verdict.reason);
}

static inline void refused(struct fold *fold, const struct actor *actor, const char *name,
                           const char *data, enum rule rule)
{
    act(fold, actor, name, data);
    if (fold->verdict.rule != rule)
        fail_msg("%s %s: '%s', not '%s'", name, data, rule_name(fold->verdict.rule),
                 rule_name(rule));
    assert_int_equal(fold->verdict.flags, 0);
}

static inline void enrol(struct fold *fold, const struct actor *actor, const char *principal,
                         uint8_t seed, enum rule rule)
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

static inline void revoke(struct fold *fold, uint8_t seed, const char *more, enum rule rule)
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

static inline void create(struct fold *fold)
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

static inline int setup(void **state)
{
    struct fold *fold = mem_zero(1, sizeof(*fold));
    fold->registry = registry_new();
    fold->step_s = 1;
    create(fold);
    *state = fold;
    return 0;
}

static inline int teardown(void **state)
{
    struct fold *fold = *state;
    verdict_clear(&fold->verdict);
    buf_free(&fold->blob);
    registry_free(fold->registry);
    free(fold);
    return 0;
}

static inline const struct registry_key *key_by(const struct fold *fold, uint8_t seed)
{
    struct sshkey key;
    key_of(seed, &key);
    return registry_key(fold->registry, key.id);
}

#endif
