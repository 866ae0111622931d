#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>

#include "tests/unit/ledger_kit.h"

#include "ledger/files.h"
#include "ledger/shelf.h"

/* A ledger of ${count} entries, and a place for its export beside it. */
static void shelf_kit(struct kit *kit, unsigned count, char dir[128])
{
    kit_new(kit);
    kit_fill(kit, count);
    snprintf(dir, 128, "%s/tiles", kit->dir);
}

static struct shelf_result export_ok(struct kit *kit, const char *dir, bool events)
{
    struct shelf_result result = {0};
    const struct shelf_options options = {.events = events};
    enum err err = shelf_export(kit->ledger, dir, &options, &result, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    return result;
}

static void export_fails(struct kit *kit, const char *dir, bool events, enum err want)
{
    struct shelf_result result = {.size = 77};
    const struct shelf_options options = {.events = events};
    kit->why.s[0] = '\0';
    assert_int_equal(shelf_export(kit->ledger, dir, &options, &result, &kit->why), want);
    assert_true(result.size == 77 && kit->why.s[0] != '\0');
}

/* The file at ${name} has the bytes that the ledger has for that tile. */
static void same_tile(struct kit *kit, const char *dir, const char *name)
{
    struct tile tile;
    struct buf want = {0}, data = {0};
    assert_true(tile_parse(name, &tile));
    assert_int_equal(ledger_tile(kit->ledger, &tile, &want, &kit->why), ERR_OK);
    if (files_read(dir, name, 10000000, &data, &kit->why) != ERR_OK)
        fail_msg("%s", kit->why.s);
    assert_int_equal(data.bytes, want.bytes);
    assert_memory_equal(data.data, want.data, want.bytes);
    buf_free(&want);
    buf_free(&data);
}

static void same_checkpoint(struct kit *kit, const char *dir)
{
    struct buf want = {0}, data = {0};
    assert_int_equal(ledger_checkpoint(kit->ledger, &want, &kit->why), ERR_OK);
    assert_int_equal(files_read(dir, "checkpoint", 10000, &data, &kit->why), ERR_OK);
    assert_int_equal(data.bytes, want.bytes);
    assert_memory_equal(data.data, want.data, want.bytes);
    buf_free(&want);
    buf_free(&data);
}

static void put(const char *dir, const char *name, const char *text)
{
    assert_int_equal(files_replace(dir, name, text, strlen(text), NULL), ERR_OK);
}

/* It grows with the ledger: what a checkpoint covers is left, partial tiles go when one is full. */
static void test_shelf_export_grows(void **state)
{
    (void)state;
    struct kit kit;
    char dir[128];
    shelf_kit(&kit, 250, dir);
    struct shelf_result result = export_ok(&kit, dir, true);
    assert_true(result.written == 3 && result.left == 0 && result.size == 250);
    same_tile(&kit, dir, "tile/0/000.p/250");
    same_tile(&kit, dir, "tile/entries/000.p/250");
    same_tile(&kit, dir, "tile/events/000.p/250");
    same_checkpoint(&kit, dir);
    result = export_ok(&kit, dir, true);
    assert_true(result.written == 0 && result.left == 3);
    kit_fill(&kit, 260);
    result = export_ok(&kit, dir, true);
    assert_true(result.size == 260 && result.written == 7 && result.left == 0);
    assert_false(files_there(dir, "tile/0/000.p"));
    assert_false(files_there(dir, "tile/entries/000.p"));
    assert_false(files_there(dir, "tile/events/000.p"));
    static const char *const names[] = {
        "tile/0/000",      "tile/0/001.p/4",       "tile/1/000.p/1",     "tile/entries/000",
        "tile/events/000", "tile/entries/001.p/4", "tile/events/001.p/4"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        same_tile(&kit, dir, names[i]);
    kit_fill(&kit, 262);
    result = export_ok(&kit, dir, true);
    assert_true(result.written == 3 && result.left == 4);
    assert_true(files_there(dir, "tile/0/001.p/4")); /* somebody may read at size 260 still */
    same_checkpoint(&kit, dir);
    kit_end(&kit);
}

/* What an export that was broken off has left is looked at again: no checkpoint speaks for it. */
static void test_shelf_export_again_after_break(void **state)
{
    (void)state;
    struct kit kit;
    char dir[128], path[160];
    shelf_kit(&kit, 260, dir);
    export_ok(&kit, dir, false);
    snprintf(path, sizeof(path), "%s/checkpoint", dir);
    assert_int_equal(unlink(path), 0);
    struct buf other = {0};
    memset(buf_room(&other, TILE_WIDTH * HASH_BYTES), 'x', TILE_WIDTH * HASH_BYTES);
    snprintf(path, sizeof(path), "%s/tile/0", dir);
    assert_int_equal(files_replace(path, "000", other.data, other.bytes, NULL), ERR_OK);
    put(path, "000.new", "half");
    struct shelf_result result = export_ok(&kit, dir, false);
    assert_true(result.written == 1 && result.left == 4);
    same_tile(&kit, dir, "tile/0/000");
    same_checkpoint(&kit, dir);
    /* A full tile of a wrong size is written again in any case. */
    put(path, "000", "short");
    result = export_ok(&kit, dir, false);
    assert_true(result.written == 1 && result.left == 4);
    same_tile(&kit, dir, "tile/0/000");
    buf_free(&other);
    kit_end(&kit);
}

static void test_shelf_export_conflict(void **state)
{
    (void)state;
    struct kit kit, other;
    char dir[128], other_dir[128];
    shelf_kit(&kit, 5, dir);
    shelf_kit(&other, 7, other_dir);
    export_fails(&kit, kit.path, false, ERR_CONFLICT);
    export_fails(&kit, other.path, false, ERR_CONFLICT);
    export_ok(&other, other_dir, false);
    export_fails(&kit, other_dir, false, ERR_CONFLICT); /* of the same origin, and bigger */
    kit_fill(&kit, 9);
    export_fails(&kit, other_dir, false, ERR_CONFLICT); /* another root */
    put(other_dir, "checkpoint", "no checkpoint\n");
    export_fails(&kit, other_dir, false, ERR_CONFLICT);
    same_tile(&other, other_dir, "tile/0/000.p/7");
    export_ok(&kit, dir, true);
    export_fails(&kit, dir, false, ERR_CONFLICT);
    kit_end(&kit);
    kit_end(&other);
}

/* What this ledger signed and does not have any more accuses it. */
static void test_shelf_export_rolled_back(void **state)
{
    (void)state;
    struct kit kit;
    char dir[128], data[128], kept[128];
    struct buf bytes = {0};
    shelf_kit(&kit, 5, dir);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    assert_int_equal(files_read(kit.path, "data.mdb", 10000000, &bytes, NULL), ERR_OK);
    kit_open(&kit, true);
    kit_fill(&kit, 8);
    export_ok(&kit, dir, false);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    snprintf(data, sizeof(data), "%s/data.mdb", kit.path);
    snprintf(kept, sizeof(kept), "%s/lock.mdb", kit.path);
    assert_int_equal(files_replace(kit.path, "data.mdb", bytes.data, bytes.bytes, NULL), ERR_OK);
    assert_int_equal(unlink(kept), 0);
    kit_open(&kit, false);
    export_fails(&kit, dir, false, ERR_DAMAGED);
    buf_free(&bytes);
    kit_end(&kit);
}

static void test_shelf_export_busy_and_unwritable(void **state)
{
    (void)state;
    struct kit kit;
    char dir[128], deep[160];
    shelf_kit(&kit, 5, dir);
    snprintf(deep, sizeof(deep), "%s/nothing/tiles", kit.dir);
    export_fails(&kit, deep, false, ERR_IO);
    put(kit.dir, "file", "text");
    snprintf(deep, sizeof(deep), "%s/file", kit.dir);
    export_fails(&kit, deep, false, ERR_IO);
    export_ok(&kit, dir, false);
    int fd = open(dir, O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0 && flock(fd, LOCK_EX) == 0);
    export_fails(&kit, dir, false, ERR_BUSY);
    close(fd);
    snprintf(deep, sizeof(deep), "%s/tile", dir);
    kit_fill(&kit, 6);
    snprintf(deep, sizeof(deep), "%s/tile/0/000.p/6.new", dir);
    assert_int_equal(mkdir(deep, 0700), 0);
    export_fails(&kit, dir, false, ERR_IO);
    kit_end(&kit);
}

static void count_progress(void *ctx, uint64_t done, uint64_t total)
{
    uint64_t *last = ctx;
    assert_true(done == *last + 1 && total == 5);
    *last = done;
}

static void test_shelf_export_progress(void **state)
{
    (void)state;
    struct kit kit;
    char dir[128];
    uint64_t last = 0;
    struct shelf_result result;
    const struct shelf_options options = {.progress = count_progress, .ctx = &last};
    shelf_kit(&kit, 257, dir);
    assert_int_equal(shelf_export(kit.ledger, dir, &options, &result, &kit.why), ERR_OK);
    assert_true(last == 5);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shelf_export_grows),
        cmocka_unit_test(test_shelf_export_again_after_break),
        cmocka_unit_test(test_shelf_export_conflict),
        cmocka_unit_test(test_shelf_export_rolled_back),
        cmocka_unit_test(test_shelf_export_busy_and_unwritable),
        cmocka_unit_test(test_shelf_export_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
