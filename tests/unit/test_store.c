#include "tests/unit/disk_kit.h"
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sys/wait.h>

#include "ledger/files.h"
#include "ledger/secret.h"

static void commit(struct store_txn *txn)
{
    struct err_text why;
    store_ok(store_commit(txn, &why), &why);
}

static void put(struct store_txn *txn, enum store_table table, const char *key, const char *value)
{
    assert_int_equal(store_put(txn, table, key, strlen(key), value, strlen(value)), ERR_OK);
}

static void assert_row(const struct store_row *row, const char *key, const char *value)
{
    assert_true(row->found);
    assert_int_equal(row->key.bytes, strlen(key));
    assert_memory_equal(row->key.data, key, strlen(key));
    assert_int_equal(row->value.bytes, strlen(value));
    assert_memory_equal(row->value.data, value, strlen(value));
}

static void test_store_open_nothing_there(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = NULL;
    kit_dir(&kit);
    assert_int_equal(store_open(kit.path, STORE_SHARED, &store, &kit.why), ERR_NOT_FOUND);
    assert_int_equal(store_open(kit.path, STORE_CREATE, &store, &kit.why), ERR_NOT_FOUND);
    assert_int_equal(mkdir(kit.path, 0700), 0);
    assert_int_equal(store_open(kit.path, STORE_SHARED, &store, &kit.why), ERR_NOT_FOUND);
    assert_null(store);
    kit_end(&kit);
}

static void test_store_open_foreign_file(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "#!/bin/sh\n"};
    struct kit kit;
    struct store *store = NULL;
    uint8_t noise[8192];
    kit_dir(&kit);
    assert_int_equal(mkdir(kit.path, 0700), 0);
    for (int i = 0; i < 2; i++) {
        store_ok(files_replace(kit.path, "data.mdb", texts[i], strlen(texts[i]), &kit.why),
                 &kit.why);
        assert_int_equal(store_open(kit.path, STORE_SHARED, &store, &kit.why), ERR_DAMAGED);
        assert_non_null(strstr(kit.why.s, "backup"));
    }
    memset(noise, 0xa5, sizeof(noise));
    store_ok(files_replace(kit.path, "data.mdb", noise, sizeof(noise), &kit.why), &kit.why);
    assert_int_equal(store_open(kit.path, STORE_SHARED, &store, &kit.why), ERR_DAMAGED);
    kit_end(&kit);
}

static void test_store_open_foreign_environment(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = NULL;
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi table;
    kit_dir(&kit);
    assert_int_equal(mkdir(kit.path, 0700), 0);
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 2), 0);
    assert_int_equal(mdb_env_open(env, kit.path, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "mail", MDB_CREATE, &table), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    assert_int_equal(store_open(kit.path, STORE_SHARED, &store, &kit.why), ERR_DAMAGED);
    kit_end(&kit);
}

static void test_store_open_short_file(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct stat info;
    char value[5000] = {0}, path[160];
    struct store_txn *txn = store_txn_new(store, true);
    for (uint64_t i = 0; i < 20; i++)
        assert_int_equal(store_put_seq(txn, STORE_EVENTS, i, value, sizeof(value)), ERR_OK);
    commit(txn);
    store_close(store);
    snprintf(path, sizeof(path), "%s/data.mdb", kit.path);
    assert_int_equal(stat(path, &info), 0);
    for (off_t bytes = info.st_size - 1; bytes >= 0; bytes -= bytes > 8192 ? 4000 : 500) {
        assert_int_equal(truncate(path, bytes), 0);
        store = NULL;
        assert_int_equal(store_open(kit.path, STORE_SHARED, &store, &kit.why), ERR_DAMAGED);
    }
    kit_end(&kit);
}

static void test_store_open_twice_in_a_process(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit), *again = NULL, *alone = NULL;
    store_ok(store_open(kit.path, STORE_SHARED, &again, &kit.why), &kit.why);
    assert_ptr_equal(store, again);
    assert_int_equal(store_open(kit.path, STORE_ALONE, &alone, &kit.why), ERR_BUSY);
    store_close(store);
    struct store_txn *txn = store_txn_new(again, false);
    store_abort(txn);
    store_close(again);
    store_ok(store_open(kit.path, STORE_ALONE, &alone, &kit.why), &kit.why);
    store_close(alone);
    kit_end(&kit);
}

/* Runs ${how} in a process of its own that holds the store until told to end. */
static pid_t hold(const char *path, enum store_how how, int *ret_end)
{
    int ready[2], end[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(end), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store *store = NULL;
        close(end[1]);
        bool opened = store_open(path, how, &store, NULL) == ERR_OK;
        bool told = write(ready[1], &byte, 1) == 1;
        told = told && read(end[0], &byte, 1) >= 0;
        store_close(store);
        _exit(opened && told ? 0 : 1);
    }
    close(end[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    *ret_end = end[1];
    return child;
}

static void let_go(pid_t child, int end)
{
    int status = 0;
    close(end);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_store_open_held_elsewhere(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    int end;
    store_close(store);
    pid_t child = hold(kit.path, STORE_SHARED, &end);
    store = NULL;
    assert_int_equal(store_open(kit.path, STORE_ALONE, &store, &kit.why), ERR_BUSY);
    store_ok(store_open(kit.path, STORE_SHARED, &store, &kit.why), &kit.why);
    store_close(store);
    let_go(child, end);
    child = hold(kit.path, STORE_ALONE, &end);
    store = NULL;
    assert_int_equal(store_open(kit.path, STORE_SHARED, &store, &kit.why), ERR_BUSY);
    let_go(child, end);
    store_ok(store_open(kit.path, STORE_SHARED, &store, &kit.why), &kit.why);
    store_close(store);
    kit_end(&kit);
}

static void test_store_put_then_get(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct slice value;
    uint64_t count = 0;
    bool found = true;
    struct store_txn *txn = store_txn_new(store, true);
    put(txn, STORE_IDS, "k", "v");
    assert_int_equal(store_get(txn, STORE_IDS, "k", 1, &value, &found), ERR_OK);
    assert_true(found);
    commit(txn);
    txn = store_txn_new(store, false);
    assert_int_equal(store_get(txn, STORE_IDS, "k", 1, &value, &found), ERR_OK);
    assert_true(found && value.bytes == 1 && value.data[0] == 'v');
    assert_int_equal(store_get(txn, STORE_IDS, "l", 1, &value, &found), ERR_OK);
    assert_false(found);
    assert_int_equal(store_get(txn, STORE_STREAMS, "k", 1, &value, &found), ERR_OK);
    assert_false(found);
    assert_int_equal(store_count(txn, STORE_IDS, &count), ERR_OK);
    assert_int_equal(count, 1);
    store_abort(txn);
    store_close(store);
    kit_end(&kit);
}

static void test_store_put_taken(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct slice value;
    bool found;
    struct store_txn *txn = store_txn_new(store, true);
    put(txn, STORE_IDS, "k", "v");
    assert_int_equal(store_put(txn, STORE_IDS, "k", 1, "w", 1), ERR_CONFLICT);
    assert_int_equal(store_put_seq(txn, STORE_ENTRIES, 5, "e", 1), ERR_OK);
    assert_int_equal(store_put_seq(txn, STORE_ENTRIES, 5, "f", 1), ERR_CONFLICT);
    assert_int_equal(store_put_seq(txn, STORE_ENTRIES, 4, "f", 1), ERR_CONFLICT);
    put(txn, STORE_META, "k", "v");
    put(txn, STORE_META, "k", "other");
    assert_int_equal(store_get(txn, STORE_META, "k", 1, &value, &found), ERR_OK);
    assert_int_equal(value.bytes, 5);
    commit(txn);
    store_close(store);
    kit_end(&kit);
}

static void test_store_get_overlong_value(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct store_row row;
    struct slice value;
    bool found;
    struct store_txn *txn = store_txn_new(store, true);
    put(txn, STORE_IDS, "k", "nine byte");
    assert_int_equal(store_get(txn, STORE_IDS, "k", 1, &value, &found), ERR_DAMAGED);
    assert_int_equal(store_seek(txn, STORE_IDS, (struct slice){NULL, 0}, true, &row), ERR_DAMAGED);
    store_abort(txn);
    store_close(store);
    kit_end(&kit);
}

static void test_store_abort_leaves_nothing(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct slice value;
    bool found = true;
    struct store_txn *txn = store_txn_new(store, true);
    put(txn, STORE_IDS, "k", "v");
    store_abort(txn);
    store_abort(NULL);
    txn = store_txn_new(store, false);
    assert_int_equal(store_get(txn, STORE_IDS, "k", 1, &value, &found), ERR_OK);
    assert_false(found);
    store_abort(txn);
    store_close(store);
    store_close(NULL);
    kit_end(&kit);
}

static struct slice slice(const char *text)
{
    return (struct slice){(const uint8_t *)text, strlen(text)};
}

static void test_store_seek_around_keys(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct store_row row;
    struct store_txn *txn = store_txn_new(store, true);
    assert_int_equal(store_seek(txn, STORE_STREAMS, slice(""), true, &row), ERR_OK);
    assert_false(row.found);
    assert_int_equal(store_seek(txn, STORE_STREAMS, slice("a"), true, &row), ERR_OK);
    assert_false(row.found);
    put(txn, STORE_STREAMS, "b", "1");
    put(txn, STORE_STREAMS, "d", "2");
    assert_int_equal(store_seek(txn, STORE_STREAMS, slice(""), false, &row), ERR_OK);
    assert_row(&row, "b", "1");
    assert_int_equal(store_seek(txn, STORE_STREAMS, slice(""), true, &row), ERR_OK);
    assert_row(&row, "d", "2");
    assert_int_equal(store_seek(txn, STORE_STREAMS, slice("b"), false, &row), ERR_OK);
    assert_row(&row, "b", "1");
    assert_int_equal(store_seek(txn, STORE_STREAMS, slice("c"), false, &row), ERR_OK);
    assert_row(&row, "d", "2");
    assert_int_equal(store_seek(txn, STORE_STREAMS, slice("d"), true, &row), ERR_OK);
    assert_row(&row, "b", "1");
    assert_int_equal(store_seek(txn, STORE_STREAMS, slice("e"), true, &row), ERR_OK);
    assert_row(&row, "d", "2");
    assert_int_equal(store_seek(txn, STORE_STREAMS, slice("b"), true, &row), ERR_OK);
    assert_false(row.found);
    assert_int_equal(store_seek(txn, STORE_STREAMS, slice("e"), false, &row), ERR_OK);
    assert_false(row.found);
    store_abort(txn);
    store_close(store);
    kit_end(&kit);
}

static void test_store_walk_in_order(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct store_walk *walk = NULL;
    struct store_row row;
    struct store_txn *txn = store_txn_new(store, true);
    put(txn, STORE_IDS, "c", "3");
    put(txn, STORE_IDS, "a", "1");
    put(txn, STORE_IDS, "b", "2");
    assert_int_equal(store_walk_open(txn, STORE_IDS, slice(""), &walk), ERR_OK);
    for (const char *at = "abc"; *at != '\0'; at++) {
        assert_int_equal(store_walk_next(walk, &row), ERR_OK);
        assert_true(row.found && row.key.data[0] == (uint8_t)*at);
    }
    assert_int_equal(store_walk_next(walk, &row), ERR_OK);
    assert_false(row.found);
    store_walk_close(walk);
    assert_int_equal(store_walk_open(txn, STORE_IDS, slice("aa"), &walk), ERR_OK);
    assert_int_equal(store_walk_next(walk, &row), ERR_OK);
    assert_row(&row, "b", "2");
    store_walk_close(walk);
    store_walk_close(NULL);
    store_abort(txn);
    store_close(store);
    kit_end(&kit);
}

static void test_store_begin_disk_low(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit), *other = NULL;
    struct store_txn *txn = NULL;
    char path[160];
    disk_full = true;
    assert_int_equal(store_begin(store, true, &txn, &kit.why), ERR_DISK_LOW);
    assert_null(txn);
    txn = store_txn_new(store, false);
    store_abort(txn);
    snprintf(path, sizeof(path), "%s/copy.mdb", kit.dir);
    assert_int_equal(store_copy(store, path, &kit.why), ERR_DISK_LOW);
    store_close(store);
    assert_int_equal(store_open(kit.dir, STORE_CREATE, &other, &kit.why), ERR_DISK_LOW);
    disk_full = false;
    kit_end(&kit);
}

static void test_store_commit_that_cannot_sync(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct store_txn *txn = store_txn_new(store, true);
    put(txn, STORE_IDS, "k", "v");
    sync_fails = true;
    assert_int_equal(store_commit(txn, &kit.why), ERR_IO);
    sync_fails = false;
    store_close(store);
    kit_end(&kit);
}

static void test_store_copy_opens(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit), *copy = NULL;
    struct slice value;
    bool found = false;
    char room[160], path[200];
    struct store_txn *txn = store_txn_new(store, true);
    put(txn, STORE_IDS, "k", "v");
    commit(txn);
    snprintf(room, sizeof(room), "%s/room", kit.dir);
    snprintf(path, sizeof(path), "%s/data.mdb", room);
    assert_int_equal(mkdir(room, 0700), 0);
    store_ok(store_copy(store, path, &kit.why), &kit.why);
    assert_int_equal(store_copy(store, path, &kit.why), ERR_IO);
    store_ok(store_open(room, STORE_SHARED, &copy, &kit.why), &kit.why);
    assert_ptr_not_equal(store, copy);
    txn = store_txn_new(copy, false);
    assert_int_equal(store_get(txn, STORE_IDS, "k", 1, &value, &found), ERR_OK);
    assert_true(found);
    store_abort(txn);
    store_close(copy);
    store_close(store);
    kit_end(&kit);
}

/* Commits of all sizes leave a file of the right shape, and long enough for what it says. */
static void test_store_check_after_many_commits(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct pages_place place;
    const struct pages_how how = {.threads = 1};
    static uint8_t value[200000];
    uint32_t random = 1;
    uint64_t seq = 0;
    for (uint32_t i = 0; i < 200; i++) {
        struct store_txn *txn = store_txn_new(store, true);
        for (uint32_t left = 1 + i % 7; left > 0; left--, seq++) {
            char key[300];
            random = random * 1664525 + 1013904223;
            snprintf(key, sizeof(key), "%0*u", (int)(8 + random % 280), random);
            uint32_t bytes = random % 11 == 0 ? random % sizeof(value) : random % 3000;
            assert_int_equal(store_put_seq(txn, STORE_EVENTS, seq, value, bytes), ERR_OK);
            put(txn, STORE_IDS, key, "12345678");
            assert_int_equal(store_put(txn, STORE_META, "m", 1, value, random % 5000), ERR_OK);
        }
        commit(txn);
        store_ok(store_check(store, &how, &place, &kit.why), &kit.why);
        if (i % 20 == 0) {
            store_close(store);
            store_ok(store_open(kit.path, STORE_SHARED, &store, &kit.why), &kit.why);
        }
    }
    store_close(store);
    kit_end(&kit);
}

static void test_secret_load_refusals(void **state)
{
    (void)state;
    struct kit kit;
    struct secret *secret = NULL, *again = NULL;
    char path[160];
    kit_dir(&kit);
    assert_int_equal(secret_load(kit.dir, "k", &secret, &kit.why), ERR_NOT_FOUND);
    store_ok(secret_make(kit.dir, "k", NULL, &secret, &kit.why), &kit.why);
    assert_int_equal(secret_make(kit.dir, "k", NULL, &again, &kit.why), ERR_CONFLICT);
    store_ok(secret_load(kit.dir, "k", &again, &kit.why), &kit.why);
    assert_memory_equal(secret->secret_key, again->secret_key, sizeof(secret->secret_key));
    assert_memory_equal(secret->public_key, again->public_key, sizeof(secret->public_key));
    secret_free(secret);
    secret_free(again);
    secret_free(NULL);
    snprintf(path, sizeof(path), "%s/k", kit.dir);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(secret_load(kit.dir, "k", &secret, &kit.why), ERR_IO);
    assert_non_null(strstr(kit.why.s, "chmod 600"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 40), 0);
    assert_int_equal(secret_load(kit.dir, "k", &secret, &kit.why), ERR_DAMAGED);
    store_ok(files_replace(kit.dir, "k", "zz", 2, &kit.why), &kit.why);
    assert_int_equal(secret_load(kit.dir, "k", &secret, &kit.why), ERR_DAMAGED);
    kit_end(&kit);
}

static void test_files_read_and_replace(void **state)
{
    (void)state;
    struct kit kit;
    struct buf buf = {0};
    kit_dir(&kit);
    assert_int_equal(files_read(kit.dir, "f", 10, &buf, &kit.why), ERR_NOT_FOUND);
    assert_false(files_there(kit.dir, "f"));
    store_ok(files_make(kit.dir, "f", "one", 3, &kit.why), &kit.why);
    assert_int_equal(files_make(kit.dir, "f", "two", 3, &kit.why), ERR_CONFLICT);
    store_ok(files_replace(kit.dir, "f", "three", 5, &kit.why), &kit.why);
    assert_true(files_there(kit.dir, "f"));
    assert_false(files_there(kit.dir, "f.new"));
    assert_int_equal(files_read(kit.dir, "f", 4, &buf, &kit.why), ERR_TOO_BIG);
    assert_int_equal(buf.bytes, 0);
    store_ok(files_read(kit.dir, "f", 5, &buf, &kit.why), &kit.why);
    assert_string_equal((const char *)buf.data, "three");
    assert_int_equal(files_make("/nonexistent", "f", "", 0, &kit.why), ERR_IO);
    assert_int_equal(files_replace("/nonexistent", "f", "", 0, &kit.why), ERR_IO);
    assert_int_equal(files_sync_dir("/nonexistent", &kit.why), ERR_IO);
    buf_free(&buf);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_open_nothing_there),
        cmocka_unit_test(test_store_open_foreign_file),
        cmocka_unit_test(test_store_open_foreign_environment),
        cmocka_unit_test(test_store_open_short_file),
        cmocka_unit_test(test_store_open_twice_in_a_process),
        cmocka_unit_test(test_store_open_held_elsewhere),
        cmocka_unit_test(test_store_put_then_get),
        cmocka_unit_test(test_store_put_taken),
        cmocka_unit_test(test_store_get_overlong_value),
        cmocka_unit_test(test_store_abort_leaves_nothing),
        cmocka_unit_test(test_store_seek_around_keys),
        cmocka_unit_test(test_store_walk_in_order),
        cmocka_unit_test(test_store_begin_disk_low),
        cmocka_unit_test(test_store_commit_that_cannot_sync),
        cmocka_unit_test(test_store_copy_opens),
        cmocka_unit_test(test_store_check_after_many_commits),
        cmocka_unit_test(test_secret_load_refusals),
        cmocka_unit_test(test_files_read_and_replace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
