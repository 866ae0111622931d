#include "tests/unit/disk_kit.h"
#include "tests/unit/store_kit.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

/* Appends ${count} events of 3,000 bytes in one transaction. */
static enum err grow(struct store *store, uint64_t *seq, unsigned count, struct err_text *why)
{
    static const uint8_t value[3000];
    struct store_txn *txn = NULL;
    enum err err = store_begin(store, true, &txn, why);
    for (unsigned i = 0; err == ERR_OK && i < count; i++)
        err = store_put_seq(txn, STORE_EVENTS, *seq + i, value, sizeof(value));
    if (err == ERR_OK) {
        err = store_commit(txn, why);
        *seq += err == ERR_OK ? count : 0;
    } else {
        store_abort(txn);
    }
    return err;
}

static void assert_events(struct store *store, uint64_t count)
{
    uint64_t there = 0;
    struct store_txn *txn = store_txn_new(store, false);
    assert_int_equal(store_count(txn, STORE_EVENTS, &there), ERR_OK);
    store_abort(txn);
    assert_int_equal(there, count);
}

static void test_store_begin_grows_the_map(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    uint64_t seq = 0;
    store_map(store, 1 << 18, 1 << 30);
    for (unsigned i = 0; i < 60; i++)
        store_ok(grow(store, &seq, 10, &kit.why), &kit.why);
    /* More than there is room for fails whole, and finds room when it is tried again. */
    assert_int_equal(grow(store, &seq, 5000, &kit.why), ERR_DISK_LOW);
    assert_events(store, 600);
    for (int tries = 0; seq == 600; tries++) {
        assert_true(tries < 5);
        (void)!grow(store, &seq, 5000, &kit.why);
    }
    assert_events(store, seq);
    store_close(store);
    kit_end(&kit);
}

static void test_store_begin_full_map(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    uint64_t seq = 0;
    store_map(store, 1 << 18, 1 << 19);
    enum err err = ERR_OK;
    while (err == ERR_OK)
        err = grow(store, &seq, 10, &kit.why);
    assert_int_equal(err, ERR_DISK_LOW);
    assert_true(seq > 80);
    assert_int_equal(store_ready(store, &kit.why), ERR_DISK_LOW);
    assert_int_equal(grow(store, &seq, 1, &kit.why), ERR_DISK_LOW);
    assert_events(store, seq);
    /* Room was made: it goes on by itself. */
    store_map(store, 1 << 19, 1 << 20);
    store_ok(grow(store, &seq, 1, &kit.why), &kit.why);
    store_ok(store_ready(store, &kit.why), &kit.why);
    store_close(store);
    kit_end(&kit);
}

struct reading {
    struct store *store;
    atomic_bool stop;
};

static void *read_on(void *arg)
{
    struct reading *reading = arg;
    uint64_t before = 0, count = 0;
    while (!atomic_load(&reading->stop)) {
        struct store_txn *txn = NULL;
        enum err err = store_begin(reading->store, false, &txn, NULL);
        assert_int_equal(err, ERR_OK);
        assert_int_equal(store_count(txn, STORE_EVENTS, &count), ERR_OK);
        store_abort(txn);
        assert_true(count >= before);
        before = count;
    }
    return NULL;
}

static void test_store_begin_grows_beside_readers(void **state)
{
    (void)state;
    struct kit kit;
    struct reading reading = {.store = store_new(&kit)};
    pthread_t threads[2];
    uint64_t seq = 0;
    store_map(reading.store, 1 << 17, 1 << 28);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &reading), 0);
    for (unsigned i = 0; i < 150; i++)
        store_ok(grow(reading.store, &seq, 10, &kit.why), &kit.why);
    atomic_store(&reading.stop, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_events(reading.store, seq);
    store_close(reading.store);
    kit_end(&kit);
}

/* A thread that holds a transaction for good keeps the map from growing, and nothing breaks. */
static void test_store_begin_reader_that_stays(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    uint64_t seq = 0;
    store_map(store, 1 << 17, 1 << 28);
    struct store_txn *txn = store_txn_new(store, false);
    enum err err = ERR_OK;
    while (err == ERR_OK)
        err = grow(store, &seq, 2, &kit.why);
    assert_int_equal(err, ERR_BUSY);
    store_abort(txn);
    store_ok(grow(store, &seq, 2, &kit.why), &kit.why);
    assert_events(store, seq);
    store_close(store);
    kit_end(&kit);
}

/* Another process grows the file beyond the map that a reader here has. */
static void test_store_begin_grown_elsewhere(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    uint64_t seq = 0;
    char byte = 0;
    int go[2], status = 0;
    store_close(store);
    assert_int_equal(pipe(go), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool good = read(go[0], &byte, 1) == 1 &&
                    store_open(kit.path, STORE_SHARED, &store, NULL) == ERR_OK &&
                    grow(store, &seq, 300, NULL) == ERR_OK;
        store_close(store);
        _exit(good ? 0 : 1);
    }
    store_ok(store_open(kit.path, STORE_SHARED, &store, &kit.why), &kit.why);
    store_map(store, 1 << 17, 1 << 28);
    assert_events(store, 0);
    assert_int_equal(write(go[1], &byte, 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(go[0]);
    close(go[1]);
    assert_events(store, 300);
    seq = 300;
    store_ok(grow(store, &seq, 10, &kit.why), &kit.why);
    store_close(store);
    kit_end(&kit);
}

/* Killed readers hold every slot but one, and then that too. */
static void test_store_begin_after_killed_readers(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    char byte = 0;
    int ready[2], status = 0;
    store_close(store);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store_txn *txn = NULL;
        bool good = store_open(kit.path, STORE_SHARED, &store, NULL) == ERR_OK;
        for (unsigned i = 0; good && i < READERS_MAX; i++)
            good = store_begin(store, false, &txn, NULL) == ERR_OK;
        if (good && write(ready[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    store = NULL;
    assert_int_equal(store_open(kit.path, STORE_SHARED, &store, &kit.why), ERR_BUSY);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    store_ok(store_open(kit.path, STORE_SHARED, &store, &kit.why), &kit.why);
    assert_events(store, 0);
    store_close(store);
    close(ready[0]);
    close(ready[1]);
    kit_end(&kit);
}

/* Of a process that nobody writes in. */
static void test_store_usage_counts_no_dead_reader(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct store_usage usage = {0};
    char byte = 0;
    int ready[2], status = 0;
    store_close(store);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store_txn *txn = NULL;
        bool good = store_open(kit.path, STORE_SHARED, &store, NULL) == ERR_OK &&
                    store_begin(store, false, &txn, NULL) == ERR_OK;
        if (good && write(ready[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    store_ok(store_open(kit.path, STORE_SHARED, &store, &kit.why), &kit.why);
    store_ok(store_usage(store, &usage, &kit.why), &kit.why);
    assert_int_equal(usage.readers, 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    store_ok(store_usage(store, &usage, &kit.why), &kit.why);
    assert_int_equal(usage.readers, 0);
    store_close(store);
    close(ready[0]);
    close(ready[1]);
    kit_end(&kit);
}

static void test_store_settle_waits_for_nothing(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = store_new(&kit);
    struct store_txn *txn = NULL;
    uint64_t seq = 0, count = 0;
    store_ok(grow(store, &seq, 3, &kit.why), &kit.why);
    store_ok(store_settle(store, &txn, &kit.why), &kit.why);
    assert_int_equal(store_count(txn, STORE_EVENTS, &count), ERR_OK);
    assert_int_equal(count, 3);
    store_abort(txn);
    sync_fails = true;
    assert_int_equal(store_settle(store, &txn, &kit.why), ERR_IO);
    sync_fails = false;
    store_close(store);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_begin_grows_the_map),
        cmocka_unit_test(test_store_begin_full_map),
        cmocka_unit_test(test_store_begin_grows_beside_readers),
        cmocka_unit_test(test_store_begin_reader_that_stays),
        cmocka_unit_test(test_store_begin_grown_elsewhere),
        cmocka_unit_test(test_store_begin_after_killed_readers),
        cmocka_unit_test(test_store_usage_counts_no_dead_reader),
        cmocka_unit_test(test_store_settle_waits_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
