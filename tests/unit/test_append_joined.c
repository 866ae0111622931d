/* Events that are joined: all of them are appended, or none, and nobody else is held up. */
#include "ledger/store.h"
#include "tests/unit/ledger_kit.h"

#define EVENTS_MAX 8

/* What one commit is to be made of. */
struct wanted {
    const char *id;
    const char *data; /* NULL: {} */
    bool joined;
};

static void append(struct kit *kit, const struct wanted *wanted, size_t count,
                   struct receipt *ret_receipts)
{
    struct admitted *admitted[EVENTS_MAX];
    assert_true(count <= EVENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct kit_event event = {.id = wanted[i].id, .deployment = "d", .data = wanted[i].data};
        admitted[i] = kit_admit(kit, &event);
        admitted[i]->joined = wanted[i].joined;
    }
    enum err err = ledger_append(kit->ledger, admitted, count, NULL, ret_receipts, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s", kit->why.s);
    for (size_t i = 0; i < count; i++)
        admit_free(admitted[i]);
}

static void test_append_joined_all_good(void **state)
{
    (void)state;
    static const struct wanted wanted[] = {
        {"a", NULL, false}, {"b", NULL, true}, {"a", NULL, true}, {"c", NULL, false}};
    struct kit kit;
    struct receipt receipts[4];
    kit_new(&kit);
    append(&kit, wanted, 4, receipts);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(receipts[i].err, ERR_OK);
    assert_int_equal(receipts[1].seq, 2);
    assert_true(receipts[2].duplicate); /* of one of its own */
    assert_int_equal(receipts[2].seq, 1);
    assert_int_equal(receipts[3].seq, 3);
    assert_int_equal(receipts[3].stream_pos, 2);
    assert_int_equal(kit_size(&kit), 4);
    kit_good(&kit);
    kit_end(&kit);
}

static void test_append_joined_one_conflicts(void **state)
{
    (void)state;
    static const struct wanted first[] = {{"old", NULL, false}};
    static const struct wanted wanted[] = {
        {"x", NULL, false}, {"a", NULL, false}, {"b", NULL, true},    {"old", "[]", true},
        {"c", NULL, true},  {"y", NULL, false}, {"old", "[2]", false}};
    struct kit kit;
    struct receipt receipts[7];
    kit_new(&kit);
    append(&kit, first, 1, receipts);
    append(&kit, wanted, 7, receipts);
    assert_int_equal(receipts[0].err, ERR_OK);
    assert_int_equal(receipts[0].seq, 2);
    for (size_t i = 1; i < 5; i++) {
        assert_int_equal(receipts[i].err, ERR_CONFLICT);
        assert_int_equal(receipts[i].held, i != 3);
    }
    assert_int_equal(receipts[3].seq, 1);
    assert_int_equal(receipts[5].err, ERR_OK);
    assert_int_equal(receipts[5].seq, 3);
    assert_int_equal(receipts[5].stream_pos, 2);
    assert_int_equal(receipts[6].err, ERR_CONFLICT); /* alone: nobody else is held */
    assert_false(receipts[6].held);
    assert_int_equal(kit_size(&kit), 6); /* and two conflicts are told of */
    append(&kit, wanted + 1, 2, receipts);
    assert_false(receipts[0].duplicate); /* nothing was left of it */
    assert_false(receipts[1].duplicate);
    kit_good(&kit);
    kit_end(&kit);
}

/* What conflicts with one that is not appended either is not told of. */
static void test_append_joined_conflict_among_themselves(void **state)
{
    (void)state;
    static const struct wanted wanted[] = {
        {"a", NULL, false}, {"b", NULL, true}, {"a", "[]", true}};
    struct kit kit;
    struct receipt receipts[3];
    kit_new(&kit);
    append(&kit, wanted, 3, receipts);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(receipts[i].err, ERR_CONFLICT);
    assert_int_equal(kit_size(&kit), 1);
    append(&kit, wanted + 2, 1, receipts);
    assert_int_equal(receipts[0].err, ERR_OK);
    kit_good(&kit);
    kit_end(&kit);
}

static void put(struct store_txn *txn, const char *key)
{
    assert_int_equal(store_put(txn, STORE_META, key, strlen(key), "v", 1), ERR_OK);
}

static bool has(struct store_txn *txn, const char *key)
{
    struct slice value;
    bool found = false;
    assert_int_equal(store_get(txn, STORE_META, key, strlen(key), &value, &found), ERR_OK);
    return found;
}

static void test_store_mark_keep_and_take_back(void **state)
{
    (void)state;
    struct kit kit;
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    kit_dir(&kit);
    assert_int_equal(store_open(kit.dir, STORE_CREATE, &store, &kit.why), ERR_OK);
    assert_int_equal(store_begin(store, true, &txn, &kit.why), ERR_OK);
    put(txn, "before");
    assert_int_equal(store_mark(txn, &kit.why), ERR_OK);
    put(txn, "gone");
    assert_true(has(txn, "before"));
    store_take_back(txn);
    assert_int_equal(store_mark(txn, &kit.why), ERR_OK);
    put(txn, "kept");
    assert_int_equal(store_keep(txn, &kit.why), ERR_OK);
    assert_int_equal(store_commit(txn, &kit.why), ERR_OK);
    assert_int_equal(store_begin(store, true, &txn, &kit.why), ERR_OK);
    assert_true(has(txn, "before"));
    assert_false(has(txn, "gone"));
    assert_true(has(txn, "kept"));
    assert_int_equal(store_mark(txn, &kit.why), ERR_OK);
    put(txn, "late");
    store_abort(txn); /* with its mark */
    assert_int_equal(store_begin(store, false, &txn, &kit.why), ERR_OK);
    assert_false(has(txn, "late"));
    store_abort(txn);
    store_close(store);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_joined_all_good),
        cmocka_unit_test(test_append_joined_one_conflicts),
        cmocka_unit_test(test_append_joined_conflict_among_themselves),
        cmocka_unit_test(test_store_mark_keep_and_take_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
