#include "ingest/events_get.h"

#include <inttypes.h>
#include <string.h>

#include "ingest/access.h"
#include "ingest/answer.h"
#include "ingest/extract.h"

#define JSON "application/json"
#define OCTETS "application/octet-stream"
#define CACHE_CHECKED "private, no-cache"                   /* what may change one day */
#define CACHE_FOR_EVER "private, max-age=604800, immutable" /* what never does */

static void add_record(void *ctx, const struct record *record)
{
    struct answer *answer;
    CAST_OBJ(answer, ctx, ANSWER_MAGIC);
    struct buf *body = &answer->body;
    if (body->data[body->bytes - 1] != '[')
        buf_text(body, ",");
    ledger_record_text(record, body);
}

/* In a reading thread. */
static enum err make_page(struct answer *answer, struct err_text *ret_why)
{
    struct extract extract = {.from = answer->seq,
                              .stream = query_text(&answer->query, "deployment"),
                              .type = query_text(&answer->query, "type"),
                              .limit = answer->limit,
                              .bytes_max = REPLY_BYTES_MAX};
    buf_text(&answer->body, "{\"events\":[");
    enum err err =
        extract_each(answer->exchange->service->ledger, &extract, add_record, answer, ret_why);
    if (err == ERR_OK && extract.more)
        buf_printf(&answer->body, "],\"next\":%" PRIu64 "}\n", extract.from - 1);
    else if (err == ERR_OK)
        buf_text(&answer->body, "],\"next\":null}\n");
    answer->media = JSON;
    answer->cache = CACHE_CHECKED;
    return err;
}

/* What the query asks for; its `deployment` is well-formed. */
static enum err read_page(struct answer *answer, struct err_text *ret_why)
{
    static const char *const names[] = {"after", "limit", "deployment", "type", NULL};
    struct query *query = &answer->query;
    uint64_t after = UINT64_MAX; /* nothing seen: one more is 0 */
    answer->limit = PAGE_EVENTS_DEFAULT;
    enum err err = query_parse(answer->exchange->query, names, query, ret_why);
    if (err == ERR_OK)
        err = query_number(query, "after", INT64_MAX, &after, ret_why);
    if (err == ERR_OK)
        err = query_number(query, "limit", PAGE_EVENTS_MAX, &answer->limit, ret_why);
    if (err == ERR_OK && answer->limit == 0)
        err = err_say(ret_why, ERR_INVALID, "'limit' must be at least 1");
    const char *stream = query_text(query, "deployment");
    if (err == ERR_OK && stream != NULL && !event_stream_ok(stream))
        err = err_say(ret_why, ERR_INVALID, "'deployment' is no deployment's name");
    answer->seq = after + 1;
    return err;
}

void events_get_page(struct exchange *exchange)
{
    struct answer *answer = answer_new(exchange, make_page);
    struct err_text why = {""};
    enum err err = access_read(exchange, &why);
    if (err == ERR_OK)
        err = read_page(answer, &why);
    answer_settle(answer, exchange->service->reads, err, &why);
}

/* The entry's own bytes, which never change, or what is told of it, whose event may be erased. */
static enum err make_one(struct answer *answer, struct err_text *ret_why)
{
    struct record *record = NULL;
    enum err err = ledger_read(answer->exchange->service->ledger, answer->seq, &record, ret_why);
    if (err != ERR_OK)
        return err;
    if (answer->flag) {
        buf_add(&answer->body, record->entry_bytes.data, record->entry_bytes.bytes);
    } else {
        ledger_record_text(record, &answer->body);
        buf_text(&answer->body, "\n");
    }
    answer->media = answer->flag ? OCTETS : JSON;
    answer->cache = answer->flag ? CACHE_FOR_EVER : CACHE_CHECKED;
    ledger_record_free(record);
    return ERR_OK;
}

/* The proof against the last checkpoint, with the event where that is asked for. */
static enum err make_proof(struct answer *answer, struct err_text *ret_why)
{
    struct ledger *ledger = answer->exchange->service->ledger;
    struct buf note = {0};
    enum err err = ledger_checkpoint(ledger, &note, ret_why);
    if (err == ERR_OK)
        err = prove_entry(ledger, answer->seq, &note, answer->flag, &answer->body, ret_why);
    answer->media = "text/plain; charset=utf-8";
    answer->cache = CACHE_CHECKED;
    buf_free(&note);
    return err == ERR_PROOF ? ERR_DAMAGED : err; /* it was the ledger's own checkpoint */
}

/* The seq that the path names, and nothing in the query but what is in `names`. */
static enum err read_one(struct answer *answer, const char *const names[], struct err_text *ret_why)
{
    struct exchange *exchange = answer->exchange;
    enum err err = access_read(exchange, ret_why);
    if (err == ERR_OK && !query_decimal(exchange->param, INT64_MAX, &answer->seq))
        err = err_say(ret_why, ERR_NOT_FOUND, "an event's path is /v1/events/SEQ");
    if (err == ERR_OK)
        err = query_parse(exchange->query, names, &answer->query, ret_why);
    return err;
}

void events_get_one(struct exchange *exchange)
{
    static const char *const names[] = {NULL};
    struct answer *answer = answer_new(exchange, make_one);
    struct err_text why = {""};
    enum err err = read_one(answer, names, &why);
    exchange_set(exchange, "Vary", "Accept, Authorization");
    answer->flag = media_accepts(exchange_header(exchange, "Accept"), OCTETS);
    answer_settle(answer, exchange->service->reads, err, &why);
}

void events_get_proof(struct exchange *exchange)
{
    static const char *const names[] = {"event", NULL};
    struct answer *answer = answer_new(exchange, make_proof);
    struct err_text why = {""};
    uint64_t with_event = 0;
    enum err err = read_one(answer, names, &why);
    if (err == ERR_OK)
        err = query_number(&answer->query, "event", 1, &with_event, &why);
    answer->flag = with_event == 1;
    answer_settle(answer, exchange->service->reads, err, &why);
}
