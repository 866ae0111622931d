#include "ledger/heads.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/check.h"
#include "ledger/mem.h"

struct heads {
    struct heads_record *records; /* owned */
    size_t count, cap;
    uint8_t (*nodes)[HASH_BYTES]; /* owned: in the order in which leaves complete them */
    size_t node_count, node_cap;
    struct tree_edge edge;
};

void heads_encode(const struct heads_record *record, struct buf *buf)
{
    buf_add(buf, record->stream, strlen(record->stream) + 1);
    buf_u64(buf, record->pos);
    buf_add(buf, record->leaf, HASH_BYTES);
}

void heads_hash(const struct heads_record *record, uint8_t ret[HASH_BYTES])
{
    struct buf bytes = {0};
    heads_encode(record, &bytes);
    tree_leaf(bytes.data, bytes.bytes, ret);
    buf_free(&bytes);
}

struct heads *heads_new(void)
{
    return mem_zero(1, sizeof(struct heads));
}

void heads_free(struct heads *heads)
{
    if (heads == NULL)
        return;
    free(heads->records);
    free(heads->nodes);
    free(heads);
}

/* The first n leaves complete 2n - popcount(n) nodes, and the next one its own before those above
 * it. */
static uint64_t node_number(unsigned level, uint64_t index)
{
    uint64_t last_leaf = ((index + 1) << level) - 1;
    return 2 * last_leaf - (uint64_t)__builtin_popcountll(last_leaf) + level;
}

/* A tree_write_fn. */
static enum err put_node(void *ctx, unsigned level, uint64_t index, const uint8_t hash[HASH_BYTES])
{
    struct heads *heads = ctx;
    ASSERT(node_number(level, index) == heads->node_count);
    memcpy(MEM_PUSH(heads->nodes, heads->node_count, heads->node_cap), hash, HASH_BYTES);
    return ERR_OK;
}

struct lookup {
    const struct heads *heads;
};

/* A tree_read_fn. */
static enum err get_node(void *ctx, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES])
{
    const struct lookup *lookup = ctx;
    const struct heads *heads = lookup->heads;
    uint64_t number = node_number(level, index);
    ASSERT(number < heads->node_count);
    memcpy(ret, heads->nodes[number], HASH_BYTES);
    return ERR_OK;
}

void heads_add(struct heads *heads, const struct heads_record *record)
{
    uint8_t hash[HASH_BYTES];
    const struct heads_record *last = heads->count > 0 ? &heads->records[heads->count - 1] : NULL;
    ASSERT(last == NULL || strcmp(last->stream, record->stream) < 0);
    *(struct heads_record *)MEM_PUSH(heads->records, heads->count, heads->cap) = *record;
    heads_hash(record, hash);
    ASSERT(tree_edge_push(&heads->edge, hash, put_node, heads) == ERR_OK);
}

size_t heads_count(const struct heads *heads)
{
    return heads->count;
}

const struct heads_record *heads_at(const struct heads *heads, size_t index)
{
    ASSERT(index < heads->count);
    return &heads->records[index];
}

bool heads_find(const struct heads *heads, const char *stream, size_t *ret_index)
{
    size_t low = 0, high = heads->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(heads->records[middle].stream, stream) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == heads->count || strcmp(heads->records[low].stream, stream) != 0)
        return false;
    *ret_index = low;
    return true;
}

void heads_root(const struct heads *heads, uint8_t ret[HASH_BYTES])
{
    tree_edge_root(&heads->edge, ret);
}

void heads_inclusion(const struct heads *heads, size_t index, struct tree_proof *ret)
{
    struct lookup lookup = {heads};
    ASSERT(index < heads->count);
    ASSERT(tree_inclusion(index, heads->count, get_node, &lookup, ret) == ERR_OK);
}

enum err heads_check(const struct heads_record *record, uint64_t index, uint64_t count,
                     const struct tree_proof *proof, const uint8_t root[HASH_BYTES])
{
    uint8_t hash[HASH_BYTES];
    heads_hash(record, hash);
    return tree_check_inclusion(index, count, hash, proof, root);
}
