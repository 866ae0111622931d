#include "ledger/prove.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/inside.h"
#include "ledger/proof.h"

static enum err add_extra(struct store_txn *txn, bool with_event, struct proof *proof,
                          uint8_t ret_leaf[HASH_BYTES], struct err_text *ret_why)
{
    struct row row;
    enum err err = rows_read(txn, proof->seq, &row, ret_why);
    if (err != ERR_OK)
        return err;
    struct proof_extra extra = {.entry = row.bytes.data, .entry_bytes = row.bytes.bytes};
    if (with_event && row.event.bytes == 0)
        return err_say(ret_why, ERR_NOT_FOUND, "the event of entry %" PRIu64 " is erased",
                       proof->seq);
    if (with_event) {
        extra.salt = row.salt;
        extra.event = row.event.data;
        extra.event_bytes = row.event.bytes;
    }
    proof->has_extra = true;
    proof_extra_format(&extra, &proof->extra);
    entry_leaf(row.bytes.data, row.bytes.bytes, ret_leaf);
    return ERR_OK;
}

/* The checkpoint covers no more than is here, and has the root of as many entries. */
static enum err hold_root(struct store_txn *txn, const struct checkpoint *checkpoint,
                          int64_t *ret_time_us, struct err_text *ret_why)
{
    uint64_t size = 0;
    uint8_t root[HASH_BYTES];
    struct row row;
    enum err err = rows_size(txn, &size, ret_why);
    if (err == ERR_OK && (checkpoint->size == 0 || checkpoint->size > size))
        return err_say(ret_why, ERR_PROOF,
                       "the checkpoint covers %" PRIu64 " entries, the ledger has %" PRIu64,
                       checkpoint->size, size);
    if (err == ERR_OK)
        err = rows_root(txn, checkpoint->size, root, ret_why);
    if (err == ERR_OK && memcmp(root, checkpoint->root, HASH_BYTES) != 0)
        return err_say(ret_why, ERR_PROOF,
                       "the checkpoint has another root than the ledger at size %" PRIu64
                       ": run verify",
                       checkpoint->size);
    if (err == ERR_OK)
        err = rows_read(txn, checkpoint->size - 1, &row, ret_why);
    if (err == ERR_OK)
        *ret_time_us = row.entry.time_us;
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* The checkpoint is one of this ledger's. */
static enum err hold_note(struct ledger *ledger, struct store_txn *txn, const struct buf *note,
                          struct checkpoint *ret, struct err_text *ret_why)
{
    struct checkpoint checkpoint = {0};
    struct note_key keys[REGISTRY_PAIRS_MAX];
    int64_t time_us = 0;
    const char *text = note->bytes > 0 ? (const char *)note->data : "";
    enum err err = checkpoint_parse(text, note->bytes, &checkpoint);
    if (err != ERR_OK)
        return err_say(ret_why, err, "the checkpoint is malformed");
    err = hold_root(txn, &checkpoint, &time_us, ret_why);
    if (err != ERR_OK)
        return err;
    ledger_lock(ledger, false);
    size_t count = registry_checkpoint_keys(ledger->registry, checkpoint.size, time_us, keys);
    ledger_unlock(ledger);
    return proof_check_note(text, note->bytes, keys, count, ret, ret_why);
}

enum err prove_entry(struct ledger *ledger, uint64_t seq, const struct buf *note, bool with_event,
                     struct buf *buf, struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    struct proof proof = {.seq = seq};
    struct checkpoint checkpoint = {0};
    uint8_t leaf[HASH_BYTES];
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = hold_note(ledger, txn, note, &checkpoint, ret_why);
    if (err == ERR_OK && seq >= checkpoint.size)
        err = err_say(ret_why, ERR_NOT_FOUND,
                      "there is no entry %" PRIu64 " in a checkpoint of size %" PRIu64, seq,
                      checkpoint.size);
    if (err == ERR_OK)
        err = add_extra(txn, with_event, &proof, leaf, ret_why);
    if (err == ERR_OK)
        err = inside_say(tree_inclusion(seq, checkpoint.size, rows_node_read, txn, &proof.path),
                         "the tree's nodes", ret_why);
    if (err == ERR_OK &&
        tree_check_inclusion(seq, checkpoint.size, leaf, &proof.path, checkpoint.root) != ERR_OK)
        err = err_say(ret_why, ERR_DAMAGED, "entry %" PRIu64 " and the tree disagree: run verify",
                      seq);
    if (err == ERR_OK) {
        buf_add(&proof.note, note->data, note->bytes);
        proof_format(&proof, buf);
    }
    store_abort(txn);
    buf_free(&proof.extra);
    buf_free(&proof.note);
    return err;
}
