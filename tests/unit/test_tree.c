#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/ledger.h"

/* Every tree of up to LEAVES leaves is tried, with every proof. */
#define LEAVES 100
/* Of trees up to so many leaves every bit of every proof is flipped; of bigger ones a bit of every
 * fourth byte, or with COUNTERSIGN_LONG set (tests/run.sh --long) every bit too. */
#define LEAVES_EVERY_BIT 18

static uint8_t leaves[LEAVES + 1][HASH_BYTES];

/* A store of complete nodes: nodes[level][index], and how it is to fail. */
struct shelf {
    uint8_t nodes[8][LEAVES + 1][HASH_BYTES];
    unsigned char written[8][LEAVES + 1];
    unsigned fail_level; /* reading or writing a node of this level fails; 99: none does */
};

static enum err shelf_read(void *ctx, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES])
{
    struct shelf *shelf = ctx;
    assert_true(level < 8 && index <= LEAVES && shelf->written[level][index]);
    if (level == shelf->fail_level)
        return ERR_IO;
    memcpy(ret, shelf->nodes[level][index], HASH_BYTES);
    return ERR_OK;
}

static enum err shelf_write(void *ctx, unsigned level, uint64_t index,
                            const uint8_t hash[HASH_BYTES])
{
    struct shelf *shelf = ctx;
    if (level == shelf->fail_level)
        return ERR_DISK_LOW;
    assert_true(level < 8 && index <= LEAVES && !shelf->written[level][index]);
    if (level > 0)
        assert_true(shelf->written[level - 1][2 * index + 1]);
    memcpy(shelf->nodes[level][index], hash, HASH_BYTES);
    shelf->written[level][index] = 1;
    return ERR_OK;
}

/* RFC 6962 2.1 word for word: the root over leaves [from, to). */
static void naive_root(uint64_t from, uint64_t to, uint8_t ret[HASH_BYTES])
{
    uint8_t left[HASH_BYTES], right[HASH_BYTES];
    uint64_t half = 1;
    if (to - from == 0) {
        hash_bytes("", 0, ret);
        return;
    }
    if (to - from == 1) {
        memcpy(ret, leaves[from], HASH_BYTES);
        return;
    }
    while (half * 2 < to - from)
        half *= 2;
    naive_root(from, from + half, left);
    naive_root(from + half, to, right);
    tree_node(left, right, ret);
}

/* The roots and nodes of all trees, filled by the group's set-up. */
static struct shelf full;
static uint8_t roots[LEAVES + 2][HASH_BYTES];

static int set_up(void **state)
{
    (void)state;
    struct tree_edge edge = {0};
    full.fail_level = 99;
    for (uint64_t i = 0; i <= LEAVES; i++) {
        uint8_t data[2] = {(uint8_t)i, (uint8_t)(i * 7)};
        tree_leaf(data, i % 3, leaves[i]);
        leaves[i][0] = (uint8_t)i; /* no two alike */
        naive_root(0, i, roots[i]);
        if (tree_edge_push(&edge, leaves[i], shelf_write, &full) != ERR_OK)
            return -1;
    }
    naive_root(0, LEAVES + 1, roots[LEAVES + 1]);
    return 0;
}

/* RFC 6962 2.1.1 and 2.1.2 word for word, over leaves [from, to). */
static void naive_path(uint64_t seq, uint64_t from, uint64_t to, struct tree_proof *proof)
{
    uint64_t half = 1;
    if (to - from == 1)
        return;
    while (half * 2 < to - from)
        half *= 2;
    if (seq < half) {
        naive_path(seq, from, from + half, proof);
        naive_root(from + half, to, proof->hashes[proof->count++]);
    } else {
        naive_path(seq - half, from + half, to, proof);
        naive_root(from, from + half, proof->hashes[proof->count++]);
    }
}

static void naive_subproof(uint64_t old, uint64_t from, uint64_t to, struct tree_proof *proof)
{
    uint64_t half = 1;
    if (old == to - from) {
        if (from > 0)
            naive_root(from, to, proof->hashes[proof->count++]);
        return;
    }
    while (half * 2 < to - from)
        half *= 2;
    if (old <= half) {
        naive_subproof(old, from, from + half, proof);
        naive_root(from + half, to, proof->hashes[proof->count++]);
    } else {
        naive_subproof(old - half, from + half, to, proof);
        naive_root(from, from + half, proof->hashes[proof->count++]);
    }
}

/* The root that a path of ${count} hashes leads to, from the top of the tree down; false if it has
 * another length than the place has. */
static bool naive_climb(uint64_t seq, uint64_t size, const struct tree_proof *proof, size_t count,
                        uint8_t hash[HASH_BYTES])
{
    uint64_t half = 1;
    if (seq >= size || size == 1 || count == 0)
        return seq < size && size == 1 && count == 0;
    while (half * 2 < size)
        half *= 2;
    bool left = seq < half;
    if (!naive_climb(left ? seq : seq - half, left ? half : size - half, proof, count - 1, hash))
        return false;
    if (left)
        tree_node(hash, proof->hashes[count - 1], hash);
    else
        tree_node(proof->hashes[count - 1], hash, hash);
    return true;
}

/* Both roots of a consistency proof, from the top down; ${first}: the subtree begins the tree. */
static bool naive_grow(uint64_t old, uint64_t size, bool first, const struct tree_proof *proof,
                       size_t count, uint8_t hashes[2][HASH_BYTES])
{
    uint64_t half = 1;
    if (old == size) {
        if (!first && count == 1) {
            memcpy(hashes[0], proof->hashes[0], HASH_BYTES);
            memcpy(hashes[1], proof->hashes[0], HASH_BYTES);
        }
        return count == (first ? 0 : 1);
    }
    if (old == 0 || old > size || count == 0)
        return false;
    while (half * 2 < size)
        half *= 2;
    const uint8_t *hash = proof->hashes[count - 1];
    if (old <= half) {
        if (!naive_grow(old, half, first, proof, count - 1, hashes))
            return false;
        tree_node(hashes[1], hash, hashes[1]);
        return true;
    }
    if (!naive_grow(old - half, size - half, false, proof, count - 1, hashes))
        return false;
    tree_node(hash, hashes[0], hashes[0]);
    tree_node(hash, hashes[1], hashes[1]);
    return true;
}

static bool naive_inclusion_holds(uint64_t seq, uint64_t size, const struct tree_proof *proof,
                                  const uint8_t root[HASH_BYTES], const uint8_t leaf[HASH_BYTES])
{
    uint8_t hash[HASH_BYTES];
    memcpy(hash, leaf, HASH_BYTES);
    return naive_climb(seq, size, proof, proof->count, hash) && memcmp(hash, root, HASH_BYTES) == 0;
}

static bool naive_consistency_holds(uint64_t old, uint64_t size, const uint8_t old_root[HASH_BYTES],
                                    const uint8_t root[HASH_BYTES], const struct tree_proof *proof)
{
    uint8_t hashes[2][HASH_BYTES];
    memcpy(hashes[0], old_root, HASH_BYTES);
    memcpy(hashes[1], old_root, HASH_BYTES);
    return old > 0 && naive_grow(old, size, true, proof, proof->count, hashes) &&
           memcmp(hashes[0], old_root, HASH_BYTES) == 0 && memcmp(hashes[1], root, HASH_BYTES) == 0;
}

static void test_tree_leaf_rfc6962(void **state)
{
    (void)state;
    /* From the test data of transparency-dev/merkle. */
    static const char *const data[] = {"", "L123456"};
    static const char *const expected[] = {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"};
    uint8_t hash[HASH_BYTES], want[HASH_BYTES];
    for (size_t i = 0; i < 2; i++) {
        tree_leaf(data[i], strlen(data[i]), hash);
        assert_true(bytes_from_hex(expected[i], want, HASH_BYTES));
        assert_memory_equal(hash, want, HASH_BYTES);
    }
}

static void test_tree_node_in_place(void **state)
{
    (void)state;
    uint8_t input[1 + 2 * HASH_BYTES] = {1}, want[HASH_BYTES], hash[HASH_BYTES];
    memcpy(input + 1, leaves[3], HASH_BYTES);
    memcpy(input + 1 + HASH_BYTES, leaves[4], HASH_BYTES);
    hash_bytes(input, sizeof(input), want);
    tree_node(leaves[3], leaves[4], hash);
    assert_memory_equal(hash, want, HASH_BYTES);
    memcpy(hash, leaves[3], HASH_BYTES);
    tree_node(hash, leaves[4], hash);
    assert_memory_equal(hash, want, HASH_BYTES);
    memcpy(hash, leaves[4], HASH_BYTES);
    tree_node(leaves[3], hash, hash);
    assert_memory_equal(hash, want, HASH_BYTES);
}

static void test_tree_edge_root_all(void **state)
{
    (void)state;
    struct tree_edge pushed = {0};
    uint8_t root[HASH_BYTES];
    for (uint64_t size = 0; size <= LEAVES; size++) {
        struct tree_edge loaded;
        assert_int_equal(tree_edge_load(size, shelf_read, &full, &loaded), ERR_OK);
        assert_memory_equal(&loaded, &pushed, offsetof(struct tree_edge, hashes));
        assert_int_equal(loaded.count, __builtin_popcountll(size));
        assert_memory_equal(loaded.hashes, pushed.hashes, loaded.count * HASH_BYTES);
        tree_edge_root(&loaded, root);
        assert_memory_equal(root, roots[size], HASH_BYTES);
        assert_int_equal(tree_edge_push(&pushed, leaves[size], NULL, NULL), ERR_OK);
    }
}

static void test_tree_edge_load_read_fails(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        for (unsigned level = 0; level < 8; level++) {
            struct tree_edge edge = {.size = 7777};
            full.fail_level = level;
            enum err err = tree_edge_load(size, shelf_read, &full, &edge);
            assert_int_equal(err, size >> level & 1 ? ERR_IO : ERR_OK);
            assert_int_equal(edge.size, err == ERR_OK ? size : 7777);
        }
    }
    full.fail_level = 99;
}

static void test_tree_edge_push_write_fails(void **state)
{
    (void)state;
    struct tree_edge edge = {0};
    for (uint64_t size = 0; size < LEAVES; size++) {
        for (unsigned level = 0; size + 1 >= 1ULL << level; level++) {
            struct tree_edge before = edge;
            struct shelf *shelf = calloc(1, sizeof(*shelf));
            memcpy(shelf, &full, sizeof(*shelf));
            for (unsigned l = 0; l < 8; l++)
                memset(&shelf->written[l][size >> l], 0, LEAVES + 1 - (size >> l));
            shelf->fail_level = level;
            bool completes = (size + 1) % (1ULL << level) == 0;
            enum err err = tree_edge_push(&edge, leaves[size], shelf_write, shelf);
            free(shelf);
            assert_int_equal(err, completes ? ERR_DISK_LOW : ERR_OK);
            if (completes)
                assert_memory_equal(&edge, &before, sizeof(edge));
            edge = before;
        }
        assert_int_equal(tree_edge_push(&edge, leaves[size], NULL, NULL), ERR_OK);
    }
}

static void test_tree_range_all(void **state)
{
    (void)state;
    for (uint64_t to = 1; to <= LEAVES; to++) {
        for (uint64_t from = 0; from < to; from++) {
            uint64_t power = 1;
            while (power < to - from)
                power *= 2;
            if (from % power != 0)
                continue;
            uint8_t root[HASH_BYTES], want[HASH_BYTES];
            naive_root(from, to, want);
            assert_int_equal(tree_range(from, to, shelf_read, &full, root), ERR_OK);
            assert_memory_equal(root, want, HASH_BYTES);
        }
    }
}

static void same_proof(const struct tree_proof *proof, const struct tree_proof *want)
{
    assert_int_equal(proof->count, want->count);
    assert_memory_equal(proof->hashes, want->hashes, proof->count * HASH_BYTES);
}

/* Every other index and size: refused where the recursion of RFC 6962 refuses them (a path alone
 * does not always tell two sizes apart), and always against the root of that size. */
static void wrong_places(uint64_t seq, uint64_t size, const struct tree_proof *proof)
{
    const uint8_t *leaf = leaves[seq];
    for (uint64_t other = 0; other <= LEAVES + 1; other++) {
        if (other != seq)
            assert_int_equal(tree_check_inclusion(other, size, leaf, proof, roots[size]),
                             ERR_PROOF);
        bool holds = tree_check_inclusion(seq, other, leaf, proof, roots[size]) == ERR_OK;
        assert_true(holds == naive_inclusion_holds(seq, other, proof, roots[size], leaf));
        if (other != size)
            assert_int_equal(tree_check_inclusion(seq, other, leaf, proof, roots[other]),
                             ERR_PROOF);
    }
    assert_int_equal(tree_check_inclusion(UINT64_MAX, size, leaf, proof, roots[size]), ERR_PROOF);
    assert_int_equal(tree_check_inclusion(seq, UINT64_MAX, leaf, proof, roots[size]), ERR_PROOF);
    assert_int_equal(tree_check_inclusion(seq, 0, leaf, proof, roots[size]), ERR_PROOF);
}

static void test_tree_inclusion_all(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        for (uint64_t seq = 0; seq < size; seq++) {
            struct tree_proof proof, want = {0};
            assert_int_equal(tree_inclusion(seq, size, shelf_read, &full, &proof), ERR_OK);
            naive_path(seq, 0, size, &want);
            same_proof(&proof, &want);
            assert_int_equal(tree_check_inclusion(seq, size, leaves[seq], &proof, roots[size]),
                             ERR_OK);
            wrong_places(seq, size, &proof);
        }
    }
}

/* Another index and another size together, against every root. */
static void test_tree_check_inclusion_elsewhere(void **state)
{
    (void)state;
    struct tree_proof proof;
    for (uint64_t size = 1; size <= 20; size++) {
        for (uint64_t seq = 0; seq < size; seq++) {
            assert_int_equal(tree_inclusion(seq, size, shelf_read, &full, &proof), ERR_OK);
            for (uint64_t place = 0; place < 20 * 20; place++) {
                uint64_t s = place / 20, n = place % 20 + 1;
                bool holds = tree_check_inclusion(s, n, leaves[seq], &proof, roots[size]) == ERR_OK;
                assert_true(holds == naive_inclusion_holds(s, n, &proof, roots[size], leaves[seq]));
                holds = tree_check_inclusion(s, n, leaves[seq], &proof, roots[n]) == ERR_OK;
                assert_true(holds == (s == seq && n == size));
            }
        }
    }
}

static void wrong_sizes(uint64_t old, uint64_t size, const struct tree_proof *proof)
{
    for (uint64_t other = 0; other <= LEAVES + 1; other++) {
        bool holds = tree_check_consistency(other, size, roots[old], roots[size], proof) == ERR_OK;
        assert_true(holds == naive_consistency_holds(other, size, roots[old], roots[size], proof));
        assert_true(holds == (other == old));
        holds = tree_check_consistency(old, other, roots[old], roots[size], proof) == ERR_OK;
        assert_true(holds == naive_consistency_holds(old, other, roots[old], roots[size], proof));
        if (other != old)
            assert_int_equal(tree_check_consistency(other, size, roots[other], roots[size], proof),
                             ERR_PROOF);
        if (other != size)
            assert_int_equal(tree_check_consistency(old, other, roots[old], roots[other], proof),
                             ERR_PROOF);
    }
    assert_int_equal(tree_check_consistency(UINT64_MAX, size, roots[old], roots[size], proof),
                     ERR_PROOF);
    assert_int_equal(tree_check_consistency(old, UINT64_MAX, roots[old], roots[size], proof),
                     ERR_PROOF);
}

static void test_tree_consistency_all(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        for (uint64_t old = 1; old <= size; old++) {
            struct tree_proof proof, want = {0};
            assert_int_equal(tree_consistency(old, size, shelf_read, &full, &proof), ERR_OK);
            naive_subproof(old, 0, size, &want);
            same_proof(&proof, &want);
            assert_int_equal(tree_check_consistency(old, size, roots[old], roots[size], &proof),
                             ERR_OK);
            wrong_sizes(old, size, &proof);
        }
    }
}

/* One proof, its leaf or old root, and its root, as bytes of which each bit is flipped in turn. */
struct claim {
    struct tree_proof proof;
    uint8_t leaf[HASH_BYTES];
    uint8_t root[HASH_BYTES];
};

typedef enum err claim_fn(uint64_t a, uint64_t b, const struct claim *claim);

static enum err claim_inclusion(uint64_t seq, uint64_t size, const struct claim *claim)
{
    return tree_check_inclusion(seq, size, claim->leaf, &claim->proof, claim->root);
}

static enum err claim_consistency(uint64_t old, uint64_t size, const struct claim *claim)
{
    return tree_check_consistency(old, size, claim->leaf, claim->root, &claim->proof);
}

static void flip_bits(uint64_t a, uint64_t b, struct claim *claim, uint8_t *bytes, size_t count,
                      claim_fn *check)
{
    /* 31 and 8 have no common factor: a bit of every fourth byte or so, all places alike often. */
    size_t step = b <= LEAVES_EVERY_BIT || getenv("COUNTERSIGN_LONG") != NULL ? 1 : 31;
    for (size_t bit = 0; bit < 8 * count; bit += step) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (check(a, b, claim) != ERR_PROOF)
            fail_msg("(%d, %d): bit %zu flipped, and it holds", (int)a, (int)b, bit);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void flip_all(uint64_t a, uint64_t b, struct claim *claim, claim_fn *check)
{
    assert_int_equal(check(a, b, claim), ERR_OK);
    flip_bits(a, b, claim, claim->leaf, HASH_BYTES, check);
    flip_bits(a, b, claim, claim->root, HASH_BYTES, check);
    flip_bits(a, b, claim, claim->proof.hashes[0], claim->proof.count * HASH_BYTES, check);
}

static void test_tree_check_inclusion_bit_flipped(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        for (uint64_t seq = 0; seq < size; seq++) {
            struct claim claim;
            assert_int_equal(tree_inclusion(seq, size, shelf_read, &full, &claim.proof), ERR_OK);
            memcpy(claim.leaf, leaves[seq], HASH_BYTES);
            memcpy(claim.root, roots[size], HASH_BYTES);
            flip_all(seq, size, &claim, claim_inclusion);
        }
    }
}

static void test_tree_check_consistency_bit_flipped(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        for (uint64_t old = 1; old <= size; old++) {
            struct claim claim;
            assert_int_equal(tree_consistency(old, size, shelf_read, &full, &claim.proof), ERR_OK);
            memcpy(claim.leaf, roots[old], HASH_BYTES);
            memcpy(claim.root, roots[size], HASH_BYTES);
            flip_all(old, size, &claim, claim_consistency);
        }
    }
}

/* Proofs of another length, up to the longest that fits and one that claims to be longer. */
static void test_tree_check_wrong_length(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        for (uint64_t at = 1; at <= size; at++) {
            struct tree_proof path = {0}, growth = {0};
            assert_int_equal(tree_inclusion(at - 1, size, shelf_read, &full, &path), ERR_OK);
            assert_int_equal(tree_consistency(at, size, shelf_read, &full, &growth), ERR_OK);
            size_t path_count = path.count, growth_count = growth.count;
            for (size_t count = 0; count <= PROOF_HASHES_MAX + 1; count++) {
                path.count = growth.count = count;
                assert_int_equal(
                    tree_check_inclusion(at - 1, size, leaves[at - 1], &path, roots[size]),
                    count == path_count ? ERR_OK : ERR_PROOF);
                assert_int_equal(tree_check_consistency(at, size, roots[at], roots[size], &growth),
                                 count == growth_count ? ERR_OK : ERR_PROOF);
            }
        }
    }
}

static void test_tree_proof_read_fails(void **state)
{
    (void)state;
    struct tree_proof proof = {.count = 77};
    uint8_t root[HASH_BYTES];
    full.fail_level = 0;
    assert_int_equal(tree_inclusion(4, 5, shelf_read, &full, &proof), ERR_OK);
    proof.count = 77;
    assert_int_equal(tree_inclusion(3, 5, shelf_read, &full, &proof), ERR_IO);
    assert_int_equal(tree_consistency(3, 5, shelf_read, &full, &proof), ERR_IO);
    assert_int_equal(proof.count, 77);
    assert_int_equal(tree_range(0, 5, shelf_read, &full, root), ERR_IO);
    assert_int_equal(tree_range(0, 4, shelf_read, &full, root), ERR_OK);
    full.fail_level = 99;
}

/* A tree of any size whose leaves are all the same: each level has one hash. */
static enum err same_leaves(void *ctx, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES])
{
    (void)ctx;
    (void)index;
    tree_leaf("same", 4, ret);
    for (unsigned i = 0; i < level; i++)
        tree_node(ret, ret, ret);
    return ERR_OK;
}

static void test_tree_huge(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1ULL << 32,           (1ULL << 32) + 1, (1ULL << 40) - 1,
                                     (1ULL << 62) + 12345, (1ULL << 63) - 1, 1ULL << 63};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint64_t size = sizes[i];
        const uint64_t places[] = {0, 1, size / 3, size / 2, size - 2, size - 1};
        uint8_t root[HASH_BYTES], old_root[HASH_BYTES], leaf[HASH_BYTES];
        struct tree_edge edge;
        struct tree_proof proof;
        tree_leaf("same", 4, leaf);
        assert_int_equal(tree_edge_load(size, same_leaves, NULL, &edge), ERR_OK);
        tree_edge_root(&edge, root);
        for (size_t j = 0; j < 6; j++) {
            assert_int_equal(tree_inclusion(places[j], size, same_leaves, NULL, &proof), ERR_OK);
            assert_int_equal(tree_check_inclusion(places[j], size, leaf, &proof, root), ERR_OK);
            uint64_t old = places[j] + 1;
            assert_int_equal(tree_consistency(old, size, same_leaves, NULL, &proof), ERR_OK);
            assert_int_equal(tree_edge_load(old, same_leaves, NULL, &edge), ERR_OK);
            tree_edge_root(&edge, old_root);
            assert_int_equal(tree_check_consistency(old, size, old_root, root, &proof), ERR_OK);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_leaf_rfc6962),
        cmocka_unit_test(test_tree_node_in_place),
        cmocka_unit_test(test_tree_edge_root_all),
        cmocka_unit_test(test_tree_edge_load_read_fails),
        cmocka_unit_test(test_tree_edge_push_write_fails),
        cmocka_unit_test(test_tree_range_all),
        cmocka_unit_test(test_tree_inclusion_all),
        cmocka_unit_test(test_tree_check_inclusion_elsewhere),
        cmocka_unit_test(test_tree_consistency_all),
        cmocka_unit_test(test_tree_check_inclusion_bit_flipped),
        cmocka_unit_test(test_tree_check_consistency_bit_flipped),
        cmocka_unit_test(test_tree_check_wrong_length),
        cmocka_unit_test(test_tree_proof_read_fails),
        cmocka_unit_test(test_tree_huge),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
