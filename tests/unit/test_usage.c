#include "tests/unit/ledger_kit.h"

#include "ledger/store.h"
#include "tests/unit/disk_kit.h"

static void test_usage_counts_readers_and_bytes(void **state)
{
    (void)state;
    struct kit kit;
    struct ledger_usage before, after;
    struct store *store = NULL;
    struct store_txn *one = NULL, *two = NULL;
    kit_new(&kit);
    assert_int_equal(ledger_usage(kit.ledger, &before, NULL), ERR_OK);
    assert_int_equal(before.readers, 0);
    assert_true(before.used_bytes > 0 && before.map_bytes > before.used_bytes);
    assert_true(before.disk_free_bytes > before.used_bytes);
    kit_fill(&kit, 100);
    assert_int_equal(store_open(kit.path, STORE_SHARED, &store, NULL), ERR_OK);
    assert_int_equal(store_begin(store, false, &one, NULL), ERR_OK);
    assert_int_equal(store_begin(store, false, &two, NULL), ERR_OK);
    disk_full = true;
    assert_int_equal(ledger_usage(kit.ledger, &after, NULL), ERR_OK);
    disk_full = false;
    assert_int_equal(after.readers, 2);
    assert_true(after.used_bytes > before.used_bytes);
    assert_true(after.disk_free_bytes < before.disk_free_bytes);
    store_abort(one);
    store_abort(two);
    store_close(store);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage_counts_readers_and_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
