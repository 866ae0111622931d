/* Appending (ledger.h ledger_append): the one place where entries are made.  It reads no clock and
 * no random number; what it signs is the checkpoint of the commit it is making.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/conflict.h"
#include "ledger/copy.h"
#include "ledger/inside.h"
#include "ledger/judging.h"
#include "ledger/recover.h"
#include "ledger/rekey.h"

/* An event of our own that tells of a conflict. */
struct conflict {
    struct admitted *told; /* owned */
    uint64_t first;        /* seq of the event that has the name */
};

/* One commit under way. */
struct batch {
    struct ledger *ledger;
    struct store_txn *txn;
    struct rows_head head;
    size_t appended;
    bool acted;                 /* something of it went to the stream `ledger` */
    bool kept;                  /* its checkpoint is one of those that are kept */
    struct registry_pair next;  /* of the ledger.rekeyed that it holds */
    struct secret *next_key;    /* owned: its checkpoint key; NULL: it holds none */
    struct conflict *conflicts; /* owned: what this batch gave rise to */
    size_t conflict_count, conflict_cap;
    struct counting_commit counts;
    struct judging judging; /* what it has appended */
    struct err_text *why;
};

/* A row that must be new and is not: the tables do not agree. */
static enum err put_err(enum err err, const char *table, struct batch *batch)
{
    if (err == ERR_CONFLICT)
        return err_say(batch->why, ERR_DAMAGED, "the table %s has a row of entry %llu already",
                       table, (unsigned long long)batch->head.edge.size);
    return inside_say(err, table, batch->why);
}

static enum err put_event(struct batch *batch, const struct admitted *admitted)
{
    struct buf value = {0};
    buf_add(&value, admitted->salt, SALT_BYTES);
    buf_add(&value, admitted->event.data, admitted->event.bytes);
    enum err err =
        store_put_seq(batch->txn, STORE_EVENTS, batch->head.edge.size, value.data, value.bytes);
    buf_free(&value);
    return put_err(err, "events", batch);
}

/* Links the entry to the last one of its stream. */
static enum err link_stream(struct batch *batch, struct entry *entry)
{
    uint64_t last = 0;
    enum err err = rows_stream_count(batch->txn, entry->part.stream, &entry->stream_pos, &last);
    if (err == ERR_OK && entry->stream_pos > 0)
        err = rows_node_read(batch->txn, 0, last, entry->stream_prev);
    return inside_say(err, "the last entry of the stream", batch->why);
}

static void receipt_fill(struct receipt *receipt, const struct entry *entry,
                         const uint8_t leaf[HASH_BYTES])
{
    receipt->seq = entry->seq;
    memcpy(receipt->stream, entry->part.stream, sizeof(receipt->stream));
    receipt->stream_pos = entry->stream_pos;
    memcpy(receipt->leaf, leaf, HASH_BYTES);
}

static enum err put_entry(struct batch *batch, const struct admitted *admitted,
                          const struct entry *entry, uint8_t ret_leaf[HASH_BYTES])
{
    struct buf bytes = {0};
    struct tree_edge *edge = &batch->head.edge;
    entry_encode(entry, &bytes);
    entry_leaf(bytes.data, bytes.bytes, ret_leaf);
    enum err err =
        put_err(store_put_seq(batch->txn, STORE_ENTRIES, entry->seq, bytes.data, bytes.bytes),
                "entries", batch);
    buf_free(&bytes);
    if (err == ERR_OK)
        err = put_event(batch, admitted);
    if (err == ERR_OK)
        err = put_err(rows_id_put(batch->txn, admitted->name, admitted->id, entry->seq), "ids",
                      batch);
    if (err == ERR_OK)
        err =
            put_err(rows_stream_put(batch->txn, entry->part.stream, entry->stream_pos, entry->seq),
                    "streams", batch);
    if (err == ERR_OK)
        err = put_err(tree_edge_push(edge, ret_leaf, rows_node_write, batch->txn), "nodes", batch);
    return err;
}

/* Whether the key that admitted it may still do so where the entry comes to stand. */
static bool is_admitted(const struct batch *batch, const struct admitted *admitted,
                        const struct entry *entry)
{
    const struct ledger *ledger = batch->ledger;
    const uint8_t *keys[REGISTRY_PAIRS_MAX];
    size_t count = registry_admission_keys(ledger->registry, entry->seq, entry->time_us, keys);
    bool found = false;
    if (count == 0) /* entry 0 is in the making */
        keys[count++] = ledger->info.admission_key;
    for (size_t i = 0; i < count; i++)
        found = found || memcmp(keys[i], admitted->admission_key, ED25519_KEY_BYTES) == 0;
    return found;
}

/* Takes the new keys of a change that is going to be accepted; false if they are not here. */
static bool take_next(struct batch *batch, const struct admitted *admitted,
                      const struct entry *entry)
{
    struct event *event = NULL;
    if (event_parse(admitted->event.data, admitted->event.bytes, &event, NULL) != ERR_OK)
        return false;
    bool rekeys = registry_rekeys(batch->ledger->registry, entry, event, &batch->next);
    event_free(event);
    return !rekeys || rekey_take(batch->ledger, &batch->next, &batch->next_key);
}

static enum err append_new(struct batch *batch, const struct admitted *admitted,
                           struct receipt *receipt)
{
    uint8_t leaf[HASH_BYTES];
    struct entry entry = {.seq = batch->head.edge.size, .part = admitted->part};
    bool later = admitted->part.admitted_us > batch->head.time_us;
    entry.time_us = later ? admitted->part.admitted_us : batch->head.time_us;
    memcpy(entry.prev, batch->head.leaf, HASH_BYTES);
    memcpy(entry.admission, admitted->admission, sizeof(entry.admission));
    if (!is_admitted(batch, admitted, &entry))
        receipt->err = ERR_BUSY;
    else if (admitted->rekeys && !take_next(batch, admitted, &entry))
        receipt->err = ERR_FORBIDDEN;
    if (receipt->err != ERR_OK)
        return ERR_OK;
    enum err err = link_stream(batch, &entry);
    if (err == ERR_OK)
        err = put_entry(batch, admitted, &entry, leaf);
    if (err != ERR_OK)
        return err;
    batch->head.time_us = entry.time_us;
    memcpy(batch->head.leaf, leaf, HASH_BYTES);
    batch->appended++;
    batch->acted = batch->acted || strcmp(entry.part.stream, "ledger") == 0;
    receipt_fill(receipt, &entry, leaf);
    judging_note(&batch->judging, &entry);
    return ERR_OK;
}

static bool has_key(const struct admitted_part *part, const uint8_t key_id[KEY_ID_BYTES])
{
    for (size_t i = 0; i < part->sig_count; i++) {
        if (memcmp(part->sigs[i].key_id, key_id, KEY_ID_BYTES) == 0)
            return true;
    }
    return false;
}

/* Whether the same bytes came again by the same keys (a key signs an event once at most). */
static bool same_event(const struct row *row, const struct admitted *admitted)
{
    uint8_t digest[HASH_BYTES];
    const struct admitted_part *old = &row->entry.part, *new = &admitted->part;
    if (old->sig_count != new->sig_count || old->event_bytes != new->event_bytes)
        return false;
    for (size_t i = 0; i < old->sig_count; i++) {
        if (!has_key(new, old->sigs[i].key_id))
            return false;
    }
    entry_event_digest(row->salt, admitted->event.data, admitted->event.bytes, digest);
    return memcmp(digest, old->event_digest, sizeof(digest)) == 0;
}

/* The name is taken: gives the first receipt again, or a conflict. */
static enum err meet_old(struct batch *batch, const struct admitted *admitted, uint64_t seq,
                         struct receipt *receipt)
{
    struct row row;
    uint8_t leaf[HASH_BYTES];
    enum err err = rows_read(batch->txn, seq, &row, batch->why);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
    entry_leaf(row.bytes.data, row.bytes.bytes, leaf);
    receipt_fill(receipt, &row.entry, leaf);
    receipt->duplicate = same_event(&row, admitted);
    if (receipt->duplicate)
        return ERR_OK;
    receipt->err = ERR_CONFLICT;
    if (admitted->part.origin == ORIGIN_LEDGER)
        return ERR_OK;
    struct admitted *told = NULL;
    err = conflict_admit(batch->ledger->admission, &row, admitted, &told, batch->why);
    if (err != ERR_OK)
        return err;
    struct conflict *conflict =
        MEM_PUSH(batch->conflicts, batch->conflict_count, batch->conflict_cap);
    conflict->told = told;
    conflict->first = seq;
    return ERR_OK;
}

static enum err append_one(struct batch *batch, const struct admitted *admitted,
                           struct receipt *receipt)
{
    uint64_t seq = 0;
    bool found = false;
    enum err err = inside_say(rows_id_find(batch->txn, admitted->name, admitted->id, &seq, &found),
                              "the index of ids", batch->why);
    if (err != ERR_OK)
        return err;
    return found ? meet_old(batch, admitted, seq, receipt) : append_new(batch, admitted, receipt);
}

/* Of events joined to one that was refused nothing is left; nor is a conflict among themselves. */
static void undo_joined(struct batch *batch, const struct rows_head *head, size_t conflicts)
{
    size_t kept = conflicts;
    for (size_t i = conflicts; i < batch->conflict_count; i++) {
        if (batch->conflicts[i].first < head->edge.size)
            batch->conflicts[kept++] = batch->conflicts[i];
        else
            admit_free(batch->conflicts[i].told);
    }
    batch->conflict_count = kept;
    batch->appended -= (size_t)(batch->head.edge.size - head->edge.size);
    batch->head = *head;
    store_take_back(batch->txn);
}

/* Appends all of them, or none: then the first that was refused says why. */
static enum err append_joined(struct batch *batch, struct admitted *const *admitted, size_t count,
                              struct receipt *receipts)
{
    const struct rows_head head = batch->head;
    size_t conflicts = batch->conflict_count, at = 0;
    enum err refused = ERR_OK;
    enum err err = store_mark(batch->txn, batch->why);
    for (; err == ERR_OK && refused == ERR_OK && at < count; at++) {
        ASSERT(!admitted[at]->rekeys);
        err = append_one(batch, admitted[at], &receipts[at]);
        refused = receipts[at].err;
    }
    if (err != ERR_OK)
        return err;
    if (refused == ERR_OK)
        return store_keep(batch->txn, batch->why);
    undo_joined(batch, &head, conflicts);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 != at)
            receipts[i] = (struct receipt){.err = refused, .held = true};
    }
    return ERR_OK;
}

/* How many events are joined, from the first on. */
static size_t joined_length(struct admitted *const *admitted, size_t count)
{
    size_t length = 1;
    while (length < count && admitted[length]->joined)
        length++;
    return length;
}

static enum err append_some(struct batch *batch, struct admitted *const *admitted, size_t count,
                            struct receipt *receipts)
{
    enum err err = ERR_OK;
    for (size_t i = 0, length = 0; err == ERR_OK && i < count; i += length) {
        length = joined_length(admitted + i, count - i);
        err = length == 1 ? append_one(batch, admitted[i], &receipts[i])
                          : append_joined(batch, admitted + i, length, receipts + i);
    }
    return err;
}

/* Another process may have appended since: what counts is what the transaction sees. */
static enum err head_load(struct batch *batch)
{
    uint64_t size = 0;
    enum err err = rows_size(batch->txn, &size, batch->why);
    if (err != ERR_OK)
        return err;
    batch->head = batch->ledger->head;
    return size > 0 && size == batch->head.edge.size
               ? ERR_OK
               : rows_head(batch->txn, &batch->head, batch->why);
}

/* Whether CHECKPOINT_KEEP_US of entry time have passed since the last checkpoint that was kept. */
static enum err keep_due(struct batch *batch, bool *ret_due)
{
    struct store_row last;
    struct row row;
    enum err err = store_seek(batch->txn, STORE_CHECKPOINTS, (struct slice){NULL, 0}, true, &last);
    if (err != ERR_OK)
        return inside_say(err, "the table checkpoints", batch->why);
    *ret_due = true;
    if (!last.found)
        return ERR_OK;
    struct reader key = {.data = last.key.data, .bytes = last.key.bytes};
    uint64_t size = reader_u64(&key);
    if (key.bad || size == 0)
        return err_say(batch->why, ERR_DAMAGED, "the table checkpoints ends in a key that is none");
    err = rows_read(batch->txn, size - 1, &row, batch->why);
    if (err == ERR_OK)
        *ret_due = batch->head.time_us - row.entry.time_us >= CHECKPOINT_KEEP_US;
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* The secret of a checkpoint key; NULL if it is not here. */
static const struct secret *secret_of(const struct batch *batch, const struct note_key *key)
{
    const struct secret *const secrets[] = {batch->ledger->checkpoint_key,
                                            batch->ledger->former_key, batch->next_key};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        if (secrets[i] != NULL &&
            memcmp(secrets[i]->public_key, key->public_key, ED25519_KEY_BYTES) == 0)
            return secrets[i];
    }
    return NULL;
}

/* Signs the checkpoint by each key that must, the old one first. */
static enum err sign_checkpoint(const struct batch *batch, const char *body, uint64_t size,
                                struct buf *note)
{
    const struct ledger *ledger = batch->ledger;
    struct note_key keys[REGISTRY_PAIRS_MAX + 1];
    size_t count = registry_checkpoint_keys(ledger->registry, size, batch->head.time_us, keys);
    if (count == 0) /* entry 0 is in the making */
        keys[count++] = ledger->info.key;
    if (batch->next_key != NULL) {
        keys[0] = keys[count - 1]; /* an overlap that is not over ends here */
        keys[1] = batch->next.checkpoint;
        count = 2;
    }
    for (size_t i = 0; i < count; i++) {
        const struct secret *secret = secret_of(batch, &keys[i]);
        if (secret == NULL)
            return err_say(batch->why, ERR_BUSY,
                           "the time is one of the old checkpoint key, which is gone: look at the "
                           "clock, and try again");
        if (i == 0)
            note_sign(body, &keys[i], secret->secret_key, note);
        else
            note_sign_also(body, &keys[i], secret->secret_key, note);
    }
    return ERR_OK;
}

static enum err put_checkpoint(struct batch *batch)
{
    const struct ledger *ledger = batch->ledger;
    struct checkpoint checkpoint = {.size = batch->head.edge.size};
    struct buf body = {0}, note = {0};
    memcpy(checkpoint.origin, ledger->info.origin, sizeof(checkpoint.origin));
    tree_edge_root(&batch->head.edge, checkpoint.root);
    checkpoint_format(&checkpoint, &body);
    enum err err = sign_checkpoint(batch, (const char *)body.data, checkpoint.size, &note);
    if (err == ERR_OK)
        err = put_err(store_put(batch->txn, STORE_META, ROWS_META_CHECKPOINT,
                                strlen(ROWS_META_CHECKPOINT), note.data, note.bytes),
                      "meta", batch);
    if (err == ERR_OK)
        err = keep_due(batch, &batch->kept);
    /* Whoever trusts the old key alone needs the one that carries both signatures. */
    batch->kept = batch->kept || batch->next_key != NULL;
    if (err == ERR_OK && batch->kept)
        err = put_err(
            store_put_seq(batch->txn, STORE_CHECKPOINTS, checkpoint.size, note.data, note.bytes),
            "checkpoints", batch);
    buf_free(&body);
    buf_free(&note);
    return err;
}

/* Ends the transaction. */
static enum err batch_commit(struct batch *batch)
{
    struct store_txn *txn = batch->txn;
    batch->txn = NULL;
    if (batch->appended == 0 && batch->counts.events.count + batch->counts.waited.count == 0) {
        store_abort(txn);
        return ERR_OK;
    }
    atomic_store(&batch->ledger->committing, true);
    enum err err = store_commit(txn, batch->why);
    if (err == ERR_OK) {
        batch->ledger->head = batch->head;
        atomic_store(&batch->ledger->settled, batch->head.edge.size);
    }
    /* Of one that failed nobody may be told any more: the process must end. */
    if (err != ERR_IO)
        atomic_store(&batch->ledger->committing, false);
    return err;
}

static enum err put_counts(struct batch *batch, struct admitted *const *admitted,
                           const struct receipt *receipts, size_t count)
{
    struct counting_commit *counts = &batch->counts;
    counting_events(counts, admitted, receipts, count);
    counting_take(&batch->ledger->counting, counts);
    enum err err = custody_write(&counts->events, batch->txn, batch->why);
    return err == ERR_OK ? custody_write(&counts->waited, batch->txn, batch->why) : err;
}

static enum err batch_run(struct batch *batch, struct admitted *const *admitted, size_t count,
                          struct receipt *receipts)
{
    const char *dir = batch->ledger->dir;
    int fd = -1;
    enum err err = store_begin(batch->ledger->store, true, &batch->txn, batch->why);
    if (err == ERR_OK)
        err = recover_enter(dir, &fd, batch->why);
    if (err == ERR_OK)
        err = inside_follow(batch->ledger, batch->txn, batch->why);
    if (err == ERR_OK)
        err = head_load(batch);
    if (err == ERR_OK)
        err = append_some(batch, admitted, count, receipts);
    for (size_t i = 0; err == ERR_OK && i < batch->conflict_count; i++) {
        struct receipt receipt = {0};
        err = append_one(batch, batch->conflicts[i].told, &receipt);
    }
    if (err == ERR_OK && batch->appended > 0)
        err = put_checkpoint(batch);
    if (err == ERR_OK)
        err = put_counts(batch, admitted, receipts, count);
    if (err == ERR_OK)
        err = batch_commit(batch);
    store_abort(batch->txn);
    batch->txn = NULL;
    /* A write or a sync has failed: the next start recovers. */
    if (err == ERR_IO && !recover_marked(dir))
        recover_mark(dir);
    recover_leave(fd);
    return err;
}

/* What follows the commit: the registry learns, the copy outside is written, verdicts are made. */
static enum err batch_follow(struct batch *batch, const struct judge *judge,
                             struct admitted *const *admitted, size_t count,
                             struct receipt *receipts)
{
    struct ledger *ledger = batch->ledger;
    bool facts = batch->acted || batch->appended == 0; /* else nothing is new but the time */
    enum err err = facts ? ledger_refresh(ledger, batch->why)
                         : inside_time(ledger, batch->head.time_us, batch->why);
    ledger->copy_behind = ledger->copy_behind || batch->appended > 0;
    if (err == ERR_OK && batch->appended > 0)
        err = copy_keep(ledger, batch->why);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        if (receipts[i].err == ERR_OK)
            err = judging_verdict(&batch->judging, ledger, judge, admitted[i], &receipts[i],
                                  batch->why);
    }
    /* The commit stands: no error may say that nothing was appended. */
    return err == ERR_OK || err == ERR_DAMAGED ? err : ERR_IO;
}

/* One commit, and what follows from it. */
static enum err append_run(struct batch *batch, struct admitted *const *admitted, size_t count,
                           const struct judge *judge, struct receipt *receipts)
{
    enum err err = batch_run(batch, admitted, count, receipts);
    counting_settle(&batch->ledger->counting, &batch->counts, err == ERR_OK);
    if (err == ERR_OK)
        err = batch_follow(batch, judge, admitted, count, receipts);
    for (size_t i = 0; i < batch->conflict_count; i++)
        admit_free(batch->conflicts[i].told);
    free(batch->conflicts);
    judging_end(&batch->judging);
    secret_free(batch->next_key);
    return err;
}

/* How many go into the next commit: a change of keys has one of its own, because what follows it is
 * signed by others. */
static size_t run_length(struct admitted *const *admitted, size_t count)
{
    size_t length = 1;
    while (length < count && !admitted[0]->rekeys && !admitted[length]->rekeys)
        length++;
    return length;
}

enum err ledger_append(struct ledger *ledger, struct admitted *const *admitted, size_t count,
                       const struct judge *judge, struct receipt *ret_receipts,
                       struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    ASSERT(ledger->admission != NULL && count >= 1 && count <= BATCH_EVENTS_MAX);
    struct receipt *receipts = mem_zero(count, sizeof(*receipts));
    enum err err = ERR_OK;
    size_t done = 0;
    while (err == ERR_OK && done < count) {
        struct batch batch = {.ledger = ledger, .why = ret_why};
        size_t length = run_length(admitted + done, count - done);
        err = append_run(&batch, admitted + done, length, judge, receipts + done);
        done += err == ERR_OK ? length : 0;
    }
    if (done > 0 && (err == ERR_DISK_LOW || err == ERR_BUSY)) { /* what was appended stays */
        for (size_t i = done; i < count; i++)
            receipts[i].err = err;
        err = ERR_OK;
    }
    if (err == ERR_OK)
        memcpy(ret_receipts, receipts, count * sizeof(*receipts));
    else
        ledger_receipts_free(receipts, count);
    free(receipts);
    return err;
}

enum err ledger_write_counts(struct ledger *ledger, struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    ASSERT(ledger->admission != NULL);
    struct batch batch = {.ledger = ledger, .why = ret_why};
    return append_run(&batch, NULL, 0, NULL, NULL);
}
