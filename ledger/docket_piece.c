#include "ledger/docket_piece.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/docket.h"
#include "ledger/hash.h"

/* The most that a piece may have: what ends it may go over. */
#define RECORDS_BYTES_MAX                                                                          \
    ((size_t)DOCKET_PIECE_BYTES + ENTRY_BYTES_MAX + EVENT_BYTES_MAX + SALT_BYTES + 8)
#define INDEX_BYTES_MAX ((size_t)TILE_WIDTH * 512)

/* A piece under check. */
struct checking {
    const struct docket_parts *parts;
    const struct docket_piece_at *at;
    const char *name; /* of the member */
    const char *stream;
    docket_entry_fn *fn;
    void *ctx;
    struct docket_piece *piece;
    uint8_t before[HASH_BYTES]; /* leaf hash of the entry before in the stream */
};

/* The entry against the one before it in the piece; of the first that is left for later. */
static enum err hold_chain(struct checking *checking, const struct entry *entry)
{
    struct docket_piece *piece = checking->piece;
    if (strcmp(entry->part.stream, checking->stream) != 0)
        return err_say(&piece->why, ERR_PROOF, "%s: entry %" PRIu64 " is of the stream %s",
                       checking->name, entry->seq, entry->part.stream);
    if (piece->count == 0) {
        piece->first_pos = entry->stream_pos;
        memcpy(piece->first_prev, entry->stream_prev, HASH_BYTES);
        return ERR_OK;
    }
    if (entry->stream_pos != piece->first_pos + piece->count ||
        memcmp(entry->stream_prev, checking->before, HASH_BYTES) != 0 ||
        entry->seq <= piece->rows[piece->count - 1].seq)
        return err_say(&piece->why, ERR_PROOF,
                       "%s: entry %" PRIu64
                       " does not follow from the one before it in its stream: there is a gap",
                       checking->name, entry->seq);
    return ERR_OK;
}

/* Its event, if it is shown, and then what the caller wants of both. */
static enum err hold_event(struct checking *checking, const struct entry *entry,
                           const struct docket_record *record)
{
    struct docket_piece *piece = checking->piece;
    struct event *event = NULL;
    uint8_t digest[HASH_BYTES];
    const struct vouch_entry shown = {entry, record->entry, record->entry_bytes, record->event,
                                      record->event_bytes};
    if (record->event_bytes > 0) {
        entry_event_digest(record->salt, record->event, record->event_bytes, digest);
        if (record->event_bytes != entry->part.event_bytes ||
            memcmp(digest, entry->part.event_digest, HASH_BYTES) != 0)
            return err_say(&piece->why, ERR_PROOF,
                           "%s: the event of entry %" PRIu64
                           " does not have the digest that the entry has",
                           checking->name, entry->seq);
        if (event_read(record->event, record->event_bytes, &event, NULL) != ERR_OK)
            return err_say(&piece->why, ERR_PROOF,
                           "%s: the event of entry %" PRIu64 " is no CloudEvent", checking->name,
                           entry->seq);
    }
    piece->hidden += record->event_bytes == 0;
    enum err err = checking->fn(checking->ctx, piece, &shown, event);
    event_free(event);
    return err == ERR_OK ? ERR_OK
                         : err_say(&piece->why, err, "%s: %s", checking->name, piece->why.s);
}

static enum err take_record(struct checking *checking, const struct docket_record *record)
{
    struct docket_piece *piece = checking->piece;
    struct entry entry;
    if (entry_decode(record->entry, record->entry_bytes, &entry, NULL) != ERR_OK)
        return err_say(&piece->why, ERR_PROOF, "%s: what stands for its entry %zu is no entry",
                       checking->name, piece->count);
    enum err err = hold_chain(checking, &entry);
    if (err != ERR_OK)
        return err;
    struct docket_row *row = &piece->rows[piece->count];
    row->seq = entry.seq;
    row->time_us = entry.time_us;
    entry_leaf(record->entry, record->entry_bytes, row->leaf);
    memcpy(checking->before, row->leaf, HASH_BYTES);
    docket_index_add(&entry, row->leaf, piece->records.data, record, &piece->again);
    err = hold_event(checking, &entry, record);
    piece->count++;
    return err;
}

static enum err take_records(struct checking *checking)
{
    struct docket_piece *piece = checking->piece;
    const struct docket_stream *stream = &checking->parts->streams[checking->at->stream];
    struct reader reader = {piece->records.data, piece->records.bytes, false};
    enum err err = ERR_OK;
    while (err == ERR_OK && reader.bytes > 0) {
        struct docket_record record;
        if (docket_piece_full(piece->count, piece->records.bytes - reader.bytes))
            return err_say(&piece->why, ERR_PROOF, "%s goes on where it must end", checking->name);
        if (!docket_record_read(&reader, &record))
            return err_say(&piece->why, ERR_PROOF, "%s is cut short", checking->name);
        err = take_record(checking, &record);
    }
    if (err != ERR_OK)
        return err;
    const bool last = checking->at->number + 1 == stream->count;
    if (piece->count == 0 || (!last && !docket_piece_full(piece->count, piece->records.bytes)))
        return err_say(&piece->why, ERR_PROOF, "%s ends before it must", checking->name);
    return ERR_OK;
}

static enum err read_members(struct checking *checking)
{
    struct docket_piece *piece = checking->piece;
    const struct docket_piece_at *at = checking->at;
    enum err err = docket_parts_read(checking->parts, at->records, RECORDS_BYTES_MAX,
                                     &piece->records, &piece->why);
    if (err == ERR_OK)
        err = docket_parts_read(checking->parts, at->index, INDEX_BYTES_MAX, &piece->index,
                                &piece->why);
    if (err == ERR_OK) {
        hash_bytes(piece->records.data, piece->records.bytes, piece->digests[0]);
        hash_bytes(piece->index.data, piece->index.bytes, piece->digests[1]);
    }
    return err;
}

void docket_piece_check(const struct docket_parts *parts, size_t number, docket_entry_fn *fn,
                        void *ctx, struct docket_piece *piece)
{
    const struct docket_piece_at *at = &parts->pieces[number];
    struct checking checking = {.parts = parts,
                                .at = at,
                                .name = parts->index.members[at->records].name,
                                .stream = parts->streams[at->stream].name,
                                .fn = fn,
                                .ctx = ctx,
                                .piece = piece};
    buf_clear(&piece->records);
    buf_clear(&piece->index);
    buf_clear(&piece->again);
    piece->count = 0;
    piece->hidden = 0;
    piece->vouched = (struct vouch_count){0};
    piece->err = read_members(&checking);
    if (piece->err == ERR_OK)
        piece->err = take_records(&checking);
    if (piece->err == ERR_OK &&
        (piece->again.bytes != piece->index.bytes ||
         memcmp(piece->again.data, piece->index.data, piece->index.bytes) != 0))
        piece->err =
            err_say(&piece->why, ERR_PROOF, "%s is not what follows from the records beside it",
                    parts->index.members[at->index].name);
}

void docket_piece_free(struct docket_piece *piece)
{
    buf_free(&piece->records);
    buf_free(&piece->index);
    buf_free(&piece->again);
}
