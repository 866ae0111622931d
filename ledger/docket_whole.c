#include "ledger/docket_whole.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/docket.h"
#include "ledger/docket_heads.h"
#include "ledger/reader.h"

static const char *name_of(const struct docket_whole *whole, size_t stream)
{
    return whole->parts->streams[stream].name;
}

/* The record of a stream under the heads' root; NULL. */
static const struct heads_record *record_of(const struct docket_whole *whole, const char *stream)
{
    size_t at = 0;
    if (whole->all != NULL)
        return heads_find(whole->all, stream, &at) ? heads_at(whole->all, at) : NULL;
    return whole->has_one && strcmp(whole->one.stream, stream) == 0 ? &whole->one : NULL;
}

static enum err take_heads(struct docket_whole *whole, const struct buf *text,
                           struct err_text *ret_why)
{
    const struct docket_plan *plan = &whole->front->plan;
    if (plan->kind == DOCKET_PERIOD)
        return docket_heads_parse_all(text->data, text->bytes, whole->said->root, &whole->all,
                                      ret_why);
    enum err err =
        docket_heads_parse_one(text->data, text->bytes, whole->said->root, &whole->one, ret_why);
    if (err == ERR_OK && strcmp(whole->one.stream, plan->deployment) != 0)
        err = err_say(ret_why, ERR_PROOF, DOCKET_HEADS " is of the stream %s", whole->one.stream);
    whole->has_one = err == ERR_OK;
    return err;
}

enum err docket_whole_begin(const struct docket_parts *parts, struct docket_front *front,
                            struct docket_found *found, struct docket_whole *ret_whole,
                            struct err_text *ret_why)
{
    struct docket_whole whole = {.parts = parts, .front = front, .found = found};
    struct buf text = {0};
    whole.said = docket_heads_last(front->registry, front->checkpoint.size);
    if (parts->heads != DOCKET_NONE && whole.said == NULL)
        return err_say(ret_why, ERR_PROOF,
                       DOCKET_HEADS " has no place in it: there is no ledger.heads");
    if (parts->heads == DOCKET_NONE) {
        *ret_whole = whole;
        return ERR_OK;
    }
    enum err err = docket_parts_take(parts, parts->heads, TAR_BYTES_MAX, &text, ret_why);
    if (err == ERR_OK)
        err = take_heads(&whole, &text, ret_why);
    buf_free(&text);
    if (err == ERR_OK)
        *ret_whole = whole;
    return err;
}

void docket_whole_free(struct docket_whole *whole)
{
    heads_free(whole->all);
    *whole = (struct docket_whole){.parts = NULL};
}

/* The piece's first entry follows the last of the piece before it in its stream. */
static enum err hold_link(const struct docket_whole *whole, const struct docket_piece_at *at,
                          const struct docket_piece *piece, struct err_text *ret_why)
{
    static const uint8_t zeros[HASH_BYTES];
    const struct docket_found *found = &whole->found[at->stream];
    const uint8_t *before = at->number == 0 ? zeros : found->last_leaf;
    if (piece->first_pos != found->entries || memcmp(piece->first_prev, before, HASH_BYTES) != 0 ||
        (at->number > 0 && piece->rows[0].seq <= found->last_seq))
        return err_say(ret_why, ERR_PROOF,
                       "%s: entry %" PRIu64
                       " does not follow from the one before it in its stream: there is a gap",
                       whole->parts->index.members[at->records].name, piece->rows[0].seq);
    return ERR_OK;
}

/* The entry at the position that the heads have of the stream, if it is in this piece. */
static enum err hold_head(const struct docket_whole *whole, const struct docket_piece_at *at,
                          const struct docket_piece *piece, struct err_text *ret_why)
{
    struct docket_found *found = &whole->found[at->stream];
    const struct heads_record *record = record_of(whole, name_of(whole, at->stream));
    if (record == NULL || record->pos < piece->first_pos ||
        record->pos - piece->first_pos >= piece->count)
        return ERR_OK;
    const struct docket_row *row = &piece->rows[record->pos - piece->first_pos];
    if (memcmp(row->leaf, record->leaf, HASH_BYTES) != 0 || row->seq >= whole->said->size)
        return err_say(ret_why, ERR_PROOF,
                       "%s: entry %" PRIu64 " is not the one that ledger.heads has there",
                       whole->parts->index.members[at->records].name, row->seq);
    found->headed = true;
    return ERR_OK;
}

enum err docket_whole_piece(struct docket_whole *whole, const struct docket_piece_at *at,
                            const struct docket_piece *piece, struct err_text *ret_why)
{
    struct docket_found *found = &whole->found[at->stream];
    const struct docket_row *last = &piece->rows[piece->count - 1];
    enum err err = hold_link(whole, at, piece, ret_why);
    if (err == ERR_OK)
        err = hold_head(whole, at, piece, ret_why);
    if (err != ERR_OK)
        return err;
    if (found->entries == 0) {
        found->first_seq = found->run_seq = found->last_seq = piece->rows[0].seq;
        found->first_us = piece->rows[0].time_us;
        memcpy(found->first_leaf, piece->rows[0].leaf, HASH_BYTES);
    }
    for (size_t i = 0; i < piece->count; i++) {
        if (piece->rows[i].seq > found->last_seq + 1)
            found->run_seq = piece->rows[i].seq;
        found->last_seq = piece->rows[i].seq;
    }
    found->entries += piece->count;
    found->last_us = last->time_us;
    memcpy(found->last_leaf, last->leaf, HASH_BYTES);
    return ERR_OK;
}

/* The stream of an entry of the tail, if it is one of the bundle's; NULL. */
static const struct docket_found *find_stream(const struct docket_whole *whole, const char *name)
{
    size_t low = 0, high = whole->parts->stream_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (docket_stream_after(name_of(whole, middle), name))
            low = middle + 1;
        else
            high = middle;
    }
    const bool found = low < whole->parts->stream_count && strcmp(name_of(whole, low), name) == 0;
    return found ? &whole->found[low] : NULL;
}

/* One entry of the tail, which follows the one before it and is in its stream here. */
static enum err take_tail_entry(const struct docket_whole *whole, struct reader *reader,
                                uint64_t seq, uint8_t leaf[HASH_BYTES], struct err_text *ret_why)
{
    struct entry entry;
    const size_t bytes = reader_u16(reader);
    const uint8_t *at = reader_take(reader, bytes);
    if (at == NULL || entry_decode(at, bytes, &entry, NULL) != ERR_OK || entry.seq != seq ||
        memcmp(entry.prev, leaf, HASH_BYTES) != 0)
        return err_say(ret_why, ERR_PROOF,
                       DOCKET_TAIL ": what stands for entry %" PRIu64
                                   " does not follow from the one before it",
                       seq);
    const struct docket_found *found = find_stream(whole, entry.part.stream);
    if (found != NULL && entry.stream_pos >= found->entries)
        return err_say(ret_why, ERR_PROOF,
                       DOCKET_TAIL ": entry %" PRIu64
                                   " is of the stream %s, and is not in it here: it is held back",
                       seq, entry.part.stream);
    const struct docket_plan *plan = &whole->front->plan;
    if (found == NULL && plan->kind == DOCKET_PERIOD && entry.time_us >= plan->from_us &&
        entry.time_us < plan->to_us)
        return err_say(ret_why, ERR_PROOF,
                       DOCKET_TAIL ": entry %" PRIu64
                                   " is in the period, and its stream %s is not here",
                       seq, entry.part.stream);
    entry_leaf(at, bytes, leaf);
    return ERR_OK;
}

/* The entries behind the last of the stream `ledger`, up to the last of all. */
static enum err hold_tail(const struct docket_whole *whole, const struct buf *tail, uint64_t from,
                          struct err_text *ret_why)
{
    struct reader reader = {tail->data, tail->bytes, false};
    uint8_t leaf[HASH_BYTES];
    enum err err = ERR_OK;
    memcpy(leaf, whole->found[0].last_leaf, HASH_BYTES);
    for (uint64_t seq = from; err == ERR_OK && seq < whole->front->checkpoint.size; seq++)
        err = take_tail_entry(whole, &reader, seq, leaf, ret_why);
    if (err == ERR_OK &&
        (reader.bytes > 0 || memcmp(leaf, whole->front->last_leaf, HASH_BYTES) != 0))
        err = err_say(ret_why, ERR_PROOF, DOCKET_TAIL " does not end where it must");
    return err;
}

/* What stands behind the stream `ledger` is shown, unless it is too much.  Gives the position from
 * which on every entry is in the bundle; the size, if that is not known of any. */
static enum err take_tail(const struct docket_whole *whole, uint64_t *ret_shown,
                          struct err_text *ret_why)
{
    const struct docket_parts *parts = whole->parts;
    const uint64_t size = whole->front->checkpoint.size;
    const uint64_t from = docket_tail_from(whole->found[0].last_seq, size);
    struct buf tail = {0};
    enum err err = ERR_OK;
    if ((parts->tail != DOCKET_NONE) != (from < size))
        return err_say(ret_why, ERR_PROOF,
                       from < size ? DOCKET_TAIL " is missing: whether something was revoked later "
                                                 "is held back"
                                   : DOCKET_TAIL " has no place in this bundle");
    if (from < size) {
        err = docket_parts_take(parts, parts->tail, TAR_BYTES_MAX, &tail, ret_why);
        if (err == ERR_OK)
            err = hold_tail(whole, &tail, from, ret_why);
    }
    buf_free(&tail);
    const bool all = from < size || whole->found[0].last_seq + 1 == size;
    *ret_shown = all ? whole->found[0].run_seq : size;
    return err;
}

/* As of which size the streams are whole, and that none is shorter than the heads say. */
static enum err judge_streams(const struct docket_whole *whole, uint64_t shown,
                              struct err_text *ret_why)
{
    const uint64_t size = whole->front->checkpoint.size;
    const uint64_t said = whole->said == NULL ? 0 : whole->said->size;
    for (size_t i = 0; i < whole->parts->stream_count; i++) {
        struct docket_found *found = &whole->found[i];
        const struct heads_record *record = record_of(whole, name_of(whole, i));
        const bool due =
            found->first_seq < said && (i > 0 || whole->front->plan.kind == DOCKET_PERIOD);
        if (due && record == NULL)
            return err_say(ret_why, ERR_PROOF, DOCKET_HEADS " is missing, or has not the stream %s",
                           name_of(whole, i));
        if (record != NULL && !found->headed)
            return err_say(ret_why, ERR_PROOF,
                           "the stream %s has %" PRIu64 " entries here, and had %" PRIu64
                           " when ledger.heads was said: the others are held back",
                           name_of(whole, i), found->entries, record->pos + 1);
        const uint64_t headed = found->headed ? said : 0;
        const uint64_t from = found->last_seq + 1 > headed ? found->last_seq + 1 : headed;
        found->whole_at = shown <= from && shown < size ? size : headed;
        if (found->last_seq + 1 == size)
            found->whole_at = size;
    }
    return ERR_OK;
}

/* A stream that is not here, by one of its entries: it ended before the period, or began after it.
 */
static enum err hold_other(const struct docket_whole *whole, const struct heads_record *record,
                           struct reader *reader, struct err_text *ret_why)
{
    const struct docket_plan *plan = &whole->front->plan;
    struct entry entry;
    uint8_t leaf[HASH_BYTES];
    const size_t bytes = reader_u16(reader);
    const uint8_t *at = reader_take(reader, bytes);
    if (at == NULL || entry_decode(at, bytes, &entry, NULL) != ERR_OK ||
        strcmp(entry.part.stream, record->stream) != 0)
        return err_say(ret_why, ERR_PROOF,
                       DOCKET_OTHERS " has no entry of the stream %s: it is held back",
                       record->stream);
    entry_leaf(at, bytes, leaf);
    if (memcmp(leaf, record->leaf, HASH_BYTES) == 0 && entry.time_us < plan->from_us)
        return ERR_OK;
    if (entry.stream_pos != 0 || entry.time_us < plan->to_us)
        return err_say(ret_why, ERR_PROOF,
                       DOCKET_OTHERS ": entry %" PRIu64
                                     " does not show that the stream %s has none in the period",
                       entry.seq, record->stream);
    struct err_text said = {""};
    enum err err = docket_tree_leaf(whole->front->tree, entry.seq, leaf, &said);
    return err == ERR_OK ? ERR_OK : err_say(ret_why, err, DOCKET_OTHERS ": %s", said.s);
}

/* All streams under the heads' root that are not in the bundle. */
static enum err take_others(struct docket_whole *whole, struct err_text *ret_why)
{
    struct buf text = {0};
    enum err err = ERR_OK;
    if (whole->parts->others != DOCKET_NONE)
        err = docket_parts_take(whole->parts, whole->parts->others, TAR_BYTES_MAX, &text, ret_why);
    struct reader reader = {text.data, text.bytes, false};
    for (size_t i = 0; whole->all != NULL && err == ERR_OK && i < heads_count(whole->all); i++) {
        const struct heads_record *record = heads_at(whole->all, i);
        if (find_stream(whole, record->stream) != NULL)
            continue;
        whole->others++;
        err = hold_other(whole, record, &reader, ret_why);
    }
    if (err == ERR_OK &&
        (reader.bytes > 0 || (whole->parts->others != DOCKET_NONE) != (whole->others > 0)))
        err = err_say(ret_why, ERR_PROOF, DOCKET_OTHERS " has more than the streams left out");
    buf_free(&text);
    return err;
}

enum err docket_whole_end(struct docket_whole *whole, struct err_text *ret_why)
{
    uint64_t shown = 0;
    enum err err = take_tail(whole, &shown, ret_why);
    if (err == ERR_OK)
        err = judge_streams(whole, shown, ret_why);
    whole->complete = whole->all != NULL && shown <= whole->said->size;
    return err == ERR_OK ? take_others(whole, ret_why) : err;
}
