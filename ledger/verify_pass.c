#include "ledger/verify_pass.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/verify_state.h"

/* Begins behind the entries that were checked before: with the tree that is stored over them, which
 * must be the one that they were checked under. */
static enum err trust_below(struct verify_state *state, const struct checkpoint *since)
{
    struct verify_source *source = state->source;
    struct tree_edge edge;
    uint8_t root[HASH_BYTES];
    if (since->origin[0] != '\0' && strcmp(since->origin, state->info.origin) != 0)
        return err_say(state->why, ERR_PROOF, "what was checked before is %s, and this is %s",
                       since->origin, state->info.origin);
    if (since->size == 0)
        return ERR_OK;
    if (since->size > state->result->size)
        return verify_state_bad(state, state->result->size,
                                "%llu entries were checked before, and the ledger has %llu: the "
                                "rest is gone",
                                (unsigned long long)since->size,
                                (unsigned long long)state->result->size);
    enum err err = tree_edge_load(since->size, source->node, source, &edge);
    if (err == ERR_OK)
        tree_edge_root(&edge, root);
    if (err == ERR_OK && memcmp(root, since->root, HASH_BYTES) != 0)
        err = ERR_DAMAGED;
    state->first_piece = since->size / TILE_WIDTH;
    if (err == ERR_OK)
        err = tree_edge_load(state->first_piece * TILE_WIDTH, source->node, source, &state->pieces);
    if (err == ERR_OK)
        err = source->node(source, 0, since->size - 1, state->leaf);
    if (err == ERR_OK)
        err = source->time(source, since->size - 1, &state->time_us);
    if (err == ERR_IO)
        return err;
    if (err != ERR_OK)
        return verify_state_bad(state, since->size - 1,
                                "the first %llu entries do not have the root any more that they "
                                "were checked under",
                                (unsigned long long)since->size);
    state->pieces.size /= TILE_WIDTH;
    state->next = since->size;
    return ERR_OK;
}

static enum err check_pieces(struct verify_state *state)
{
    const uint64_t size = state->result->size;
    const uint64_t pieces = size / TILE_WIDTH + (size % TILE_WIDTH != 0) - state->first_piece;
    if (state->next == size)
        return ERR_OK;
    state->pool = pool_new(pieces == 1 ? 1 : state->options->threads);
    state->ring = mem_zero(pool_window(state->pool), sizeof(*state->ring));
    enum err err = pool_each(state->pool, pieces, verify_piece_work, verify_piece_retire, state);
    if (err != ERR_OK && err != ERR_DAMAGED && !state->result->stopped) {
        uint64_t failed = state->next / TILE_WIDTH - state->first_piece;
        err_say(state->why, err, "%s", state->ring[failed % pool_window(state->pool)].why.s);
    }
    pool_free(state->pool);
    free(state->ring);
    state->pool = NULL;
    state->ring = NULL;
    return err;
}

/* The root over the entries that were found good, and over those below them. */
static enum err find_root(struct verify_state *state)
{
    struct verify_source *source = state->source;
    enum err err = ERR_OK;
    if (state->edge.size != state->next) {
        state->edge = state->pieces;
        state->edge.size *= TILE_WIDTH;
    }
    if (state->edge.size != state->next)
        err = tree_edge_load(state->next, source->node, source, &state->edge);
    if (err == ERR_OK && state->next > 0)
        tree_edge_root(&state->edge, state->result->root);
    return err == ERR_IO ? err : ERR_OK;
}

enum err verify_pass_run(struct verify_state *state)
{
    const struct verify_options *options = state->options;
    enum err err = ERR_OK;
    if (options->only_checkpoints)
        state->next = state->result->size;
    else if (options->since != NULL)
        err = trust_below(state, options->since);
    if (err == ERR_OK)
        err = check_pieces(state);
    enum err found = find_root(state);
    return err == ERR_OK ? found : err;
}
