#include "ledger/tree.h"

#include <stdbool.h>
#include <string.h>

#include "ledger/hash.h"

void tree_leaf(const void *data, size_t bytes, uint8_t ret[HASH_BYTES])
{
    const struct piece pieces[] = {{"\x00", 1}, {data, bytes}};
    hash_pieces(pieces, 2, ret);
}

void tree_node(const uint8_t left[HASH_BYTES], const uint8_t right[HASH_BYTES],
               uint8_t ret[HASH_BYTES])
{
    const struct piece pieces[] = {{"\x01", 1}, {left, HASH_BYTES}, {right, HASH_BYTES}};
    hash_pieces(pieces, 3, ret);
}

/* The level of the node over ${leaves} > 0 leaves, if that is a power of two; rounded down if not.
 */
static unsigned level_of(uint64_t leaves)
{
    return 63U - (unsigned)__builtin_clzll(leaves);
}

static bool power_of_two(uint64_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

/* The largest power of two below ${n} > 1: where RFC 6962 splits n leaves. */
static uint64_t split_of(uint64_t n)
{
    return 1ULL << level_of(n - 1);
}

enum err tree_edge_load(uint64_t size, tree_read_fn *read, void *ctx, struct tree_edge *ret)
{
    struct tree_edge edge = {.size = size};
    uint64_t from = 0;
    while (from < size) {
        unsigned level = level_of(size - from);
        enum err err = read(ctx, level, from >> level, edge.hashes[edge.count]);
        if (err != ERR_OK)
            return err;
        edge.count++;
        from += 1ULL << level;
    }
    *ret = edge;
    return ERR_OK;
}

enum err tree_edge_push(struct tree_edge *edge, const uint8_t leaf[HASH_BYTES],
                        tree_write_fn *write, void *ctx)
{
    ASSERT(edge->size < UINT64_MAX);
    uint8_t hash[HASH_BYTES];
    unsigned count = edge->count;
    memcpy(hash, leaf, HASH_BYTES);
    for (unsigned level = 0;; level++) {
        enum err err = write == NULL ? ERR_OK : write(ctx, level, edge->size >> level, hash);
        if (err != ERR_OK)
            return err;
        if ((edge->size >> level & 1) == 0)
            break;
        tree_node(edge->hashes[--count], hash, hash);
    }
    memcpy(edge->hashes[count], hash, HASH_BYTES);
    edge->count = count + 1;
    edge->size++;
    return ERR_OK;
}

void tree_edge_root(const struct tree_edge *edge, uint8_t ret[HASH_BYTES])
{
    if (edge->count == 0) {
        hash_bytes("", 0, ret);
        return;
    }
    unsigned i = edge->count - 1;
    memmove(ret, edge->hashes[i], HASH_BYTES);
    while (i > 0)
        tree_node(edge->hashes[--i], ret, ret);
}

enum err tree_range(uint64_t from, uint64_t to, tree_read_fn *read, void *ctx,
                    uint8_t ret[HASH_BYTES])
{
    ASSERT(from < to);
    uint64_t leaves = to - from;
    if (power_of_two(leaves)) {
        ASSERT((from & (leaves - 1)) == 0);
        return read(ctx, level_of(leaves), from >> level_of(leaves), ret);
    }
    uint8_t left[HASH_BYTES], right[HASH_BYTES];
    uint64_t middle = from + split_of(leaves);
    enum err err = tree_range(from, middle, read, ctx, left);
    if (err == ERR_OK)
        err = tree_range(middle, to, read, ctx, right);
    if (err == ERR_OK)
        tree_node(left, right, ret);
    return err;
}

/* A proof in the making, and where its hashes come from. */
struct prover {
    tree_read_fn *read;
    void *ctx;
    struct tree_proof proof;
};

static enum err prove_range(struct prover *prover, uint64_t from, uint64_t to)
{
    struct tree_proof *proof = &prover->proof;
    ASSERT(proof->count < PROOF_HASHES_MAX);
    return tree_range(from, to, prover->read, prover->ctx, proof->hashes[proof->count++]);
}

/* PATH(seq, D[from:to]) of RFC 6962 2.1.1. */
static enum err prove_path(struct prover *prover, uint64_t seq, uint64_t from, uint64_t to)
{
    if (to - from == 1)
        return ERR_OK;
    uint64_t middle = from + split_of(to - from);
    bool left = seq < middle;
    enum err err =
        left ? prove_path(prover, seq, from, middle) : prove_path(prover, seq, middle, to);
    if (err != ERR_OK)
        return err;
    return left ? prove_range(prover, middle, to) : prove_range(prover, from, middle);
}

/* SUBPROOF(old, D[from:to], complete) of RFC 6962 2.1.2, with old counted from 0, not from `from`;
 * complete, as from = 0: a subtree that begins with the first leaf has the old root.  */
static enum err prove_subtree(struct prover *prover, uint64_t old, uint64_t from, uint64_t to)
{
    if (old == to)
        return from == 0 ? ERR_OK : prove_range(prover, from, to);
    uint64_t middle = from + split_of(to - from);
    bool left = old <= middle;
    enum err err =
        left ? prove_subtree(prover, old, from, middle) : prove_subtree(prover, old, middle, to);
    if (err != ERR_OK)
        return err;
    return left ? prove_range(prover, middle, to) : prove_range(prover, from, middle);
}

enum err tree_inclusion(uint64_t seq, uint64_t size, tree_read_fn *read, void *ctx,
                        struct tree_proof *ret)
{
    ASSERT(seq < size);
    struct prover prover = {.read = read, .ctx = ctx};
    enum err err = prove_path(&prover, seq, 0, size);
    if (err == ERR_OK)
        *ret = prover.proof;
    return err;
}

enum err tree_consistency(uint64_t old_size, uint64_t size, tree_read_fn *read, void *ctx,
                          struct tree_proof *ret)
{
    ASSERT(old_size > 0 && old_size <= size);
    struct prover prover = {.read = read, .ctx = ctx};
    enum err err = prove_subtree(&prover, old_size, 0, size);
    if (err == ERR_OK)
        *ret = prover.proof;
    return err;
}

/* Where a checked proof stands: the node being proved and the last node, both at the same level. */
struct climb {
    uint64_t node, last;
};

/* Whether the next hash of the proof is a left sibling; then also skip the levels at which the
 * node, being the last, has no sibling. */
static bool climb_left(struct climb *climb)
{
    if ((climb->node & 1) == 0 && climb->node != climb->last)
        return false;
    while ((climb->node & 1) == 0 && climb->node != 0) {
        climb->node >>= 1;
        climb->last >>= 1;
    }
    return true;
}

static void climb_up(struct climb *climb)
{
    climb->node >>= 1;
    climb->last >>= 1;
}

enum err tree_check_inclusion(uint64_t seq, uint64_t size, const uint8_t leaf[HASH_BYTES],
                              const struct tree_proof *proof, const uint8_t root[HASH_BYTES])
{
    if (seq >= size || proof->count > PROOF_HASHES_MAX)
        return ERR_PROOF;
    struct climb climb = {.node = seq, .last = size - 1};
    uint8_t hash[HASH_BYTES];
    memcpy(hash, leaf, HASH_BYTES);
    for (size_t i = 0; i < proof->count; i++, climb_up(&climb)) {
        if (climb.last == 0)
            return ERR_PROOF;
        if (climb_left(&climb))
            tree_node(proof->hashes[i], hash, hash);
        else
            tree_node(hash, proof->hashes[i], hash);
    }
    return climb.last == 0 && memcmp(hash, root, HASH_BYTES) == 0 ? ERR_OK : ERR_PROOF;
}

/* RFC 9162 2.1.4.2 for 0 < old_size < size: from the largest subtree that ends with the old tree,
 * climb to both roots. */
static enum err check_growth(uint64_t old_size, uint64_t size, const uint8_t old_root[HASH_BYTES],
                             const uint8_t root[HASH_BYTES], const struct tree_proof *proof)
{
    struct climb climb = {.node = old_size - 1, .last = size - 1};
    bool seeded = power_of_two(old_size); /* that subtree is the old tree: not in the proof */
    if (!seeded && proof->count == 0)
        return ERR_PROOF;
    while (climb.node & 1)
        climb_up(&climb);
    uint8_t old_hash[HASH_BYTES], hash[HASH_BYTES];
    memcpy(hash, seeded ? old_root : proof->hashes[0], HASH_BYTES);
    memcpy(old_hash, hash, HASH_BYTES);
    for (size_t i = seeded ? 0 : 1; i < proof->count; i++, climb_up(&climb)) {
        if (climb.last == 0)
            return ERR_PROOF;
        if (climb_left(&climb)) {
            tree_node(proof->hashes[i], old_hash, old_hash);
            tree_node(proof->hashes[i], hash, hash);
        } else {
            tree_node(hash, proof->hashes[i], hash);
        }
    }
    bool holds = climb.last == 0 && memcmp(old_hash, old_root, HASH_BYTES) == 0 &&
                 memcmp(hash, root, HASH_BYTES) == 0;
    return holds ? ERR_OK : ERR_PROOF;
}

enum err tree_check_consistency(uint64_t old_size, uint64_t size,
                                const uint8_t old_root[HASH_BYTES], const uint8_t root[HASH_BYTES],
                                const struct tree_proof *proof)
{
    if (old_size == 0 || old_size > size || proof->count > PROOF_HASHES_MAX)
        return ERR_PROOF;
    if (old_size < size)
        return check_growth(old_size, size, old_root, root, proof);
    return proof->count == 0 && memcmp(old_root, root, HASH_BYTES) == 0 ? ERR_OK : ERR_PROOF;
}
