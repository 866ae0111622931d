#include "ledger/kept.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/inside.h"

/* The size that a row's key gives, which its note must have too. */
static enum err row_size(const struct store_row *row, uint64_t *ret_size, struct err_text *ret_why)
{
    struct checkpoint checkpoint = {0};
    struct reader key = {.data = row->key.data, .bytes = row->key.bytes};
    uint64_t size = reader_u64(&key);
    if (key.bad || key.bytes > 0 || size == 0 ||
        checkpoint_parse((const char *)row->value.data, row->value.bytes, &checkpoint) != ERR_OK ||
        checkpoint.size != size)
        return err_say(ret_why, ERR_DAMAGED, "the table checkpoints has a row that is none");
    *ret_size = size;
    return ERR_OK;
}

/* The kept checkpoint of at least ${size} entries, or with ${before} the last one of fewer. */
static enum err seek(struct store_txn *txn, uint64_t size, bool before, struct store_row *ret_row,
                     struct err_text *ret_why)
{
    struct buf key = {0};
    buf_u64(&key, size);
    enum err err = inside_say(
        store_seek(txn, STORE_CHECKPOINTS, (struct slice){key.data, key.bytes}, before, ret_row),
        "the table checkpoints", ret_why);
    buf_free(&key);
    return err;
}

/* The checkpoint of the last commit. */
static enum err last(struct store_txn *txn, struct slice *ret_note, uint64_t *ret_size,
                     struct err_text *ret_why)
{
    struct checkpoint checkpoint = {0};
    bool found = false;
    enum err err = inside_say(store_get(txn, STORE_META, ROWS_META_CHECKPOINT,
                                        strlen(ROWS_META_CHECKPOINT), ret_note, &found),
                              "the last checkpoint cannot be read", ret_why);
    if (err == ERR_OK && (!found || checkpoint_parse((const char *)ret_note->data, ret_note->bytes,
                                                     &checkpoint) != ERR_OK))
        err = err_say(ret_why, ERR_DAMAGED, "the last checkpoint is missing or malformed");
    if (err == ERR_OK)
        *ret_size = checkpoint.size;
    return err;
}

/* The first checkpoint of at least ${size} entries; its note is borrowed. */
static enum err find(struct store_txn *txn, uint64_t size, struct slice *ret_note,
                     uint64_t *ret_size, bool *ret_found, struct err_text *ret_why)
{
    struct store_row row;
    enum err err = seek(txn, size, false, &row, ret_why);
    *ret_found = row.found;
    if (err == ERR_OK && row.found) {
        *ret_note = row.value;
        return row_size(&row, ret_size, ret_why);
    }
    if (err == ERR_OK)
        err = last(txn, ret_note, ret_size, ret_why);
    if (err == ERR_OK)
        *ret_found = *ret_size >= size;
    return err;
}

enum err kept_after(struct ledger *ledger, uint64_t size, struct kept *ret_kept, bool *ret_found,
                    struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    struct slice note = {0};
    struct row row;
    bool found = false;
    uint64_t found_size = 0;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK && size < UINT64_MAX)
        err = find(txn, size + 1, &note, &found_size, &found, ret_why);
    if (err == ERR_OK && found)
        err = rows_read(txn, found_size - 1, &row, ret_why);
    if (err == ERR_OK && found) {
        *ret_kept = (struct kept){.size = found_size, .time_us = row.entry.time_us};
        buf_add(&ret_kept->note, note.data, note.bytes);
    }
    store_abort(txn);
    if (err == ERR_OK)
        *ret_found = found;
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* Say which sizes there are instead. */
static enum err say_around(struct store_txn *txn, uint64_t size, uint64_t next,
                           struct err_text *ret_why)
{
    struct store_row row;
    uint64_t before = 0;
    enum err err = seek(txn, size, true, &row, ret_why);
    if (err == ERR_OK && row.found)
        err = row_size(&row, &before, ret_why);
    if (err != ERR_OK)
        return err;
    return err_say(ret_why, ERR_NOT_FOUND,
                   "no checkpoint of size %" PRIu64 " is kept; around it are %" PRIu64
                   " and %" PRIu64 " (checkpoint LEDGER --history lists all)",
                   size, before, next);
}

enum err kept_note(struct ledger *ledger, uint64_t size, struct buf *buf, struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    struct slice note = {0};
    bool found = false;
    uint64_t found_size = 0;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = find(txn, size, &note, &found_size, &found, ret_why);
    if (err == ERR_OK && !found)
        err = err_say(ret_why, ERR_NOT_FOUND, "the ledger has %" PRIu64 " entries, not %" PRIu64,
                      found_size, size);
    else if (err == ERR_OK && found_size != size)
        err = say_around(txn, size, found_size, ret_why);
    if (err == ERR_OK)
        buf_add(buf, note.data, note.bytes);
    store_abort(txn);
    return err;
}
