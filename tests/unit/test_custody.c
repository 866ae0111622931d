#include "tests/unit/ledger_kit.h"

#include "ledger/custody.h"

#define DAY custody_day(KIT_TIME_US)

static struct custody_key key_of(const char *principal, enum custody_outcome outcome)
{
    struct custody_key key = {.day = DAY, .way = ORIGIN_HTTP, .outcome = outcome};
    snprintf(key.principal, sizeof(key.principal), "%s", principal);
    return key;
}

static void take(void *ctx, const struct custody_count *count)
{
    custody_add(ctx, &count->key, count->count);
}

/* What the table says, on or after a day. */
static uint64_t written(const struct kit *kit, int64_t since, const char *principal,
                        enum custody_outcome outcome)
{
    struct custody_counts counts = {0};
    struct custody_key key = key_of(principal, outcome);
    uint64_t count = 0;
    assert_int_equal(ledger_custody(kit->ledger, since, take, &counts, NULL), ERR_OK);
    for (size_t i = 0; i < counts.count; i++) {
        if (custody_compare(&counts.counts[i].key, &key) == 0)
            count = counts.counts[i].count;
    }
    custody_clear(&counts);
    return count;
}

static void test_custody_add_sums_what_is_alike(void **state)
{
    (void)state;
    struct custody_counts counts = {0}, more = {0};
    struct custody_key one = key_of("a", CUSTODY_APPENDED), two = key_of("b", CUSTODY_APPENDED);
    custody_add(&counts, &one, 1);
    custody_add(&counts, &two, 2);
    custody_add(&more, &one, 3);
    assert_true(custody_has(&counts, &one));
    custody_move(&more, &counts);
    assert_int_equal(more.count, 0);
    assert_int_equal(counts.count, 2);
    custody_sort(&counts);
    assert_int_equal(counts.counts[0].count, 4);
    assert_int_equal(counts.counts[1].count, 2);
    two.outcome = CUSTODY_REFUSED;
    assert_false(custody_has(&counts, &two));
    custody_clear(&counts);
}

static void test_custody_outcome_by_error(void **state)
{
    (void)state;
    assert_int_equal(custody_outcome(ERR_UNAUTHENTICATED), CUSTODY_REFUSED_AUTH);
    assert_int_equal(custody_outcome(ERR_FORBIDDEN), CUSTODY_REFUSED_AUTH);
    assert_int_equal(custody_outcome(ERR_NOT_EVENT), CUSTODY_REFUSED);
    assert_int_equal(custody_outcome(ERR_TOO_BIG), CUSTODY_REFUSED);
    assert_int_equal(custody_outcome(ERR_BUSY), CUSTODY_DEFERRED);
    assert_int_equal(custody_outcome(ERR_RATE), CUSTODY_DEFERRED);
    assert_int_equal(custody_outcome(ERR_DISK_LOW), CUSTODY_DEFERRED);
}

static void test_custody_read_refuses_what_is_no_counter(void **state)
{
    (void)state;
    static const char good[] = "2026-01-01\0http\0robot\0appended";
    static const char *const bad[] = {
        "2026-01-01\0http\0robot\0appendix", "2026-01-01\0mail\0robot\0appended",
        "2026-13-01\0http\0robot\0appended", "2026-1-001\0http\0robot\0appended",
        "2026-01-01-http\0robot\0appended",
    };
    uint8_t value[8] = {0, 0, 0, 0, 0, 0, 1, 2};
    struct custody_count count;
    assert_int_equal(custody_read(good, sizeof(good) - 1, value, 8, &count), ERR_OK);
    assert_int_equal(count.count, 258);
    assert_int_equal(count.key.day, DAY);
    assert_int_equal(count.key.way, ORIGIN_HTTP);
    assert_int_equal(count.key.outcome, CUSTODY_APPENDED);
    assert_string_equal(count.key.principal, "robot");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(custody_read(bad[i], sizeof(good) - 1, value, 8, &count), ERR_DAMAGED);
    assert_int_equal(custody_read(good, sizeof(good), value, 8, &count), ERR_DAMAGED);
    for (size_t bytes = 0; bytes < sizeof(good) - 1; bytes++)
        assert_int_equal(custody_read(good, bytes, value, 8, &count), ERR_DAMAGED);
    assert_int_equal(custody_read(good, sizeof(good) - 1, value, 7, &count), ERR_DAMAGED);
}

static void test_counting_goes_with_its_commit(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    kit_append(&kit, &(struct kit_event){.id = "1"});
    kit_append(&kit, &(struct kit_event){.id = "2", .principal = "other"});
    kit_append(&kit, &(struct kit_event){.id = "1"});
    struct receipt receipt = kit_append(&kit, &(struct kit_event){.id = "1", .data = "[]"});
    assert_int_equal(receipt.err, ERR_CONFLICT);
    assert_int_equal(written(&kit, 0, "robot", CUSTODY_APPENDED), 1);
    assert_int_equal(written(&kit, 0, "other", CUSTODY_APPENDED), 1);
    assert_int_equal(written(&kit, 0, "robot", CUSTODY_DUPLICATE), 1);
    assert_int_equal(written(&kit, 0, "robot", CUSTODY_CONFLICTED), 1);
    assert_int_equal(written(&kit, DAY + 1, "robot", CUSTODY_APPENDED), 0);
    assert_int_equal(ledger_counted(kit.ledger, ORIGIN_HTTP, CUSTODY_APPENDED), 2);
    kit_end(&kit);
}

static void test_counting_of_a_batch_that_is_refused(void **state)
{
    (void)state;
    struct kit kit;
    struct admitted *admitted[3];
    struct receipt receipts[3];
    kit_new(&kit);
    kit_append(&kit, &(struct kit_event){.id = "2"});
    admitted[0] = kit_admit(&kit, &(struct kit_event){.id = "1"});
    admitted[1] = kit_admit(&kit, &(struct kit_event){.id = "2", .data = "[]"});
    admitted[2] = kit_admit(&kit, &(struct kit_event){.id = "3"});
    admitted[1]->joined = admitted[2]->joined = true;
    assert_int_equal(ledger_append(kit.ledger, admitted, 3, NULL, receipts, &kit.why), ERR_OK);
    assert_int_equal(written(&kit, 0, "robot", CUSTODY_APPENDED), 1);
    assert_int_equal(written(&kit, 0, "robot", CUSTODY_CONFLICTED), 1);
    assert_int_equal(written(&kit, 0, "robot", CUSTODY_REFUSED), 2);
    for (size_t i = 0; i < 3; i++)
        admit_free(admitted[i]);
    kit_end(&kit);
}

static void test_ledger_count_waits_for_a_commit(void **state)
{
    (void)state;
    struct kit kit;
    struct custody_key key = key_of("", CUSTODY_REFUSED_AUTH);
    kit_new(&kit);
    ledger_count(kit.ledger, &key, 3);
    assert_true(ledger_counts_wait(kit.ledger));
    assert_int_equal(written(&kit, 0, "", CUSTODY_REFUSED_AUTH), 0);
    kit_append(&kit, &(struct kit_event){.id = "1"});
    assert_false(ledger_counts_wait(kit.ledger));
    assert_int_equal(written(&kit, 0, "", CUSTODY_REFUSED_AUTH), 3);
    ledger_count(kit.ledger, &key, 1);
    assert_int_equal(ledger_write_counts(kit.ledger, &kit.why), ERR_OK);
    assert_int_equal(written(&kit, 0, "", CUSTODY_REFUSED_AUTH), 4);
    assert_int_equal(ledger_counted(kit.ledger, ORIGIN_HTTP, CUSTODY_REFUSED_AUTH), 4);
    kit_end(&kit);
}

static void test_ledger_count_is_bounded(void **state)
{
    (void)state;
    struct kit kit;
    char name[32];
    kit_new(&kit);
    for (unsigned i = 0; i < CUSTODY_KEYS_MAX + 10; i++) {
        snprintf(name, sizeof(name), "p%u", i);
        struct custody_key key = key_of(name, CUSTODY_REFUSED);
        ledger_count(kit.ledger, &key, 1);
    }
    assert_int_equal(ledger_write_counts(kit.ledger, &kit.why), ERR_OK);
    assert_int_equal(written(&kit, 0, "p0", CUSTODY_REFUSED), 1);
    assert_int_equal(written(&kit, 0, "", CUSTODY_REFUSED), 10);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_custody_add_sums_what_is_alike),
        cmocka_unit_test(test_custody_outcome_by_error),
        cmocka_unit_test(test_custody_read_refuses_what_is_no_counter),
        cmocka_unit_test(test_counting_goes_with_its_commit),
        cmocka_unit_test(test_counting_of_a_batch_that_is_refused),
        cmocka_unit_test(test_ledger_count_waits_for_a_commit),
        cmocka_unit_test(test_ledger_count_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
