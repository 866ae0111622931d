#include "ledger/verify_piece.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ledger/clock.h"
#include "ledger/verify_entry.h"
#include "ledger/verify_state.h"

#define SLICE_US 200000 /* a pause to keep to a rate asks as often whether to stop */

bool verify_piece_bad(struct verify_piece *piece, unsigned at, const char *format, ...)
{
    struct verify_bad *bad = &piece->bad;
    if (bad->found && bad->seq <= piece->from + at)
        return false;
    va_list args;
    va_start(args, format);
    vsnprintf(bad->what, sizeof(bad->what), format, args);
    va_end(args);
    bad->found = true;
    bad->seq = piece->from + at;
    return false;
}

unsigned long long verify_piece_seq(const struct verify_piece *piece, unsigned at)
{
    return piece->from + at;
}

unsigned verify_piece_level(unsigned level)
{
    return 2 * TILE_WIDTH - (2u * TILE_WIDTH >> level);
}

void verify_piece_node(struct verify_piece *piece, unsigned at, unsigned level, const uint8_t *hash)
{
    if (level < VERIFY_PIECE_LEVEL) {
        piece->nodes[verify_piece_level(level) + ((at + 1) >> level) - 1] = hash;
        return;
    }
    memcpy(piece->above[level - VERIFY_PIECE_LEVEL], hash, HASH_BYTES);
    piece->has_above[level - VERIFY_PIECE_LEVEL] = true;
}

static void start(const struct verify_state *state, struct verify_piece *piece, uint64_t index)
{
    const uint64_t size = state->result->size;
    const uint64_t since = state->options->since != NULL ? state->options->since->size : 0;
    const uint64_t from = (state->first_piece + index) * TILE_WIDTH;
    piece->from = from;
    piece->count = size - from < TILE_WIDTH ? (unsigned)(size - from) : TILE_WIDTH;
    piece->skip = since > from ? (unsigned)(since - from) : 0;
    piece->rows = piece->done = piece->leaf_count = piece->link_count = 0;
    piece->signatures = piece->erased = piece->webauthn = piece->unknown = 0;
    piece->hold = NULL;
    memset(piece->nodes, 0, sizeof(piece->nodes));
    memset(piece->has_above, 0, sizeof(piece->has_above));
    memset(piece->link_slots, 0, sizeof(piece->link_slots));
    memset(piece->of_type, 0, sizeof(piece->of_type));
    piece->bad.found = false;
    piece->why.s[0] = '\0';
}

/* The leaf hashes of entries that are not checked again, as the tree has them. */
static bool take_trusted(struct verify_piece *piece)
{
    for (unsigned i = 0; i < piece->skip; i++) {
        if (piece->nodes[i] == NULL)
            return verify_piece_bad(piece, i, "entry %llu: the tree has no leaf hash of it",
                                    verify_piece_seq(piece, i));
        memcpy(piece->leaves[i], piece->nodes[i], HASH_BYTES);
        piece->done = piece->leaf_count = i + 1;
    }
    return true;
}

static enum err check_rows(const struct verify_state *state, struct verify_piece *piece)
{
    enum err err = ERR_OK;
    if (!take_trusted(piece))
        return ERR_OK;
    for (unsigned i = piece->skip; err == ERR_OK && i < piece->rows; i++) {
        err = verify_entry_check(state, piece, i);
        if (piece->done <= i)
            break;
    }
    return err;
}

/* Compares the nodes of one level with those that are stored; an entry is to blame that completes a
 * node. */
static void compare_level(struct verify_piece *piece, unsigned level, unsigned count,
                          uint8_t hashes[][HASH_BYTES])
{
    const uint8_t *const *stored = piece->nodes + verify_piece_level(level);
    for (unsigned i = 0; i < count; i++) {
        if (stored[i] != NULL && memcmp(stored[i], hashes[i], HASH_BYTES) == 0)
            continue;
        unsigned at = ((i + 1) << level) - 1;
        verify_piece_bad(piece, at, "entry %llu: %s", verify_piece_seq(piece, at),
                         level == 0 ? "it has not the leaf hash that the tree has of it"
                                    : "a node of the tree above it is not what its leaves give");
        return;
    }
}

static void check_nodes(const struct verify_state *state, struct verify_piece *piece)
{
    uint8_t hashes[TILE_WIDTH][HASH_BYTES];
    unsigned count = piece->leaf_count;
    memcpy(hashes, piece->leaves, (size_t)count * HASH_BYTES);
    for (unsigned level = 0; count > 0; level++) {
        if (level == VERIFY_PIECE_LEVEL) {
            memcpy(piece->root, hashes[0], HASH_BYTES);
            break;
        }
        if ((state->source->node_levels >> level & 1) != 0)
            compare_level(piece, level, count, hashes);
        count /= 2;
        for (size_t i = 0; i < count; i++)
            tree_node(hashes[2 * i], hashes[2 * i + 1], hashes[i]);
    }
}

enum err verify_piece_work(void *ctx, uint64_t index)
{
    const struct verify_state *state;
    CAST_OBJ(state, ctx, VERIFY_STATE_MAGIC);
    struct verify_source *source = state->source;
    struct verify_piece *piece = &state->ring[index % pool_window(state->pool)];
    start(state, piece, index);
    enum err err = source->load(source, piece);
    if (err == ERR_OK)
        err = check_rows(state, piece);
    if (err == ERR_OK)
        check_nodes(state, piece);
    source->unload(source, piece);
    return err;
}

/* Whether the first entry of the piece that is checked follows from the one before it. */
static void check_first(const struct verify_state *state, struct verify_piece *piece)
{
    const unsigned at = piece->skip;
    const uint8_t *leaf = at > 0 ? piece->leaves[at - 1] : state->leaf;
    const int64_t before_us = state->time_us;
    const unsigned long long seq = verify_piece_seq(piece, at);
    if (state->source->opaque || piece->done <= at)
        return;
    if (memcmp(piece->first_prev, leaf, HASH_BYTES) != 0)
        verify_piece_bad(piece, at, "entry %llu: it does not follow from the entry before it", seq);
    else if (piece->first_us !=
             (piece->first_admitted > before_us ? piece->first_admitted : before_us))
        verify_piece_bad(piece, at,
                         "entry %llu: its time does not follow from its admission and the entry "
                         "before it",
                         seq);
}

/* Whether each stream of the piece goes on where it was. */
static void check_links(const struct verify_state *state, struct verify_piece *piece)
{
    static const uint8_t zeros[HASH_BYTES];
    for (unsigned i = 0; i < piece->link_count; i++) {
        const struct verify_link *link = &piece->links[i];
        struct verify_stream *stream = verify_streams_at(state->streams, link->stream);
        const uint8_t *leaf = stream->count > 0 ? stream->leaf : zeros;
        bool follows = stream->count == 0 && link->trusted;
        if (link->first_pos == stream->count)
            follows = follows || memcmp(link->first_prev, leaf, HASH_BYTES) == 0;
        if (!follows) {
            verify_piece_bad(piece, link->first, "entry %llu: %s",
                             verify_piece_seq(piece, link->first),
                             link->first_pos == 0 && stream->count == 0
                                 ? "it is its stream's first and follows another"
                                 : "it does not follow from the entry before it in its stream");
            return;
        }
        stream->count = link->last_pos + 1;
        memcpy(stream->leaf, piece->leaves[link->last], HASH_BYTES);
    }
}

/* A tree_write_fn over the roots of pieces, which compares with what is stored. */
struct above {
    const struct verify_state *state;
    struct verify_piece *piece;
};

static enum err compare_above(void *ctx, unsigned level, uint64_t index,
                              const uint8_t hash[HASH_BYTES])
{
    const struct above *above = ctx;
    struct verify_piece *piece = above->piece;
    (void)index;
    if (level >= VERIFY_ABOVE ||
        (above->state->source->node_levels >> (level + VERIFY_PIECE_LEVEL) & 1) == 0)
        return ERR_OK;
    if (!piece->has_above[level] || memcmp(piece->above[level], hash, HASH_BYTES) != 0)
        verify_piece_bad(piece, TILE_WIDTH - 1,
                         "entry %llu: a node of the tree above it is not what its leaves give",
                         verify_piece_seq(piece, TILE_WIDTH - 1));
    return ERR_OK;
}

/* The tree, as far as the piece is good: its root, or its leaves behind the last full piece. */
static enum err grow(struct verify_state *state, struct verify_piece *piece)
{
    const struct tree_edge before = state->pieces;
    struct above above = {.state = state, .piece = piece};
    enum err err = ERR_OK;
    if (piece->done == TILE_WIDTH && !piece->bad.found) {
        err = tree_edge_push(&state->pieces, piece->root, compare_above, &above);
        if (err != ERR_OK || !piece->bad.found)
            return err;
    }
    const unsigned good = piece->bad.found ? (unsigned)(piece->bad.seq - piece->from) : piece->done;
    state->edge = before;
    state->edge.size *= TILE_WIDTH;
    for (unsigned i = 0; err == ERR_OK && i < good; i++)
        err = tree_edge_push(&state->edge, piece->leaves[i], NULL, NULL);
    return err;
}

/* Waits, for the rate's sake, until the entries taken in so far are due. */
static bool pace(struct verify_state *state)
{
    const uint64_t rate = state->options->rate;
    if (rate == 0)
        return verify_state_stop(state);
    uint64_t now = (uint64_t)clock_monotonic_us();
    if (state->started_us == 0)
        state->started_us = now;
    const uint64_t due = state->started_us + (uint64_t)((double)state->paced * 1e6 / (double)rate);
    bool stop = verify_state_stop(state);
    for (; !stop && now < due; now = (uint64_t)clock_monotonic_us()) {
        uint64_t wait_us = due - now < SLICE_US ? due - now : SLICE_US;
        const struct timespec pause = {.tv_nsec = (long)wait_us * 1000};
        nanosleep(&pause, NULL);
        stop = verify_state_stop(state);
    }
    return stop;
}

static enum err take_in(struct verify_state *state, struct verify_piece *piece)
{
    struct verify_result *result = state->result;
    unsigned good = piece->bad.found ? (unsigned)(piece->bad.seq - piece->from) : piece->done;
    uint64_t checked = good > piece->skip ? good - piece->skip : 0;
    state->next = piece->from + good;
    state->paced += checked;
    result->entries += checked;
    result->signatures += piece->signatures;
    state->erased += piece->erased;
    state->webauthn += piece->webauthn;
    state->unknown += piece->unknown;
    for (unsigned i = piece->skip; i < good; i++) {
        if (piece->of_type[i])
            *(uint64_t *)MEM_PUSH(result->of_type, result->of_type_count, result->of_type_cap) =
                piece->from + i;
    }
    if (piece->bad.found)
        return verify_state_bad(state, piece->bad.seq, "%s", piece->bad.what);
    state->time_us = piece->last_us;
    memcpy(state->leaf, piece->leaves[piece->done - 1], HASH_BYTES);
    if (state->options->progress != NULL)
        state->options->progress(state->options->ctx, state->next, result->size);
    if (state->next < result->size && pace(state))
        return err_say(state->why, ERR_BUSY, "it was stopped");
    return ERR_OK;
}

enum err verify_piece_retire(void *ctx, uint64_t index)
{
    struct verify_state *state;
    CAST_OBJ(state, ctx, VERIFY_STATE_MAGIC);
    struct verify_piece *piece = &state->ring[index % pool_window(state->pool)];
    check_first(state, piece);
    check_links(state, piece);
    enum err err = grow(state, piece);
    return err == ERR_OK ? take_in(state, piece) : err;
}
