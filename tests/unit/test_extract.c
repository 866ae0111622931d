#include "tests/unit/ledger_kit.h"

#include "ingest/extract.h"

#define SEEN_MAGIC MAGIC('T', 's', 't', 'X')
#define SEEN_MAX 6000

struct seen {
    uint32_t magic;
    size_t count;
    uint64_t seqs[SEEN_MAX];
};

static void see(void *ctx, const struct record *record)
{
    struct seen *seen;
    CAST_OBJ(seen, ctx, SEEN_MAGIC);
    assert_true(seen->count < SEEN_MAX);
    seen->seqs[seen->count++] = record->entry.seq;
}

static struct seen *seen_new(void)
{
    struct seen *seen = mem_zero(1, sizeof(*seen));
    seen->magic = SEEN_MAGIC;
    return seen;
}

/* Entry 0, and then so many in one commit each 256: of stream "a" with type t1, and "b" with t2. */
static void fill(struct kit *kit, unsigned count)
{
    static struct admitted *batch[256];
    static struct receipt receipts[256];
    size_t at = 0;
    for (unsigned i = 1; i <= count; i++) {
        char id[32];
        snprintf(id, sizeof(id), "x%u", i);
        struct kit_event event = {
            .id = id, .type = i % 2 == 1 ? "t1" : "t2", .deployment = i % 2 == 1 ? "a" : "b"};
        batch[at++] = kit_admit(kit, &event);
        if (at < 256 && i < count)
            continue;
        assert_int_equal(ledger_append(kit->ledger, batch, at, NULL, receipts, &kit->why), ERR_OK);
        ledger_receipts_free(receipts, at);
        while (at > 0)
            admit_free(batch[--at]);
    }
}

static void test_extract_each_filters(void **state)
{
    (void)state;
    static const struct {
        const char *stream, *type;
        uint64_t from, limit;
        uint64_t first, step;
        size_t count;
        bool more;
        uint64_t next;
    } cases[] = {
        {NULL, NULL, 0, 100, 0, 1, 21, false, 21}, {NULL, NULL, 5, 3, 5, 1, 3, true, 8},
        {"a", NULL, 0, 100, 1, 2, 10, false, 21},  {"b", NULL, 3, 2, 4, 2, 2, true, 7},
        {"b", NULL, 20, 2, 20, 2, 1, false, 21},   {"b", "t2", 0, 100, 2, 2, 10, false, 21},
        {"a", "t2", 0, 100, 0, 0, 0, false, 21},   {NULL, "t1", 12, 2, 13, 2, 2, true, 16},
        {NULL, "t", 0, 100, 0, 0, 0, false, 21},   {"nobody", NULL, 0, 100, 0, 0, 0, false, 21},
        {NULL, NULL, 21, 100, 0, 0, 0, false, 21}, {NULL, NULL, 500, 100, 0, 0, 0, false, 500},
    };
    struct kit kit;
    kit_new(&kit);
    fill(&kit, 20);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen *seen = seen_new();
        struct extract extract = {.from = cases[i].from,
                                  .stream = cases[i].stream,
                                  .type = cases[i].type,
                                  .limit = cases[i].limit,
                                  .bytes_max = SIZE_MAX};
        assert_int_equal(extract_each(kit.ledger, &extract, see, seen, &kit.why), ERR_OK);
        assert_int_equal(seen->count, cases[i].count);
        for (size_t j = 0; j < seen->count; j++)
            assert_int_equal(seen->seqs[j], cases[i].first + j * cases[i].step);
        assert_int_equal(extract.more, cases[i].more);
        assert_int_equal(extract.from, cases[i].next);
        free(seen);
    }
    kit_end(&kit);
}

/* A filter that nothing passes ends after so many entries, and can be gone on with. */
static void test_extract_each_bounds_work(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    fill(&kit, PAGE_SCAN_MAX + 100);
    struct seen *seen = seen_new();
    struct extract extract = {.type = "nothing", .limit = 10, .bytes_max = SIZE_MAX};
    assert_int_equal(extract_each(kit.ledger, &extract, see, seen, &kit.why), ERR_OK);
    assert_true(extract.more && extract.from == PAGE_SCAN_MAX && seen->count == 0);
    assert_int_equal(extract_each(kit.ledger, &extract, see, seen, &kit.why), ERR_OK);
    assert_true(!extract.more && extract.from == PAGE_SCAN_MAX + 101 && seen->count == 0);
    extract = (struct extract){.limit = 100, .bytes_max = 1};
    assert_int_equal(extract_each(kit.ledger, &extract, see, seen, &kit.why), ERR_OK);
    assert_true(extract.more && seen->count == 1); /* the last one may go over */
    free(seen);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extract_each_filters),
        cmocka_unit_test(test_extract_each_bounds_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
