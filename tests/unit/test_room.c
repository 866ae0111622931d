#include "tests/unit/ledger_kit.h"

#include "ledger/files.h"
#include "ledger/room.h"

static void file_copy(const char *from, const char *to)
{
    struct buf data = {0};
    assert_int_equal(files_read(from, "data.mdb", 1 << 26, &data, NULL), ERR_OK);
    assert_int_equal(files_make(to, "data.mdb", data.data, data.bytes, NULL), ERR_OK);
    buf_free(&data);
}

/* A closed ledger with a copy of its environment in its room. */
static void make(struct kit *kit)
{
    char *room = NULL;
    kit_new(kit);
    kit_fill(kit, 10);
    ledger_close(kit->ledger);
    kit->ledger = NULL;
    assert_int_equal(room_make(kit->path, &room, NULL), ERR_OK);
    file_copy(kit->path, room);
    free(room);
}

static void test_room_make_begins_anew(void **state)
{
    (void)state;
    struct kit kit;
    char *room = NULL;
    make(&kit);
    assert_int_equal(room_make(kit.path, &room, NULL), ERR_OK);
    assert_false(files_there(room, "data.mdb"));
    room_clear(kit.path);
    assert_false(files_there(kit.path, "recovery"));
    room_clear(kit.path);
    free(room);
    assert_int_equal(room_make(kit.dir, &room, NULL), ERR_OK);
    assert_int_equal(files_make(room, "strange", "x", 1, NULL), ERR_OK);
    free(room);
    assert_int_equal(room_make(kit.dir, &room, NULL), ERR_IO);
    kit_end(&kit);
}

static void test_room_verify_tells_damage(void **state)
{
    (void)state;
    struct kit kit;
    struct err_text why = {""};
    const struct verify_options options = {0};
    make(&kit);
    assert_int_equal(room_verify(kit.path, &options, &why), ERR_OK);
    char *room = files_path(kit.path, "recovery");
    assert_int_equal(files_replace(room, "data.mdb", "x", 1, NULL), ERR_OK);
    assert_int_equal(room_verify(kit.path, &options, &why), ERR_DAMAGED);
    assert_non_null(strstr(why.s, "data.mdb"));
    free(room);
    room_clear(kit.path);
    assert_int_equal(room_verify(kit.path, &options, &why), ERR_NOT_FOUND);
    kit_end(&kit);
}

static bool stop(void *ctx)
{
    (void)ctx;
    return true;
}

static void test_room_verify_can_be_stopped(void **state)
{
    (void)state;
    struct kit kit;
    char *room = NULL;
    struct err_text why = {""};
    const struct verify_options options = {.stop = stop};
    kit_new(&kit);
    kit_fill(&kit, 300);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    assert_int_equal(room_make(kit.path, &room, NULL), ERR_OK);
    file_copy(kit.path, room);
    assert_int_equal(room_verify(kit.path, &options, &why), ERR_BUSY);
    assert_string_equal(why.s, "stopped");
    free(room);
    kit_end(&kit);
}

static void test_room_swap_keeps_the_old(void **state)
{
    (void)state;
    struct kit kit;
    struct stat fresh, old, now;
    make(&kit);
    char *data = files_path(kit.path, "data.mdb"),
         *made = files_path(kit.path, "recovery/data.mdb");
    char *kept = files_path(kit.path, "kept");
    assert_int_equal(stat(data, &old), 0);
    assert_int_equal(stat(made, &fresh), 0);
    assert_int_equal(room_swap(kit.path, "checkpoint", NULL), ERR_CONFLICT);
    assert_int_equal(room_swap(kit.path, "kept", NULL), ERR_OK);
    assert_int_equal(stat(data, &now), 0);
    assert_int_equal(now.st_ino, fresh.st_ino);
    assert_int_equal(stat(kept, &now), 0);
    assert_int_equal(now.st_ino, old.st_ino);
    assert_false(files_there(kit.path, "lock.mdb"));
    assert_int_equal(room_swap(kit.path, NULL, NULL), ERR_IO);
    room_clear(kit.path);
    kit_open(&kit, true);
    free(data);
    free(made);
    free(kept);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_make_begins_anew),
        cmocka_unit_test(test_room_verify_tells_damage),
        cmocka_unit_test(test_room_verify_can_be_stopped),
        cmocka_unit_test(test_room_swap_keeps_the_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
