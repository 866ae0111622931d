#include "tests/unit/ledger_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>

#include "ledger/files.h"
#include "ledger/pages_ahead.h"
#include "ledger/store.h"

#define PAGE_BYTES 4096
#define ROWS 20000 /* three levels of pages */
#define ASKED_MAX 4096

/* The kernel is asked of here: what for, and what it says is in memory. */
static struct {
    uint64_t from, to; /* pages */
} asked[ASKED_MAX];
static size_t asked_count;
static bool in_memory;

int posix_fadvise(int fd, off_t from, off_t bytes, int advice)
{
    (void)fd;
    assert_int_equal(advice, POSIX_FADV_WILLNEED);
    assert_true(asked_count < ASKED_MAX && from % PAGE_BYTES == 0 && bytes % PAGE_BYTES == 0);
    asked[asked_count].from = (uint64_t)from / PAGE_BYTES;
    asked[asked_count++].to = (uint64_t)(from + bytes) / PAGE_BYTES;
    return 0;
}

ssize_t preadv2(int fd, const struct iovec *pieces, int count, off_t from, int flags)
{
    (void)fd;
    (void)pieces;
    (void)from;
    assert_true(count == 1 && flags == RWF_NOWAIT);
    errno = EAGAIN;
    return in_memory ? 1 : -1;
}

/* An environment whose tables `entries` and `events` have ROWS rows, and its file. */
static void make(struct kit *kit, struct buf *ret_file)
{
    static const uint8_t value[300];
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    kit_dir(kit);
    assert_int_equal(mkdir(kit->path, 0700), 0);
    assert_int_equal(store_open(kit->path, STORE_CREATE, &store, &kit->why), ERR_OK);
    assert_int_equal(store_begin(store, true, &txn, &kit->why), ERR_OK);
    for (uint64_t seq = 0; seq < ROWS; seq++) {
        assert_int_equal(store_put_seq(txn, STORE_ENTRIES, seq, value, sizeof(value)), ERR_OK);
        assert_int_equal(store_put_seq(txn, STORE_EVENTS, seq, value, seq == 7 ? 300 : 30), ERR_OK);
    }
    assert_int_equal(store_commit(txn, &kit->why), ERR_OK);
    store_close(store);
    assert_int_equal(files_read(kit->path, "data.mdb", 1 << 26, ret_file, &kit->why), ERR_OK);
}

static int file_open(const struct kit *kit, int flags)
{
    char *path = files_path(kit->path, "data.mdb");
    int fd = open(path, flags | O_CLOEXEC);
    assert_true(fd >= 0);
    free(path);
    return fd;
}

/* Whether a page that was asked for has a row of this number, with a value of so many bytes. */
static bool covers(const struct buf *file, uint64_t number, uint16_t value_bytes)
{
    uint8_t node[16] = {(uint8_t)value_bytes, (uint8_t)(value_bytes >> 8), 0, 0, 0, 0, 8, 0};
    for (int i = 0; i < 8; i++)
        node[8 + i] = (uint8_t)(number >> (56 - 8 * i));
    for (size_t i = 0; i < asked_count; i++) {
        size_t from = asked[i].from * PAGE_BYTES, bytes = asked[i].to * PAGE_BYTES - from;
        assert_true(from + bytes <= file->bytes);
        if (memmem(file->data + from, bytes, node, sizeof(node)) != NULL)
            return true;
    }
    return false;
}

static size_t pages_asked(void)
{
    size_t pages = 0;
    for (size_t i = 0; i < asked_count; i++)
        pages += asked[i].to - asked[i].from;
    return pages;
}

static void ask(int fd, const char *table, const uint64_t *numbers, size_t count)
{
    asked_count = 0;
    pages_ahead_rows(fd, table, numbers, count);
}

/* Rows here and there: their pages, and little else. */
static void test_pages_ahead_rows_here_and_there(void **state)
{
    (void)state;
    struct kit kit;
    struct buf file = {0};
    uint64_t numbers[200];
    make(&kit, &file);
    int fd = file_open(&kit, O_RDONLY);
    for (uint64_t i = 0; i < 200; i++)
        numbers[i] = i * i / 2;
    ask(fd, "entries", numbers, 200);
    for (size_t i = 0; i < 200; i++)
        assert_true(covers(&file, numbers[i], 300));
    assert_true(pages_asked() < 3 * 200);
    ask(fd, "events", numbers, 200);
    for (size_t i = 0; i < 200; i++)
        assert_true(covers(&file, numbers[i], 30));
    numbers[0] = ROWS - 1;
    ask(fd, "entries", numbers, 1);
    assert_true(covers(&file, ROWS - 1, 300));
    assert_true(pages_asked() <= 2);
    close(fd);
    buf_free(&file);
    kit_end(&kit);
}

/* Rows beside each other are asked for in few runs. */
static void test_pages_ahead_rows_in_a_row(void **state)
{
    (void)state;
    struct kit kit;
    struct buf file = {0};
    uint64_t numbers[1000];
    make(&kit, &file);
    int fd = file_open(&kit, O_RDONLY);
    for (uint64_t i = 0; i < 1000; i++)
        numbers[i] = 5000 + i;
    ask(fd, "entries", numbers, 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_true(covers(&file, numbers[i], 300));
    assert_true(asked_count < 50);
    close(fd);
    buf_free(&file);
    kit_end(&kit);
}

/* Nothing is asked for that is in memory, is in no table, or is not there. */
static void test_pages_ahead_rows_nothing_to_fetch(void **state)
{
    (void)state;
    struct kit kit;
    struct buf file = {0};
    const uint64_t numbers[] = {1, 2, 10000};
    make(&kit, &file);
    int fd = file_open(&kit, O_RDONLY);
    in_memory = true;
    ask(fd, "entries", numbers, 3);
    assert_int_equal(asked_count, 0);
    in_memory = false;
    ask(fd, "entries", numbers, 0);
    assert_int_equal(asked_count, 0);
    ask(fd, "no table", numbers, 3);
    assert_int_equal(asked_count, 0);
    ask(fd, "checkpoints", numbers, 3);
    assert_int_equal(asked_count, 0);
    ask(-1, "entries", numbers, 3);
    assert_int_equal(asked_count, 0);
    close(fd);
    buf_free(&file);
    kit_end(&kit);
}

/* A file that is damaged anywhere, or cut: no harm. */
static void test_pages_ahead_rows_of_damage(void **state)
{
    (void)state;
    struct kit kit;
    struct buf file = {0};
    const uint64_t numbers[] = {1, 2, 10000};
    make(&kit, &file);
    int fd = file_open(&kit, O_RDWR);
    for (size_t page = 0; page < file.bytes / PAGE_BYTES; page += page < 8 ? 1 : 7) {
        for (size_t at = 0; at < 64; at += 3) {
            const off_t place = (off_t)(page * PAGE_BYTES + at);
            const uint8_t other = file.data[place] ^ 0xff;
            assert_int_equal(pwrite(fd, &other, 1, place), 1);
            ask(fd, "entries", numbers, 3);
            assert_int_equal(pwrite(fd, &file.data[place], 1, place), 1);
        }
    }
    assert_int_equal(ftruncate(fd, (off_t)(file.bytes / 2)), 0);
    ask(fd, "entries", numbers, 3);
    assert_int_equal(ftruncate(fd, 0), 0);
    ask(fd, "entries", numbers, 3);
    assert_int_equal(asked_count, 0);
    close(fd);
    buf_free(&file);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_ahead_rows_here_and_there),
        cmocka_unit_test(test_pages_ahead_rows_in_a_row),
        cmocka_unit_test(test_pages_ahead_rows_nothing_to_fetch),
        cmocka_unit_test(test_pages_ahead_rows_of_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
