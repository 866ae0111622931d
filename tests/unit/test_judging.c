/* What a judge is shown of a commit is what the commit has put on disk. */
#include "tests/unit/ledger_kit.h"

#define EVENTS 9

static void assert_same(const struct buf *a, const struct buf *b)
{
    assert_int_equal(a->bytes, b->bytes);
    assert_memory_equal(a->data, b->data, a->bytes);
}

/* Counts what it is shown, each as the ledger has it. */
static enum err compare(void *ctx, struct ledger *ledger, const struct record *record,
                        struct verdict *ret_verdict)
{
    unsigned *count = ctx;
    struct record *there = NULL;
    struct buf encoded = {0};
    (void)ret_verdict;
    assert_int_equal(ledger_read(ledger, record->entry.seq, &there, NULL), ERR_OK);
    entry_encode(&record->entry, &encoded);
    assert_same(&encoded, &there->entry_bytes);
    assert_same(&record->entry_bytes, &there->entry_bytes);
    assert_memory_equal(record->leaf, there->leaf, HASH_BYTES);
    assert_memory_equal(record->salt, there->salt, SALT_BYTES);
    assert_same(&record->event, &there->event);
    buf_free(&encoded);
    ledger_record_free(there);
    ++*count;
    return ERR_OK;
}

static void test_judging_verdict_on_what_is_there(void **state)
{
    (void)state;
    struct kit kit;
    struct admitted *admitted[EVENTS];
    struct receipt receipts[EVENTS];
    unsigned count = 0;
    const struct judge judge = {&count, compare};
    static const struct kit_event events[EVENTS] = {
        {.id = "1", .deployment = "d", .signers = {1}},
        {.id = "2", .deployment = "e"},
        {.id = "3", .deployment = "d"}, /* taken back with the next two */
        {.id = "4", .deployment = "e"},
        {.id = "1", .deployment = "d", .data = "[]", .signers = {1}},
        {.id = "5", .deployment = "e", .signers = {1}},
        {.id = "2", .deployment = "e", .data = "[2]"}, /* a conflict by itself */
        {.id = "1", .deployment = "d", .signers = {1}},
        {.id = "6", .deployment = "d"},
    };
    kit_new(&kit);
    for (size_t i = 0; i < EVENTS; i++)
        admitted[i] = kit_admit(&kit, &events[i]);
    admitted[3]->joined = admitted[4]->joined = true;
    enum err err = ledger_append(kit.ledger, admitted, EVENTS, &judge, receipts, &kit.why);
    if (err != ERR_OK)
        fail_msg("%s", kit.why.s);
    assert_true(receipts[2].held && receipts[3].held);
    assert_int_equal(receipts[4].err, ERR_CONFLICT);
    assert_int_equal(receipts[5].seq, 3);
    assert_int_equal(receipts[6].err, ERR_CONFLICT);
    assert_true(receipts[7].duplicate);
    assert_int_equal(receipts[8].seq, 4);
    assert_int_equal(count, 5);
    for (size_t i = 0; i < EVENTS; i++)
        admit_free(admitted[i]);
    ledger_receipts_free(receipts, EVENTS);
    kit_end(&kit);
}

static enum err fail_always(void *ctx, struct ledger *ledger, const struct record *record,
                            struct verdict *ret_verdict)
{
    const enum err *err = ctx;
    (void)ledger;
    (void)record;
    (void)ret_verdict;
    return *err;
}

/* The commit stands: no other error may say that nothing was appended. */
static void test_judging_verdict_judge_fails(void **state)
{
    (void)state;
    static const enum err errs[][2] = {{ERR_DAMAGED, ERR_DAMAGED}, {ERR_BUSY, ERR_IO}};
    struct kit kit;
    struct receipt receipt;
    uint64_t size = 0;
    kit_new(&kit);
    for (size_t i = 0; i < 2; i++) {
        enum err err = errs[i][0];
        const struct judge judge = {&err, fail_always};
        const struct kit_event event = {.id = i == 0 ? "1" : "2", .deployment = "d"};
        struct admitted *admitted = kit_admit(&kit, &event);
        assert_int_equal(ledger_append(kit.ledger, &admitted, 1, &judge, &receipt, &kit.why),
                         errs[i][1]);
        assert_non_null(strstr(kit.why.s, "could not be judged"));
        assert_int_equal(ledger_size(kit.ledger, &size, NULL), ERR_OK);
        assert_int_equal(size, i + 2);
        admit_free(admitted);
    }
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judging_verdict_on_what_is_there),
        cmocka_unit_test(test_judging_verdict_judge_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
