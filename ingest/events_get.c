#include "ingest/events_get.h"

#include <inttypes.h>
#include <string.h>

#include "ingest/access.h"
#include "ingest/query.h"

#define PAGE_MAGIC MAGIC('P', 'a', 'g', 'e')

/* What a page is to hold, and what it holds so far. */
struct page {
    uint32_t magic;
    uint64_t limit;
    const char *type; /* NULL: any */
    struct buf body;  /* owned: {"events":[… */
    uint64_t count;   /* events in it */
    uint64_t scanned; /* entries looked at */
    size_t bytes;     /* of their events */
    uint64_t last;    /* seq of the last entry looked at */
    bool more;        /* it is full, and another entry follows */
};

/* Whether the record's event is of the type that was asked for. */
static bool has_type(const struct record *record, const char *type)
{
    struct event *event = NULL;
    if (type == NULL)
        return true;
    if (event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return false; /* an erased one has no type to show */
    bool same = strcmp(event->type, type) == 0;
    event_free(event);
    return same;
}

static enum err add_record(void *ctx, const struct record *record, bool *ret_more)
{
    struct page *page;
    CAST_OBJ(page, ctx, PAGE_MAGIC);
    if (page->count >= page->limit || page->scanned >= PAGE_SCAN_MAX ||
        page->bytes >= REPLY_BYTES_MAX) {
        page->more = true;
        *ret_more = false;
        return ERR_OK;
    }
    page->scanned++;
    page->bytes += record->event.bytes;
    page->last = record->entry.seq;
    if (!has_type(record, page->type))
        return ERR_OK;
    if (page->count > 0)
        buf_text(&page->body, ",");
    ledger_record_text(record, &page->body);
    page->count++;
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

/* Fill the page as the query asks. */
static enum err fill(struct exchange *exchange, const struct query *query, struct page *page,
                     struct err_text *ret_why)
{
    struct ledger *ledger = exchange->service->ledger;
    struct ledger_walk walk = {.stream = query_text(query, "deployment"), .to_seq = UINT64_MAX};
    uint64_t after = UINT64_MAX; /* nothing seen: one more is 0 */
    page->limit = PAGE_EVENTS_DEFAULT;
    page->type = query_text(query, "type");
    enum err err = query_number(query, "after", INT64_MAX, &after, ret_why);
    if (err == ERR_OK)
        err = query_number(query, "limit", PAGE_EVENTS_MAX, &page->limit, ret_why);
    if (err == ERR_OK && page->limit == 0)
        err = err_say(ret_why, ERR_INVALID, "'limit' must be at least 1");
    if (err == ERR_OK && walk.stream != NULL && !event_stream_ok(walk.stream))
        err = err_say(ret_why, ERR_INVALID, "'deployment' is no deployment's name");
    walk.from = after + 1;
    if (err == ERR_OK && walk.stream != NULL)
        err = position_of(ledger, walk.stream, after + 1, &walk.from, ret_why);
    if (err == ERR_OK)
        err = ledger_each(ledger, &walk, add_record, page, ret_why);
    return err;
}

void events_get_page(struct exchange *exchange)
{
    static const char *const names[] = {"after", "limit", "deployment", "type", NULL};
    struct query query = {0};
    struct page page = {.magic = PAGE_MAGIC};
    struct err_text why = {""};
    buf_text(&page.body, "{\"events\":[");
    enum err err = access_read(exchange, &why);
    if (err == ERR_OK)
        err = query_parse(exchange->query, names, &query, &why);
    if (err == ERR_OK)
        err = fill(exchange, &query, &page, &why);
    if (err != ERR_OK) {
        exchange_problem(exchange, err, &why);
    } else {
        if (page.more)
            buf_printf(&page.body, "],\"next\":%" PRIu64 "}\n", page.last);
        else
            buf_text(&page.body, "],\"next\":null}\n");
        exchange_send(exchange, 200, "application/json", &page.body);
    }
    buf_free(&page.body);
    query_free(&query);
}

void events_get_one(struct exchange *exchange)
{
    struct record *record = NULL;
    struct err_text why = {""};
    const char *text = strrchr(exchange->path, '/') + 1;
    uint64_t seq = 0;
    enum err err = access_read(exchange, &why);
    if (err == ERR_OK && (strlen(exchange->path) != strlen("/v1/events/") + strlen(text) ||
                          !query_decimal(text, INT64_MAX, &seq)))
        err = err_say(&why, ERR_NOT_FOUND, "an event's path is /v1/events/SEQ");
    if (err == ERR_OK)
        err = ledger_read(exchange->service->ledger, seq, &record, &why);
    if (err != ERR_OK) {
        exchange_problem(exchange, err, &why);
    } else if (media_accepts(exchange_header(exchange, "Accept"), "application/octet-stream")) {
        exchange_send(exchange, 200, "application/octet-stream", &record->entry_bytes);
    } else {
        struct buf body = {0};
        ledger_record_text(record, &body);
        buf_text(&body, "\n");
        exchange_send(exchange, 200, "application/json", &body);
        buf_free(&body);
    }
    ledger_record_free(record);
}
