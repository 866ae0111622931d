#include "ledger/verify_tally.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/heads.h"
#include "ledger/verify_heads.h"
#include "ledger/verify_state.h"

/* The last entry so far of one stream. */
struct last {
    uint64_t pos;
    uint8_t leaf[HASH_BYTES];
    uint8_t hash[HASH_BYTES]; /* its record's leaf, if `hashed` */
    bool hashed;
    char stream[]; /* with its NUL */
};

struct verify_tally {
    struct verify_state *state;
    struct registry_heads *said; /* owned: by ascending size */
    size_t said_count, at;       /* those before `at` hold */
    struct last **streams;       /* owned: by their names */
    size_t count, cap;
};

static int by_size(const void *a, const void *b)
{
    const struct registry_heads *left = a, *right = b;
    return (left->size > right->size) - (left->size < right->size);
}

bool verify_tally_wanted(const struct verify_state *state)
{
    size_t count = 0;
    registry_heads(state->registry, &count);
    return count > 0;
}

struct verify_tally *verify_tally_new(struct verify_state *state)
{
    struct verify_tally *tally = mem_zero(1, sizeof(*tally));
    const struct registry_heads *said = registry_heads(state->registry, &tally->said_count);
    tally->state = state;
    tally->said = mem_zero(tally->said_count + 1, sizeof(*said));
    if (tally->said_count > 0)
        memcpy(tally->said, said, tally->said_count * sizeof(*said));
    qsort(tally->said, tally->said_count, sizeof(*said), by_size);
    return tally;
}

void verify_tally_free(struct verify_tally *tally)
{
    if (tally == NULL)
        return;
    for (size_t i = 0; i < tally->count; i++)
        free(tally->streams[i]);
    free(tally->streams);
    free(tally->said);
    free(tally);
}

static void find_root(const struct verify_tally *tally, uint8_t ret[HASH_BYTES])
{
    struct tree_edge edge = {.size = 0};
    for (size_t i = 0; i < tally->count; i++) {
        struct last *last = tally->streams[i];
        if (!last->hashed) {
            struct heads_record record = {.pos = last->pos};
            memcpy(record.stream, last->stream, strlen(last->stream) + 1);
            memcpy(record.leaf, last->leaf, HASH_BYTES);
            heads_hash(&record, last->hash);
            last->hashed = true;
        }
        ASSERT(tree_edge_push(&edge, last->hash, NULL, NULL) == ERR_OK);
    }
    tree_edge_root(&edge, ret);
}

/* Holds what was said of sizes up to ${to} against the streams as they stand. */
static enum err judge(struct verify_tally *tally, uint64_t to)
{
    uint8_t root[HASH_BYTES];
    enum err err = ERR_OK;
    for (; err == ERR_OK && tally->at < tally->said_count; tally->at++) {
        const struct registry_heads *said = &tally->said[tally->at];
        if (said->size > to)
            break;
        find_root(tally, root);
        if (memcmp(root, said->root, HASH_BYTES) != 0)
            err = verify_heads_false(tally->state, said);
    }
    return err;
}

/* The stream of that name, made if need be. */
static struct last *find_stream(struct verify_tally *tally, const char *stream)
{
    size_t low = 0, high = tally->count, bytes = strlen(stream) + 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(tally->streams[middle]->stream, stream);
        if (order == 0)
            return tally->streams[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct last *last = mem_zero(1, sizeof(*last) + bytes);
    memcpy(last->stream, stream, bytes);
    (void)MEM_PUSH(tally->streams, tally->count, tally->cap);
    memmove(&tally->streams[low + 1], &tally->streams[low],
            (tally->count - 1 - low) * sizeof(*tally->streams));
    tally->streams[low] = last;
    return last;
}

enum err verify_tally_add(struct verify_tally *tally, const struct entry *entry,
                          const uint8_t leaf[HASH_BYTES])
{
    enum err err = judge(tally, entry->seq);
    if (err != ERR_OK)
        return err;
    struct last *last = find_stream(tally, entry->part.stream);
    last->pos = entry->stream_pos;
    memcpy(last->leaf, leaf, HASH_BYTES);
    last->hashed = false;
    return ERR_OK;
}

enum err verify_tally_end(struct verify_tally *tally)
{
    return judge(tally, UINT64_MAX);
}
