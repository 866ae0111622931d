/* Ledgers that were stored once (tests/vectors/replay): what version 1 of the events and of the
 * rules made of them holds for ever.  Only what a program computes is compared: rules, flags and
 * states, not the words of reasons.
 */
#include <inttypes.h>

#include "tests/unit/vectors.h"

#include "replay/digest.h"
#include "replay/replay.h"

#define REPLAY_DIR COUNTERSIGN_SOURCE "/tests/vectors/replay/"
#define DEPLOYMENTS_MAX 8

struct stored {
    const char *name;
    struct registry *registry;
    struct catalog *catalog;
    struct deployment *deployments[DEPLOYMENTS_MAX]; /* in the order in which they were opened */
    size_t count;
    size_t closings;  /* that name the state on which they were signed */
    struct buf given; /* verdicts, then states, as NAME.txt has them */
};

static struct deployment *find(struct stored *stored, const char *stream)
{
    for (size_t i = 0; i < stored->count; i++)
        if (strcmp(stored->deployments[i]->id, stream) == 0)
            return stored->deployments[i];
    assert_true(stored->count < DEPLOYMENTS_MAX);
    return stored->deployments[stored->count++] =
               deployment_new(stream, stored->registry, stored->catalog);
}

/* A closing was signed on a digest of the state before it, by the program of that day. */
static void check_claim(struct stored *stored, const struct deployment *before,
                        const struct event *event)
{
    struct digest_claim claim;
    uint8_t digest[HASH_BYTES];
    if (!digest_claim(event, &claim) || claim.pos + 1 != before->entries)
        return;
    digest_state(before, digest);
    if (memcmp(digest, claim.digest, HASH_BYTES) != 0)
        fail_msg("%s: the closing of %s was signed on another state than is made now", stored->name,
                 before->id);
    stored->closings++;
}

static void add_verdict(struct stored *stored, const struct entry *entry,
                        const struct verdict *verdict)
{
    struct buf *buf = &stored->given;
    buf_printf(buf, "%" PRIu64 " %s #%" PRIu64 " %s", entry->seq, entry->part.stream,
               entry->stream_pos,
               verdict->rule == RULE_NONE ? "accepted" : rule_name(verdict->rule));
    for (int flag = 0; flag < FLAG_COUNT; flag++)
        if (verdict_has(verdict, (enum flag)flag))
            buf_printf(buf, " %s", flag_name((enum flag)flag));
    if (verdict->blind_count > 0)
        buf_printf(buf, " (%" PRIu32 ")", verdict->blind_count);
    buf_text(buf, "\n");
}

static void fold(struct stored *stored, const struct record *record)
{
    const struct entry *entry = &record->entry;
    struct verdict verdict = {0};
    struct event *event = NULL;
    struct err_text why = {""};
    if (event_parse(record->event.data, record->event.bytes, &event, &why) != ERR_OK)
        fail_msg("%s: entry %" PRIu64 ": %s", stored->name, entry->seq, why.s);
    if (strcmp(entry->part.stream, "ledger") == 0) {
        registry_apply(stored->registry, entry, event, &verdict);
    } else {
        struct deployment *deployment = find(stored, entry->part.stream);
        check_claim(stored, deployment, event);
        deployment_apply(deployment, record, event, &verdict);
    }
    add_verdict(stored, entry, &verdict);
    verdict_clear(&verdict);
    event_free(event);
}

/* The next entry of a bundle, with the event that the other one has for it. */
static void fold_next(struct stored *stored, struct reader *entries, struct reader *events)
{
    struct record record = {.event = {0}};
    struct err_text why = {""};
    size_t entry_bytes = reader_u16(entries), event_bytes = reader_u32(events);
    const uint8_t *entry = reader_take(entries, entry_bytes);
    const uint8_t *salt = reader_take(events, SALT_BYTES),
                  *event = reader_take(events, event_bytes);
    assert_true(!entries->bad && !events->bad);
    if (entry_decode(entry, entry_bytes, &record.entry, &why) != ERR_OK)
        fail_msg("%s: %s", stored->name, why.s);
    entry_leaf(entry, entry_bytes, record.leaf);
    memcpy(record.salt, salt, SALT_BYTES);
    buf_add(&record.event, event, event_bytes);
    fold(stored, &record);
    buf_free(&record.event);
}

static void read_file(const char *name, const char *file, struct buf *buf)
{
    struct buf path = {0};
    buf_printf(&path, REPLAY_DIR "%s%s", name, file);
    if (!vectors_file((const char *)path.data, buf))
        fail_msg("%s is not there", (const char *)path.data);
    buf_free(&path);
}

static void read_tile(const char *name, struct tile tile, struct buf *buf)
{
    struct buf file = {0};
    buf_text(&file, "/");
    tile_format(&tile, &file);
    read_file(name, (const char *)file.data, buf);
    buf_free(&file);
}

static void fold_tile(struct stored *stored, uint64_t index, unsigned width)
{
    struct buf entries = {0}, events = {0};
    read_tile(stored->name, (struct tile){TILE_ENTRIES, 0, index, width}, &entries);
    read_tile(stored->name, (struct tile){TILE_EVENTS, 0, index, width}, &events);
    struct reader entry = {.data = entries.data, .bytes = entries.bytes};
    struct reader event = {.data = events.data, .bytes = events.bytes};
    for (unsigned i = 0; i < width; i++)
        fold_next(stored, &entry, &event);
    assert_true(entry.bytes == 0 && event.bytes == 0);
    buf_free(&entries);
    buf_free(&events);
}

static void fold_all(struct stored *stored)
{
    struct buf note = {0};
    struct checkpoint checkpoint;
    read_file(stored->name, "/checkpoint", &note);
    assert_int_equal(checkpoint_parse((const char *)note.data, note.bytes, &checkpoint), ERR_OK);
    for (uint64_t i = 0; i * TILE_WIDTH < checkpoint.size; i++)
        fold_tile(stored, i, tile_width_at(checkpoint.size, 0, i));
    for (size_t i = 0; i < stored->count; i++) {
        struct deployment *deployment = stored->deployments[i];
        deployment_settle(deployment, checkpoint.size);
        buf_printf(&stored->given, "\nnot judged %zu\n", deployment->newer);
        digest_text(deployment, &stored->given);
    }
    buf_free(&note);
}

/* Line by line, so that the first that differs can be told. */
static void compare(const char *name, const char *given, const char *wanted)
{
    for (size_t line = 1; *given != '\0' || *wanted != '\0'; line++) {
        size_t bytes = strcspn(given, "\n"), others = strcspn(wanted, "\n");
        if (bytes != others || memcmp(given, wanted, bytes) != 0)
            fail_msg("tests/vectors/replay/%s.txt:%zu: what is stored means something else now:\n"
                     "%.*s\nand not\n%.*s",
                     name, line, (int)bytes, given, (int)others, wanted);
        given += bytes + (given[bytes] == '\n');
        wanted += others + (wanted[others] == '\n');
    }
}

/* The same acts told anew, by the release build in a scenario, have the same digest. */
static void check_golden(const struct deployment *deployment)
{
    struct buf path = {0}, wanted = {0}, given = {0};
    uint8_t digest[HASH_BYTES];
    buf_printf(&path, COUNTERSIGN_SOURCE "/tests/golden/%s-digest", deployment->id);
    if (vectors_file((const char *)path.data, &wanted)) {
        digest_state(deployment, digest);
        buf_hex(&given, digest, HASH_BYTES);
        buf_printf(&given, "  %s #%" PRIu64 "\n", deployment->id, deployment->entries - 1);
        assert_string_equal((const char *)given.data, (const char *)wanted.data);
    }
    buf_free(&path);
    buf_free(&wanted);
    buf_free(&given);
}

static void replay_stored(const char *name, size_t deployments, size_t closings)
{
    struct stored stored = {.name = name, .registry = registry_new()};
    struct buf wanted = {0};
    stored.catalog = catalog_new(stored.registry);
    fold_all(&stored);
    read_file(name, ".txt", &wanted);
    compare(name, (const char *)stored.given.data, (const char *)wanted.data);
    assert_int_equal(stored.count, deployments);
    assert_int_equal(stored.closings, closings);
    for (size_t i = 0; i < stored.count; i++) {
        check_golden(stored.deployments[i]);
        deployment_free(stored.deployments[i]);
    }
    catalog_free(stored.catalog);
    registry_free(stored.registry);
    buf_free(&stored.given);
    buf_free(&wanted);
}

/* A NO-GO, an emergency, one that was abandoned, one with an act of a newer program, and one with
 * every act there is. */
static void test_stored_stories(void **state)
{
    (void)state;
    replay_stored("stories", 5, 4); /* two of the closings were refused */
}

/* One that went well, and one that was rolled back. */
static void test_stored_quickstart(void **state)
{
    (void)state;
    replay_stored("quickstart", 2, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored_stories),
        cmocka_unit_test(test_stored_quickstart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
