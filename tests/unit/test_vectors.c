/* The vectors of transparency-dev/merkle, made by another program than ours. */
#include <stdbool.h>

#include "ledger/ledger.h"
#include "tests/unit/vectors.h"

#define CASES 98 /* of each file */

/* A whole number; one beyond what a real holds exactly (2^64 - 1 was meant) becomes the largest. */
static uint64_t number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    double real = json_real_value(value);
    assert_true(json_is_real(value) && real >= 0);
    return real >= 9007199254740992.0 ? UINT64_MAX : (uint64_t)real;
}

static bool bytes_of(const json_t *value, struct buf *ret)
{
    const char *text = json_string_value(value);
    assert_non_null(text);
    return bytes_from_base64(text, strlen(text), ret);
}

/* A hash; what is none is not 32 bytes long, and no proof of it can hold. */
static bool hash_of(const json_t *value, uint8_t ret[HASH_BYTES])
{
    struct buf bytes = {0};
    bool ok = bytes_of(value, &bytes) && bytes.bytes == HASH_BYTES;
    if (ok)
        memcpy(ret, bytes.data, HASH_BYTES);
    buf_free(&bytes);
    return ok;
}

/* A root; a few vectors have shorter words for roots that do not matter: zeros are put behind. */
static bool root_of(const json_t *value, uint8_t ret[HASH_BYTES])
{
    struct buf bytes = {0};
    bool ok = bytes_of(value, &bytes) && bytes.bytes <= HASH_BYTES;
    memset(ret, 0, HASH_BYTES);
    if (ok)
        memcpy(ret, bytes.data, bytes.bytes);
    buf_free(&bytes);
    return ok;
}

static bool proof_of(const json_t *value, struct tree_proof *ret)
{
    *ret = (struct tree_proof){0};
    bool ok = json_array_size(value) <= PROOF_HASHES_MAX;
    for (size_t i = 0; ok && i < json_array_size(value); i++)
        ok = hash_of(json_array_get(value, i), ret->hashes[ret->count++]);
    return ok;
}

static bool inclusion_holds(const json_t *vector)
{
    uint8_t leaf[HASH_BYTES], root[HASH_BYTES];
    struct tree_proof proof;
    return hash_of(json_object_get(vector, "leafHash"), leaf) &&
           hash_of(json_object_get(vector, "root"), root) &&
           proof_of(json_object_get(vector, "proof"), &proof) &&
           tree_check_inclusion(number(vector, "leafIdx"), number(vector, "treeSize"), leaf, &proof,
                                root) == ERR_OK;
}

static bool consistency_holds(const json_t *vector)
{
    uint8_t old_root[HASH_BYTES], root[HASH_BYTES];
    struct tree_proof proof;
    return root_of(json_object_get(vector, "root1"), old_root) &&
           root_of(json_object_get(vector, "root2"), root) &&
           proof_of(json_object_get(vector, "proof"), &proof) &&
           tree_check_consistency(number(vector, "size1"), number(vector, "size2"), old_root, root,
                                  &proof) == ERR_OK;
}

static void all_cases(const char *name, bool (*holds)(const json_t *vector))
{
    json_t *vectors = vectors_shared(name);
    size_t good = 0;
    assert_int_equal(json_array_size(vectors), CASES);
    for (size_t i = 0; i < CASES; i++) {
        const json_t *vector = json_array_get(vectors, i);
        bool want = !json_is_true(json_object_get(vector, "wantErr"));
        if (holds(vector) != want)
            fail_msg("%s: must %shold", vectors_text(vector, "name"), want ? "" : "not ");
        good += want;
    }
    assert_in_range(good, 1, CASES - 1);
    json_decref(vectors);
}

static void test_tree_check_inclusion_vectors(void **state)
{
    (void)state;
    all_cases("vectors/merkle-inclusion.json", inclusion_holds);
}

static void test_tree_check_consistency_vectors(void **state)
{
    (void)state;
    all_cases("vectors/merkle-consistency.json", consistency_holds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_check_inclusion_vectors),
        cmocka_unit_test(test_tree_check_consistency_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
