#include <stdlib.h>
#include <string.h>

#include "replay/digest.h"
#include "replay/filled.h"
#include "replay/replay.h"
#include "replay/state_json.h"

/* Whatever one who may do everything does, is judged: a refusal has its reason and no flags, and
 * the same entries give the same verdicts and state again, which can be told.  An input has a
 * line for each event: its "<subject>.<verb>", a blank, its data.  All leaves are zeros, so that a
 * basis can be guessed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define LINES_MAX 64
#define NAME_BYTES_MAX 64

static const char markdown[] =
    "# F\n\n## G\n\n## BEFORE (T-24 hours to T-0)\n\n- [ ] Lag < 100ms\n  - Lag: ____ ms\n"
    "- [ ] Weight\n  - Blue: ____ (expected: 100)\n- [ ] Run\n  ```bash\n  true\n  ```\n"
    "- [ ] All approvals:\n  - [ ] R: ____\n  - [ ] Q: ____\n"
    "- [ ] Decision: **[ ] GO [ ] NO-GO**\n\n## DURING (T+0 to T+9 min)\n\n- [ ] Done\n\n| Step | "
    "Ok | Took |\n|---|---|---|\n| Tidy up | [ ] | ____ s |\n\n"
    "**Status: ✓ GOOD / ⚠ FAIR / ✗ BAD**\n\nZone: EAST / WEST\n\n- [ ] R: ____ (Signature)\n\n"
    "## ROLLBACK\n\n- [ ] NO - go on\n- [ ] YES - go back\n\n### Rollback steps\n\n- [ ] Back\n\n"
    "**Rollback: ✓ OK / ✗ NOT**\n\n## Gate (T-1 hour)\n\n**Decision Authority:** R\n\n"
    "**Decision: [ ] GO [ ] NO-GO**\n\n## End (T+9 min)\n\n**Decision Authority:** Q\n\n"
    "**Decision: [ ] YES [ ] NO**\n";

static void say(struct buf *buf, const char *name, const char *data, size_t bytes)
{
    buf_clear(buf);
    buf_printf(buf,
               "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/f\",\"type\":"
               "\"dev.countersign.%s.v1\",\"time\":\"1970-01-02T00:00:00Z\",\"data\":",
               name);
    buf_add(buf, data, bytes);
    buf_text(buf, "}");
}

static void make_record(struct record *record, const char *stream, uint64_t seq, uint64_t pos)
{
    struct sshkey key;
    record->entry.seq = seq;
    record->entry.stream_pos = pos;
    record->entry.time_us = INSTANT_DAY_US + (int64_t)seq * 40 * INSTANT_SECOND_US;
    memcpy(record->entry.part.stream, stream, strlen(stream) + 1);
    memcpy(record->entry.part.principal, "root", sizeof("root"));
    record->entry.part.origin = seq == 0 ? ORIGIN_LEDGER : ORIGIN_CLI;
    record->entry.part.sig_count = 1;
    memset(key.ed25519, 0x66, sizeof(key.ed25519));
    key.ed25519[0] = 0x58; /* the base point of the curve, which is a good key */
    sshkey_from_ed25519(key.ed25519, &key);
    memcpy(record->entry.part.sigs[0].key_id, key.id, KEY_ID_BYTES);
}

static void tell(struct registry *registry, const char *name, const char *data)
{
    struct buf text = {0};
    struct record record = {0};
    struct event *event = NULL;
    struct verdict verdict = {0};
    say(&text, name, data, strlen(data));
    make_record(&record, "ledger", registry_size(registry), 0);
    ASSERT(event_parse(text.data, text.bytes, &event, NULL) == ERR_OK);
    registry_apply(registry, &record.entry, event, &verdict);
    ASSERT(verdict.rule == RULE_NONE);
    verdict_clear(&verdict);
    event_free(event);
    buf_free(&text);
}

static struct registry *make_registry(void)
{
    static const char created[] =
        "{\"ledger\":\"0000000000000000000000000000000000000000000000000000000000000000\","
        "\"origin\":\"o\",\"vkey\":\"v\",\"admission_key\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\",\"admins\":["
        "{\"principal\":\"root\",\"public_key\":\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFhmZmZm"
        "ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZm\"}]}";
    struct registry *registry = registry_new();
    struct buf data = {0};
    json_t *json = json_pack("{s:s, s:s}", "name", "f", "markdown", markdown);
    ijson_print(json, &data);
    tell(registry, "ledger.created", created);
    tell(registry, "role.granted", "{\"principal\":\"root\",\"role\":\"deployer\"}");
    tell(registry, "role.granted", "{\"principal\":\"root\",\"role\":\"R\"}");
    tell(registry, "role.granted", "{\"principal\":\"root\",\"role\":\"Q\"}");
    tell(registry, "policy.set", "{\"separation\":false}");
    tell(registry, "checklist.published", (const char *)data.data);
    json_decref(json);
    buf_free(&data);
    return registry;
}

/* A deployment, and what was found of it. */
struct side {
    struct deployment *deployment;
    struct buf found;
};

static void apply_side(struct side *side, const struct record *record, const struct event *event)
{
    struct verdict verdict = {0};
    deployment_apply(side->deployment, record, event, &verdict);
    ASSERT(verdict.rule == RULE_NONE || (verdict.flags == 0 && verdict.reason != NULL));
    buf_printf(&side->found, "%d %x %s\n", verdict.rule, verdict.flags,
               verdict.reason == NULL ? "" : verdict.reason);
    verdict_clear(&verdict);
}

/* Append an event to both, if it is one: parsing costs more than judging. */
static void apply(struct side sides[2], const struct buf *text)
{
    struct record record = {0};
    struct event *event = NULL;
    uint64_t entries = sides[0].deployment->entries;
    if (event_parse(text->data, text->bytes, &event, NULL) != ERR_OK)
        return;
    make_record(&record, "d", 100 + entries, entries);
    buf_add(&record.event, text->data, text->bytes);
    apply_side(&sides[0], &record, event);
    apply_side(&sides[1], &record, event);
    event_free(event);
    buf_free(&record.event);
}

static void open_both(struct side sides[2])
{
    static struct buf text = {0};
    if (text.bytes == 0) {
        struct buf opening = {0};
        uint8_t sha256[HASH_BYTES];
        hash_bytes(markdown, sizeof(markdown) - 1, sha256);
        buf_text(&opening, "{\"t0\":\"1970-01-02T01:00:00Z\",\"roles\":{\"R\":[\"root\"],"
                           "\"Q\":[\"root\"]},\"checklist\":\"");
        buf_hex(&opening, sha256, HASH_BYTES);
        buf_text(&opening, "\"}");
        say(&text, "deployment.opened", (const char *)opening.data, opening.bytes);
        buf_free(&opening);
    }
    apply(sides, &text);
    ASSERT(sides[0].deployment->opened.set);
}

/* The opening, and one event for each line "<subject>.<verb> <data>". */
static void fold(struct side sides[2], const uint8_t *data, size_t bytes)
{
    struct buf text = {0};
    open_both(sides);
    for (unsigned line = 0; bytes > 0 && line < LINES_MAX; line++) {
        const uint8_t *end = memchr(data, '\n', bytes);
        size_t length = end == NULL ? bytes : (size_t)(end - data);
        const uint8_t *blank = memchr(data, ' ', length);
        size_t name_bytes = blank == NULL ? length : (size_t)(blank - data);
        if (name_bytes < length && name_bytes < NAME_BYTES_MAX) {
            char name[NAME_BYTES_MAX] = "";
            memcpy(name, data, name_bytes);
            say(&text, name, (const char *)blank + 1, length - name_bytes - 1);
            apply(sides, &text);
        }
        size_t taken = length < bytes ? length + 1 : length;
        data += taken;
        bytes -= taken;
    }
    buf_free(&text);
}

/* What the events have come to. */
static void tell_state(const struct deployment *deployment)
{
    struct ledger_info info = {.origin = "o"};
    struct buf text = {0};
    json_t *state = state_json_full(deployment, &info);
    ijson_print(state, &text);
    json_decref(state);
    filled_add(deployment, &info, &text);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static struct registry *registry = NULL;
    static struct catalog *catalog = NULL;
    struct side sides[2] = {{0}, {0}};
    if (registry == NULL) {
        registry = make_registry();
        catalog = catalog_new(registry);
    }
    for (unsigned i = 0; i < 2; i++)
        sides[i].deployment = deployment_new("d", registry, catalog);
    fold(sides, data, bytes);
    tell_state(sides[0].deployment);
    for (unsigned i = 0; i < 2; i++) {
        digest_text(sides[i].deployment, &sides[i].found);
        deployment_free(sides[i].deployment);
    }
    ASSERT(sides[0].found.bytes == sides[1].found.bytes &&
           memcmp(sides[0].found.data, sides[1].found.data, sides[0].found.bytes) == 0);
    buf_free(&sides[0].found);
    buf_free(&sides[1].found);
    return 0;
}
