#include "tests/unit/ledger_kit.h"

#include "ledger/bytes.h"
#include "ledger/shelf.h"
#include "tests/unit/damage_kit.h"
#include "tests/unit/vectors.h"

static void unhex(const json_t *text, uint8_t *ret, size_t bytes)
{
    assert_true(bytes_from_hex(json_string_value(text), ret, bytes));
}

static struct heads_record make_record(unsigned number)
{
    struct heads_record record = {.pos = number * 7};
    snprintf(record.stream, sizeof(record.stream), "s-%03u", number);
    memset(record.leaf, (int)number, sizeof(record.leaf));
    return record;
}

static struct heads *make(unsigned count)
{
    struct heads *heads = heads_new();
    for (unsigned i = 0; i < count; i++) {
        struct heads_record record = make_record(i);
        heads_add(heads, &record);
    }
    return heads;
}

/* The record that a vector has as bytes. */
static struct heads_record parse(const json_t *text)
{
    struct heads_record record = {.pos = 0};
    uint8_t bytes[STREAM_BYTES_MAX + 41];
    size_t count = json_string_length(text) / 2;
    unhex(text, bytes, count);
    size_t name = strnlen((const char *)bytes, count);
    assert_int_equal(name + 1 + 8 + HASH_BYTES, count);
    memcpy(record.stream, bytes, name + 1);
    for (size_t i = 0; i < 8; i++)
        record.pos = record.pos << 8 | bytes[name + 1 + i];
    memcpy(record.leaf, bytes + name + 9, HASH_BYTES);
    return record;
}

static void check_case(const json_t *vector)
{
    const json_t *records = json_object_get(vector, "records");
    struct heads *heads = heads_new();
    uint8_t wanted[HASH_BYTES], root[HASH_BYTES];
    for (size_t i = 0; i < json_array_size(records); i++) {
        struct heads_record record = parse(json_array_get(records, i));
        struct buf bytes = {0};
        char *hex = NULL;
        heads_add(heads, &record);
        heads_encode(&record, &bytes);
        struct buf text = {0};
        buf_hex(&text, bytes.data, bytes.bytes);
        hex = buf_take_text(&text);
        assert_string_equal(hex, json_string_value(json_array_get(records, i)));
        free(hex);
        buf_free(&bytes);
    }
    unhex(json_object_get(vector, "root"), wanted, sizeof(wanted));
    heads_root(heads, root);
    assert_memory_equal(root, wanted, sizeof(root));
    for (size_t i = 0; i < heads_count(heads); i++) {
        const json_t *hashes = json_array_get(json_object_get(vector, "proofs"), i);
        struct tree_proof proof;
        heads_inclusion(heads, i, &proof);
        assert_int_equal(proof.count, json_array_size(hashes));
        for (size_t j = 0; j < proof.count; j++) {
            unhex(json_array_get(hashes, j), wanted, sizeof(wanted));
            assert_memory_equal(proof.hashes[j], wanted, sizeof(wanted));
        }
    }
    heads_free(heads);
}

static void test_heads_vectors(void **state)
{
    (void)state;
    json_t *vectors = vectors_load("heads.json");
    const json_t *cases = json_object_get(vectors, "cases");
    assert_int_equal(json_array_size(cases), 4);
    for (size_t i = 0; i < json_array_size(cases); i++)
        check_case(json_array_get(cases, i));
    json_decref(vectors);
}

static void test_heads_root_of_none(void **state)
{
    (void)state;
    uint8_t root[HASH_BYTES], nothing[HASH_BYTES];
    struct heads *heads = make(0);
    size_t index;
    hash_bytes("", 0, nothing);
    heads_root(heads, root);
    assert_memory_equal(root, nothing, sizeof(root));
    assert_false(heads_find(heads, "a", &index));
    heads_free(heads);
    heads_free(NULL);
}

/* Whether a changed record, or another place, passes. */
static void refuse_others(const struct heads *heads, size_t index, const struct tree_proof *proof,
                          const uint8_t root[HASH_BYTES])
{
    const size_t count = heads_count(heads);
    const struct heads_record good = *heads_at(heads, index);
    struct heads_record changed = good;
    changed.pos++;
    assert_int_equal(heads_check(&changed, index, count, proof, root), ERR_PROOF);
    changed = good;
    changed.leaf[31] ^= 1;
    assert_int_equal(heads_check(&changed, index, count, proof, root), ERR_PROOF);
    changed = good;
    changed.stream[0] = 't';
    assert_int_equal(heads_check(&changed, index, count, proof, root), ERR_PROOF);
    for (size_t other = 0; other <= count; other++) {
        if (other != index)
            assert_int_equal(heads_check(&good, other, count, proof, root), ERR_PROOF);
    }
}

static void test_heads_inclusion_of_each(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 40; count++) {
        struct heads *heads = make(count);
        uint8_t root[HASH_BYTES];
        heads_root(heads, root);
        for (size_t i = 0; i < count; i++) {
            struct tree_proof proof;
            struct heads_record record = make_record((unsigned)i);
            size_t index = count;
            assert_true(heads_find(heads, record.stream, &index));
            assert_int_equal(index, i);
            assert_memory_equal(heads_at(heads, i), &record, sizeof(record));
            heads_inclusion(heads, i, &proof);
            assert_int_equal(heads_check(&record, i, count, &proof, root), ERR_OK);
            refuse_others(heads, i, &proof, root);
        }
        assert_false(heads_find(heads, "s-", &(size_t){0}));
        assert_false(heads_find(heads, "s-0005", &(size_t){0}));
        assert_false(heads_find(heads, "t", &(size_t){0}));
        heads_free(heads);
    }
}

/* --- of a ledger */

/* The heads at ${size}, by a walk over all entries. */
struct naive {
    struct heads_record records[8];
    size_t count;
};

static enum err note_entry(void *ctx, const struct record *record, bool *ret_more)
{
    struct naive *naive = ctx;
    const struct entry *entry = &record->entry;
    size_t at = 0;
    (void)ret_more;
    while (at < naive->count && strcmp(naive->records[at].stream, entry->part.stream) < 0)
        at++;
    if (at == naive->count || strcmp(naive->records[at].stream, entry->part.stream) != 0) {
        assert_true(naive->count < 8);
        memmove(&naive->records[at + 1], &naive->records[at],
                (naive->count++ - at) * sizeof(naive->records[0]));
    }
    naive->records[at] = (struct heads_record){.pos = entry->stream_pos};
    memcpy(naive->records[at].stream, entry->part.stream, sizeof(naive->records[at].stream));
    memcpy(naive->records[at].leaf, record->leaf, HASH_BYTES);
    return ERR_OK;
}

static void test_heads_make_at_each_size(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    kit_fill(&kit, 60);
    for (uint64_t size = 0; size <= 60; size++) {
        struct naive naive = {.count = 0};
        struct heads *heads = NULL;
        struct ledger_walk walk = {.to_seq = size};
        assert_int_equal(ledger_each(kit.ledger, &walk, note_entry, &naive, NULL), ERR_OK);
        assert_int_equal(heads_make_at(kit.ledger, size, &heads, &kit.why), ERR_OK);
        assert_int_equal(heads_count(heads), naive.count);
        for (size_t i = 0; i < naive.count; i++)
            assert_memory_equal(heads_at(heads, i), &naive.records[i], sizeof(naive.records[i]));
        heads_free(heads);
    }
    struct heads *none = NULL;
    assert_int_equal(heads_make_at(kit.ledger, 61, &none, &kit.why), ERR_NOT_FOUND);
    assert_null(none);
    kit_end(&kit);
}

static void assert_verifies(struct kit *kit, const struct verify_options *options, bool skipped)
{
    struct verify_result *result = kit_check(kit, options);
    bool said = false;
    if (!result->ok)
        fail_msg("%s", result->first_bad.what);
    for (size_t i = 0; i < result->skipped_count; i++)
        said = said || strstr(result->skipped[i], "ledger.heads") != NULL;
    assert_int_equal(said, skipped);
    verify_result_free(result);
}

static void test_heads_make_append_is_said_once(void **state)
{
    (void)state;
    struct kit kit;
    struct registry_heads said, again;
    struct heads *heads = NULL;
    uint8_t root[HASH_BYTES];
    size_t count = 0;
    bool new = false;
    kit_new(&kit);
    kit_fill(&kit, 40);
    assert_int_equal(heads_make_append(kit.ledger, &said, &new, &kit.why), ERR_OK);
    assert_true(new);
    assert_true(said.seq == 40 && said.size == 40);
    assert_int_equal(heads_make_at(kit.ledger, 40, &heads, &kit.why), ERR_OK);
    heads_root(heads, root);
    assert_memory_equal(root, said.root, sizeof(root));
    assert_int_equal(heads_make_append(kit.ledger, &again, &new, &kit.why), ERR_OK);
    assert_false(new);
    assert_memory_equal(&said, &again, sizeof(said));
    kit_fill(&kit, 50);
    assert_int_equal(heads_make_append(kit.ledger, &again, &new, &kit.why), ERR_OK);
    assert_true(new &&again.seq == 50 && again.size == 50);
    const struct registry_heads *all = registry_heads(ledger_registry(kit.ledger), &count);
    assert_int_equal(count, 2);
    assert_memory_equal(&all[0], &said, sizeof(said));
    assert_memory_equal(&all[1], &again, sizeof(again));
    assert_verifies(&kit, &(struct verify_options){0}, false);
    assert_verifies(&kit, &(struct verify_options){.only_hashes = true}, true);
    assert_int_equal(heads_make_append(kit.ledger, &again, &new, &kit.why), ERR_OK);
    heads_free(heads);
    kit_end(&kit);
}

/* A ledger.heads as nobody but the ledger's own keys could make it. */
static void say(struct kit *kit, uint64_t size, const uint8_t root[HASH_BYTES])
{
    struct admitted *admitted = NULL;
    struct receipt receipt;
    struct buf text = {0};
    buf_printf(&text,
               "{\"specversion\":\"1.0\",\"id\":\"x%llu\",\"source\":\"/ledger\",\"type\":"
               "\"dev.countersign.ledger.heads.v1\",\"data\":{\"size\":%llu,\"root\":\"",
               (unsigned long long)size, (unsigned long long)size);
    buf_hex(&text, root, HASH_BYTES);
    buf_text(&text, "\"}}");
    assert_int_equal(
        admit_own(ledger_admission(kit->ledger), &text, "ledger", KIT_TIME_US, &admitted), ERR_OK);
    assert_int_equal(ledger_append(kit->ledger, &admitted, 1, NULL, &receipt, NULL), ERR_OK);
    assert_int_equal(receipt.verdict.rule, RULE_NONE);
    ledger_receipts_free(&receipt, 1);
    admit_free(admitted);
    buf_free(&text);
}

static void say_of(struct kit *kit, uint64_t size, uint64_t of)
{
    struct heads *heads = NULL;
    uint8_t root[HASH_BYTES];
    assert_int_equal(heads_make_at(kit->ledger, of, &heads, &kit->why), ERR_OK);
    heads_root(heads, root);
    say(kit, size, root);
    heads_free(heads);
}

/* True ones of all sizes, said in no order; then one that is another size's. */
static void test_verify_names_false_heads(void **state)
{
    (void)state;
    struct kit kit;
    struct checkpoint since = {.size = 0};
    kit_new(&kit);
    kit_fill(&kit, 45);
    for (uint64_t i = 0; i <= 40; i++)
        say_of(&kit, i * 3 % 41, i * 3 % 41);
    assert_verifies(&kit, &(struct verify_options){0}, false);
    say_of(&kit, 42, 41);
    kit_fill(&kit, 90);
    kit_bad(&kit, &(struct verify_options){0}, 86, "another size's root");
    kit_bad(&kit, &(struct verify_options){.threads = 1}, 86, "another size's root");
    assert_verifies(&kit, &(struct verify_options){.only_hashes = true}, true);
    /* What was said before the mark was checked before. */
    since.size = 86;
    assert_int_equal(ledger_root(kit.ledger, since.size, since.root, NULL), ERR_OK);
    kit_bad(&kit, &(struct verify_options){.since = &since}, 86, "behind the mark");
    since.size = 87;
    assert_int_equal(ledger_root(kit.ledger, since.size, since.root, NULL), ERR_OK);
    assert_verifies(&kit, &(struct verify_options){.since = &since}, false);
    kit_end(&kit);
}

/* The same of tiles, which have no index: first good ones, then a false one in the first piece. */
static void test_verify_tiles_names_false_heads(void **state)
{
    (void)state;
    struct kit kit;
    struct shelf_result shelf;
    struct verify_result *result = NULL;
    char tiles[96];
    const struct shelf_options options = {.events = true};
    const struct verify_options check = {0};
    kit_new(&kit);
    kit_fill_fast(&kit, 300);
    for (uint64_t i = 0; i < 40; i++)
        say_of(&kit, i * 77 % 301, i * 77 % 301);
    snprintf(tiles, sizeof(tiles), "%s/tiles", kit.dir);
    assert_int_equal(shelf_export(kit.ledger, tiles, &options, &shelf, &kit.why), ERR_OK);
    assert_int_equal(verify_tiles(tiles, &check, &result, &kit.why), ERR_OK);
    if (!result->ok)
        fail_msg("%s", result->first_bad.what);
    verify_result_free(result);
    say_of(&kit, 100, 99);
    kit_fill_fast(&kit, 400);
    assert_int_equal(shelf_export(kit.ledger, tiles, &options, &shelf, &kit.why), ERR_OK);
    assert_int_equal(verify_tiles(tiles, &check, &result, &kit.why), ERR_OK);
    assert_false(result->ok);
    assert_int_equal(result->first_bad.seq, 340);
    assert_non_null(strstr(result->first_bad.what, "first 100 entries"));
    verify_result_free(result);
    kit_bad(&kit, &check, 340, "by the index");
    kit_end(&kit);
}

/* An index of streams with a row that is none. */
static bool keep_row(void *ctx, enum store_table table, struct buf *key, struct buf *value)
{
    (void)ctx;
    (void)value;
    if (table == STORE_STREAMS && key->bytes == 2 + 8 && key->data[0] == 'a')
        key->data[0] = 'A';
    return true;
}

static void test_heads_make_at_damaged(void **state)
{
    (void)state;
    struct kit kit;
    struct heads *heads = NULL;
    struct admitted *admitted = NULL;
    kit_new(&kit);
    kit_fill(&kit, 20);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    damage_rewrite(&kit, keep_row, NULL, NULL);
    kit_open(&kit, true);
    assert_int_equal(heads_make_at(kit.ledger, 20, &heads, &kit.why), ERR_DAMAGED);
    assert_int_equal(heads_make_admit(kit.ledger, &admitted, &kit.why), ERR_DAMAGED);
    assert_true(heads == NULL && admitted == NULL);
    kit_end(&kit);
}

static bool due_at(struct kit *kit, int64_t us)
{
    bool due = true;
    enum err err = heads_make_due(kit->ledger, us, &due, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    return due;
}

static void test_heads_make_due_every_day(void **state)
{
    (void)state;
    struct kit kit;
    struct registry_heads said;
    bool new = false;
    kit_dir(&kit);
    assert_int_equal(kit_create(&kit, "test.example/real"), ERR_OK);
    kit_open(&kit, true);
    assert_false(due_at(&kit, KIT_TIME_US + HEADS_US)); /* nothing has come */
    kit_fill(&kit, 5);
    assert_false(due_at(&kit, KIT_TIME_US + HEADS_US - 1));
    assert_true(due_at(&kit, KIT_TIME_US + HEADS_US));
    assert_int_equal(heads_make_append(kit.ledger, &said, &new, &kit.why), ERR_OK);
    assert_false(due_at(&kit, said.time_us + 10 * HEADS_US)); /* nothing has come since */
    kit_fill(&kit, 12);
    assert_false(due_at(&kit, said.time_us + HEADS_US - 1));
    assert_true(due_at(&kit, said.time_us + HEADS_US));
    kit_end(&kit);
    kit_new(&kit);
    kit_fill(&kit, 5);
    assert_false(due_at(&kit, KIT_TIME_US + 100 * HEADS_US));
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads_vectors),
        cmocka_unit_test(test_heads_root_of_none),
        cmocka_unit_test(test_heads_inclusion_of_each),
        cmocka_unit_test(test_heads_make_at_each_size),
        cmocka_unit_test(test_heads_make_append_is_said_once),
        cmocka_unit_test(test_verify_names_false_heads),
        cmocka_unit_test(test_verify_tiles_names_false_heads),
        cmocka_unit_test(test_heads_make_at_damaged),
        cmocka_unit_test(test_heads_make_due_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
