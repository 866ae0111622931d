#include <stdlib.h>
#include <string.h>

#include "replay/filled.h"
#include "replay/replay.h"
#include "replay/state_json.h"

/* Whatever one who may do everything does, is judged: a refusal has its reason and no flags, and
 * the same entries give the same verdicts, state and filled copy again.  An input has a line for
 * each event: its
 * "<subject>.<verb>", a blank, its data.  All leaves are zeros, so that a basis can be guessed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define LINES_MAX 64

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

/* Append an event, if it is one; what was found is added to ${found}. */
static void apply(struct deployment *deployment, const struct buf *text, struct buf *found)
{
    struct record record = {0};
    struct event *event = NULL;
    struct verdict verdict = {0};
    if (event_parse(text->data, text->bytes, &event, NULL) != ERR_OK)
        return;
    make_record(&record, "d", 100 + deployment->entries, deployment->entries);
    buf_add(&record.event, text->data, text->bytes);
    deployment_apply(deployment, &record, event, &verdict);
    ASSERT(verdict.rule == RULE_NONE || (verdict.flags == 0 && verdict.reason != NULL));
    buf_printf(found, "%d %x %s\n", verdict.rule, verdict.flags,
               verdict.reason == NULL ? "" : verdict.reason);
    verdict_clear(&verdict);
    event_free(event);
    buf_free(&record.event);
}

/* The opening, and one event for each line "<subject>.<verb> <data>". */
static void fold(struct deployment *deployment, const uint8_t *data, size_t bytes,
                 struct buf *found)
{
    struct buf text = {0}, opening = {0};
    uint8_t sha256[HASH_BYTES];
    hash_bytes(markdown, sizeof(markdown) - 1, sha256);
    buf_text(&opening, "{\"t0\":\"1970-01-02T01:00:00Z\",\"roles\":{\"R\":[\"root\"],"
                       "\"Q\":[\"root\"]},\"checklist\":\"");
    buf_hex(&opening, sha256, HASH_BYTES);
    buf_text(&opening, "\"}");
    say(&text, "deployment.opened", (const char *)opening.data, opening.bytes);
    apply(deployment, &text, found);
    ASSERT(deployment->opened.set);
    for (unsigned line = 0; bytes > 0 && line < LINES_MAX; line++) {
        const uint8_t *end = memchr(data, '\n', bytes);
        size_t length = end == NULL ? bytes : (size_t)(end - data);
        const uint8_t *blank = memchr(data, ' ', length);
        size_t name_bytes = blank == NULL ? length : (size_t)(blank - data);
        char *name = mem_text_n((const char *)data, name_bytes);
        if (name_bytes < length) {
            say(&text, name, (const char *)blank + 1, length - name_bytes - 1);
            apply(deployment, &text, found);
        }
        free(name);
        data += length;
        bytes -= length;
        if (bytes > 0) {
            data++;
            bytes--;
        }
    }
    buf_free(&text);
    buf_free(&opening);
}

/* What the events have come to. */
static void tell_state(const struct deployment *deployment, struct buf *found)
{
    struct ledger_info info = {.origin = "o"};
    json_t *state = state_json_full(deployment, &info);
    ijson_print(state, found);
    json_decref(state);
    filled_add(deployment, &info, found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static struct registry *registry = NULL;
    static struct catalog *catalog = NULL;
    struct buf first = {0}, second = {0};
    if (registry == NULL) {
        registry = make_registry();
        catalog = catalog_new(registry);
    }
    for (unsigned i = 0; i < 2; i++) {
        struct deployment *deployment = deployment_new("d", registry, catalog);
        fold(deployment, data, bytes, i == 0 ? &first : &second);
        tell_state(deployment, i == 0 ? &first : &second);
        deployment_free(deployment);
    }
    ASSERT(first.bytes == second.bytes && memcmp(first.data, second.data, first.bytes) == 0);
    buf_free(&first);
    buf_free(&second);
    return 0;
}
