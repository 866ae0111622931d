#include "ledger/docket_make.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/docket_heads.h"
#include "ledger/docket_readme.h"
#include "ledger/dossier.h"
#include "ledger/ledger.h"
#include "ledger/tar.h"

#define RUN_BYTES ((size_t)262144) /* of a file, at once */

/* A bundle in the making. */
struct making {
    struct ledger *ledger;
    const struct docket_order *order;
    struct outfile *file;
    struct checkpoint checkpoint;
    struct dossier_entry proved; /* the last entry, with its proof */
    size_t members;
    struct buf sums;
    uint8_t *tiles; /* owned: a bit for each tile of level 0, which is needed */
    struct docket_made made;
    struct err_text *why;

    /* The stream under way. */
    const char *stream;
    uint64_t entries; /* of it, so far */
    uint64_t last_seq;
    uint8_t last_leaf[HASH_BYTES];
    struct buf piece, index;
    size_t piece_count, piece_number;
};

static enum err add_head(struct making *making, const char *name, uint64_t bytes)
{
    struct buf head = {0};
    if (making->members == DOCKET_MEMBERS_MAX)
        return err_say(making->why, ERR_TOO_BIG, "the bundle would have over %d members",
                       DOCKET_MEMBERS_MAX);
    making->members++;
    enum err err = tar_head_add(name, bytes, &head, making->why);
    if (err == ERR_OK)
        err = outfile_add(making->file, head.data, head.bytes, making->why);
    buf_free(&head);
    return err;
}

/* What stands behind the data of a member. */
static enum err end_member(struct making *making, const char *name, uint64_t bytes,
                           const uint8_t digest[HASH_BYTES])
{
    static const uint8_t zeros[TAR_HEAD_BYTES];
    tar_sum(name, digest, &making->sums);
    return outfile_add(making->file, zeros, tar_head_padding(bytes), making->why);
}

static enum err add_member(struct making *making, const char *name, const struct buf *data)
{
    uint8_t digest[HASH_BYTES];
    hash_bytes(data->data, data->bytes, digest);
    enum err err = add_head(making, name, data->bytes);
    if (err == ERR_OK)
        err = outfile_add(making->file, data->data, data->bytes, making->why);
    return err == ERR_OK ? end_member(making, name, data->bytes, digest) : err;
}

/* The digests of all members, as sha256sum -c reads them, and the end. */
static enum err add_end(struct making *making)
{
    static const uint8_t zeros[2 * TAR_HEAD_BYTES];
    struct buf sums = making->sums;
    making->sums = (struct buf){0};
    enum err err = add_member(making, DOCKET_SUMS, &sums);
    if (err == ERR_OK)
        err = outfile_add(making->file, zeros, sizeof(zeros), making->why);
    buf_free(&sums);
    return err;
}

static enum err add_named(struct making *making, bool index, const struct buf *data)
{
    struct buf name = {0};
    docket_piece_name(making->stream, making->piece_number, index, &name);
    enum err err = add_member(making, (const char *)name.data, data);
    buf_free(&name);
    return err;
}

static enum err end_piece(struct making *making)
{
    if (making->piece_count == 0)
        return ERR_OK;
    enum err err = add_named(making, false, &making->piece);
    if (err == ERR_OK)
        err = add_named(making, true, &making->index);
    buf_clear(&making->piece);
    buf_clear(&making->index);
    making->piece_count = 0;
    making->piece_number++;
    if (err == ERR_OK && making->order->progress != NULL &&
        making->order->progress(making->order->ctx, making->made.entries))
        err = err_say(making->why, ERR_BUSY, "stopped: nothing was written");
    return err;
}

static void need_tile(const struct making *making, uint64_t seq)
{
    making->tiles[seq / TILE_WIDTH / 8] |= (uint8_t)(1u << seq / TILE_WIDTH % 8);
}

static bool is_needed(const struct making *making, uint64_t index)
{
    return (making->tiles[index / 8] >> index % 8 & 1) != 0;
}

/* The entry follows the one before it in its stream. */
static enum err hold_chain(const struct making *making, const struct record *record)
{
    static const uint8_t zeros[HASH_BYTES];
    const struct entry *entry = &record->entry;
    const uint8_t *before = making->entries == 0 ? zeros : making->last_leaf;
    if (entry->stream_pos != making->entries || memcmp(entry->stream_prev, before, HASH_BYTES) != 0)
        return err_say(making->why, ERR_DAMAGED,
                       "entry %" PRIu64 " does not follow from the one before it in its stream",
                       entry->seq);
    if (record->event.bytes == 0 && strcmp(making->stream, "ledger") == 0)
        return err_say(making->why, ERR_NOT_FOUND,
                       "the event of entry %" PRIu64 " of the stream `ledger` is erased: without "
                       "it no bundle shows whose keys held",
                       entry->seq);
    return ERR_OK;
}

static enum err add_record(void *ctx, const struct record *record, bool *ret_more)
{
    struct making *making = ctx;
    *ret_more = true;
    enum err err = hold_chain(making, record);
    if (err == ERR_OK && docket_piece_full(making->piece_count, making->piece.bytes))
        err = end_piece(making);
    if (err != ERR_OK)
        return err;
    const struct docket_record shown = {record->entry_bytes.data, record->entry_bytes.bytes,
                                        record->salt, record->event.data, record->event.bytes};
    const size_t at = making->piece.bytes;
    docket_record_add(&shown, &making->piece);
    /* Where it stands now is what the index tells. */
    struct docket_record placed = shown;
    placed.entry = making->piece.data + at + 2;
    placed.event = placed.entry + shown.entry_bytes + 4 + SALT_BYTES;
    docket_index_add(&record->entry, record->leaf, making->piece.data, &placed, &making->index);
    need_tile(making, record->entry.seq);
    memcpy(making->last_leaf, record->leaf, HASH_BYTES);
    making->last_seq = record->entry.seq;
    making->piece_count++;
    making->entries++;
    making->made.entries++;
    return ERR_OK;
}

static enum err add_stream(struct making *making, const char *stream)
{
    const struct ledger_walk walk = {.stream = stream, .to_seq = making->checkpoint.size};
    making->stream = stream;
    making->entries = 0;
    making->piece_number = 0;
    making->made.streams++;
    enum err err = ledger_each(making->ledger, &walk, add_record, making, making->why);
    return err == ERR_OK ? end_piece(making) : err;
}

static enum err add_tail_entry(void *ctx, const struct record *record, bool *ret_more)
{
    struct buf *tail = ctx;
    *ret_more = true;
    buf_u16(tail, (uint16_t)record->entry_bytes.bytes);
    buf_add(tail, record->entry_bytes.data, record->entry_bytes.bytes);
    return ERR_OK;
}

/* What stands behind the last entry of the stream `ledger`, which was at ${from} - 1. */
static enum err add_tail(struct making *making, uint64_t last_seq)
{
    const uint64_t size = making->checkpoint.size;
    const struct ledger_walk walk = {.from = docket_tail_from(last_seq, size), .to_seq = size};
    struct buf tail = {0};
    if (walk.from == size)
        return ERR_OK;
    enum err err = ledger_each(making->ledger, &walk, add_tail_entry, &tail, making->why);
    if (err == ERR_OK)
        err = add_member(making, DOCKET_TAIL, &tail);
    buf_free(&tail);
    return err;
}

/* Whether a stream is one of the bundle's. */
static bool is_here(const struct making *making, const char *stream)
{
    const struct docket_order *order = making->order;
    size_t low = 0, high = order->deployment_count;
    if (strcmp(stream, "ledger") == 0 || strcmp(stream, "inbox") == 0)
        return true;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(order->deployments[middle], stream) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < order->deployment_count && strcmp(order->deployments[low], stream) == 0;
}

static enum err read_at(struct making *making, const char *stream, uint64_t pos,
                        struct record **ret)
{
    uint64_t seq = 0;
    bool found = false;
    enum err err = ledger_stream_seq(making->ledger, stream, pos, &seq, &found, making->why);
    if (err == ERR_OK && !found)
        err = err_say(making->why, ERR_DAMAGED, "the stream %s has a gap", stream);
    return err == ERR_OK ? ledger_read(making->ledger, seq, ret, making->why) : err;
}

/* An entry by which it is seen that a stream has none in the period: its last one, or its first. */
static enum err add_other(struct making *making, const struct heads_record *head,
                          struct buf *others)
{
    struct record *record = NULL, *first = NULL;
    enum err err = read_at(making, head->stream, head->pos, &record);
    if (err != ERR_OK)
        return err;
    if (record->entry.time_us >= making->order->plan.from_us) {
        err = read_at(making, head->stream, 0, &first);
        ledger_record_free(record);
        record = first;
        if (err != ERR_OK)
            return err;
        need_tile(making, record->entry.seq);
    }
    buf_u16(others, (uint16_t)record->entry_bytes.bytes);
    buf_add(others, record->entry_bytes.data, record->entry_bytes.bytes);
    ledger_record_free(record);
    return ERR_OK;
}

/* The streams that the heads have and the bundle has not. */
static enum err add_others(struct making *making, const struct heads *heads)
{
    struct buf others = {0};
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < heads_count(heads); i++) {
        if (!is_here(making, heads_at(heads, i)->stream))
            err = add_other(making, heads_at(heads, i), &others);
    }
    if (err == ERR_OK && others.bytes > 0)
        err = add_member(making, DOCKET_OTHERS, &others);
    buf_free(&others);
    return err;
}

/* What the last ledger.heads says of the streams. */
static enum err add_heads(struct making *making)
{
    const struct docket_plan *plan = &making->order->plan;
    struct heads *heads = NULL;
    struct buf text = {0};
    size_t at = 0;
    ledger_lock(making->ledger, false);
    const struct registry_heads *said =
        docket_heads_last(ledger_registry(making->ledger), making->checkpoint.size);
    const uint64_t size = said == NULL ? 0 : said->size;
    ledger_unlock(making->ledger);
    if (size == 0)
        return ERR_OK;
    enum err err = heads_make_at(making->ledger, size, &heads, making->why);
    if (err == ERR_OK && plan->kind == DOCKET_PERIOD)
        docket_heads_add_all(heads, &text);
    else if (err == ERR_OK && heads_find(heads, plan->deployment, &at))
        docket_heads_add_one(heads, at, &text);
    if (err == ERR_OK && text.bytes > 0)
        err = add_member(making, DOCKET_HEADS, &text);
    if (err == ERR_OK && plan->kind == DOCKET_PERIOD)
        err = add_others(making, heads);
    heads_free(heads);
    buf_free(&text);
    return err;
}

static enum err add_streams(struct making *making)
{
    const struct docket_order *order = making->order;
    bool found = false;
    uint64_t first = 0;
    enum err err = add_stream(making, "ledger");
    const uint64_t last_seq = making->last_seq;
    if (err == ERR_OK && order->plan.kind == DOCKET_DEPLOYMENT) {
        err = add_stream(making, order->plan.deployment);
        if (err == ERR_OK && making->entries == 0)
            err = err_say(making->why, ERR_NOT_FOUND, "%s: there is no such deployment",
                          order->plan.deployment);
    } else if (err == ERR_OK) {
        err = ledger_stream_seq(making->ledger, "inbox", 0, &first, &found, making->why);
        if (err == ERR_OK && found && first < making->checkpoint.size)
            err = add_stream(making, "inbox");
        for (size_t i = 0; err == ERR_OK && i < order->deployment_count; i++)
            err = add_stream(making, order->deployments[i]);
    }
    if (err == ERR_OK)
        err = add_tail(making, last_seq);
    return err == ERR_OK ? add_heads(making) : err;
}

static enum err add_tile(struct making *making, unsigned level, uint64_t index)
{
    const struct tile tile = {TILE_HASHES, level, index,
                              tile_width_at(making->checkpoint.size, level, index)};
    struct buf name = {0}, hashes = {0};
    tile_format(&tile, &name);
    enum err err = ledger_tile(making->ledger, &tile, &hashes, making->why);
    if (err == ERR_OK)
        err = add_member(making, (const char *)name.data, &hashes);
    buf_free(&name);
    buf_free(&hashes);
    making->made.tiles++;
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* Of each level the tiles above those that are needed, and the partial one at its end. */
static enum err add_tiles(struct making *making)
{
    const uint64_t size = making->checkpoint.size;
    enum err err = ERR_OK;
    uint64_t count = size / TILE_WIDTH + (size % TILE_WIDTH > 0); /* of the level */
    for (unsigned level = 0; err == ERR_OK && count > 0; level++) {
        for (uint64_t i = 0; err == ERR_OK && i < count; i++) {
            if (is_needed(making, i) || tile_width_at(size, level, i) < TILE_WIDTH)
                err = add_tile(making, level, i);
        }
        const uint64_t hashes = level < 7 ? size >> (8 * (level + 1)) : 0;
        const uint64_t above = hashes / TILE_WIDTH + (hashes % TILE_WIDTH > 0);
        for (uint64_t i = 0; i < above; i++) {
            bool any = false;
            for (uint64_t j = i * TILE_WIDTH; j < (i + 1) * TILE_WIDTH && j < count; j++)
                any = any || (is_needed(making, j) && tile_width_at(size, level, j) == TILE_WIDTH);
            const uint8_t bit = (uint8_t)(1u << i % 8);
            making->tiles[i / 8] =
                any ? making->tiles[i / 8] | bit : (uint8_t)(making->tiles[i / 8] & ~bit);
        }
        count = above;
    }
    return err;
}

/* A file beside the evidence, however long it is. */
static enum err add_file(struct making *making, const struct docket_file *file)
{
    struct hash_run *run = hash_run_new();
    struct buf name = {0}, piece = {0};
    uint8_t digest[HASH_BYTES];
    buf_printf(&name, DOCKET_REPORT "%s", file->name);
    enum err err = add_head(making, (const char *)name.data, file->bytes);
    for (uint64_t done = 0; err == ERR_OK && done < file->bytes; done += piece.bytes) {
        const uint64_t left = file->bytes - done;
        buf_clear(&piece);
        err = tar_index_read(&making->order->source, file->at + done,
                             left < RUN_BYTES ? (size_t)left : RUN_BYTES, &piece, making->why);
        hash_run_add(run, piece.data, piece.bytes);
        if (err == ERR_OK)
            err = outfile_add(making->file, piece.data, piece.bytes, making->why);
    }
    hash_run_end(run, digest);
    if (err == ERR_OK)
        err = end_member(making, (const char *)name.data, file->bytes, digest);
    hash_run_free(run);
    buf_free(&name);
    buf_free(&piece);
    return err;
}

static enum err add_files(struct making *making)
{
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < making->order->file_count; i++)
        err = add_file(making, &making->order->files[i]);
    return err;
}

/* What stands before the entries. */
static enum err add_front(struct making *making)
{
    struct buf readme = {0}, plan = {0};
    ledger_lock(making->ledger, false);
    docket_readme_add(&making->order->plan, ledger_registry(making->ledger), &making->proved.entry,
                      &readme);
    ledger_unlock(making->ledger);
    docket_plan_format(&making->order->plan, &plan);
    enum err err = add_member(making, DOCKET_README, &readme);
    if (err == ERR_OK)
        err = add_member(making, DOCKET_PLAN, &plan);
    if (err == ERR_OK)
        err = add_member(making, DOCKET_NOTE, making->order->note);
    buf_free(&readme);
    buf_free(&plan);
    return err;
}

static enum err add_last(struct making *making)
{
    const struct proof_extra *extra = &making->proved.extra;
    const uint64_t size = making->checkpoint.size;
    struct buf last = {0}, signers = {0};
    buf_add(&last, extra->entry, extra->entry_bytes);
    need_tile(making, size - 1);
    ledger_lock(making->ledger, false);
    docket_signers_add(ledger_registry(making->ledger), size, &signers);
    ledger_unlock(making->ledger);
    enum err err = add_member(making, DOCKET_LAST, &last);
    if (err == ERR_OK)
        err = add_member(making, DOCKET_SIGNERS, &signers);
    buf_free(&last);
    buf_free(&signers);
    return err;
}

/* The checkpoint, which is this ledger's and signed, and its last entry. */
static enum err begin(struct making *making)
{
    const struct buf *note = making->order->note;
    struct buf text = {0};
    const char *at = note->bytes > 0 ? (const char *)note->data : "";
    if (checkpoint_parse(at, note->bytes, &making->checkpoint) != ERR_OK ||
        making->checkpoint.size == 0)
        return err_say(making->why, ERR_INVALID, "the checkpoint is malformed");
    enum err err =
        prove_entry(making->ledger, making->checkpoint.size - 1, note, false, &text, making->why);
    if (err == ERR_OK)
        err = dossier_take(&text, "the proof", &making->proved, making->why);
    if (err == ERR_OK)
        making->tiles = mem_zero(making->checkpoint.size / TILE_WIDTH / 8 + 1, 1);
    buf_free(&text);
    return err;
}

enum err docket_make_write(struct ledger *ledger, const struct docket_order *order,
                           struct outfile *file, struct docket_made *ret_made,
                           struct err_text *ret_why)
{
    struct making making = {.ledger = ledger, .order = order, .file = file, .why = ret_why};
    enum err err = begin(&making);
    if (err == ERR_OK)
        err = add_front(&making);
    if (err == ERR_OK)
        err = add_streams(&making);
    if (err == ERR_OK)
        err = add_last(&making);
    if (err == ERR_OK)
        err = add_tiles(&making);
    if (err == ERR_OK)
        err = add_files(&making);
    if (err == ERR_OK)
        err = add_end(&making);
    if (err == ERR_OK)
        err = outfile_flush(file, ret_why);
    if (err == ERR_OK)
        *ret_made = making.made;
    dossier_drop(&making.proved);
    buf_free(&making.sums);
    buf_free(&making.piece);
    buf_free(&making.index);
    free(making.tiles);
    return err;
}
