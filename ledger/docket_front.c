#include "ledger/docket_front.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/docket_piece.h"
#include "ledger/mem.h"
#include "ledger/proof.h"

/* A front being taken. */
struct fronting {
    const struct docket_parts *parts;
    const struct note_key *key; /* NULL: none was given */
    struct docket_front *front;
    struct err_text *why;
};

/* What it says that it is of, against the streams that it has. */
static enum err take_plan(const struct fronting *fronting)
{
    struct docket_plan *plan = &fronting->front->plan;
    const struct docket_parts *parts = fronting->parts;
    struct buf text = {0};
    enum err err =
        docket_parts_take(parts, parts->plan, DOCKET_PLAN_BYTES_MAX, &text, fronting->why);
    if (err == ERR_OK && docket_plan_parse(text.data, text.bytes, plan, fronting->why) != ERR_OK)
        err = ERR_PROOF;
    buf_free(&text);
    if (err != ERR_OK || plan->kind == DOCKET_PERIOD)
        return err;
    for (size_t i = 1; i < parts->stream_count; i++) {
        if (strcmp(parts->streams[i].name, plan->deployment) != 0)
            return err_say(fronting->why, ERR_PROOF,
                           "it has the stream %s, and is a bundle of the deployment %s alone",
                           parts->streams[i].name, plan->deployment);
    }
    if (parts->stream_count != 2)
        return err_say(fronting->why, ERR_PROOF, "it has no entry of the deployment %s",
                       plan->deployment);
    return ERR_OK;
}

/* The checkpoint, the root that the tiles make, and its last entry. */
static enum err take_tree(struct fronting *fronting)
{
    const struct docket_parts *parts = fronting->parts;
    struct checkpoint *checkpoint = &fronting->front->checkpoint;
    uint8_t root[HASH_BYTES];
    enum err err = docket_parts_take(parts, parts->note, NOTE_BYTES_MAX, &fronting->front->note,
                                     fronting->why);
    if (err != ERR_OK)
        return err;
    if (fronting->front->note.bytes == 0 ||
        checkpoint_parse((const char *)fronting->front->note.data, fronting->front->note.bytes,
                         checkpoint) != ERR_OK ||
        checkpoint->size == 0)
        return err_say(fronting->why, ERR_PROOF, "the checkpoint is malformed");
    err = docket_tree_new(fronting->parts->source, parts->index.members + parts->tiles,
                          parts->tiles_end - parts->tiles, checkpoint->size, &fronting->front->tree,
                          fronting->why);
    if (err == ERR_OK)
        err = docket_tree_root(fronting->front->tree, root, fronting->why);
    if (err == ERR_OK && memcmp(root, checkpoint->root, HASH_BYTES) != 0)
        err = err_say(fronting->why, ERR_PROOF,
                      "the tiles at the right edge do not make the checkpoint's root");
    return err;
}

static enum err take_last(struct fronting *fronting)
{
    const uint64_t size = fronting->front->checkpoint.size;
    struct buf *bytes = &fronting->front->last_bytes;
    enum err err = docket_parts_take(fronting->parts, fronting->parts->last, ENTRY_BYTES_MAX, bytes,
                                     fronting->why);
    if (err != ERR_OK)
        return err;
    if (bytes->bytes == 0 ||
        entry_decode(bytes->data, bytes->bytes, &fronting->front->last, NULL) != ERR_OK ||
        fronting->front->last.seq != size - 1)
        return err_say(fronting->why, ERR_PROOF, DOCKET_LAST " is not entry %" PRIu64, size - 1);
    entry_leaf(bytes->data, bytes->bytes, fronting->front->last_leaf);
    struct err_text said = {""};
    err = docket_tree_leaf(fronting->front->tree, size - 1, fronting->front->last_leaf, &said);
    return err == ERR_OK ? ERR_OK : err_say(fronting->why, err, DOCKET_LAST ": %s", said.s);
}

/* One entry of the stream `ledger`, folded into the registry; a docket_entry_fn. */
static enum err fold_entry(void *ctx, struct docket_piece *piece, const struct vouch_entry *entry,
                           const struct event *shown)
{
    struct fronting *fronting = ctx;
    struct err_text *why = &piece->why;
    struct event *event = NULL;
    struct verdict verdict = {0};
    const unsigned long long seq = entry->entry->seq;
    if (shown == NULL)
        return err_say(why, ERR_PROOF,
                       "entry %llu does not show its event: what that revoked is held back", seq);
    if (seq < registry_size(fronting->front->registry))
        return err_say(why, ERR_PROOF, "entry %llu stands behind a later one", seq);
    if (event_parse(entry->event, entry->event_bytes, &event, NULL) != ERR_OK)
        return err_say(why, ERR_PROOF, "the event of entry %llu is no CloudEvent", seq);
    registry_apply(fronting->front->registry, entry->entry, event, &verdict);
    verdict_clear(&verdict);
    event_free(event);
    return ERR_OK;
}

/* The whole stream `ledger`: facts hold by position, so that knowing them early changes nothing. */
static enum err fold_ledger(struct fronting *fronting)
{
    const struct docket_stream *stream = &fronting->parts->streams[0];
    struct docket_piece *piece = mem_zero(1, sizeof(*piece));
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < stream->count; i++) {
        docket_piece_check(fronting->parts, stream->first + i, fold_entry, fronting, piece);
        if (piece->err != ERR_OK)
            err = err_say(fronting->why, piece->err, "%s", piece->why.s);
    }
    docket_piece_free(piece);
    free(piece);
    return err == ERR_OK
               ? vouch_learn(fronting->front->registry, &fronting->front->ledger, fronting->why)
               : err;
}

/* The checkpoint is signed by all keys that the ledger says sign it, and by the one that is given.
 */
static enum err hold_note(const struct fronting *fronting)
{
    struct docket_front *front = fronting->front;
    const char *text = (const char *)fronting->front->note.data;
    const struct note_key *given = fronting->key;
    struct checkpoint checkpoint;
    enum err err = ERR_OK;
    front->key_count = registry_checkpoint_keys(front->registry, front->checkpoint.size,
                                                fronting->front->last.time_us, front->keys);
    if (front->key_count == 0)
        return err_say(fronting->why, ERR_PROOF, "entry 0 names no key that signs checkpoints");
    if (given != NULL)
        err = proof_check_note(text, fronting->front->note.bytes, given, 1, &checkpoint,
                               fronting->why);
    for (size_t i = 0; err == ERR_OK && i < front->key_count; i++)
        err = proof_check_note(text, fronting->front->note.bytes, &front->keys[i], 1, &checkpoint,
                               fronting->why);
    return err == ERR_OK ? ERR_OK : ERR_PROOF;
}

enum err docket_front_take(const struct docket_parts *parts, const struct note_key *key,
                           struct docket_front *ret_front, struct err_text *ret_why)
{
    struct docket_front front = {.registry = registry_new()};
    struct fronting fronting = {parts, key, &front, ret_why};
    enum err err = take_plan(&fronting);
    if (err == ERR_OK)
        err = take_tree(&fronting);
    if (err == ERR_OK)
        err = take_last(&fronting);
    if (err == ERR_OK)
        err = fold_ledger(&fronting);
    if (err == ERR_OK)
        err = hold_note(&fronting);
    if (err == ERR_OK)
        *ret_front = front;
    else
        docket_front_free(&front);
    return err;
}

void docket_front_free(struct docket_front *front)
{
    registry_free(front->registry);
    docket_tree_free(front->tree);
    buf_free(&front->note);
    buf_free(&front->last_bytes);
    *front = (struct docket_front){.registry = NULL};
}
