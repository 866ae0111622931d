#include "ledger/docket_tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/buf.h"
#include "ledger/mem.h"
#include "ledger/tile.h"
#include "ledger/tree.h"

#define LEVELS 8 /* of tiles, for sizes of 64 bits */
#define SLOTS 32 /* tiles of a level that are kept, by their number */

/* One tile, where it stands in the bundle. */
struct place {
    struct tile tile;
    const struct tar_member_at *member;
    bool used;
};

/* One tile that was read and leads to the root. */
struct slot {
    bool filled;
    uint64_t index;
    struct buf hashes; /* owned */
};

struct docket_tree {
    const struct tar_source *source;
    uint64_t size;
    struct place *places; /* owned; by level and index */
    size_t count;
    struct slot edge[LEVELS]; /* the partial tiles */
    struct slot slots[LEVELS][SLOTS];
    struct err_text *why; /* of the call under way */
};

static int compare_tiles(const struct tile *a, const struct tile *b)
{
    if (a->level != b->level)
        return a->level < b->level ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static int compare_places(const void *a, const void *b)
{
    return compare_tiles(&((const struct place *)a)->tile, &((const struct place *)b)->tile);
}

enum err docket_tree_new(const struct tar_source *source, const struct tar_member_at *members,
                         size_t count, uint64_t size, struct docket_tree **ret_tree,
                         struct err_text *ret_why)
{
    struct docket_tree *tree = mem_zero(1, sizeof(*tree));
    enum err err = ERR_OK;
    ASSERT(size > 0);
    tree->source = source;
    tree->size = size;
    tree->count = count;
    tree->places = mem_zero(count + 1, sizeof(*tree->places));
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct place *place = &tree->places[i];
        place->member = &members[i];
        if (!tile_parse(members[i].name, &place->tile) || place->tile.kind != TILE_HASHES ||
            tile_width_at(size, place->tile.level, place->tile.index) != place->tile.width)
            err = err_say(ret_why, ERR_PROOF, "%s is no tile of a tree of %" PRIu64 " entries",
                          members[i].name, size);
        else if (i > 0 && compare_tiles(&place[-1].tile, &place->tile) >= 0)
            err = err_say(ret_why, ERR_PROOF, "%s is not in its place", members[i].name);
        else if (members[i].bytes != (uint64_t)place->tile.width * HASH_BYTES)
            err = err_say(ret_why, ERR_PROOF, "%s does not have %u hashes", members[i].name,
                          place->tile.width);
    }
    if (err == ERR_OK)
        *ret_tree = tree;
    else
        docket_tree_free(tree);
    return err;
}

void docket_tree_free(struct docket_tree *tree)
{
    if (tree == NULL)
        return;
    for (size_t level = 0; level < LEVELS; level++) {
        buf_free(&tree->edge[level].hashes);
        for (size_t i = 0; i < SLOTS; i++)
            buf_free(&tree->slots[level][i].hashes);
    }
    free(tree->places);
    free(tree);
}

static enum err missing(const struct docket_tree *tree, const struct tile *tile)
{
    struct buf name = {0};
    tile_format(tile, &name);
    enum err err = err_say(tree->why, ERR_PROOF, "%s is missing", (const char *)name.data);
    buf_free(&name);
    return err;
}

/* The hashes of a tile as they stand in the bundle. */
static enum err read_tile(struct docket_tree *tree, unsigned level, uint64_t index,
                          struct buf *hashes, const char **ret_name)
{
    const struct place wanted = {
        .tile = {TILE_HASHES, level, index, tile_width_at(tree->size, level, index)}};
    struct place *place =
        bsearch(&wanted, tree->places, tree->count, sizeof(*tree->places), compare_places);
    if (place == NULL)
        return missing(tree, &wanted.tile);
    place->used = true;
    *ret_name = place->member->name;
    buf_clear(hashes);
    return tar_index_read(tree->source, place->member->at, (size_t)place->member->bytes, hashes,
                          tree->why);
}

/* The root over 2^levels hashes. */
static void fold(const uint8_t *hashes, unsigned levels, uint8_t ret[HASH_BYTES])
{
    uint8_t nodes[TILE_WIDTH][HASH_BYTES];
    memcpy(nodes, hashes, (size_t)HASH_BYTES << levels);
    for (size_t count = (size_t)1 << levels; count > 1; count /= 2) {
        for (size_t i = 0; i < count / 2; i++)
            tree_node(nodes[2 * i], nodes[2 * i + 1], nodes[i]);
    }
    memcpy(ret, nodes[0], HASH_BYTES);
}

/* A node at the right edge, which a partial tile has; a tree_read_fn. */
static enum err read_edge(void *ctx, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES])
{
    struct docket_tree *tree = ctx;
    const unsigned of = level / 8, above = level % 8;
    const uint64_t from = index << above;
    struct slot *slot = &tree->edge[of];
    const char *name = NULL;
    if (!slot->filled) {
        enum err err = read_tile(tree, of, from / TILE_WIDTH, &slot->hashes, &name);
        if (err != ERR_OK)
            return err;
        slot->filled = true;
        slot->index = from / TILE_WIDTH;
    }
    ASSERT(slot->index == from / TILE_WIDTH);
    const size_t at = (size_t)(from % TILE_WIDTH) * HASH_BYTES;
    ASSERT(at + ((size_t)HASH_BYTES << above) <= slot->hashes.bytes);
    fold(slot->hashes.data + at, above, ret);
    return ERR_OK;
}

enum err docket_tree_root(struct docket_tree *tree, uint8_t ret_root[HASH_BYTES],
                          struct err_text *ret_why)
{
    struct tree_edge edge;
    tree->why = ret_why;
    enum err err = tree_edge_load(tree->size, read_edge, tree, &edge);
    if (err == ERR_OK)
        tree_edge_root(&edge, ret_root);
    return err;
}

static bool is_edge(const struct docket_tree *tree, unsigned level, uint64_t index)
{
    return tree->edge[level].filled && tree->edge[level].index == index;
}

static bool is_kept(const struct docket_tree *tree, unsigned level, uint64_t index)
{
    const struct slot *slot = &tree->slots[level][index % SLOTS];
    return slot->filled && slot->index == index;
}

/* The hash at a level of tiles, of a tile that is kept or at the edge. */
static const uint8_t *hash_at(const struct docket_tree *tree, unsigned level, uint64_t at)
{
    const uint64_t index = at / TILE_WIDTH;
    const struct slot *slot =
        is_edge(tree, level, index) ? &tree->edge[level] : &tree->slots[level][index % SLOTS];
    return slot->hashes.data + (size_t)(at % TILE_WIDTH) * HASH_BYTES;
}

/* Have a full tile, whose hashes make the one that stands for it in the tile above, which is had.
 */
static enum err keep_tile(struct docket_tree *tree, unsigned level, uint64_t index)
{
    struct slot *slot = &tree->slots[level][index % SLOTS];
    uint8_t root[HASH_BYTES];
    const char *name = NULL;
    slot->filled = false;
    enum err err = read_tile(tree, level, index, &slot->hashes, &name);
    if (err != ERR_OK)
        return err;
    fold(slot->hashes.data, 8, root);
    if (memcmp(root, hash_at(tree, level + 1, index), HASH_BYTES) != 0)
        return err_say(tree->why, ERR_PROOF, "%s does not lead to the checkpoint's root", name);
    slot->filled = true;
    slot->index = index;
    return ERR_OK;
}

/* The tile at level 0 that has the entry, and where it is not at hand those above it first. */
static enum err have_tiles(struct docket_tree *tree, uint64_t seq)
{
    unsigned level = 0;
    uint64_t index = seq / TILE_WIDTH;
    enum err err = ERR_OK;
    while (!is_edge(tree, level, index) && !is_kept(tree, level, index)) {
        ASSERT(tile_width_at(tree->size, level, index) == TILE_WIDTH && level + 1 < LEVELS);
        level++;
        index /= TILE_WIDTH;
    }
    while (err == ERR_OK && level > 0) {
        level--;
        err = keep_tile(tree, level, seq >> (8 * (level + 1)));
    }
    return err;
}

enum err docket_tree_leaf(struct docket_tree *tree, uint64_t seq, const uint8_t leaf[HASH_BYTES],
                          struct err_text *ret_why)
{
    tree->why = ret_why;
    if (seq >= tree->size)
        return err_say(ret_why, ERR_PROOF,
                       "entry %" PRIu64 " is not among the checkpoint's %" PRIu64, seq, tree->size);
    enum err err = have_tiles(tree, seq);
    if (err == ERR_OK && memcmp(hash_at(tree, 0, seq), leaf, HASH_BYTES) != 0)
        err = err_say(ret_why, ERR_PROOF,
                      "entry %" PRIu64 " is not the one that the tree has there", seq);
    return err;
}

const char *docket_tree_unused(const struct docket_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (!tree->places[i].used)
            return tree->places[i].member->name;
    }
    return NULL;
}
