#include <stdbool.h>

#include "ledger/proof.h"

#include "ledger/hash.h"
#include "ledger/mem.h"
#include "tests/unit/vectors.h"

/* Check a whole file as `verify FILE` does; ${leaf} NULL: by the entry that it carries. */
static enum err check_file(const char *text, size_t bytes, const struct note_key *key,
                           const uint8_t *leaf, struct err_text *why)
{
    struct proof *proof = NULL;
    struct proof_extra extra;
    struct entry entry;
    struct checkpoint checkpoint;
    uint8_t carried[HASH_BYTES];
    enum err err = proof_parse(text, bytes, &proof);
    if (err == ERR_OK && leaf == NULL) {
        err = proof->has_extra ? proof_extra_parse(proof->extra.data, proof->extra.bytes, &extra)
                               : ERR_INVALID;
        if (err == ERR_OK)
            err = proof_extra_check(&extra, proof->seq, &entry, why);
        if (err == ERR_OK)
            entry_leaf(extra.entry, extra.entry_bytes, carried);
        leaf = carried;
    }
    if (err == ERR_OK)
        err = proof_check(proof, leaf, key, 1, &checkpoint, why);
    proof_free(proof);
    return err;
}

/* A case of tests/vectors/proof.json. */
struct vector {
    const char *text;
    struct note_key key;
    uint8_t leaf[HASH_BYTES];
    const json_t *json;
};

static void read_case(const json_t *json, struct vector *ret)
{
    *ret = (struct vector){.text = vectors_text(json, "proof"), .json = json};
    vectors_bytes(json, "leaf", ret->leaf, HASH_BYTES);
    assert_int_equal(note_key_parse(vectors_text(json, "vkey"), &ret->key), ERR_OK);
}

typedef void case_fn(const struct vector *vector);

static void each_case(case_fn *fn)
{
    json_t *json = vectors_load("proof.json"), *item;
    size_t i;
    assert_true(json_array_size(json_object_get(json, "cases")) >= 5);
    json_array_foreach (json_object_get(json, "cases"), i, item) {
        struct vector vector;
        read_case(item, &vector);
        fn(&vector);
    }
    json_decref(json);
}

static void same_extra(const struct vector *vector, const struct proof *proof)
{
    struct proof_extra extra;
    struct entry entry;
    struct buf bytes = {0}, salt = {0}, again = {0};
    const json_t *event = json_object_get(vector->json, "event");
    assert_int_equal(proof_extra_parse(proof->extra.data, proof->extra.bytes, &extra), ERR_OK);
    vectors_hex(vector->json, "entry", &bytes);
    assert_int_equal(extra.entry_bytes, bytes.bytes);
    assert_memory_equal(extra.entry, bytes.data, bytes.bytes);
    assert_true((extra.salt != NULL) == (event != NULL));
    if (event != NULL) {
        vectors_hex(vector->json, "salt", &salt);
        assert_memory_equal(extra.salt, salt.data, SALT_BYTES);
        assert_int_equal(extra.event_bytes, json_string_length(event));
        assert_memory_equal(extra.event, json_string_value(event), extra.event_bytes);
    }
    assert_int_equal(proof_extra_check(&extra, proof->seq, &entry, NULL), ERR_OK);
    assert_true(entry.seq == vectors_u64(vector->json, "index"));
    proof_extra_format(&extra, &again);
    assert_int_equal(again.bytes, proof->extra.bytes);
    assert_memory_equal(again.data, proof->extra.data, again.bytes);
    buf_free(&bytes);
    buf_free(&salt);
    buf_free(&again);
}

static void same_proof(const struct vector *vector)
{
    struct proof *proof = NULL;
    struct checkpoint checkpoint;
    struct buf again = {0};
    uint8_t want[HASH_BYTES], hash[HASH_BYTES];
    size_t bytes = strlen(vector->text);
    vectors_bytes(vector->json, "sha256", want, HASH_BYTES);
    hash_bytes(vector->text, bytes, hash);
    assert_memory_equal(hash, want, HASH_BYTES);
    assert_int_equal(proof_parse(vector->text, bytes, &proof), ERR_OK);
    assert_true(proof->seq == vectors_u64(vector->json, "index"));
    assert_int_equal(proof_check(proof, vector->leaf, &vector->key, 1, &checkpoint, NULL), ERR_OK);
    assert_true(checkpoint.size == vectors_u64(vector->json, "size"));
    vectors_bytes(vector->json, "root", want, HASH_BYTES);
    assert_memory_equal(checkpoint.root, want, HASH_BYTES);
    assert_true(proof->has_extra == (json_object_get(vector->json, "entry") != NULL));
    if (proof->has_extra)
        same_extra(vector, proof);
    proof_format(proof, &again);
    assert_int_equal(again.bytes, bytes);
    assert_memory_equal(again.data, vector->text, bytes);
    proof_free(proof);
    buf_free(&again);
}

static void test_proof_vectors(void **state)
{
    (void)state;
    each_case(same_proof);
}

/* The proof of 435 bytes that another program made. */
static void test_proof_made_elsewhere(void **state)
{
    (void)state;
    json_t *json = vectors_load("proof.json");
    struct vector vector;
    uint8_t hash[HASH_BYTES], want[HASH_BYTES], leaf[HASH_BYTES];
    read_case(json_array_get(json_object_get(json, "cases"), 0), &vector);
    hash_bytes(vector.text, 435, hash);
    assert_true(bytes_from_hex("178ff47f403618e0084dd1cd618ca15c14494a0e5e623e4f7a1e990deff83028",
                               want, HASH_BYTES));
    assert_memory_equal(hash, want, HASH_BYTES);
    tree_leaf("b", 1, leaf);
    assert_memory_equal(vector.leaf, leaf, HASH_BYTES);
    assert_int_equal(check_file(vector.text, 435, &vector.key, leaf, NULL), ERR_OK);
    json_decref(json);
}

/* Where a signature line by another key than ours begins: who has not that key passes over it. */
static size_t known_bytes(const struct vector *vector)
{
    const char *other = strstr(vector->text, "\xe2\x80\x94 witness.example");
    return other != NULL ? (size_t)(other - vector->text) : strlen(vector->text);
}

static void flip_bits(const struct vector *vector)
{
    size_t bytes = strlen(vector->text), known = known_bytes(vector);
    char *text = mem_text_n(vector->text, bytes);
    const uint8_t *leaf = json_object_get(vector->json, "entry") == NULL ? vector->leaf : NULL;
    for (size_t bit = 0; bit < 8 * known; bit++) {
        text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
        if (check_file(text, bytes, &vector->key, leaf, NULL) == ERR_OK)
            fail_msg("%s: bit %zu flipped, and it holds", vectors_text(vector->json, "what"), bit);
        text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
    }
    for (size_t cut = 0; cut < known; cut++)
        assert_int_not_equal(check_file(text, cut, &vector->key, leaf, NULL), ERR_OK);
    assert_int_equal(check_file(text, bytes, &vector->key, leaf, NULL), ERR_OK);
    free(text);
}

static void test_proof_bit_flipped(void **state)
{
    (void)state;
    each_case(flip_bits);
}

static void test_proof_parse_malformed(void **state)
{
    (void)state;
    json_t *json = vectors_load("proof.json"), *item;
    size_t i;
    assert_true(json_array_size(json_object_get(json, "malformed")) > 20);
    json_array_foreach (json_object_get(json, "malformed"), i, item) {
        const char *text = vectors_text(item, "proof"), *what = vectors_text(item, "what");
        struct proof *proof = NULL;
        enum err want = strcmp(what, "65 hashes") == 0 ? ERR_TOO_BIG : ERR_INVALID;
        if (proof_parse(text, strlen(text), &proof) != want || proof != NULL)
            fail_msg("%s: not refused as it should be", what);
    }
    json_decref(json);
}

static void test_proof_check_refused(void **state)
{
    (void)state;
    json_t *json = vectors_load("proof.json"), *item;
    size_t i;
    assert_true(json_array_size(json_object_get(json, "refused")) >= 10);
    json_array_foreach (json_object_get(json, "refused"), i, item) {
        const char *text = vectors_text(item, "proof"), *what = vectors_text(item, "what");
        struct note_key key;
        struct proof *proof = NULL;
        struct err_text why = {""};
        assert_int_equal(note_key_parse(vectors_text(item, "vkey"), &key), ERR_OK);
        assert_int_equal(proof_parse(text, strlen(text), &proof), ERR_OK);
        enum err want = strcmp(what, "a checkpoint that is none") == 0 ? ERR_INVALID : ERR_PROOF;
        if (check_file(text, strlen(text), &key, NULL, &why) != want || why.s[0] == '\0')
            fail_msg("%s: not refused as it should be (%s)", what, why.s);
        proof_free(proof);
    }
    json_decref(json);
}

static void test_proof_parse_too_big(void **state)
{
    (void)state;
    struct buf text = {0};
    struct proof *proof = NULL;
    buf_text(&text, PROOF_HEADER "index 0\n\n");
    memset(buf_room(&text, PROOF_BYTES_MAX - text.bytes), 'x', PROOF_BYTES_MAX - text.bytes);
    assert_int_equal(proof_parse((const char *)text.data, text.bytes, &proof), ERR_OK);
    proof_free(proof);
    proof = NULL;
    buf_text(&text, "x");
    assert_int_equal(proof_parse((const char *)text.data, text.bytes, &proof), ERR_TOO_BIG);
    assert_null(proof);
    buf_free(&text);
}

static void test_proof_check_note_too_big(void **state)
{
    (void)state;
    json_t *json = vectors_load("proof.json");
    struct vector vector;
    struct checkpoint checkpoint;
    struct buf note = {0};
    read_case(json_array_get(json_object_get(json, "cases"), 0), &vector);
    memset(buf_room(&note, NOTE_BYTES_MAX + 1), '\n', NOTE_BYTES_MAX + 1);
    assert_int_equal(
        proof_check_note((const char *)note.data, note.bytes, &vector.key, 1, &checkpoint, NULL),
        ERR_TOO_BIG);
    buf_free(&note);
    json_decref(json);
}

/* Cut short, with bytes behind the end, and with lengths that are out of bounds. */
static void test_proof_extra_parse_invalid(void **state)
{
    (void)state;
    static const uint8_t salt[SALT_BYTES] = {1};
    struct proof_extra extra = {(const uint8_t *)"entry", 5, salt, (const uint8_t *)"{}", 2};
    struct buf whole = {0};
    proof_extra_format(&extra, &whole);
    for (size_t cut = 0; cut < whole.bytes; cut++)
        assert_int_equal(proof_extra_parse(whole.data, cut, &extra),
                         cut == 7 ? ERR_OK : ERR_INVALID);
    assert_int_equal(proof_extra_parse(whole.data, whole.bytes, &extra), ERR_OK);
    buf_u8(&whole, 0);
    assert_int_equal(proof_extra_parse(whole.data, whole.bytes, &extra), ERR_INVALID);
    buf_clear(&whole);
    buf_u16(&whole, 0);
    assert_int_equal(proof_extra_parse(whole.data, whole.bytes, &extra), ERR_INVALID);
    buf_clear(&whole);
    buf_u16(&whole, 1);
    buf_text(&whole, "e");
    buf_u32(&whole, 0); /* an event of no bytes */
    buf_add(&whole, salt, SALT_BYTES);
    assert_int_equal(proof_extra_parse(whole.data, whole.bytes, &extra), ERR_INVALID);
    buf_clear(&whole);
    buf_u16(&whole, 1);
    buf_text(&whole, "e");
    buf_u32(&whole, EVENT_BYTES_MAX + 1);
    buf_add(&whole, salt, SALT_BYTES);
    memset(buf_room(&whole, EVENT_BYTES_MAX + 1), 'x', EVENT_BYTES_MAX + 1);
    assert_int_equal(proof_extra_parse(whole.data, whole.bytes, &extra), ERR_INVALID);
    assert_int_equal(proof_extra_parse(whole.data, whole.bytes - 1, &extra), ERR_INVALID);
    buf_free(&whole);
}

/* The longest entry with the longest event fits into a proof. */
static void test_proof_longest(void **state)
{
    (void)state;
    uint8_t *bytes = mem_zero(1, EVENT_BYTES_MAX);
    struct proof_extra extra = {bytes, ENTRY_BYTES_MAX, bytes, bytes, EVENT_BYTES_MAX};
    struct proof proof = {.has_extra = true, .seq = UINT64_MAX};
    struct proof *again = NULL;
    struct buf text = {0};
    proof.path.count = PROOF_HASHES_MAX;
    proof_extra_format(&extra, &proof.extra);
    memset(buf_room(&proof.note, NOTE_BYTES_MAX), 'n', NOTE_BYTES_MAX);
    proof_format(&proof, &text);
    assert_in_range(text.bytes, NOTE_BYTES_MAX, PROOF_BYTES_MAX);
    assert_int_equal(proof_parse((const char *)text.data, text.bytes, &again), ERR_OK);
    assert_true(again->seq == UINT64_MAX && again->path.count == PROOF_HASHES_MAX);
    assert_int_equal(proof_extra_parse(again->extra.data, again->extra.bytes, &extra), ERR_OK);
    assert_int_equal(extra.event_bytes, EVENT_BYTES_MAX);
    proof_free(again);
    buf_free(&proof.extra);
    buf_free(&proof.note);
    buf_free(&text);
    free(bytes);
}

/* The proofs of consistency that the oracle made. */
static void test_tree_check_consistency_vectors(void **state)
{
    (void)state;
    json_t *json = vectors_load("proof.json"), *item, *hash;
    size_t i, j;
    assert_int_equal(json_array_size(json_object_get(json, "consistency")), 21);
    json_array_foreach (json_object_get(json, "consistency"), i, item) {
        struct tree_proof proof = {0};
        uint8_t old_root[HASH_BYTES], root[HASH_BYTES];
        vectors_bytes(item, "old_root", old_root, HASH_BYTES);
        vectors_bytes(item, "root", root, HASH_BYTES);
        json_array_foreach (json_object_get(item, "hashes"), j, hash) {
            assert_true(
                bytes_from_hex(json_string_value(hash), proof.hashes[proof.count++], HASH_BYTES));
        }
        assert_int_equal(tree_check_consistency(vectors_u64(item, "old_size"),
                                                vectors_u64(item, "size"), old_root, root, &proof),
                         ERR_OK);
    }
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proof_vectors),
        cmocka_unit_test(test_proof_made_elsewhere),
        cmocka_unit_test(test_proof_bit_flipped),
        cmocka_unit_test(test_proof_parse_malformed),
        cmocka_unit_test(test_proof_check_refused),
        cmocka_unit_test(test_proof_parse_too_big),
        cmocka_unit_test(test_proof_check_note_too_big),
        cmocka_unit_test(test_proof_extra_parse_invalid),
        cmocka_unit_test(test_proof_longest),
        cmocka_unit_test(test_tree_check_consistency_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
