/* Walks of a ledger and of its streams. */
#include "tests/unit/ledger_kit.h"

static void assert_ok(enum err err, const struct kit *kit)
{
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
}

/* What a walk saw. */
struct seen {
    struct ledger *ledger;
    uint64_t count, sum, last_pos;
    uint64_t stop_at; /* count after which it ends */
    enum err err;     /* given at stop_at */
};

static enum err see(void *ctx, const struct record *record, bool *ret_more)
{
    struct seen *seen = ctx;
    uint64_t size = 0;
    assert_true(*ret_more);
    /* No transaction is held here, so that one may read. */
    assert_int_equal(ledger_size(seen->ledger, &size, NULL), ERR_OK);
    assert_true(record->entry.seq < size);
    seen->count++;
    seen->sum += record->entry.seq;
    seen->last_pos = record->entry.stream_pos;
    if (seen->count != seen->stop_at)
        return ERR_OK;
    *ret_more = false;
    return seen->err;
}

static struct seen walk(struct kit *kit, struct ledger_walk walk, uint64_t stop_at, enum err err)
{
    struct seen seen = {.ledger = kit->ledger, .stop_at = stop_at, .err = err};
    assert_int_equal(ledger_each(kit->ledger, &walk, see, &seen, &kit->why), err);
    return seen;
}

static void test_ledger_each_whole_and_part(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    kit_fill(&kit, 600);
    struct seen seen = walk(&kit, (struct ledger_walk){.to_seq = UINT64_MAX}, 0, ERR_OK);
    assert_int_equal(seen.count, 600);
    assert_int_equal(seen.sum, 600 * 599 / 2);
    seen = walk(&kit, (struct ledger_walk){.from = 10, .to_seq = 13}, 0, ERR_OK);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.sum, 33);
    seen = walk(&kit, (struct ledger_walk){.from = 600, .to_seq = UINT64_MAX}, 0, ERR_OK);
    assert_int_equal(seen.count, 0);
    seen = walk(&kit, (struct ledger_walk){.to_seq = UINT64_MAX}, 300, ERR_OK);
    assert_int_equal(seen.count, 300);
    seen = walk(&kit, (struct ledger_walk){.to_seq = UINT64_MAX}, 257, ERR_PROOF);
    assert_int_equal(seen.count, 257);
    /* However little is read at once, it is the same. */
    seen = walk(&kit, (struct ledger_walk){.to_seq = UINT64_MAX, .page_bytes = 1}, 0, ERR_OK);
    assert_int_equal(seen.count, 600);
    assert_int_equal(seen.sum, 600 * 599 / 2);
    kit_end(&kit);
}

static void test_ledger_each_of_a_stream(void **state)
{
    (void)state;
    struct kit kit;
    uint64_t seq = 0;
    bool found = false;
    kit_new(&kit);
    kit_fill(&kit, 50);
    struct seen all =
        walk(&kit, (struct ledger_walk){.stream = "a", .from = 0, .to_seq = UINT64_MAX}, 0, ERR_OK);
    assert_true(all.count > 10);
    assert_int_equal(all.last_pos, all.count - 1);
    struct seen tail =
        walk(&kit, (struct ledger_walk){.stream = "a", .from = all.count - 2, .to_seq = UINT64_MAX},
             0, ERR_OK);
    assert_int_equal(tail.count, 2);
    assert_ok(ledger_stream_seq(kit.ledger, "a", 5, &seq, &found, &kit.why), &kit);
    assert_true(found);
    struct seen head =
        walk(&kit, (struct ledger_walk){.stream = "a", .from = 0, .to_seq = seq}, 0, ERR_OK);
    assert_int_equal(head.count, 5);
    struct seen none = walk(
        &kit, (struct ledger_walk){.stream = "nobody", .from = 0, .to_seq = UINT64_MAX}, 0, ERR_OK);
    assert_int_equal(none.count, 0);
    assert_ok(ledger_stream_seq(kit.ledger, "a", all.count, &seq, &found, &kit.why), &kit);
    assert_false(found);
    assert_ok(ledger_stream_seq(kit.ledger, "No Stream", 0, &seq, &found, &kit.why), &kit);
    assert_false(found);
    kit_end(&kit);
}

/* Opened for a few streams: the same entries, and nothing after the one that ends the walk. */
static void test_ledger_open_sparse_reads_the_same(void **state)
{
    (void)state;
    struct kit kit;
    const struct ledger_walk all = {.to_seq = UINT64_MAX};
    const struct ledger_walk stream = {.stream = "a", .to_seq = UINT64_MAX};
    const struct ledger_walk part = {.stream = "a", .from = 3, .to_seq = 2000};
    kit_new(&kit);
    kit_fill(&kit, 4500); /* more of one stream than is asked for at once */
    ledger_close(kit.ledger);
    kit_open(&kit, false);
    const struct seen whole[] = {walk(&kit, all, 0, ERR_OK), walk(&kit, stream, 0, ERR_OK),
                                 walk(&kit, part, 0, ERR_OK)};
    uint64_t size = registry_size(ledger_registry(kit.ledger));
    assert_true(whole[1].count > 1024);
    ledger_close(kit.ledger);
    assert_ok(ledger_open_sparse(kit.path, &kit.ledger, &kit.why), &kit);
    assert_false(ledger_writable(kit.ledger));
    assert_int_equal(registry_size(ledger_registry(kit.ledger)), size);
    const struct seen few[] = {walk(&kit, all, 0, ERR_OK), walk(&kit, stream, 0, ERR_OK),
                               walk(&kit, part, 0, ERR_OK)};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(few[i].count, whole[i].count);
        assert_int_equal(few[i].sum, whole[i].sum);
    }
    kit_end(&kit);
    assert_int_equal(ledger_open_sparse(kit.path, &kit.ledger, &kit.why), ERR_NOT_FOUND);
}

static void test_ledger_stream_after_each(void **state)
{
    (void)state;
    static const char *const due[] = {"a", "a-b", "ab", "inbox", "ledger"};
    struct kit kit;
    char name[STREAM_BYTES_MAX + 1] = "";
    bool found = true;
    kit_new(&kit);
    kit_fill(&kit, 20);
    for (size_t i = 0; i < 5; i++) {
        assert_ok(ledger_stream_after(kit.ledger, name, name, &found, &kit.why), &kit);
        assert_true(found);
        assert_string_equal(name, due[i]);
    }
    assert_ok(ledger_stream_after(kit.ledger, name, name, &found, &kit.why), &kit);
    assert_false(found);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_each_whole_and_part),
        cmocka_unit_test(test_ledger_each_of_a_stream),
        cmocka_unit_test(test_ledger_open_sparse_reads_the_same),
        cmocka_unit_test(test_ledger_stream_after_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
