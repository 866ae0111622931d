#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/files.h"
#include "ledger/ledger.h"
#include "ledger/pages_ahead.h"
#include "ledger/store.h"

/* An environment that is patched as the input says (u32 offset, u8 value, again and again) opens
 * and is checked without harm; and what passes the check can be walked by LMDB without harm. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
int LLVMFuzzerInitialize(int *argc, char ***argv);

void _exit(int code)
{
    /* The store ends the process where LMDB cannot go on: the check should have seen why. */
    fprintf(stderr, "exit %d\n", code);
    abort();
}

static char dir[] = "/tmp/fuzz-pages-XXXXXX";
static struct buf base;

static void dir_remove(void)
{
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < 2; i++) {
        char *path = files_path(dir, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(dir);
}

static void fill(struct store *store)
{
    static uint8_t value[9000];
    for (uint64_t round = 0; round < 4; round++) {
        struct store_txn *txn = NULL;
        ASSERT(store_begin(store, true, &txn, NULL) == ERR_OK);
        for (uint64_t i = 0; i < 40; i++) {
            uint64_t seq = round * 40 + i;
            char key[200];
            snprintf(key, sizeof(key), "%0*llu", 20 + (int)i * 4, (unsigned long long)seq);
            ASSERT(store_put_seq(txn, STORE_ENTRIES, seq, value, 300) == ERR_OK);
            ASSERT(store_put_seq(txn, STORE_EVENTS, seq, value, i == 7 ? 9000 : 500) == ERR_OK);
            ASSERT(store_put(txn, STORE_IDS, key, strlen(key), value, 8) == ERR_OK);
        }
        ASSERT(store_put(txn, STORE_META, "m", 1, value, 5000 - (size_t)round * 1000) == ERR_OK);
        ASSERT(store_commit(txn, NULL) == ERR_OK);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    struct store *store = NULL;
    ASSERT(mkdtemp(dir) != NULL && atexit(dir_remove) == 0);
    ASSERT(store_open(dir, STORE_CREATE, &store, NULL) == ERR_OK);
    fill(store);
    store_close(store);
    ASSERT(files_read(dir, "data.mdb", 1 << 24, &base, NULL) == ERR_OK);
    return 0;
}

static void walk(struct store *store)
{
    struct store_txn *txn = NULL;
    volatile uint8_t sum = 0; /* so that each byte is read */
    ASSERT(store_begin(store, false, &txn, NULL) == ERR_OK);
    for (int i = 0; i < STORE_TABLES; i++) {
        struct store_walk *rows = NULL;
        struct store_row row = {.found = true};
        ASSERT(store_walk_open(txn, (enum store_table)i, (struct slice){NULL, 0}, &rows) == ERR_OK);
        while (row.found && store_walk_next(rows, &row) == ERR_OK) {
            for (size_t at = 0; row.found && at < row.value.bytes; at++)
                sum = (uint8_t)(sum + row.value.data[at]);
        }
        store_walk_close(rows);
    }
    store_abort(txn);
}

/* What is to be read is guessed of an open environment before any check. */
static void ahead(const char *path)
{
    static const uint64_t numbers[] = {0, 7, 8, 100, 159, 1000};
    int fd = open(path, O_RDONLY);
    ASSERT(fd >= 0);
    pages_ahead_rows(fd, "entries", numbers, sizeof(numbers) / sizeof(numbers[0]));
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct buf file = {0};
    struct store *store = NULL;
    struct pages_place place;
    const struct pages_how how = {.threads = 1};
    struct reader input = {.data = data, .bytes = bytes};
    buf_add(&file, base.data, base.bytes);
    while (input.bytes >= 5) {
        uint32_t at = reader_u32(&input);
        file.data[at % file.bytes] = reader_u8(&input);
    }
    char *path = files_path(dir, "data.mdb");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ASSERT(fd >= 0 && write(fd, file.data, file.bytes) == (ssize_t)file.bytes && close(fd) == 0);
    ahead(path);
    if (store_open(dir, STORE_SHARED, &store, NULL) == ERR_OK) {
        if (store_check(store, &how, &place, NULL) == ERR_OK)
            walk(store);
        store_close(store);
    }
    free(path);
    buf_free(&file);
    return 0;
}
