#include "tests/unit/damage_kit.h"

#include <fcntl.h>

#include "ingest/scrub.h"

#define ENTRIES 600 /* in more than one piece of what verify works on */

static bool keep(void *ctx, enum store_table table, struct buf *key, struct buf *value)
{
    (void)ctx, (void)table, (void)key, (void)value;
    return true;
}

static void make(struct kit *kit)
{
    kit_new(kit);
    for (unsigned i = 1; i < ENTRIES; i++) {
        char id[16];
        snprintf(id, sizeof(id), "e%u", i);
        struct kit_event event = {.id = id, .deployment = "a"};
        struct receipt receipt = kit_append(kit, &event);
        ledger_receipts_free(&receipt, 1);
    }
    ledger_close(kit->ledger);
    kit->ledger = NULL;
    damage_rewrite(kit, keep, NULL, NULL);
    kit_open(kit, true);
}

static struct scrub *start(struct kit *kit, uint64_t rate, int64_t part_us)
{
    struct scrub *scrub = NULL;
    const struct scrub_config config = {.dir = kit->path, .rate = rate, .part_us = part_us};
    assert_int_equal(scrub_start(&config, &scrub, NULL), ERR_OK);
    return scrub;
}

/* Waits until there are so many passes of the one kind or the other, or so many failures. */
static struct scrub_state await(struct scrub *scrub, uint64_t passes, uint64_t damages,
                                uint64_t failures)
{
    for (;;) {
        struct scrub_state state = scrub_state(scrub);
        if (state.passes >= passes && state.damages >= damages && state.failures >= failures)
            return state;
        usleep(10000);
    }
}

static void test_scrub_passes_again_and_again(void **state)
{
    (void)state;
    struct kit kit;
    make(&kit);
    struct scrub *scrub = start(&kit, SCRUB_RATE_MAX, INT64_MAX);
    struct scrub_state once = await(scrub, 1, 0, 0);
    assert_true(once.entries >= ENTRIES && once.last_good_us > KIT_TIME_US);
    assert_int_equal(once.pass_size, ENTRIES);
    struct receipt receipt = kit_append(&kit, &(struct kit_event){.id = "new"});
    ledger_receipts_free(&receipt, 1);
    struct scrub_state twice = await(scrub, 2, 0, 0);
    assert_true(twice.entries >= 2 * ENTRIES + 1);
    assert_int_equal(twice.pass_size, ENTRIES + 1);
    assert_false(twice.bad.found);
    scrub_free(scrub);
    scrub_free(NULL);
    kit_end(&kit);
}

static void test_scrub_goes_on_where_it_was(void **state)
{
    (void)state;
    struct kit kit;
    make(&kit);
    struct scrub *scrub = start(&kit, SCRUB_RATE_MAX, 0);
    struct scrub_state once = await(scrub, 1, 0, 0);
    assert_int_equal(once.entries, ENTRIES);
    assert_int_equal(once.pass_entries, ENTRIES);
    assert_int_equal(once.failures, 0);
    scrub_free(scrub);
    kit_end(&kit);
}

static void test_scrub_stops_at_once(void **state)
{
    (void)state;
    struct kit kit;
    make(&kit);
    /* A pass at this rate takes ten minutes, and so would the test. */
    struct scrub *scrub = start(&kit, 1, INT64_MAX);
    while (scrub_state(scrub).pass_entries == 0)
        usleep(10000);
    scrub_stop(scrub);
    assert_int_equal(scrub_state(scrub).passes, 0);
    scrub_free(scrub);
    kit_end(&kit);
}

static void test_scrub_finds_damage(void **state)
{
    (void)state;
    struct kit kit;
    struct record *record = NULL;
    struct buf data = {0};
    make(&kit);
    assert_int_equal(ledger_read(kit.ledger, 321, &record, NULL), ERR_OK);
    assert_int_equal(files_read(kit.path, "data.mdb", 1 << 26, &data, NULL), ERR_OK);
    uint8_t *place =
        memmem(data.data, data.bytes, record->entry_bytes.data, record->entry_bytes.bytes);
    assert_non_null(place);
    char *path = files_path(kit.path, "data.mdb");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct scrub *scrub = start(&kit, SCRUB_RATE_MAX, INT64_MAX);
    await(scrub, 1, 0, 0);
    uint8_t byte = place[100] ^ 1;
    assert_int_equal(pwrite(fd, &byte, 1, place - data.data + 100), 1);
    struct scrub_state found = await(scrub, 1, 1, 0);
    assert_true(found.bad.found);
    assert_int_equal(found.bad.seq, 321);
    /* What was damaged once is not forgotten. */
    assert_int_equal(pwrite(fd, place + 100, 1, place - data.data + 100), 1);
    found = await(scrub, found.passes + 1, 1, 0);
    assert_true(found.bad.found);
    scrub_free(scrub);
    close(fd);
    free(path);
    ledger_record_free(record);
    buf_free(&data);
    kit_end(&kit);
}

static void test_scrub_counts_what_it_cannot_read(void **state)
{
    (void)state;
    struct kit kit;
    kit_dir(&kit);
    struct scrub *scrub = start(&kit, SCRUB_RATE_MAX, INT64_MAX);
    struct scrub_state failed = await(scrub, 0, 0, 1);
    assert_int_equal(failed.passes, 0);
    assert_false(failed.bad.found);
    scrub_free(scrub);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scrub_passes_again_and_again),
        cmocka_unit_test(test_scrub_goes_on_where_it_was),
        cmocka_unit_test(test_scrub_stops_at_once),
        cmocka_unit_test(test_scrub_finds_damage),
        cmocka_unit_test(test_scrub_counts_what_it_cannot_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
