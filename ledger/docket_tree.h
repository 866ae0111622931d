/* docket_tree - the tree of a checkpoint as the hash tiles that a bundle holds show it (C2SP
 * tlog-tiles): each is held against the one above it, up to the root.
 */
#ifndef LEDGER_DOCKET_TREE_H
#define LEDGER_DOCKET_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/tar_index.h"

struct docket_tree;

/**
 * docket_tree_new(source, members, count, size, ret_tree, ret_why):
 * Take ${count} members of the tar ${source} (both borrowed) for the tiles of a tree of ${size} > 0
 * entries; none is read yet.  Errors: PROOF (a name that is none of such a tile, or not in its
 * place; a length that is not its width).
 * docket_tree_free(tree): NULL is fine.
 *
 * docket_tree_root(tree, ret_root, ret_why):
 * The root that the tiles at the right edge make.  To be compared with the checkpoint's before any
 * leaf is asked for.  Errors: PROOF (one is missing), IO.
 *
 * docket_tree_leaf(tree, seq, leaf, ret_why):
 * Whether ${leaf} is that of entry ${seq} under that root.  Cost: where the last ones asked for
 * were near, a comparison; else the hashes of a tile a level.  Errors: PROOF (it is not, or a tile
 * is missing or does not lead to the root), IO.
 *
 * docket_tree_unused(tree): The name of a tile that nothing asked for, borrowed; NULL.
 */
MUST_CHECK enum err docket_tree_new(const struct tar_source *source,
                                    const struct tar_member_at *members, size_t count,
                                    uint64_t size, struct docket_tree **ret_tree,
                                    struct err_text *ret_why);
void docket_tree_free(struct docket_tree *tree);
MUST_CHECK enum err docket_tree_root(struct docket_tree *tree, uint8_t ret_root[HASH_BYTES],
                                     struct err_text *ret_why);
MUST_CHECK enum err docket_tree_leaf(struct docket_tree *tree, uint64_t seq,
                                     const uint8_t leaf[HASH_BYTES], struct err_text *ret_why);
const char *docket_tree_unused(const struct docket_tree *tree);

#endif
