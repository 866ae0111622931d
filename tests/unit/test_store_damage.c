/* What the store makes of a file that a disk or somebody has changed, before any hash is looked at:
 * it says so, or nothing is changed by it, and no process dies of it.
 */
#include "tests/unit/ledger_kit.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "ledger/files.h"
#include "ledger/store.h"

#define PAGE 4096
#define ROWS 400
#define CHANGED 2 /* exit codes of a child */
#define DAMAGED 4

static void value_of(uint64_t seq, uint8_t version, uint8_t ret[1000])
{
    memset(ret, (int)(seq % 251), 1000);
    ret[0] = version;
}

/* One commit that writes ${count} rows from ${from} on, each with the version of the commit. */
static void fill(struct store *store, uint64_t from, uint64_t count, uint8_t version)
{
    struct store_txn *txn = NULL;
    struct err_text why = {""};
    uint8_t value[1000];
    assert_int_equal(store_begin(store, true, &txn, &why), ERR_OK);
    for (uint64_t seq = from; seq < from + count; seq++) {
        value_of(seq, version, value);
        assert_int_equal(store_put_seq(txn, STORE_EVENTS, seq, value, sizeof(value)), ERR_OK);
    }
    assert_int_equal(store_put(txn, STORE_META, "version", 7, &version, 1), ERR_OK);
    assert_int_equal(store_commit(txn, &why), ERR_OK);
}

/* Opens the store, has its shape checked, and reads all rows of the commits up to ${version}. */
static int look(const struct kit *kit, uint64_t rows, uint8_t version)
{
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct pages_place place = {0};
    const struct pages_how how = {.threads = 1};
    struct err_text why = {""};
    struct slice found = {0};
    uint8_t value[1000];
    bool there = false;
    if (store_open(kit->path, STORE_SHARED, &store, &why) == ERR_DAMAGED)
        return why.s[0] != '\0' ? DAMAGED : 1;
    if (store == NULL)
        return 1;
    enum err err = store_check(store, &how, &place, &why);
    if (err != ERR_OK)
        return err == ERR_DAMAGED && why.s[0] != '\0' ? DAMAGED : 1;
    if (store_begin(store, false, &txn, &why) != ERR_OK ||
        store_get(txn, STORE_META, "version", 7, &found, &there) != ERR_OK || !there ||
        found.data[0] != version)
        return CHANGED;
    for (uint64_t seq = 0; seq < rows; seq++) {
        if (store_get_seq(txn, STORE_EVENTS, seq, &found, &there) != ERR_OK || !there)
            return CHANGED;
        value_of(seq, found.data[0], value);
        if (found.bytes != sizeof(value) || memcmp(found.data, value, sizeof(value)) != 0)
            return CHANGED;
    }
    store_abort(txn);
    store_close(store);
    return 0;
}

/* The same in a process of its own: what it exits with; LMDB may end it where it sees the damage.
 */
static int look_apart(const struct kit *kit, uint64_t rows, uint8_t version, off_t where)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(look(kit, rows, version));
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status))
        fail_msg("offset %lld: signal %d", (long long)where, WTERMSIG(status));
    return WEXITSTATUS(status);
}

/* A store of some commits in a file; its descriptor. */
static int make(struct kit *kit, struct buf *data)
{
    struct store *store = NULL;
    kit_dir(kit);
    assert_int_equal(mkdir(kit->path, 0700), 0);
    assert_int_equal(store_open(kit->path, STORE_CREATE, &store, &kit->why), ERR_OK);
    for (uint8_t version = 1; version <= 4; version++)
        fill(store, (version - 1U) * (ROWS / 4), ROWS / 4, version);
    store_close(store);
    assert_int_equal(files_read(kit->path, "data.mdb", 1 << 24, data, NULL), ERR_OK);
    char *path = files_path(kit->path, "data.mdb");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    free(path);
    return fd;
}

static void write_at(int fd, const void *data, size_t bytes, off_t at)
{
    assert_int_equal(pwrite(fd, data, bytes, at), (ssize_t)bytes);
}

/* Each page in turn without its bytes, or with those of the page before it. */
static void pages_lost(bool shifted)
{
    struct kit kit;
    struct buf data = {0};
    static const uint8_t zeros[PAGE];
    unsigned seen = 0;
    int fd = make(&kit, &data);
    assert_int_equal(look_apart(&kit, ROWS, 4, -1), 0);
    for (size_t at = shifted ? PAGE : 0; at + PAGE <= data.bytes; at += PAGE) {
        write_at(fd, shifted ? data.data + at - PAGE : zeros, PAGE, (off_t)at);
        int code = look_apart(&kit, ROWS, 4, (off_t)at);
        if (code != 0 && code != DAMAGED)
            fail_msg("page %zu: exit %d", at / PAGE, code);
        seen += code == DAMAGED;
        write_at(fd, data.data + at, PAGE, (off_t)at);
    }
    assert_true(seen > ROWS / 4); /* four rows a page, and few pages are free */
    assert_int_equal(look_apart(&kit, ROWS, 4, -1), 0);
    close(fd);
    buf_free(&data);
    kit_end(&kit);
}

static void test_store_open_zeroed_pages(void **state)
{
    (void)state;
    pages_lost(false);
}

static void test_store_open_shifted_pages(void **state)
{
    (void)state;
    pages_lost(true);
}

/* The write of the last meta page was lost: what the file says is the commit before, whole. */
static void test_store_open_last_meta_page_lost(void **state)
{
    (void)state;
    struct kit kit;
    struct buf old = {0}, now = {0};
    struct store *store = NULL;
    unsigned before = 0;
    int fd = make(&kit, &old);
    assert_int_equal(store_open(kit.path, STORE_SHARED, &store, &kit.why), ERR_OK);
    fill(store, ROWS, 100, 5);
    store_close(store);
    assert_int_equal(look_apart(&kit, ROWS + 100, 5, -1), 0);
    assert_int_equal(files_read(kit.path, "data.mdb", 1 << 24, &now, NULL), ERR_OK);
    for (size_t at = 0; at < 2 * PAGE; at += PAGE) {
        if (memcmp(old.data + at, now.data + at, PAGE) == 0)
            continue; /* the commit wrote the other one */
        write_at(fd, old.data + at, PAGE, (off_t)at);
        assert_int_equal(look_apart(&kit, ROWS, 4, (off_t)at), 0);
        write_at(fd, now.data + at, PAGE, (off_t)at);
        before++;
    }
    assert_int_equal(before, 1);
    close(fd);
    buf_free(&old);
    buf_free(&now);
    kit_end(&kit);
}

/* Both meta pages of long ago, whose pages later commits have used again. */
static void test_store_open_old_meta_pages(void **state)
{
    (void)state;
    struct kit kit;
    struct buf old = {0};
    struct store *store = NULL;
    int fd = make(&kit, &old);
    assert_int_equal(store_open(kit.path, STORE_SHARED, &store, &kit.why), ERR_OK);
    for (uint8_t version = 5; version < 40; version++)
        fill(store, ROWS + (version - 5U) * 3U, 3, version);
    store_close(store);
    write_at(fd, old.data, 2 * (size_t)PAGE, 0);
    assert_int_equal(look_apart(&kit, ROWS, 4, 0), DAMAGED);
    close(fd);
    buf_free(&old);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_open_zeroed_pages),
        cmocka_unit_test(test_store_open_shifted_pages),
        cmocka_unit_test(test_store_open_last_meta_page_lost),
        cmocka_unit_test(test_store_open_old_meta_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
