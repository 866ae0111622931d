/* story_kit - deployments in a real ledger, told act by act, for tests of what answers questions
 * about them.  Everything is written first; story_ask then opens the ledger as commands do.
 */
#ifndef TESTS_UNIT_STORY_KIT_H
#define TESTS_UNIT_STORY_KIT_H

#include "tests/unit/ledger_kit.h"
#include "tests/unit/vectors.h"

#include "replay/errand.h"

#define STORY_T0_US (KIT_TIME_US + 10 * INSTANT_DAY_US)
#define STORY_CHECKLIST COUNTERSIGN_SOURCE "/tests/oracle/checklists/small.md"

/* Seeds of keys; 0 is the token of "robot". */
enum { ROBOT, ROOT, DANA, ROSA, SAM, LEE, EVE };

struct story {
    struct kit kit;
    struct errand errand; /* once story_ask was called */
    const char *id;       /* of the deployment that is told */
    char checklist[2 * HASH_BYTES + 1];
    int64_t time_us;
    unsigned events;
    bool begun; /* the deployment has an entry: */
    uint64_t seq, pos;
    uint8_t leaf[HASH_BYTES];
    bool keep_basis; /* of the acts that follow: that of the one before */
    struct buf basis;
};

/* An entry a second later; its data are members without braces. */
KIT_UNUSED static void story_tell(struct story *story, uint8_t seed, const char *type,
                                  const char *stream, const char *members)
{
    struct buf data = {0};
    char id[32];
    story->time_us += INSTANT_SECOND_US;
    snprintf(id, sizeof(id), "s%u", story->events++);
    if (story->begun && !story->keep_basis) {
        buf_clear(&story->basis);
        buf_printf(&story->basis, "\"basis\":{\"pos\":%llu,\"leaf\":\"",
                   (unsigned long long)story->pos);
        buf_hex(&story->basis, story->leaf, HASH_BYTES);
        buf_text(&story->basis, "\"}");
    }
    bool based = stream != NULL && story->basis.bytes > 0;
    buf_printf(&data, "{%s%s%s}", members, based && members[0] != '\0' ? "," : "",
               based ? (const char *)story->basis.data : "");
    struct kit_event event = {.id = id,
                              .type = type,
                              .deployment = stream,
                              .data = (const char *)data.data,
                              .time_us = story->time_us,
                              .signers = {seed}};
    struct receipt receipt = kit_append(&story->kit, &event);
    story->seq = receipt.seq;
    if (stream != NULL) {
        story->begun = true;
        story->pos = receipt.stream_pos;
        memcpy(story->leaf, receipt.leaf, HASH_BYTES);
    }
    ledger_receipts_free(&receipt, 1);
    buf_free(&data);
}

KIT_UNUSED static void story_act(struct story *story, uint8_t seed, const char *verb,
                                 const char *members)
{
    char type[64];
    snprintf(type, sizeof(type), "dev.countersign.%s.v1", verb);
    story_tell(story, seed, type, story->id, members);
}

KIT_UNUSED static void story_ledger(struct story *story, const char *verb, const char *members)
{
    char type[64];
    snprintf(type, sizeof(type), "dev.countersign.%s.v1", verb);
    story_tell(story, ROOT, type, NULL, members);
}

/* Minutes from T0; times never fall. */
KIT_UNUSED static void story_at(struct story *story, int minutes)
{
    int64_t time_us = STORY_T0_US + minutes * INSTANT_MINUTE_US;
    story->time_us = time_us > story->time_us ? time_us : story->time_us;
}

static void story_person(struct story *story, uint8_t seed, const char *name, const char *role)
{
    struct buf text = {0}, members = {0};
    struct sshkey key;
    uint8_t secret[64];
    kit_key(seed, &key, secret);
    sshkey_format(&key, &text);
    buf_printf(&members, "\"principal\":\"%s\",\"public_key\":\"%s\"", name,
               (const char *)text.data);
    story_ledger(story, "key.enrolled", (const char *)members.data);
    buf_clear(&members);
    buf_printf(&members, "\"principal\":\"%s\",\"role\":\"%s\"", name, role);
    if (role != NULL)
        story_ledger(story, "role.granted", (const char *)members.data);
    buf_free(&text);
    buf_free(&members);
}

static void story_publish(struct story *story)
{
    struct buf markdown = {0}, hex = {0}, data = {0};
    uint8_t sha256[HASH_BYTES];
    assert_true(vectors_file(STORY_CHECKLIST, &markdown));
    hash_bytes(markdown.data, markdown.bytes, sha256);
    buf_hex(&hex, sha256, HASH_BYTES);
    snprintf(story->checklist, sizeof(story->checklist), "%s", (const char *)hex.data);
    json_t *json = json_pack("{s:s, s:s%}", "name", "small", "markdown", markdown.data,
                             (size_t)markdown.bytes);
    ijson_print(json, &data);
    char *members = mem_text_n((const char *)data.data + 1, data.bytes - 2);
    story_ledger(story, "checklist.published", members);
    free(members);
    json_decref(json);
    buf_free(&markdown);
    buf_free(&hex);
    buf_free(&data);
}

/* A ledger with people and the small checklist. */
KIT_UNUSED static void story_new(struct story *story)
{
    *story = (struct story){.id = "d1", .time_us = KIT_TIME_US};
    kit_new(&story->kit);
    story_person(story, DANA, "dana", "deployer");
    story_person(story, ROSA, "rosa", "Release Manager");
    story_person(story, SAM, "sam", "Security Lead");
    story_person(story, LEE, "lee", "Deployment Lead");
    story_person(story, EVE, "eve", NULL);
    story_publish(story);
}

/* Another deployment from here on; ${members} come first. */
KIT_UNUSED static void story_open(struct story *story, const char *id, const char *members)
{
    struct buf data = {0};
    char time[INSTANT_TEXT_BYTES];
    instant_format(STORY_T0_US, time);
    story->id = id;
    story->begun = false;
    buf_clear(&story->basis);
    buf_printf(&data,
               "%s\"checklist\":\"%s\",\"rules\":1,\"release\":\"2.1.0\",\"lead\":\"dana\","
               "\"t0\":\"%s\",\"roles\":{\"Release Manager\":[\"rosa\"],\"Security Lead\":"
               "[\"sam\"],\"Deployment Lead\":[\"lee\"]}",
               members, story->checklist, time);
    story_act(story, DANA, "deployment.opened", (const char *)data.data);
    buf_free(&data);
}

/* One act of a story that goes well. */
struct story_step {
    int minutes; /* not before then; 0: whenever */
    uint8_t seed;
    const char *verb, *members;
};

#define STORY_PASS(who, id)                                                                        \
    {                                                                                              \
        0, who, "item.checked", "\"node\":\"" id "\",\"result\":\"pass\""                          \
    }
#define STORY_STEPS 31
#define STORY_GATE1 13 /* the GO of the first gate */

/* Up to the closing as successful. */
static const struct story_step story_steps[STORY_STEPS] = {
    {-600, LEE, "field.recorded", "\"node\":\"1.1.4.1\",\"value\":900"},
    {0, LEE, "field.recorded", "\"node\":\"1.1.4.2\",\"value\":100"},
    {0, LEE, "field.recorded", "\"node\":\"1.1.7.1\",\"value\":150,\"unit\":\"ms\""},
    STORY_PASS(LEE, "1.1.1"),
    STORY_PASS(LEE, "1.1.2"),
    STORY_PASS(LEE, "1.1.3"),
    STORY_PASS(LEE, "1.1.4"),
    STORY_PASS(LEE, "1.1.7"),
    STORY_PASS(ROSA, "1.1.6"),
    STORY_PASS(LEE, "4.1.1"),
    {0, ROSA, "approval.given", "\"node\":\"1.2.1.1\",\"role\":\"Release Manager\""},
    {0, SAM, "approval.given", "\"node\":\"1.2.1.2\",\"role\":\"Security Lead\""},
    STORY_PASS(LEE, "1.2.1"),
    {-120, ROSA, "decision.made", "\"node\":\"4.1.2\",\"value\":\"GO\""},
    STORY_PASS(LEE, "1.2.3"),
    {5, LEE, "field.recorded", "\"node\":\"2.1.5\",\"value\":0.05"},
    STORY_PASS(LEE, "2.1.1"),
    STORY_PASS(LEE, "2.1.2"),
    STORY_PASS(LEE, "2.1.3"),
    {0, LEE, "status.declared", "\"node\":\"2.1.4\",\"value\":\"GOOD\""},
    STORY_PASS(LEE, "4.2.1"),
    {22, LEE, "decision.made", "\"node\":\"4.2.2\",\"value\":\"GO\""},
    STORY_PASS(LEE, "2.2.1"),
    STORY_PASS(LEE, "2.2.2"),
    {35, LEE, "status.declared", "\"node\":\"2.2.3\",\"value\":\"DONE\""},
    {55, ROSA, "approval.given", "\"node\":\"2.3.1\",\"role\":\"Release Manager\""},
    {0, SAM, "approval.given", "\"node\":\"2.3.2\",\"role\":\"Security Lead\""},
    STORY_PASS(LEE, "4.3.1"),
    {0, LEE, "decision.made", "\"node\":\"4.3.2\",\"value\":\"SUCCESS\""},
    {0, EVE, "note.added", "\"text\":\"quiet\",\"node\":\"2.1.1\""},
    {70, LEE, "deployment.closed", "\"outcome\":\"successful\""},
};

/* Those from ${from} up to ${to}, as they stand. */
KIT_UNUSED static void story_go(struct story *story, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct story_step *step = &story_steps[i];
        if (step->minutes != 0)
            story_at(story, step->minutes);
        story_act(story, step->seed, step->verb, step->members);
    }
}

/* Nothing more is told: opens the ledger as commands do. */
KIT_UNUSED static struct errand *story_ask(struct story *story)
{
    ledger_close(story->kit.ledger);
    story->kit.ledger = NULL;
    enum err err = errand_open(story->kit.path, &story->errand, &story->kit.why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), story->kit.why.s);
    return &story->errand;
}

KIT_UNUSED static void story_end(struct story *story)
{
    errand_close(&story->errand);
    buf_free(&story->basis);
    kit_end(&story->kit);
}

/* Wants ${text} to have ${part}, and tells both otherwise. */
#define STORY_HAS(text, part)                                                                      \
    do {                                                                                           \
        if (strstr((const char *)(text)->data, part) == NULL)                                      \
            fail_msg("no '%s' in:\n%s", part, (const char *)(text)->data);                         \
    } while (0)
#define STORY_LACKS(text, part)                                                                    \
    do {                                                                                           \
        if (strstr((const char *)(text)->data, part) != NULL)                                      \
            fail_msg("'%s' in:\n%s", part, (const char *)(text)->data);                            \
    } while (0)

#endif
