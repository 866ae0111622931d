/* tree - the Merkle tree of RFC 6962 section 2.1 over SHA-256: growing, roots, proofs, tiles.
 * Pure: stored nodes come through a reader function.  A node (level, index) is the hash over the
 * 2^level leaves from index * 2^level; only complete nodes are stored.
 */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/err.h"
#include "ledger/limits.h"

/**
 * A tree_read_fn reads the complete node (level, index) into ${ret}.  Errors: those of the store
 * (DAMAGED, IO).
 */
typedef enum err tree_read_fn(void *ctx, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES]);
/**
 * A tree_write_fn is given each complete node once, children before parents.
 */
typedef enum err tree_write_fn(void *ctx, unsigned level, uint64_t index,
                               const uint8_t hash[HASH_BYTES]);

struct tree_proof {
    size_t count;
    uint8_t hashes[PROOF_HASHES_MAX][HASH_BYTES];
};

/**
 * tree_leaf(data, bytes, ret): SHA-256(0x00 | data).
 * tree_node(left, right, ret): SHA-256(0x01 | left | right); ${ret} may be either.
 */
void tree_leaf(const void *data, size_t bytes, uint8_t ret[HASH_BYTES]);
void tree_node(const uint8_t left[HASH_BYTES], const uint8_t right[HASH_BYTES],
               uint8_t ret[HASH_BYTES]);

/* The right edge of a tree of `size` leaves: the roots of its maximal complete subtrees, largest
 * first. Invariant: `count` = number of one bits of `size`. */
struct tree_edge {
    uint64_t size;
    unsigned count;
    uint8_t hashes[64][HASH_BYTES];
};

/**
 * tree_edge_load(size, read, ctx, ret): The edge of a stored tree.  Cost: O(log size) reads.
 * Errors: ${read}'s.
 *
 * tree_edge_push(edge, leaf, write, ctx): Add a leaf; each node completed by it, the leaf first, is
 * handed to ${write} (may be NULL).  Errors: ${write}'s, and then *${edge} is as before.
 *
 * tree_edge_root(edge, ret): The root; of an empty tree SHA-256("").
 */
MUST_CHECK enum err tree_edge_load(uint64_t size, tree_read_fn *read, void *ctx,
                                   struct tree_edge *ret);
MUST_CHECK enum err tree_edge_push(struct tree_edge *edge, const uint8_t leaf[HASH_BYTES],
                                   tree_write_fn *write, void *ctx);
void tree_edge_root(const struct tree_edge *edge, uint8_t ret[HASH_BYTES]);

/**
 * tree_range(from, to, read, ctx, ret):
 * The RFC 6962 root over leaves [from, to), 0 <= from < to, where from is a multiple of the
 * smallest power of two >= to - from (so that it is a node of a bigger tree).  Errors: ${read}'s.
 */
MUST_CHECK enum err tree_range(uint64_t from, uint64_t to, tree_read_fn *read, void *ctx,
                               uint8_t ret[HASH_BYTES]);

/**
 * tree_inclusion(seq, size, read, ctx, ret), seq < size: The inclusion proof, leaf side first.
 * tree_consistency(old_size, size, read, ctx, ret), 0 < old_size <= size: The consistency proof.
 * Errors: ${read}'s.
 */
MUST_CHECK enum err tree_inclusion(uint64_t seq, uint64_t size, tree_read_fn *read, void *ctx,
                                   struct tree_proof *ret);
MUST_CHECK enum err tree_consistency(uint64_t old_size, uint64_t size, tree_read_fn *read,
                                     void *ctx, struct tree_proof *ret);

/**
 * tree_check_inclusion(seq, size, leaf, proof, root), tree_check_consistency(old_size, size,
 * old_root, root, proof): Check a proof from anywhere, RFC 9162 2.1.3.2 and 2.1.4.2.  Errors: PROOF
 * (it does not hold).
 */
MUST_CHECK enum err tree_check_inclusion(uint64_t seq, uint64_t size,
                                         const uint8_t leaf[HASH_BYTES],
                                         const struct tree_proof *proof,
                                         const uint8_t root[HASH_BYTES]);
MUST_CHECK enum err tree_check_consistency(uint64_t old_size, uint64_t size,
                                           const uint8_t old_root[HASH_BYTES],
                                           const uint8_t root[HASH_BYTES],
                                           const struct tree_proof *proof);

#endif
