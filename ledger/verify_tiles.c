#include "ledger/verify_tiles.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/files.h"
#include "ledger/reader.h"
#include "ledger/tile.h"
#include "ledger/verify_notes.h"
#include "ledger/verify_pass.h"
#include "ledger/verify_state.h"
#include "ledger/verify_tally.h"

#define TILES_MAGIC MAGIC('V', 'T', 'I', 'L')
#define STREAM_LEN_OFFSET (92 + 77) /* in an entry */
#define STREAM_OFFSET (92 + 80)
#define LEVELS_STORED 0x0101010101010101ULL /* 0, 8, 16 and so on */

static const uint8_t not_shown[SALT_BYTES]; /* the row of an event that is not shown */

/* The directory as a source. */
struct tiles {
    struct verify_source source;
    struct verify_state *state;
    const char *dir;
    bool has_events;
    atomic_bool beyond; /* a full tile stood in for a partial one */
};

/* The files of a piece. */
struct files {
    struct buf hashes, entries, events;
};

static struct tiles *cast(void *source)
{
    struct tiles *tiles = source;
    CHECK_OBJ(&tiles->source, TILES_MAGIC);
    return tiles;
}

bool verify_tiles_is(const char *dir)
{
    return files_there(dir, "checkpoint") && files_there(dir, "tile") &&
           !files_there(dir, "data.mdb");
}

static size_t bytes_max(enum tile_kind kind)
{
    return kind == TILE_HASHES    ? (size_t)TILE_WIDTH * HASH_BYTES
           : kind == TILE_ENTRIES ? (size_t)TILE_WIDTH * (2 + ENTRY_BYTES_MAX)
                                  : (size_t)TILE_WIDTH * (4 + SALT_BYTES + EVENT_BYTES_MAX);
}

/* Reads a tile; where a partial one is not there any more, the full one.  *${ret_path} is the path
 * within the directory, owned by the caller. */
static enum err read_tile(struct tiles *tiles, struct tile tile, struct buf *buf, char **ret_path,
                          struct err_text *ret_why)
{
    struct buf path = {0};
    tile_format(&tile, &path);
    enum err err =
        files_read(tiles->dir, (const char *)path.data, bytes_max(tile.kind), buf, ret_why);
    if (err == ERR_NOT_FOUND && tile.width < TILE_WIDTH) {
        struct tile full = tile;
        struct buf other = {0};
        full.width = TILE_WIDTH;
        tile_format(&full, &other);
        err = files_read(tiles->dir, (const char *)other.data, bytes_max(tile.kind), buf, ret_why);
        if (err == ERR_OK)
            atomic_store(&tiles->beyond, true);
        buf_free(&other);
    }
    *ret_path = buf_take_text(&path);
    return err;
}

/* What a failure to read a file of the piece means. */
static enum err read_failed(struct verify_piece *piece, unsigned at, const char *path, enum err err)
{
    if (err != ERR_NOT_FOUND && err != ERR_TOO_BIG)
        return err;
    verify_piece_bad(piece, at, "%s %s", path,
                     err == ERR_TOO_BIG ? "is longer than any tile" : "is missing");
    piece->rows = 0;
    return ERR_OK;
}

/* Whether a tile of hashes has the length of its width, or that of a full one in its place. */
static bool hashes_fit(const struct buf *hashes, unsigned width)
{
    return hashes->bytes == (size_t)width * HASH_BYTES ||
           hashes->bytes == (size_t)TILE_WIDTH * HASH_BYTES;
}

static enum err load_hashes(struct tiles *tiles, struct verify_piece *piece, struct files *files)
{
    const struct tile tile = {
        .kind = TILE_HASHES, .index = piece->from / TILE_WIDTH, .width = piece->count};
    char *path = NULL;
    enum err err = read_tile(tiles, tile, &files->hashes, &path, &piece->why);
    piece->rows = piece->count;
    if (err != ERR_OK) {
        err = read_failed(piece, 0, path, err);
    } else if (!hashes_fit(&files->hashes, piece->count)) {
        verify_piece_bad(piece, 0, "%s has %zu bytes, and %u are due", path, files->hashes.bytes,
                         piece->count * HASH_BYTES);
        piece->rows = 0;
    }
    for (unsigned i = 0; i < piece->rows; i++)
        piece->nodes[i] = files->hashes.data + (size_t)i * HASH_BYTES;
    free(path);
    return err;
}

/* Takes a bundle apart; ${row} reads one of its rows. */
typedef struct slice row_fn(struct reader *reader);

static struct slice entry_row(struct reader *reader)
{
    size_t bytes = reader_u16(reader);
    return (struct slice){reader_take(reader, bytes), bytes};
}

static struct slice event_row(struct reader *reader)
{
    size_t bytes = reader_u32(reader);
    if (bytes == 0)
        return (struct slice){not_shown, sizeof(not_shown)};
    if (bytes > EVENT_BYTES_MAX)
        reader->bad = true;
    return (struct slice){reader_take(reader, SALT_BYTES + bytes), SALT_BYTES + bytes};
}

static enum err load_bundle(struct tiles *tiles, struct verify_piece *piece, enum tile_kind kind,
                            struct buf *buf)
{
    const struct tile tile = {
        .kind = kind, .index = piece->from / TILE_WIDTH, .width = piece->count};
    struct slice *rows = kind == TILE_ENTRIES ? piece->entries : piece->events;
    row_fn *row = kind == TILE_ENTRIES ? entry_row : event_row;
    char *path = NULL;
    enum err err = read_tile(tiles, tile, buf, &path, &piece->why);
    struct reader reader = {.data = buf->data, .bytes = buf->bytes};
    if (err != ERR_OK) {
        err = read_failed(piece, 0, path, err);
        goto out;
    }
    for (unsigned i = 0; i < piece->count; i++) {
        rows[i] = row(&reader);
        if (!reader.bad)
            continue;
        verify_piece_bad(piece, i, "%s ends before entry %llu does", path,
                         verify_piece_seq(piece, i));
        piece->rows = piece->rows < i ? piece->rows : i;
        break;
    }
    for (unsigned i = piece->count; i < TILE_WIDTH && !reader.bad && reader.bytes > 0; i++)
        row(&reader); /* of a full one in the place of a partial one */
    if (reader.bad || reader.bytes > 0)
        verify_piece_bad(piece, piece->count - 1, "%s has bytes that belong to no entry", path);
out:
    free(path);
    return err;
}

/* The hashes of tiles above that end with a full piece. */
static enum err load_above(struct tiles *tiles, struct verify_piece *piece)
{
    const uint64_t end = piece->from + piece->count, size = tiles->state->result->size;
    enum err err = ERR_OK;
    for (unsigned level = 1; level < 8 && err == ERR_OK && piece->count == TILE_WIDTH; level++) {
        if ((end & ((1ULL << (8 * level)) - 1)) != 0)
            break;
        const uint64_t index = (end >> (8 * level)) - 1;
        const unsigned at = 8 * level - VERIFY_PIECE_LEVEL;
        struct tile tile = {.kind = TILE_HASHES, .level = level, .index = index / TILE_WIDTH};
        struct buf hashes = {0};
        char *path = NULL;
        tile.width = tile_width_at(size, level, tile.index);
        err = read_tile(tiles, tile, &hashes, &path, &piece->why);
        if (err != ERR_OK) {
            unsigned rows = piece->rows;
            err = read_failed(piece, TILE_WIDTH - 1, path, err);
            piece->rows = rows;
        } else if (!hashes_fit(&hashes, tile.width)) {
            verify_piece_bad(piece, TILE_WIDTH - 1, "%s has %zu bytes, and %u are due", path,
                             hashes.bytes, tile.width * HASH_BYTES);
        } else {
            memcpy(piece->above[at], hashes.data + index % TILE_WIDTH * HASH_BYTES, HASH_BYTES);
            piece->has_above[at] = true;
        }
        free(path);
        buf_free(&hashes);
    }
    return err;
}

static enum err load(struct verify_source *source, struct verify_piece *piece)
{
    struct tiles *tiles = cast(source);
    struct files *files = mem_zero(1, sizeof(*files));
    piece->hold = files;
    enum err err = load_hashes(tiles, piece, files);
    for (unsigned i = 0; i < piece->count; i++) {
        piece->entries[i] = (struct slice){NULL, 0};
        piece->events[i] = (struct slice){not_shown, sizeof(not_shown)};
    }
    if (err == ERR_OK && !source->leaves_only)
        err = load_bundle(tiles, piece, TILE_ENTRIES, &files->entries);
    if (err == ERR_OK && tiles->has_events)
        err = load_bundle(tiles, piece, TILE_EVENTS, &files->events);
    return err == ERR_OK ? load_above(tiles, piece) : err;
}

static void unload(struct verify_source *source, struct verify_piece *piece)
{
    struct files *files = piece->hold;
    (void)source;
    if (files == NULL)
        return;
    buf_free(&files->hashes);
    buf_free(&files->entries);
    buf_free(&files->events);
    free(files);
    piece->hold = NULL;
}

/* Any complete node, from the hashes of the tile that has those below it. */
static enum err read_node(void *source, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES])
{
    struct tiles *tiles = cast(source);
    const unsigned depth = level % 8;
    const uint64_t first = index << depth;
    struct tile tile = {.kind = TILE_HASHES, .level = level / 8, .index = first / TILE_WIDTH};
    struct buf hashes = {0};
    struct tree_edge edge = {0};
    char *path = NULL;
    tile.width = tile_width_at(tiles->state->result->size, tile.level, tile.index);
    enum err err = tile.width == 0 ? ERR_DAMAGED : read_tile(tiles, tile, &hashes, &path, NULL);
    if (err == ERR_OK && !hashes_fit(&hashes, tile.width))
        err = ERR_DAMAGED;
    for (uint64_t i = 0; err == ERR_OK && i < 1ULL << depth; i++) {
        size_t at = (size_t)(first % TILE_WIDTH + i) * HASH_BYTES;
        err = at + HASH_BYTES > hashes.bytes ? ERR_DAMAGED
                                             : tree_edge_push(&edge, hashes.data + at, NULL, NULL);
    }
    if (err == ERR_OK)
        tree_edge_root(&edge, ret);
    free(path);
    buf_free(&hashes);
    return err == ERR_OK || err == ERR_IO ? err : ERR_DAMAGED;
}

/* Loads the piece that has entry ${seq} by itself. */
static enum err load_alone(struct tiles *tiles, uint64_t seq, struct verify_piece *piece)
{
    const uint64_t size = tiles->state->result->size;
    memset(piece, 0, sizeof(*piece));
    piece->from = seq / TILE_WIDTH * TILE_WIDTH;
    piece->count = size - piece->from < TILE_WIDTH ? (unsigned)(size - piece->from) : TILE_WIDTH;
    return load(&tiles->source, piece);
}

static enum err read_time(struct verify_source *source, uint64_t seq, int64_t *ret_us)
{
    struct tiles *tiles = cast(source);
    struct verify_piece *piece = mem_alloc(sizeof(*piece));
    const unsigned at = (unsigned)(seq % TILE_WIDTH);
    struct entry entry;
    enum err err = source->opaque ? ERR_DAMAGED : load_alone(tiles, seq, piece);
    if (err == ERR_OK &&
        (at >= piece->rows ||
         entry_decode(piece->entries[at].data, piece->entries[at].bytes, &entry, NULL) != ERR_OK))
        err = ERR_DAMAGED;
    if (err == ERR_OK)
        *ret_us = entry.time_us;
    if (!source->opaque)
        unload(source, piece);
    free(piece);
    return err;
}

static bool of_ledger(const struct slice *entry)
{
    return entry->bytes > STREAM_OFFSET + 6 && entry->data[STREAM_LEN_OFFSET] == 6 &&
           memcmp(entry->data + STREAM_OFFSET, "ledger", 6) == 0;
}

/* Folds the entries of the stream `ledger` of one piece; false where one is not whole, which is
 * found in its place. */
static bool fold_piece(struct tiles *tiles, const struct verify_piece *piece)
{
    for (unsigned i = 0; i < piece->rows; i++) {
        struct row row;
        if (!of_ledger(&piece->entries[i]))
            continue;
        if (rows_parse(piece->from + i, piece->entries[i], piece->events[i], &row, NULL) != ERR_OK)
            return false;
        verify_state_fold(tiles->state, &row);
    }
    return piece->rows == piece->count;
}

static enum err fold(struct tiles *tiles)
{
    struct verify_piece *piece = mem_alloc(sizeof(*piece));
    enum err err = ERR_OK;
    bool more = true;
    for (uint64_t from = 0; err == ERR_OK && more && from < tiles->state->result->size;
         from += TILE_WIDTH) {
        err = load_alone(tiles, from, piece);
        if (err == ERR_OK)
            more = fold_piece(tiles, piece);
        else
            err_say(tiles->state->why, err, "%s", piece->why.s);
        unload(&tiles->source, piece);
    }
    free(piece);
    return err;
}

static enum err need_vkey(const struct tiles *tiles)
{
    const struct verify_state *state = tiles->state;
    return state->options->vkey != NULL
               ? ERR_OK
               : err_say(state->why, ERR_USAGE,
                         "%s does not say by itself whose log it is: give --vkey", tiles->dir);
}

/* Whether entry 0 is one of ours, and what it says; of another program's log, and where its event
 * is not shown, only the key given can tell whose log it is. */
static enum err learn(struct tiles *tiles, const struct checkpoint *checkpoint)
{
    struct verify_state *state = tiles->state;
    struct verify_piece *piece = mem_alloc(sizeof(*piece));
    struct row row = {.event = {NULL, 0}};
    piece->rows = 0;
    piece->hold = NULL;
    piece->bad.found = false;
    enum err err = checkpoint->size > 0 ? load_alone(tiles, 0, piece) : ERR_OK;
    bool is_first = err == ERR_OK && piece->rows > 0 && !tiles->source.leaves_only;
    bool is_ours =
        is_first && piece->entries[0].bytes >= 4 && memcmp(piece->entries[0].data, "CSL1", 4) == 0;
    tiles->source.opaque =
        (is_first && !is_ours) || tiles->source.leaves_only || checkpoint->size == 0;
    if (err == ERR_OK && is_first && is_ours) {
        err = rows_parse(0, piece->entries[0], piece->events[0], &row, state->why);
        if (err != ERR_OK)
            err = verify_state_bad(state, 0, "%s", state->why->s);
        else if (row.event.bytes > 0)
            err = verify_state_learn(state, &row);
    } else if (err == ERR_OK && !tiles->source.opaque && piece->bad.found) {
        err = verify_state_bad(state, 0, "%s", piece->bad.what);
    }
    state->blind = row.event.bytes == 0;
    if (err == ERR_OK && state->blind) {
        memcpy(state->info.origin, checkpoint->origin, sizeof(state->info.origin));
        err = need_vkey(tiles);
    }
    unload(&tiles->source, piece);
    free(piece);
    return err;
}

static void say_skipped(struct tiles *tiles)
{
    struct verify_state *state = tiles->state;
    if (tiles->source.leaves_only)
        verify_state_skip(state, "the entries: there is no tile/entries");
    else if (tiles->source.opaque)
        verify_state_skip(state, "what the entries say, which are another program's");
    else if (!tiles->has_events)
        verify_state_skip(state, "the events: there is no tile/events");
    if (!tiles->source.opaque && state->blind)
        verify_state_skip(state, "the signatures of admission and of events: the event of entry "
                                 "0, which says whose ledger it is, is not shown");
    if (!tiles->source.opaque && tiles->has_events)
        verify_state_skip(state, "that no two events have the same name");
    if (atomic_load(&tiles->beyond))
        verify_state_skip(state, "what full tiles in the place of partial ones hold beyond the "
                                 "checkpoint");
    if (!tiles->has_events)
        state->erased = 0;
}

/* The checkpoint's signature comes first: its size says what is due. */
static enum err check_signed(struct tiles *tiles, const struct buf *note,
                             struct checkpoint *checkpoint)
{
    struct verify_subject subject = {.name = "the checkpoint", .note = {note->data, note->bytes}};
    uint64_t next = tiles->state->next;
    enum err err = verify_notes_one(tiles->state, &subject, checkpoint);
    tiles->state->next = next;
    return err;
}

/* The root is that of the entries, or where none was looked at that of the nodes above them. */
static enum err check_root(struct tiles *tiles, const struct buf *note,
                           const struct checkpoint *checkpoint)
{
    struct verify_state *state = tiles->state;
    struct tree_edge edge;
    enum err err = ERR_OK;
    if (checkpoint->size == 0)
        tree_edge_root(&state->edge, state->result->root);
    if (state->options->only_checkpoints)
        err = tree_edge_load(checkpoint->size, read_node, tiles, &edge);
    if (err == ERR_IO)
        return err;
    if (err != ERR_OK)
        return verify_state_bad(state, checkpoint->size - 1,
                                "the tiles do not have the nodes that give the checkpoint's root");
    if (memcmp(state->result->root, checkpoint->root, HASH_BYTES) != 0)
        return verify_state_bad(state, checkpoint->size > 0 ? checkpoint->size - 1 : 0,
                                "the checkpoint has another root than the entries");
    buf_add(&state->result->checkpoint, note->data, note->bytes);
    return ERR_OK;
}

/* Tells the tally of the entries of a piece, which have been checked. */
static enum err tally_piece(struct tiles *tiles, struct verify_tally *tally,
                            struct verify_piece *piece)
{
    struct files files = {.hashes = {0}};
    struct entry entry;
    enum err err = load_hashes(tiles, piece, &files);
    if (err == ERR_OK)
        err = load_bundle(tiles, piece, TILE_ENTRIES, &files.entries);
    if (err != ERR_OK)
        err_say(tiles->state->why, err, "%s", piece->why.s);
    for (unsigned i = 0; err == ERR_OK && i < piece->rows; i++) {
        const struct slice *bytes = &piece->entries[i];
        err = entry_decode(bytes->data, bytes->bytes, &entry, NULL) == ERR_OK
                  ? verify_tally_add(tally, &entry, piece->nodes[i])
                  : ERR_DAMAGED;
    }
    buf_free(&files.hashes);
    buf_free(&files.entries);
    return err;
}

/* Holds each ledger.heads that is shown against the entries. */
static enum err check_heads(struct tiles *tiles)
{
    struct verify_state *state = tiles->state;
    struct verify_tally *tally = verify_tally_new(state);
    struct verify_piece *piece = mem_zero(1, sizeof(*piece));
    const uint64_t size = state->result->size;
    enum err err = ERR_OK;
    for (uint64_t from = 0; err == ERR_OK && from < size; from += TILE_WIDTH) {
        piece->from = from;
        piece->count = size - from < TILE_WIDTH ? (unsigned)(size - from) : TILE_WIDTH;
        err = tally_piece(tiles, tally, piece);
        if (err == ERR_OK && piece->rows < piece->count)
            err = verify_state_bad(state, from, "%s", piece->bad.what);
        if (err == ERR_OK && from + TILE_WIDTH < size && verify_state_stop(state))
            err = err_say(state->why, ERR_BUSY, "it was stopped");
    }
    if (err == ERR_OK)
        err = verify_tally_end(tally);
    verify_tally_free(tally);
    free(piece);
    return err;
}

static enum err check_all(struct tiles *tiles, const struct buf *note)
{
    struct verify_state *state = tiles->state;
    struct checkpoint checkpoint;
    if (checkpoint_parse((const char *)note->data, note->bytes, &checkpoint) != ERR_OK)
        return verify_state_bad(state, 0, "the checkpoint is none, or has extension lines");
    state->result->size = checkpoint.size;
    enum err err = learn(tiles, &checkpoint);
    if (err == ERR_OK && !tiles->source.opaque)
        err = fold(tiles);
    if (err == ERR_OK && !state->blind)
        err = verify_state_vkey(state);
    if (err == ERR_OK)
        err = check_signed(tiles, note, &checkpoint);
    if (err == ERR_OK)
        err = verify_pass_run(state);
    if (err == ERR_OK)
        err = check_root(tiles, note, &checkpoint);
    if (err == ERR_OK && !state->options->only_checkpoints && verify_tally_wanted(state))
        err = check_heads(tiles);
    if (err == ERR_OK)
        err = verify_notes_against(state);
    say_skipped(tiles);
    return err;
}

enum err verify_tiles_check(struct verify_state *state, const char *dir)
{
    struct buf note = {0};
    struct tiles tiles = {
        .source = {.magic = TILES_MAGIC,
                   .node_levels = LEVELS_STORED,
                   .load = load,
                   .unload = unload,
                   .node = read_node,
                   .time = read_time},
        .state = state,
        .dir = dir,
    };
    if (state->options->since != NULL)
        return err_say(state->why, ERR_USAGE, "a check of tiles cannot go on from a mark");
    tiles.source.leaves_only = !files_there(dir, "tile/entries");
    tiles.has_events = !tiles.source.leaves_only && files_there(dir, "tile/events");
    state->source = &tiles.source;
    state->tiles = true;
    enum err err = files_read(dir, "checkpoint", NOTE_BYTES_MAX, &note, state->why);
    if (err == ERR_OK)
        err = check_all(&tiles, &note);
    else if (err != ERR_IO)
        err = ERR_INVALID;
    buf_free(&note);
    state->source = NULL;
    return err;
}
