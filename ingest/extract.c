#include "ingest/extract.h"

#include <string.h>

#define WALK_MAGIC MAGIC('X', 't', 'r', 'c')

static bool passes(const struct record *record, const char *stream, const char *type)
{
    struct event *event = NULL;
    if (stream != NULL && strcmp(record->entry.part.stream, stream) != 0)
        return false;
    if (type == NULL)
        return true;
    if (event_read(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return false; /* an erased one has no type to show */
    bool same = strcmp(event->type, type) == 0;
    event_free(event);
    return same;
}

struct walk {
    uint32_t magic;
    struct extract *extract;
    extract_fn *fn;
    void *ctx;
    uint64_t count;   /* entries that passed */
    uint64_t scanned; /* entries looked at */
    size_t read;      /* bytes of their events */
    size_t bytes;     /* of the events that passed */
};

static enum err look(void *ctx, const struct record *record, bool *ret_more)
{
    struct walk *walk;
    CAST_OBJ(walk, ctx, WALK_MAGIC);
    struct extract *extract = walk->extract;
    extract->more = walk->count >= extract->limit || walk->scanned >= PAGE_SCAN_MAX ||
                    walk->bytes >= extract->bytes_max || walk->read >= PAGE_SCAN_BYTES_MAX;
    *ret_more = !extract->more;
    if (extract->more)
        return ERR_OK;
    extract->from = record->entry.seq + 1;
    walk->scanned++;
    walk->read += record->event.bytes;
    if (!passes(record, extract->stream, extract->type))
        return ERR_OK;
    walk->count++;
    walk->bytes += record->event.bytes;
    walk->fn(walk->ctx, record);
    return ERR_OK;
}

/* The first position of a stream whose seq is at least `from`: doubling, then halving. */
static enum err position_of(struct ledger *ledger, const char *stream, uint64_t from,
                            uint64_t *ret_pos, struct err_text *ret_why)
{
    uint64_t low = 0, high = 1; /* positions below low are before `from` */
    for (bool bounded = false; !bounded || low < high;) {
        uint64_t middle = bounded ? low + (high - low) / 2 : high - 1;
        uint64_t seq = 0;
        bool found = false;
        enum err err = ledger_stream_seq(ledger, stream, middle, &seq, &found, ret_why);
        if (err != ERR_OK)
            return err;
        bool before = found && seq < from;
        if (before)
            low = middle + 1;
        if (!bounded && before)
            high *= 2;
        else if (!bounded)
            bounded = true;
        else if (!before)
            high = middle;
    }
    *ret_pos = low;
    return ERR_OK;
}

enum err extract_each(struct ledger *ledger, struct extract *extract, extract_fn *fn, void *ctx,
                      struct err_text *ret_why)
{
    struct walk walk = {.magic = WALK_MAGIC, .extract = extract, .fn = fn, .ctx = ctx};
    struct ledger_walk entries = {
        .stream = extract->stream, .from = extract->from, .page_bytes = extract->bytes_max};
    /* What is below this size and of another stream, or not there, was looked at all the same. */
    enum err err = ledger_size(ledger, &entries.to_seq, ret_why);
    extract->more = false;
    if (err == ERR_OK && extract->stream != NULL)
        err = position_of(ledger, extract->stream, extract->from, &entries.from, ret_why);
    if (err == ERR_OK)
        err = ledger_each(ledger, &entries, look, &walk, ret_why);
    if (err == ERR_OK && !extract->more && extract->from < entries.to_seq)
        extract->from = entries.to_seq;
    return err;
}
