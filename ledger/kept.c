#include "ledger/kept.h"

#include <inttypes.h>

#include "ledger/args.h"
#include "ledger/files.h"
#include "ledger/ijson.h"
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

/* The checkpoint of the last commit that is on disk for good; later ones are not shown. */
static enum err last(struct ledger *ledger, struct buf *note, uint64_t *ret_size,
                     struct err_text *ret_why)
{
    struct checkpoint checkpoint = {0};
    enum err err = ledger_checkpoint(ledger, note, ret_why);
    if (err == ERR_OK &&
        checkpoint_parse((const char *)note->data, note->bytes, &checkpoint) != ERR_OK)
        err = err_say(ret_why, ERR_DAMAGED, "the last checkpoint is malformed");
    if (err == ERR_OK)
        *ret_size = checkpoint.size;
    return err;
}

/* The first checkpoint of at least so many entries, in a transaction of its own; its text is
 * borrowed from there, or from `note`, the last one. */
struct finding {
    struct store_txn *txn;
    struct buf note;
    bool found;
    uint64_t size; /* of what was found; else of the last */
    struct slice text;
};

static enum err find(struct ledger *ledger, uint64_t size, struct finding *finding,
                     struct err_text *ret_why)
{
    struct store_row row = {.found = false};
    uint64_t kept = 0;
    enum err err = last(ledger, &finding->note, &finding->size, ret_why);
    if (err == ERR_OK)
        err = store_begin(ledger->store, false, &finding->txn, ret_why);
    if (err == ERR_OK)
        err = seek(finding->txn, size, false, &row, ret_why);
    if (err == ERR_OK && row.found)
        err = row_size(&row, &kept, ret_why);
    if (err != ERR_OK)
        return err;
    finding->found = finding->size >= size;
    finding->text = (struct slice){finding->note.data, finding->note.bytes};
    if (row.found && kept <= finding->size) {
        finding->size = kept;
        finding->text = row.value;
    }
    return ERR_OK;
}

static void finding_end(struct finding *finding)
{
    store_abort(finding->txn);
    buf_free(&finding->note);
}

enum err kept_after(struct ledger *ledger, uint64_t size, struct kept *ret_kept, bool *ret_found,
                    struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct finding finding = {.found = false};
    struct row row;
    enum err err = size < UINT64_MAX ? find(ledger, size + 1, &finding, ret_why) : ERR_OK;
    if (err == ERR_OK && finding.found)
        err = rows_read(finding.txn, finding.size - 1, &row, ret_why);
    if (err == ERR_OK && finding.found) {
        *ret_kept = (struct kept){.size = finding.size, .time_us = row.entry.time_us};
        buf_add(&ret_kept->note, finding.text.data, finding.text.bytes);
    }
    if (err == ERR_OK)
        *ret_found = finding.found;
    finding_end(&finding);
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
    struct finding finding = {.found = false};
    enum err err = find(ledger, size, &finding, ret_why);
    if (err == ERR_OK && !finding.found)
        err = err_say(ret_why, ERR_NOT_FOUND, "the ledger has %" PRIu64 " entries, not %" PRIu64,
                      finding.size, size);
    else if (err == ERR_OK && finding.size != size)
        err = say_around(finding.txn, size, finding.size, ret_why);
    if (err == ERR_OK)
        buf_add(buf, finding.text.data, finding.text.bytes);
    finding_end(&finding);
    return err;
}

enum err kept_choose(const char *size, const char *file, struct kept_choice *ret_choice,
                     struct err_text *ret_why)
{
    uint64_t number = 0;
    if (size != NULL && file != NULL)
        return err_say(ret_why, ERR_USAGE, "--size and --checkpoint exclude each other");
    if (size != NULL && (!args_number(size, &number) || number == 0))
        return err_say(ret_why, ERR_USAGE, "--size takes a number from 1 on");
    *ret_choice = (struct kept_choice){.size = number, .file = file};
    return ERR_OK;
}

enum err kept_chosen(struct ledger *ledger, const struct kept_choice *choice, struct buf *buf,
                     struct err_text *ret_why)
{
    if (choice->file != NULL)
        return files_input(choice->file, NOTE_BYTES_MAX, buf, ret_why);
    if (choice->size > 0)
        return kept_note(ledger, choice->size, buf, ret_why);
    return ledger_checkpoint(ledger, buf, ret_why);
}

enum err kept_json(const struct buf *note, json_t **ret_json, struct err_text *ret_why)
{
    struct checkpoint checkpoint;
    if (checkpoint_parse((const char *)note->data, note->bytes, &checkpoint) != ERR_OK)
        return err_say(ret_why, ERR_DAMAGED, "the checkpoint is malformed");
    json_t *object = json_object();
    ijson_put(object, "origin", ijson_text(checkpoint.origin));
    ijson_put(object, "size", json_integer((json_int_t)checkpoint.size));
    ijson_put(object, "root", ijson_hex(checkpoint.root, HASH_BYTES));
    *ret_json = object;
    return ERR_OK;
}
