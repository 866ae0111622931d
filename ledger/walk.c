/* Reading an open ledger: sizes, roots, records, walks, streams, tiles (ledger.h). */
#include <stdlib.h>
#include <string.h>

#include "ledger/inside.h"
#include "ledger/recover.h"

#define PAGE_RECORDS 64         /* records read in one transaction */
#define AHEAD_RECORDS 1024      /* of a stream that the disk is asked for at once */
#define KEPT_BYTES_MAX 8192     /* room for an event that a record keeps for the next page */
#define PAGE_BYTES_MAX 4194304u /* after so many bytes a page ends */

enum err ledger_size(struct ledger *ledger, uint64_t *ret_size, struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = rows_size(txn, ret_size, ret_why);
    store_abort(txn);
    return err;
}

enum err ledger_last_us(struct ledger *ledger, int64_t *ret_us, struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    struct row row;
    uint64_t size = 0;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = rows_size(txn, &size, ret_why);
    if (err == ERR_OK)
        err = rows_read(txn, size - 1, &row, ret_why);
    if (err == ERR_OK)
        *ret_us = row.entry.time_us;
    store_abort(txn);
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

static enum err note_read(struct store_txn *txn, struct slice *ret_note, uint64_t *ret_size,
                          struct err_text *ret_why)
{
    bool found = false;
    enum err err = inside_say(store_get(txn, STORE_META, ROWS_META_CHECKPOINT,
                                        strlen(ROWS_META_CHECKPOINT), ret_note, &found),
                              "the last checkpoint cannot be read", ret_why);
    if (err == ERR_OK && !found)
        err = err_say(ret_why, ERR_DAMAGED, "the ledger has no checkpoint");
    return err == ERR_OK ? rows_size(txn, ret_size, ret_why) : err;
}

/* Begins a transaction in which nothing can be read that a disk that fails, or loses power, takes
 * back: what is signed there may be told. */
static enum err settle(struct ledger *ledger, struct store_txn **ret_txn, struct err_text *ret_why)
{
    struct store_txn *txn = NULL;
    int fd = -1;
    enum err err = store_settle(ledger->store, &txn, ret_why);
    if (err == ERR_OK)
        err = recover_enter(ledger->dir, &fd, ret_why);
    recover_leave(fd);
    if (err == ERR_OK && atomic_load(&ledger->committing))
        err = err_say(ret_why, ERR_BUSY, "a commit is ending: try again");
    if (err == ERR_OK)
        *ret_txn = txn;
    else
        store_abort(txn);
    return err;
}

enum err ledger_checkpoint(struct ledger *ledger, struct buf *buf, struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    struct slice note = {0};
    uint64_t size = 0;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = note_read(txn, &note, &size, ret_why);
    if (err == ERR_OK && size > atomic_load(&ledger->settled)) {
        store_abort(txn);
        txn = NULL;
        err = settle(ledger, &txn, ret_why);
        if (err == ERR_OK)
            err = note_read(txn, &note, &size, ret_why);
        if (err == ERR_OK)
            atomic_store(&ledger->settled, size);
    }
    if (err == ERR_OK)
        buf_add(buf, note.data, note.bytes);
    store_abort(txn);
    return err;
}

enum err ledger_usage(struct ledger *ledger, struct ledger_usage *ret_usage,
                      struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_usage usage;
    enum err err = store_usage(ledger->store, &usage, ret_why);
    if (err == ERR_OK)
        *ret_usage = (struct ledger_usage){usage.map_bytes, usage.used_bytes, usage.disk_free_bytes,
                                           usage.readers};
    return err;
}

enum err ledger_ready(struct ledger *ledger, struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    if (recover_marked(ledger->dir))
        return err_say(ret_why, ERR_IO, "a commit to %s failed: start again to recover it",
                       ledger->dir);
    return store_ready(ledger->store, ret_why);
}

enum err ledger_root(struct ledger *ledger, uint64_t size, uint8_t ret_root[HASH_BYTES],
                     struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    uint64_t now = 0;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = rows_size(txn, &now, ret_why);
    if (err == ERR_OK && size > now)
        err = err_say(ret_why, ERR_NOT_FOUND, "the ledger has %llu entries, not %llu",
                      (unsigned long long)now, (unsigned long long)size);
    if (err == ERR_OK)
        err = rows_root(txn, size, ret_root, ret_why);
    store_abort(txn);
    return err;
}

enum err ledger_seq_at(struct ledger *ledger, int64_t time_us, uint64_t *ret_seq,
                       struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    uint64_t low = 0, high = 0;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = rows_size(txn, &high, ret_why);
    while (err == ERR_OK && low < high) {
        struct row row;
        uint64_t middle = low + (high - low) / 2;
        err = rows_read(txn, middle, &row, ret_why);
        if (err == ERR_OK && row.entry.time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    store_abort(txn);
    if (err == ERR_OK)
        *ret_seq = low;
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* Copy a row into a record whose buffers are empty. */
static void record_fill(struct record *record, const struct row *row, const uint8_t *leaf)
{
    buf_add(&record->entry_bytes, row->bytes.data, row->bytes.bytes);
    record->entry = row->entry;
    for (size_t i = 0; i < record->entry.part.sig_count; i++) {
        struct entry_sig *sig = &record->entry.part.sigs[i];
        sig->data = record->entry_bytes.data + (sig->data - row->bytes.data);
    }
    if (leaf != NULL)
        memcpy(record->leaf, leaf, HASH_BYTES);
    else
        entry_leaf(row->bytes.data, row->bytes.bytes, record->leaf);
    memcpy(record->salt, row->salt, SALT_BYTES);
    if (row->event.bytes > 0)
        buf_add(&record->event, row->event.data, row->event.bytes);
}

struct record *inside_record(const struct row *row, const uint8_t leaf[HASH_BYTES])
{
    struct record *record = mem_zero(1, sizeof(*record));
    record_fill(record, row, leaf);
    return record;
}

enum err ledger_read(struct ledger *ledger, uint64_t seq, struct record **ret_record,
                     struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    struct row row;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = rows_read(txn, seq, &row, ret_why);
    if (err == ERR_OK)
        *ret_record = inside_record(&row, NULL);
    store_abort(txn);
    return err;
}

void ledger_record_free(struct record *record)
{
    if (record == NULL)
        return;
    buf_free(&record->entry_bytes);
    buf_free(&record->event);
    free(record);
}

uint64_t inside_ahead(const struct ledger *ledger, struct store_txn *txn, const char *stream,
                      uint64_t from, uint64_t to_seq)
{
    struct store_walk *walk = NULL;
    uint64_t seqs[AHEAD_RECORDS];
    size_t count = 0;
    bool found = true;
    if (!store_sparse(ledger->store) || rows_stream_walk(txn, stream, from, &walk) != ERR_OK)
        return UINT64_MAX;
    while (count < AHEAD_RECORDS && found) {
        if (rows_stream_next(walk, stream, from + count, &seqs[count], &found) != ERR_OK)
            break; /* whoever reads it finds out why */
        found = found && seqs[count] < to_seq;
        count += found;
    }
    store_walk_close(walk);
    store_ahead(txn, STORE_ENTRIES, seqs, count);
    store_ahead(txn, STORE_EVENTS, seqs, count);
    return from + count;
}

/* A walk under way. */
struct pager {
    struct ledger *ledger;
    const char *stream;
    uint64_t next;  /* seq or position */
    uint64_t ahead; /* up to this position the disk was asked for a stream's entries */
    uint64_t to_seq;
    size_t bytes_max; /* of a page; the last record may go over */
    size_t count;
    struct record
        *page[PAGE_RECORDS]; /* owned: used again for every page, NULL up to their first */
};

/* The next record's seq; *ret_found is false at the end. */
static enum err pager_next(const struct pager *pager, struct store_walk *walk, uint64_t *ret_seq,
                           bool *ret_found)
{
    enum err err = ERR_OK;
    *ret_seq = pager->next;
    *ret_found = true;
    if (walk != NULL)
        err = rows_stream_next(walk, pager->stream, pager->next, ret_seq, ret_found);
    if (err == ERR_OK && *ret_found)
        *ret_found = *ret_seq < pager->to_seq;
    return err;
}

static void pager_add(struct pager *pager, const struct row *row)
{
    struct record **record = &pager->page[pager->count++];
    if (*record == NULL)
        *record = mem_zero(1, sizeof(**record));
    buf_clear(&(*record)->entry_bytes);
    /* A page of large events must not become many pages' worth of them. */
    if ((*record)->event.cap > KEPT_BYTES_MAX)
        buf_free(&(*record)->event);
    buf_clear(&(*record)->event);
    record_fill(*record, row, NULL);
}

/* Reads the entry ${seq} onto the page. */
static enum err pager_read(struct pager *pager, struct store_txn *txn, uint64_t seq, size_t *bytes,
                           struct err_text *ret_why)
{
    struct row row;
    enum err err = rows_read(txn, seq, &row, ret_why);
    if (err != ERR_OK)
        return err;
    if (pager->stream != NULL &&
        (strcmp(row.entry.part.stream, pager->stream) != 0 || row.entry.stream_pos != pager->next))
        return err_say(ret_why, ERR_DAMAGED, "entry %llu: the index of streams has it as %s %llu",
                       (unsigned long long)seq, pager->stream, (unsigned long long)pager->next);
    pager_add(pager, &row);
    pager->next++;
    *bytes += row.bytes.bytes + row.event.bytes;
    return ERR_OK;
}

static enum err pager_fill(struct pager *pager, struct err_text *ret_why)
{
    struct store_txn *txn = NULL;
    struct store_walk *walk = NULL;
    size_t bytes = 0;
    bool found = true;
    pager->count = 0;
    enum err err = store_begin(pager->ledger->store, false, &txn, ret_why);
    if (err == ERR_OK && pager->stream != NULL && pager->next >= pager->ahead)
        pager->ahead = inside_ahead(pager->ledger, txn, pager->stream, pager->next, pager->to_seq);
    if (err == ERR_OK && pager->stream != NULL)
        err = inside_say(rows_stream_walk(txn, pager->stream, pager->next, &walk),
                         "the index of streams", ret_why);
    while (err == ERR_OK && pager->count < PAGE_RECORDS && bytes < pager->bytes_max) {
        uint64_t seq = 0;
        err = inside_say(pager_next(pager, walk, &seq, &found), "the index of streams", ret_why);
        if (err != ERR_OK || !found)
            break;
        err = pager_read(pager, txn, seq, &bytes, ret_why);
    }
    store_walk_close(walk);
    store_abort(txn);
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

enum err ledger_each(struct ledger *ledger, const struct ledger_walk *walk, ledger_each_fn *fn,
                     void *ctx, struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    uint64_t size = 0;
    bool more = true;
    enum err err = ledger_size(ledger, &size, ret_why);
    if (err != ERR_OK)
        return err;
    struct pager *pager = mem_zero(1, sizeof(*pager));
    pager->ledger = ledger;
    pager->stream = walk->stream;
    pager->next = walk->from;
    pager->to_seq = walk->to_seq < size ? walk->to_seq : size;
    bool bounded = walk->page_bytes > 0 && walk->page_bytes < PAGE_BYTES_MAX;
    pager->bytes_max = bounded ? walk->page_bytes : PAGE_BYTES_MAX;
    while (err == ERR_OK && more) {
        enum err filled = pager_fill(pager, ret_why);
        for (size_t i = 0; i < pager->count; i++) {
            if (err == ERR_OK && more)
                err = fn(ctx, pager->page[i], &more);
        }
        /* What was read before a damage has been walked. */
        if (err == ERR_OK && more)
            err = filled;
        more = more && pager->count > 0;
    }
    for (size_t i = 0; i < PAGE_RECORDS; i++)
        ledger_record_free(pager->page[i]);
    free(pager);
    return err;
}

enum err ledger_stream_seq(struct ledger *ledger, const char *stream, uint64_t pos,
                           uint64_t *ret_seq, bool *ret_found, struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    *ret_found = false;
    if (!event_stream_ok(stream))
        return ERR_OK;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = inside_say(rows_stream_find(txn, stream, pos, ret_seq, ret_found),
                         "the index of streams", ret_why);
    store_abort(txn);
    return err;
}

enum err ledger_stream_after(struct ledger *ledger, const char *after,
                             char ret_stream[STREAM_BYTES_MAX + 1], bool *ret_found,
                             struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    *ret_found = false;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = inside_say(rows_stream_after(txn, after, ret_stream, ret_found),
                         "the index of streams", ret_why);
    store_abort(txn);
    return err;
}
