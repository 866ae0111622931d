#include "tests/unit/ledger_kit.h"

#include <event2/event.h>

#include "ingest/feed.h"

#define WATCH_MAGIC MAGIC('T', 's', 't', 'F')

struct watch {
    uint32_t magic;
    struct event_base *base;
    struct feed *feed;
    uint64_t until; /* the loop ends once the feed's end is there */
    uint64_t fresh; /* where it has grown last */
};

static void grown(void *ctx)
{
    struct watch *watch;
    CAST_OBJ(watch, ctx, WATCH_MAGIC);
    assert_int_equal(feed_fresh(watch->feed), watch->fresh);
    watch->fresh = feed_to(watch->feed);
    if (watch->fresh >= watch->until)
        event_base_loopbreak(watch->base);
}

static void failed(void *ctx, enum err err, const struct err_text *why)
{
    struct watch *watch;
    CAST_OBJ(watch, ctx, WATCH_MAGIC);
    fail_msg("%s: %s", err_name(err), why->s);
}

static void fill(struct kit *kit, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        char id[32];
        snprintf(id, sizeof(id), "x%u", i);
        struct kit_event event = {.id = id, .type = "org.example.t", .deployment = "a"};
        struct receipt receipt = kit_append(kit, &event);
        ledger_receipts_free(&receipt, 1);
    }
}

static void follow(struct watch *watch, uint64_t until, bool typed)
{
    watch->until = until;
    feed_wake(watch->feed, typed);
    assert_int_equal(event_base_dispatch(watch->base), 0);
    assert_int_equal(feed_to(watch->feed), until);
}

static void test_feed_wake_grows(void **state)
{
    (void)state;
    struct kit kit;
    struct reading *reading = NULL;
    struct watch watch = {.magic = WATCH_MAGIC, .base = event_base_new()};
    struct feed_owner owner = {grown, failed, &watch};
    kit_new(&kit);
    fill(&kit, 1, 10);
    assert_int_equal(reading_start(watch.base, 1, 10, &reading, NULL), ERR_OK);
    watch.feed = feed_new(kit.ledger, reading, &owner);
    assert_true(feed_has(watch.feed, 0, true)); /* it is empty: all of it is here */
    follow(&watch, 10, false);
    assert_true(feed_has(watch.feed, 0, false));
    assert_false(feed_has(watch.feed, 9, true));
    assert_true(feed_has(watch.feed, 10, true));
    for (uint64_t seq = 0; seq < 10; seq++) {
        const struct feed_item *item = feed_item(watch.feed, seq);
        char id[32];
        snprintf(id, sizeof(id), "id: %u\ndata: {", (unsigned)seq);
        assert_memory_equal(item->text.data, id, strlen(id));
        assert_memory_equal(item->text.data + item->text.bytes - 3, "}\n\n", 3);
        assert_null(memchr(item->text.data + strlen(id), '\n', item->text.bytes - strlen(id) - 2));
        assert_string_equal(item->stream, seq == 0 ? "ledger" : "a");
        assert_true(item->seq == seq && item->type == NULL);
    }
    fill(&kit, 10, 20);
    follow(&watch, 20, true);
    assert_true(feed_has(watch.feed, 10, true) && feed_has(watch.feed, 0, false));
    assert_false(feed_has(watch.feed, 9, true));
    assert_string_equal(feed_item(watch.feed, 19)->type, "org.example.t");
    reading_free(reading);
    feed_free(watch.feed);
    feed_free(NULL);
    event_base_free(watch.base);
    kit_end(&kit);
}

/* Far behind, it goes on near the end; what is old is dropped. */
static void test_feed_wake_bounded(void **state)
{
    (void)state;
    struct kit kit;
    struct reading *reading = NULL;
    struct watch watch = {.magic = WATCH_MAGIC, .base = event_base_new()};
    struct feed_owner owner = {grown, failed, &watch};
    kit_new(&kit);
    fill(&kit, 1, FEED_EVENTS_MAX + 11);
    assert_int_equal(reading_start(watch.base, 1, 10, &reading, NULL), ERR_OK);
    watch.feed = feed_new(kit.ledger, reading, &owner);
    watch.fresh = FEED_EVENTS_MAX + 11 - FEED_LOAD_EVENTS;
    uint64_t from = watch.fresh, end = FEED_EVENTS_MAX + 11;
    follow(&watch, end, false);
    assert_true(feed_has(watch.feed, from, false) && !feed_has(watch.feed, from - 1, false));
    while (end < from + FEED_EVENTS_MAX + 20) {
        fill(&kit, (unsigned)end, (unsigned)end + 100);
        end += 100;
        follow(&watch, end, true);
    }
    from = end - FEED_EVENTS_MAX;
    assert_true(feed_has(watch.feed, from, false) && !feed_has(watch.feed, from - 1, false));
    assert_int_equal(feed_item(watch.feed, from)->seq, from);
    reading_free(reading);
    feed_free(watch.feed);
    event_base_free(watch.base);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed_wake_grows),
        cmocka_unit_test(test_feed_wake_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
