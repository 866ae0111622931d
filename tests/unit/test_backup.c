#include "tests/unit/disk_kit.h"
#include "tests/unit/ledger_kit.h"

#include <dirent.h>

#include "ledger/backup.h"
#include "ledger/copy.h"
#include "ledger/files.h"
#include "ledger/recover.h"
#include "ledger/secret.h"

#define ENTRIES 20

/* A ledger that is open, and the path of a backup beside it. */
static char *make(struct kit *kit)
{
    kit_new(kit);
    kit_fill(kit, ENTRIES);
    return files_path(kit->dir, "copy");
}

static enum err back_up(const struct kit *kit, const char *dir,
                        const struct backup_options *options, struct backup_result *ret_result,
                        struct err_text *ret_why)
{
    struct backup *backup = NULL;
    enum err err = backup_new(kit->path, dir, &backup, ret_why);
    if (err == ERR_OK)
        err = backup_make(backup, options, ret_result, ret_why);
    backup_free(backup);
    return err;
}

/* How many names a directory has whose begin is ${begin}. */
static unsigned names(const char *dir, const char *begin)
{
    unsigned count = 0;
    DIR *listing = opendir(dir);
    assert_non_null(listing);
    for (struct dirent *at = readdir(listing); at != NULL; at = readdir(listing))
        count += at->d_name[0] != '.' && strncmp(at->d_name, begin, strlen(begin)) == 0;
    closedir(listing);
    return count;
}

/* Wants an error, and nothing left of what was begun. */
static void assert_fails(const struct kit *kit, const char *dir, enum err wanted, const char *why)
{
    const struct backup_options options = {0};
    struct backup_result result = {0};
    struct err_text said = {""};
    unsigned before = names(kit->dir, "copy");
    assert_int_equal(back_up(kit, dir, &options, &result, &said), wanted);
    if (strstr(said.s, why) == NULL)
        fail_msg("no '%s' in: %s", why, said.s);
    assert_int_equal(result.size, 0);
    assert_int_equal(names(kit->dir, "copy"), before);
}

static void test_backup_make_beside_a_writer(void **state)
{
    (void)state;
    struct kit kit, copy = {0};
    const struct backup_options options = {0};
    struct backup_result result = {0};
    struct buf note = {0};
    struct stat info;
    char *dir = make(&kit);
    assert_int_equal(back_up(&kit, dir, &options, &result, &kit.why), ERR_OK);
    kit_fill(&kit, ENTRIES + 5);
    uint8_t root[HASH_BYTES];
    assert_int_equal(ledger_root(kit.ledger, ENTRIES, root, NULL), ERR_OK);
    assert_int_equal(result.size, ENTRIES);
    assert_memory_equal(result.root, root, HASH_BYTES);
    assert_int_equal(names(dir, ""), 2);
    char *data = files_path(dir, "data.mdb");
    assert_int_equal(stat(data, &info), 0);
    assert_int_equal(info.st_size, result.bytes);
    assert_int_equal(info.st_mode & 0777, 0600);
    struct checkpoint checkpoint = {0};
    assert_int_equal(files_read(dir, COPY_NAME, NOTE_BYTES_MAX, &note, NULL), ERR_OK);
    assert_int_equal(checkpoint_parse((char *)note.data, note.bytes, &checkpoint), ERR_OK);
    assert_int_equal(checkpoint.size, ENTRIES);
    /* It can be read, and not be written. */
    assert_int_equal(ledger_open(dir, true, &copy.ledger, &kit.why), ERR_NOT_FOUND);
    assert_int_equal(ledger_open(dir, false, &copy.ledger, &kit.why), ERR_OK);
    ledger_close(copy.ledger);
    buf_free(&note);
    free(data);
    free(dir);
    kit_end(&kit);
}

static void test_backup_make_with_keys_goes_on(void **state)
{
    (void)state;
    struct kit kit, copy = {0};
    const struct backup_options options = {.with_keys = true, .unverified = true};
    struct backup_result result = {0};
    struct stat info;
    char *dir = make(&kit);
    assert_int_equal(mkdir(dir, 0755), 0); /* an empty one is taken */
    assert_int_equal(back_up(&kit, dir, &options, &result, &kit.why), ERR_OK);
    assert_int_equal(stat(dir, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    char *key = files_path(dir, SECRET_CHECKPOINT);
    assert_int_equal(stat(key, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    snprintf(copy.path, sizeof(copy.path), "%s", dir);
    kit_open(&copy, true);
    kit_fill(&copy, ENTRIES + 1);
    ledger_close(copy.ledger);
    free(key);
    free(dir);
    kit_end(&kit);
}

static void test_backup_new_where_something_is(void **state)
{
    (void)state;
    struct kit kit;
    char *dir = make(&kit), *none = files_path(kit.dir, "none/copy");
    assert_fails(&kit, kit.path, ERR_CONFLICT, "not empty");
    assert_int_equal(files_make(kit.dir, "copy", "x", 1, NULL), ERR_OK);
    assert_fails(&kit, dir, ERR_CONFLICT, "Not a directory");
    assert_fails(&kit, none, ERR_IO, "cannot be made");
    free(none);
    free(dir);
    kit_end(&kit);
}

/* Somebody takes the name while it is made. */
static void test_backup_make_where_something_came(void **state)
{
    (void)state;
    struct kit kit;
    const struct backup_options options = {0};
    struct backup_result result = {0};
    struct backup *backup = NULL;
    char *dir = make(&kit);
    assert_int_equal(backup_new(kit.path, dir, &backup, &kit.why), ERR_OK);
    assert_int_equal(backup_bytes(backup), 0);
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_int_equal(files_make(dir, "theirs", "x", 1, NULL), ERR_OK);
    assert_int_equal(backup_make(backup, &options, &result, &kit.why), ERR_CONFLICT);
    assert_int_equal(names(dir, ""), 1);
    assert_int_equal(names(kit.dir, "copy"), 1);
    backup_free(backup);
    backup_free(NULL);
    free(dir);
    kit_end(&kit);
}

static void test_backup_make_of_what_cannot_be(void **state)
{
    (void)state;
    struct kit kit;
    char *dir = make(&kit);
    disk_full = true;
    assert_fails(&kit, dir, ERR_DISK_LOW, "MiB are free");
    disk_full = false;
    recover_mark(kit.path);
    assert_fails(&kit, dir, ERR_IO, "recover it first");
    ledger_close(kit.ledger);
    kit_open(&kit, true); /* which recovers */
    struct kit nothing = kit;
    snprintf(nothing.path, sizeof(nothing.path), "%s/nothing", kit.dir);
    assert_fails(&nothing, dir, ERR_NOT_FOUND, "cannot be opened");
    free(dir);
    kit_end(&kit);
}

static void test_backup_make_of_a_damaged_ledger(void **state)
{
    (void)state;
    struct kit kit;
    struct buf data = {0};
    struct record *record = NULL;
    char *dir = make(&kit);
    assert_int_equal(ledger_read(kit.ledger, 7, &record, NULL), ERR_OK);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    assert_int_equal(files_read(kit.path, "data.mdb", 1 << 26, &data, NULL), ERR_OK);
    for (uint8_t *at = data.data; at != NULL;) {
        size_t left = (size_t)(data.data + data.bytes - at);
        at = memmem(at, left, record->event.data, record->event.bytes);
        if (at != NULL)
            at[5] ^= 1;
    }
    assert_int_equal(files_replace(kit.path, "data.mdb", data.data, data.bytes, NULL), ERR_OK);
    assert_fails(&kit, dir, ERR_DAMAGED, "entry 7");
    ledger_record_free(record);
    buf_free(&data);
    free(dir);
    kit_end(&kit);
}

static void test_backup_drop_leaves_nothing(void **state)
{
    (void)state;
    struct kit kit;
    struct backup *backup = NULL;
    char *dir = make(&kit);
    assert_int_equal(backup_new(kit.path, dir, &backup, &kit.why), ERR_OK);
    assert_int_equal(names(kit.dir, "copy.partial-"), 1);
    backup_drop(backup);
    backup_drop(backup);
    assert_int_equal(names(kit.dir, "copy"), 0);
    backup_free(backup);
    free(dir);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backup_make_beside_a_writer),
        cmocka_unit_test(test_backup_make_with_keys_goes_on),
        cmocka_unit_test(test_backup_new_where_something_is),
        cmocka_unit_test(test_backup_make_where_something_came),
        cmocka_unit_test(test_backup_make_of_what_cannot_be),
        cmocka_unit_test(test_backup_make_of_a_damaged_ledger),
        cmocka_unit_test(test_backup_drop_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
