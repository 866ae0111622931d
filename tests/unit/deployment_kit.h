/* deployment_kit - a deployment in memory for tests: a registry with people and a small checklist,
 * and entries that are judged as they are made.  No LMDB, no signatures: an entry names the keys
 * that would have signed it.
 */
#ifndef TESTS_UNIT_DEPLOYMENT_KIT_H
#define TESTS_UNIT_DEPLOYMENT_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "replay/replay.h"

#define KIT_T0_US (10 * INSTANT_DAY_US)

/* Window, kinds, gates: sections 1.1 and 1.2 before T0, 2.1 behind gate 1, 2.2 and 2.3 behind
 * gate 2, 2.4 without a window, 3 rollback, 4.1 to 4.3 the gates. */
static const char kit_markdown[] = "# Small\n"
                                   "\n"
                                   "## For tests\n"
                                   "\n"
                                   "## BEFORE (T-24 hours to T-0)\n"
                                   "\n"
                                   "### Readiness\n"
                                   "\n"
                                   "- [ ] Code reviewed\n"
                                   "- [ ] Image scan passed (0 critical)\n"
                                   "- [ ] Integrity checked\n"
                                   "  ```bash\n"
                                   "  scripts/check.sh --all\n"
                                   "  # Expected: ok\n"
                                   "  ```\n"
                                   "- [ ] Load tested\n"
                                   "  - Peak users: ______\n"
                                   "  - Blue weight: ______ (expected: 100)\n"
                                   "- [ ] Customers told (if applicable)\n"
                                   "- [ ] Release Manager sign-off on the plan\n"
                                   "- [ ] Latency within limits (< 200ms)\n"
                                   "  - Latency: ______ ms\n"
                                   "\n"
                                   "### Final check\n"
                                   "\n"
                                   "- [ ] All approvals obtained:\n"
                                   "  - [ ] Release Manager: ______\n"
                                   "  - [ ] Security Lead: ______\n"
                                   "- [ ] Go/No-Go decision: **[ ] GO  [ ] NO-GO**\n"
                                   "- [ ] Team in the channel\n"
                                   "\n"
                                   "## DURING\n"
                                   "\n"
                                   "### Deploy (T+0 to T+20 min)\n"
                                   "\n"
                                   "- [ ] New version runs\n"
                                   "- [ ] Error rate (must remain < 0.1%)\n"
                                   "- [ ] Backup made\n"
                                   "\n"
                                   "**Deploy Status: ✓ GOOD / ⚠ WARNINGS / ✗ BAD**\n"
                                   "\n"
                                   "**Error Rate at 50%: ______ %**\n"
                                   "\n"
                                   "Region: EAST / WEST\n"
                                   "\n"
                                   "### Cutover (T+30 to T+50 min)\n"
                                   "\n"
                                   "- [ ] Traffic moved\n"
                                   "- [ ] Error rate stays < 0.1%\n"
                                   "\n"
                                   "**Cutover Status: ✓ DONE / ✗ FAILED**\n"
                                   "\n"
                                   "### Sign-Off (T+50 to T+60 min)\n"
                                   "\n"
                                   "- [ ] Release Manager: ______ (Signature)\n"
                                   "- [ ] Security Lead: ______ (Signature)\n"
                                   "\n"
                                   "### Meeting\n"
                                   "\n"
                                   "- [ ] Review held\n"
                                   "- [ ] Shift: **[ ] EARLY [ ] LATE**\n"
                                   "\n"
                                   "## ROLLBACK\n"
                                   "\n"
                                   "**Criteria met?**\n"
                                   "- [ ] NO - go on\n"
                                   "- [ ] YES - roll back\n"
                                   "\n"
                                   "### Rollback steps\n"
                                   "\n"
                                   "- [ ] Traffic returned\n"
                                   "\n"
                                   "**Rollback Status: ✓ SUCCESSFUL / ✗ PARTIAL**\n"
                                   "\n"
                                   "## GATES\n"
                                   "\n"
                                   "### Gate 1: go (T-1 hour)\n"
                                   "\n"
                                   "**Decision Authority:** Release Manager\n"
                                   "\n"
                                   "- [ ] No blockers\n"
                                   "\n"
                                   "**Decision: [ ] GO [ ] NO-GO**\n"
                                   "\n"
                                   "### Gate 2: cutover (T+25 min)\n"
                                   "\n"
                                   "**Decision Authority:** Deployment Lead\n"
                                   "\n"
                                   "- [ ] Ready for cutover\n"
                                   "\n"
                                   "**Decision: [ ] GO [ ] NO-GO**\n"
                                   "\n"
                                   "### Gate 3: success (T+60 min)\n"
                                   "\n"
                                   "**Decision Authority:** Deployment Lead\n"
                                   "\n"
                                   "- [ ] All well\n"
                                   "\n"
                                   "**Decision: [ ] SUCCESS [ ] ISSUES**\n";

/* Who acts: a principal and the seed of the key that signs, 0: a token's. */
struct person {
    const char *name;
    uint8_t seed;
};

static const struct person root = {"root", 1};   /* the admin */
static const struct person dana = {"dana", 2};   /* deployer, and the lead */
static const struct person rosa = {"rosa", 3};   /* Release Manager */
static const struct person sam = {"sam", 4};     /* Security Lead */
static const struct person lee = {"lee", 5};     /* Deployment Lead */
static const struct person eve = {"eve", 6};     /* a key, but no role */
static const struct person rudi = {"rudi", 7};   /* Release Manager on the ledger, not assigned */
static const struct person robot = {"robot", 0}; /* a pipeline's token */

struct kit {
    struct registry *registry;
    struct catalog *catalog;
    struct deployment *deployment;
    const char *markdown;
    uint64_t seq;
    int64_t time_us;         /* of the next entry */
    int64_t claimed_off_us;  /* its claimed time is so much before it */
    int64_t admitted_off_us; /* it was admitted so much before it */
    const char *attributes;  /* more of them: ",\"spooled\":true"; "" */
    struct verdict verdict;  /* the last one */
    struct record **records; /* of the deployment */
    size_t record_count, record_cap;
    bool device; /* security keys sign the next entries, with these flags and counters from here */
    uint8_t device_flags;
    uint32_t device_counter;
    struct buf blobs[16]; /* their signatures */
    size_t blob_count;
    char text[1024]; /* scratch of the helpers */
};

static inline void kit_key(uint8_t seed, struct sshkey *ret)
{
    uint8_t seeds[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES], secret_key[64];
    memset(seeds, seed, sizeof(seeds));
    crypto_sign_seed_keypair(public_key, secret_key, seeds);
    sshkey_from_ed25519(public_key, ret);
}

/* The signature of a security key, as far as anybody looks at it who does not check it. */
static inline void kit_device_sig(struct kit *kit, struct entry_sig *sig)
{
    static const char type[] = "sk-ssh-ed25519@openssh.com";
    static const uint8_t zeros[ED25519_SIG_BYTES];
    struct buf key = {0}, inner = {0};
    ASSERT(kit->blob_count < sizeof(kit->blobs) / sizeof(kit->blobs[0]));
    struct buf *blob = &kit->blobs[kit->blob_count++];
    buf_string(&key, type, strlen(type));
    buf_string(&inner, type, strlen(type));
    buf_string(&inner, zeros, sizeof(zeros));
    buf_u8(&inner, kit->device_flags);
    buf_u32(&inner, kit->device_counter);
    buf_text(blob, "SSHSIG");
    buf_u32(blob, 1);
    buf_string(blob, key.data, key.bytes);
    for (int i = 0; i < 3; i++)
        buf_string(blob, "", 0);
    buf_string(blob, inner.data, inner.bytes);
    sig->data = blob->data;
    sig->bytes = (uint16_t)blob->bytes;
    buf_free(&key);
    buf_free(&inner);
}

/* An entry of ${stream} with the event's text in it, as the ledger would have made it. */
static inline struct record *kit_record(struct kit *kit, const char *stream, struct person who,
                                        const char *event)
{
    struct record *record = mem_zero(1, sizeof(*record));
    struct entry *entry = &record->entry;
    entry->seq = kit->seq++;
    entry->time_us = kit->time_us;
    entry->part.admitted_us = kit->time_us - kit->admitted_off_us;
    entry->part.event_bytes = (uint32_t)strlen(event);
    entry->part.origin = strcmp(who.name, "ledger") == 0 ? ORIGIN_LEDGER : ORIGIN_HTTP;
    memcpy(entry->part.stream, stream, strlen(stream) + 1);
    memcpy(entry->part.principal, who.name, strlen(who.name) + 1);
    buf_text(&record->event, event);
    if (who.seed != 0) {
        struct sshkey key;
        kit_key(who.seed, &key);
        memcpy(entry->part.sigs[0].key_id, key.id, KEY_ID_BYTES);
        entry->part.sigs[0].alg = SIG_SSHSIG;
        entry->part.sig_count = 1;
        if (kit->device)
            kit_device_sig(kit, &entry->part.sigs[0]);
    }
    hash_bytes(event, strlen(event), record->leaf);
    memcpy(record->leaf, &entry->seq, sizeof(entry->seq));
    return record;
}

static inline char *kit_event(const struct kit *kit, const char *type, const char *data)
{
    struct buf text = {0};
    char time[INSTANT_TEXT_BYTES];
    instant_format(kit->time_us - kit->claimed_off_us, time);
    buf_printf(&text,
               "{\"specversion\":\"1.0\",\"id\":\"%llu\",\"source\":\"/test\",\"type\":\"%s\","
               "\"time\":\"%s\"%s,\"data\":%s}",
               (unsigned long long)kit->seq, type, time, kit->attributes, data);
    return buf_take_text(&text);
}

static inline struct event *kit_parse(const struct buf *text)
{
    struct event *event = NULL;
    struct err_text why = {0};
    if (event_parse(text->data, text->bytes, &event, &why) != ERR_OK)
        fail_msg("%s: %s", (const char *)text->data, why.s);
    return event;
}

/* An act of the ledger's stream, one second on; it must be accepted. */
static inline void kit_ledger(struct kit *kit, struct person who, const char *name,
                              const char *data)
{
    struct buf type = {0};
    kit->time_us += INSTANT_SECOND_US;
    buf_printf(&type, "dev.countersign.%s.v1", name);
    char *text = kit_event(kit, (const char *)type.data, data);
    struct record *record = kit_record(kit, "ledger", who, text);
    struct event *event = kit_parse(&record->event);
    struct verdict verdict = {0};
    registry_apply(kit->registry, &record->entry, event, &verdict);
    if (verdict.rule != RULE_NONE)
        fail_msg("%s: %s", rule_name(verdict.rule), verdict.reason);
    verdict_clear(&verdict);
    event_free(event);
    ledger_record_free(record);
    buf_free(&type);
    free(text);
}

/* Append an event of any type to the deployment, one second on, and judge it. */
static inline enum rule kit_append(struct kit *kit, struct person who, const char *type,
                                   const char *data)
{
    kit->time_us += INSTANT_SECOND_US;
    char *text = kit_event(kit, type, data);
    struct record *record = kit_record(kit, "d1", who, text);
    struct event *event = kit_parse(&record->event);
    record->entry.stream_pos = kit->record_count;
    *(struct record **)MEM_PUSH(kit->records, kit->record_count, kit->record_cap) = record;
    verdict_clear(&kit->verdict);
    deployment_apply(kit->deployment, record, event, &kit->verdict);
    event_free(event);
    free(text);
    return kit->verdict.rule;
}

/* The same for one of our types, by "<subject>.<verb>". */
static inline enum rule kit_act(struct kit *kit, struct person who, const char *name,
                                const char *data)
{
    struct buf type = {0};
    buf_printf(&type, "dev.countersign.%s.v1", name);
    enum rule rule = kit_append(kit, who, (const char *)type.data, data);
    buf_free(&type);
    return rule;
}

/* Format into the kit's scratch. */
static inline const char *kit_say(struct kit *kit, const char *format, ...) PRINTF_LIKE(2, 3);
static inline const char *kit_say(struct kit *kit, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(kit->text, sizeof(kit->text), format, args);
    va_end(args);
    return kit->text;
}

static inline enum rule kit_check(struct kit *kit, struct person who, const char *node,
                                  const char *result)
{
    return kit_act(
        kit, who, "item.checked",
        kit_say(kit, "{\"node\":\"%s\",\"result\":\"%s\",\"note\":\"seen\"}", node, result));
}

static inline enum rule kit_record_value(struct kit *kit, const char *node, const char *value)
{
    return kit_act(kit, lee, "field.recorded",
                   kit_say(kit, "{\"node\":\"%s\",\"value\":%s}", node, value));
}

static inline enum rule kit_status(struct kit *kit, const char *node, const char *value)
{
    return kit_act(kit, lee, "status.declared",
                   kit_say(kit, "{\"node\":\"%s\",\"value\":\"%s\"}", node, value));
}

/* An approval or decision on the basis of position ${pos}. */
static inline enum rule kit_approve_on(struct kit *kit, struct person who, const char *node,
                                       size_t pos)
{
    struct buf hex = {0};
    buf_hex(&hex, kit->records[pos]->leaf, HASH_BYTES);
    kit_say(kit, "{\"node\":\"%s\",\"basis\":{\"pos\":%zu,\"leaf\":\"%s\"}}", node, pos,
            (const char *)hex.data);
    buf_free(&hex);
    return kit_act(kit, who, "approval.given", kit->text);
}

static inline enum rule kit_decide_on(struct kit *kit, struct person who, const char *node,
                                      const char *value, size_t pos)
{
    struct buf hex = {0};
    buf_hex(&hex, kit->records[pos]->leaf, HASH_BYTES);
    kit_say(kit, "{\"node\":\"%s\",\"value\":\"%s\",\"basis\":{\"pos\":%zu,\"leaf\":\"%s\"}}", node,
            value, pos, (const char *)hex.data);
    buf_free(&hex);
    return kit_act(kit, who, "decision.made", kit->text);
}

/* The same on the last entry. */
static inline enum rule kit_approve(struct kit *kit, struct person who, const char *node)
{
    return kit_approve_on(kit, who, node, kit->record_count - 1);
}

static inline enum rule kit_decide(struct kit *kit, struct person who, const char *node,
                                   const char *value)
{
    return kit_decide_on(kit, who, node, value, kit->record_count - 1);
}

/* The next entries come from ${minutes} after T0 on. */
static inline void kit_at(struct kit *kit, int minutes)
{
    kit->time_us = KIT_T0_US + minutes * INSTANT_MINUTE_US;
}

static inline void kit_enroll(struct kit *kit, struct person who, uint8_t seed)
{
    struct sshkey key;
    struct buf text = {0}, data = {0};
    kit_key(seed, &key);
    sshkey_format(&key, &text);
    buf_printf(&data, "{\"principal\":\"%s\",\"public_key\":\"%s\"}", who.name,
               (const char *)text.data);
    kit_ledger(kit, root, "key.enrolled", (const char *)data.data);
    buf_free(&text);
    buf_free(&data);
}

static inline void kit_revoke(struct kit *kit, uint8_t seed, const char *more)
{
    struct sshkey key;
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    kit_key(seed, &key);
    sshkey_fingerprint(key.id, fingerprint);
    kit_ledger(kit, root, "key.revoked", kit_say(kit, "{\"key_id\":\"%s\",%s}", fingerprint, more));
}

static inline void kit_grant(struct kit *kit, struct person who, const char *role)
{
    kit_ledger(kit, root, "role.granted",
               kit_say(kit, "{\"principal\":\"%s\",\"role\":\"%s\"}", who.name, role));
}

static inline void kit_publish(struct kit *kit)
{
    struct buf data = {0};
    json_t *json = json_pack("{s:s, s:s}", "name", "small", "markdown", kit->markdown);
    ijson_print(json, &data);
    kit_ledger(kit, root, "checklist.published", (const char *)data.data);
    json_decref(json);
    buf_free(&data);
}

/* A ledger with people and a checklist, and a deployment without entries. */
static inline struct kit *kit_start(const char *markdown)
{
    static const char ones[] = "1111111111111111111111111111111111111111111111111111111111111111";
    static const struct person people[] = {{"dana", 2}, {"rosa", 3}, {"sam", 4},
                                           {"lee", 5},  {"eve", 6},  {"rudi", 7}};
    struct kit *kit = mem_zero(1, sizeof(*kit));
    struct sshkey key;
    struct buf text = {0}, data = {0};
    kit->attributes = "";
    kit->markdown = markdown == NULL ? kit_markdown : markdown;
    kit->registry = registry_new();
    kit->time_us = INSTANT_DAY_US;
    kit_key(root.seed, &key);
    sshkey_format(&key, &text);
    buf_printf(&data,
               "{\"ledger\":\"%s\",\"origin\":\"test/simulated\",\"vkey\":\"v\","
               "\"admission_key\":\"%s\",\"admins\":[{\"principal\":\"root\","
               "\"public_key\":\"%s\"}]}",
               ones, ones, (const char *)text.data);
    kit_ledger(kit, (struct person){"ledger", 0}, "ledger.created", (const char *)data.data);
    for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++)
        kit_enroll(kit, people[i], people[i].seed);
    kit_grant(kit, dana, "deployer");
    kit_grant(kit, rosa, "Release Manager");
    kit_grant(kit, rudi, "Release Manager");
    kit_grant(kit, sam, "Security Lead");
    kit_grant(kit, lee, "Deployment Lead");
    kit_publish(kit);
    kit->catalog = catalog_new(kit->registry);
    kit->deployment = deployment_new("d1", kit->registry, kit->catalog);
    buf_free(&text);
    buf_free(&data);
    return kit;
}

/* Open it 12 hours before T0, with ${more} members of the data (",\"emergency\":true"; ""). */
static inline enum rule kit_open_with(struct kit *kit, struct person who, const char *more)
{
    uint8_t sha256[HASH_BYTES];
    struct buf data = {0};
    char t0[INSTANT_TEXT_BYTES];
    instant_format(KIT_T0_US, t0);
    hash_bytes(kit->markdown, strlen(kit->markdown), sha256);
    buf_text(&data, "{\"checklist\":\"");
    buf_hex(&data, sha256, HASH_BYTES);
    buf_printf(&data,
               "\",\"rules\":1,\"release\":\"2.1.0\",\"lead\":\"dana\",\"t0\":\"%s\","
               "\"roles\":{\"Release Manager\":[\"rosa\"],\"Security Lead\":[\"sam\"],"
               "\"Deployment Lead\":[\"lee\"]}%s}",
               t0, more);
    kit_at(kit, -12 * 60);
    enum rule rule = kit_act(kit, who, "deployment.opened", (const char *)data.data);
    buf_free(&data);
    return rule;
}

static inline struct kit *kit_open(void)
{
    struct kit *kit = kit_start(NULL);
    assert_int_equal(kit_open_with(kit, dana, ""), RULE_NONE);
    return kit;
}

static inline void kit_free(struct kit *kit)
{
    verdict_clear(&kit->verdict);
    deployment_free(kit->deployment);
    for (size_t i = 0; i < kit->record_count; i++)
        ledger_record_free(kit->records[i]);
    for (size_t i = 0; i < kit->blob_count; i++)
        buf_free(&kit->blobs[i]);
    free(kit->records);
    catalog_free(kit->catalog);
    registry_free(kit->registry);
    free(kit);
}

/* Assert a verdict, and tell more than two numbers where it is another. */
#define KIT_IS(kit, call, expected)                                                                \
    do {                                                                                           \
        enum rule kit_rule = (call);                                                               \
        if (kit_rule != (expected))                                                                \
            fail_msg("%s:%d: '%s' (%s), not '%s'", __FILE__, __LINE__, rule_name(kit_rule),        \
                     (kit)->verdict.reason == NULL ? "" : (kit)->verdict.reason,                   \
                     rule_name(expected));                                                         \
    } while (0)
#define KIT_OK(kit, call) KIT_IS(kit, call, RULE_NONE)

static inline bool kit_has(const struct kit *kit, enum flag flag)
{
    return verdict_has(&kit->verdict, flag);
}

static inline size_t kit_node(const struct kit *kit, const char *id)
{
    size_t node = checklist_node(kit->deployment->checklist, id);
    assert_true(node != CHECKLIST_NONE);
    return node;
}

/* All that gate 1 needs but the approvals; 1.1.4, 1.1.7 with good values. */
static inline void kit_prepare(struct kit *kit)
{
    static const char *const items[] = {"1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.7", "4.1.1"};
    KIT_OK(kit, kit_record_value(kit, "1.1.4.1", "900"));
    KIT_OK(kit, kit_record_value(kit, "1.1.4.2", "100"));
    KIT_OK(kit, kit_record_value(kit, "1.1.7.1", "150"));
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
        KIT_OK(kit, kit_check(kit, lee, items[i], "pass"));
    KIT_OK(kit, kit_check(kit, rosa, "1.1.6", "pass"));
}

/* The approvals, and the item that they are nested in. */
static inline void kit_approvals(struct kit *kit)
{
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    KIT_OK(kit, kit_approve(kit, sam, "1.2.1.2"));
    KIT_OK(kit, kit_check(kit, lee, "1.2.1", "pass"));
}

/* Up to the GO of gate 1, at T-2 h. */
static inline void kit_gate1(struct kit *kit)
{
    kit_prepare(kit);
    kit_approvals(kit);
    kit_at(kit, -120);
    KIT_OK(kit, kit_decide(kit, rosa, "4.1.2", "GO"));
}

/* Up to the GO of gate 2, at T+22. */
static inline void kit_gate2(struct kit *kit)
{
    kit_gate1(kit);
    KIT_OK(kit, kit_check(kit, lee, "1.2.3", "pass"));
    kit_at(kit, 5);
    KIT_OK(kit, kit_record_value(kit, "2.1.5", "0.05"));
    KIT_OK(kit, kit_check(kit, lee, "2.1.1", "pass"));
    KIT_OK(kit, kit_check(kit, lee, "2.1.2", "pass"));
    KIT_OK(kit, kit_check(kit, lee, "2.1.3", "pass"));
    KIT_OK(kit, kit_status(kit, "2.1.4", "GOOD"));
    KIT_OK(kit, kit_check(kit, lee, "4.2.1", "pass"));
    kit_at(kit, 22);
    KIT_OK(kit, kit_decide(kit, lee, "4.2.2", "GO"));
}

/* Up to the SUCCESS of gate 3 and both sign-offs, at T+55. */
static inline void kit_gate3(struct kit *kit)
{
    kit_gate2(kit);
    kit_at(kit, 35);
    KIT_OK(kit, kit_check(kit, lee, "2.2.1", "pass"));
    KIT_OK(kit, kit_check(kit, lee, "2.2.2", "pass"));
    KIT_OK(kit, kit_status(kit, "2.2.3", "DONE"));
    kit_at(kit, 55);
    KIT_OK(kit, kit_approve(kit, rosa, "2.3.1"));
    KIT_OK(kit, kit_approve(kit, sam, "2.3.2"));
    KIT_OK(kit, kit_check(kit, lee, "4.3.1", "pass"));
    KIT_OK(kit, kit_decide(kit, lee, "4.3.2", "SUCCESS"));
}

#endif
