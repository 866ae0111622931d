/* ledger_kit - real ledgers in directories of their own, for tests. */
#ifndef TESTS_UNIT_LEDGER_KIT_H
#define TESTS_UNIT_LEDGER_KIT_H

#include <ftw.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/ledger.h"

#define KIT_TIME_US 1767225600000000LL /* 2026-01-01T00:00:00Z */
#define KIT_UNUSED __attribute__((unused))

/* A ledger in a directory of its own; its admin is "root" with the key of seed 1. */
struct kit {
    char dir[64]; /* holds the directory `ledger` */
    char path[80];
    struct ledger *ledger;
    struct err_text why;
};

KIT_UNUSED static void kit_key(uint8_t seed, struct sshkey *ret_key, uint8_t ret_secret[64])
{
    uint8_t seeds[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES];
    memset(seeds, seed, sizeof(seeds));
    crypto_sign_seed_keypair(public_key, ret_secret, seeds);
    sshkey_from_ed25519(public_key, ret_key);
}

KIT_UNUSED static void kit_dir(struct kit *kit)
{
    memset(kit, 0, sizeof(*kit));
    const char *base = getenv("TMPDIR");
    snprintf(kit->dir, sizeof(kit->dir), "%s/ledger-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(kit->dir));
    snprintf(kit->path, sizeof(kit->path), "%s/ledger", kit->dir);
}

KIT_UNUSED static void kit_open(struct kit *kit, bool write)
{
    enum err err = ledger_open(kit->path, write, &kit->ledger, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
}

KIT_UNUSED static enum err kit_create(struct kit *kit, const char *origin)
{
    static const char *const principals[] = {"root"};
    struct sshkey key;
    uint8_t secret[64];
    size_t bytes = strlen(origin);
    kit_key(1, &key, secret);
    struct ledger_create create = {
        .origin = origin,
        .simulated = bytes > 10 && strcmp(origin + bytes - 10, "/simulated") == 0,
        .time_us = KIT_TIME_US,
        .admin_count = 1,
        .admin_principals = principals,
        .admin_keys = &key,
    };
    return ledger_create(kit->path, &create, &kit->why);
}

/* Makes a simulated ledger and opens it for writing. */
KIT_UNUSED static void kit_new(struct kit *kit)
{
    kit_dir(kit);
    enum err err = kit_create(kit, "test.example/simulated");
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    kit_open(kit, true);
}

static int kit_unlink(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

KIT_UNUSED static void kit_end(struct kit *kit)
{
    ledger_close(kit->ledger);
    nftw(kit->dir, kit_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

/* A child beside which nobody has the ledger open, as in the parent: 0 there, which has to exit. */
KIT_UNUSED static pid_t kit_fork(struct kit *kit)
{
    ledger_close(kit->ledger);
    kit->ledger = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    return child;
}

/* What kit_admit makes an event of; NULL and 0 stand for something harmless. */
struct kit_event {
    const char *id;         /* must be there */
    const char *source;     /* "/test" */
    const char *type;       /* "com.example.test" */
    const char *deployment; /* none */
    const char *data;       /* JSON text; "{}" */
    int64_t time_us;        /* KIT_TIME_US */
    const char *principal;  /* of an unsigned event: "robot" */
    uint8_t signers[4];     /* seeds of enrolled keys that sign it (alg 1), up to the first 0 */
};

KIT_UNUSED static void kit_event_text(const struct kit *kit, const struct kit_event *event,
                                      struct buf *buf)
{
    char time[INSTANT_TEXT_BYTES];
    instant_format(event->time_us != 0 ? event->time_us : KIT_TIME_US, time);
    buf_printf(buf, "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":\"%s\"",
               event->id, event->source != NULL ? event->source : "/test",
               event->type != NULL ? event->type : "com.example.test");
    buf_printf(buf, ",\"time\":\"%s\",\"ledger\":\"%s\"", time, ledger_info(kit->ledger)->id_hex);
    if (event->deployment != NULL)
        buf_printf(buf, ",\"deployment\":\"%s\"", event->deployment);
    buf_printf(buf, ",\"data\":%s}", event->data != NULL ? event->data : "{}");
}

/* The event in an envelope signed by the keys of ${seeds}. */
KIT_UNUSED static void kit_envelope(const struct buf *event, const uint8_t *seeds, struct buf *buf)
{
    struct dsse dsse = {0};
    struct buf pae = {0};
    buf_add(&dsse.payload, event->data, event->bytes);
    dsse_pae(EVENT_MEDIA_TYPE, event->data, event->bytes, &pae);
    for (; dsse.sig_count < 4 && seeds[dsse.sig_count] != 0; dsse.sig_count++) {
        struct dsse_sig *sig = &dsse.sigs[dsse.sig_count];
        struct sshkey key;
        uint8_t secret[64];
        kit_key(seeds[dsse.sig_count], &key, secret);
        memcpy(sig->key_id, key.id, KEY_ID_BYTES);
        sig->data = mem_alloc(ED25519_SIG_BYTES);
        sig->bytes = ED25519_SIG_BYTES;
        crypto_sign_detached(sig->data, NULL, pae.data, pae.bytes, secret);
    }
    dsse_format(&dsse, buf);
    for (size_t i = 0; i < dsse.sig_count; i++)
        free(dsse.sigs[i].data);
    buf_free(&dsse.payload);
    buf_free(&pae);
}

KIT_UNUSED static struct admitted *kit_admit(struct kit *kit, const struct kit_event *event)
{
    struct buf text = {0}, envelope = {0};
    struct admitted *admitted = NULL;
    struct courier courier = {.origin = ORIGIN_HTTP};
    kit_event_text(kit, event, &text);
    struct admit_message message = {EVENT_MEDIA_TYPE, text.data, text.bytes, NULL};
    if (event->signers[0] != 0) {
        kit_envelope(&text, event->signers, &envelope);
        message = (struct admit_message){DSSE_MEDIA_TYPE, envelope.data, envelope.bytes, NULL};
    } else {
        courier.scopes = SCOPE_WRITE;
        courier.credential[0] = 7;
        snprintf(courier.principal, sizeof(courier.principal), "%s",
                 event->principal != NULL ? event->principal : "robot");
    }
    enum err err = admit_event(ledger_admission(kit->ledger), ledger_registry(kit->ledger),
                               &courier, &message, &admitted, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    buf_free(&text);
    buf_free(&envelope);
    return admitted;
}

/* Appends one event in a commit of its own; the receipt is the caller's. */
KIT_UNUSED static struct receipt kit_append(struct kit *kit, const struct kit_event *event)
{
    struct receipt receipt;
    struct admitted *admitted = kit_admit(kit, event);
    enum err err = ledger_append(kit->ledger, &admitted, 1, NULL, &receipt, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    admit_free(admitted);
    return receipt;
}

KIT_UNUSED static uint64_t kit_size(const struct kit *kit)
{
    uint64_t size = 0;
    assert_int_equal(ledger_size(kit->ledger, &size, NULL), ERR_OK);
    return size;
}

/* A ledger of ${count} entries and more kinds than one: unsigned and signed events of several
 * streams, one duplicate and one conflict. */
KIT_UNUSED static void kit_fill(struct kit *kit, unsigned count)
{
    static const char *const streams[] = {"a", "a-b", "ab", NULL};
    uint64_t size = 0;
    for (unsigned i = 0; size < count; i++) {
        char id[32], data[64];
        snprintf(id, sizeof(id), "e%u", i == 9 ? 3 : i);
        snprintf(data, sizeof(data), "{\"n\":%u,\"pad\":\"%0*u\"}", i, (int)(i % 40), 0);
        struct kit_event event = {.id = id,
                                  .deployment = streams[i % 4],
                                  .data = data,
                                  .time_us = KIT_TIME_US + i * INSTANT_SECOND_US * 3,
                                  .signers = {i % 3 == 1 ? 1 : 0}};
        struct receipt receipt = kit_append(kit, &event);
        ledger_receipts_free(&receipt, 1);
        size = kit_size(kit);
    }
}

/* A ledger of ${count} entries of several streams, in few commits; every tenth is signed. */
KIT_UNUSED static void kit_fill_fast(struct kit *kit, unsigned count)
{
    static struct admitted *batch[256];
    static struct receipt receipts[256];
    uint64_t size = kit_size(kit);
    for (size_t at = 0; size < count; size += at) {
        for (at = 0; at < 256 && size + at < count; at++) {
            char id[32], stream[32];
            snprintf(id, sizeof(id), "f%u", (unsigned)(size + at));
            snprintf(stream, sizeof(stream), "s-%u", (unsigned)(size + at) * 7 % 31);
            struct kit_event event = {
                .id = id, .deployment = stream, .signers = {(size + at) % 10 == 1}};
            batch[at] = kit_admit(kit, &event);
        }
        enum err err = ledger_append(kit->ledger, batch, at, NULL, receipts, &kit->why);
        if (err != ERR_OK)
            fail_msg("%s: %s", err_name(err), kit->why.s);
        ledger_receipts_free(receipts, at);
        for (size_t i = 0; i < at; i++)
            admit_free(batch[i]);
    }
}

KIT_UNUSED static struct verify_result *kit_check(struct kit *kit,
                                                  const struct verify_options *options)
{
    struct verify_result *result = NULL;
    enum err err = verify_ledger(kit->path, options, &result, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    assert_int_equal(result->ok, !result->first_bad.found);
    return result;
}

/* Wants the whole check to find nothing. */
KIT_UNUSED static void kit_good(struct kit *kit)
{
    const struct verify_options options = {0};
    struct verify_result *result = kit_check(kit, &options);
    if (!result->ok)
        fail_msg("%s", result->first_bad.what);
    verify_result_free(result);
}

/* Wants the check to name ${seq}; ${where} says what was done. */
KIT_UNUSED static void kit_bad(struct kit *kit, const struct verify_options *options, uint64_t seq,
                               const char *where)
{
    struct verify_result *result = kit_check(kit, options);
    if (result->ok)
        fail_msg("%s: not seen", where);
    if (result->first_bad.seq != seq)
        fail_msg("%s: named %llu (%s), not %llu", where, (unsigned long long)result->first_bad.seq,
                 result->first_bad.what, (unsigned long long)seq);
    verify_result_free(result);
}

#endif
