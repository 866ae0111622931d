#include "ingest/feed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FEED_MAGIC MAGIC('F', 'e', 'e', 'd')

/* What a thread reads: the entries from `from` on, or if those are too many the last ones. */
struct load {
    struct reading_work work;
    bool typed;
    uint64_t from;
    struct feed_item items[FEED_LOAD_EVENTS];
    size_t count;
    size_t bytes;
    bool more; /* another entry follows */
    enum err err;
    struct err_text why;
};

struct feed {
    uint32_t magic;
    struct ledger *ledger;
    struct reading *reading;
    struct feed_owner owner;
    struct feed_item *items; /* a ring of FEED_EVENTS_MAX: seq modulo that */
    uint64_t from, to;       /* those that are here */
    uint64_t fresh;
    uint64_t typed_from; /* from here on they have types */
    size_t bytes;        /* of their texts */
    bool loading;
    bool again; /* it was woken meanwhile */
    bool typed; /* as it was woken last */
    struct load load;
};

void feed_text(const struct record *record, struct buf *buf)
{
    buf_printf(buf, "id: %" PRIu64 "\ndata: ", record->entry.seq);
    ledger_record_text(record, buf);
    buf_text(buf, "\n\n");
}

struct feed *feed_new(struct ledger *ledger, struct reading *reading,
                      const struct feed_owner *owner)
{
    struct feed *feed = mem_zero(1, sizeof(*feed));
    feed->magic = FEED_MAGIC;
    feed->ledger = ledger;
    feed->reading = reading;
    feed->owner = *owner;
    feed->items = mem_zero(FEED_EVENTS_MAX, sizeof(struct feed_item));
    return feed;
}

static struct feed_item *slot(const struct feed *feed, uint64_t seq)
{
    return &feed->items[seq % FEED_EVENTS_MAX];
}

static void item_clear(struct feed_item *item)
{
    free(item->type);
    buf_free(&item->text);
    *item = (struct feed_item){0};
}

static void drop_first(struct feed *feed)
{
    struct feed_item *item = slot(feed, feed->from++);
    feed->bytes -= item->text.bytes;
    item_clear(item);
}

void feed_free(struct feed *feed)
{
    if (feed == NULL)
        return;
    while (feed->from < feed->to)
        drop_first(feed);
    for (size_t i = 0; i < feed->load.count; i++)
        item_clear(&feed->load.items[i]);
    free(feed->items);
    free(feed);
}

/* In a thread: take one entry, unless the load is full. */
static enum err load_one(void *ctx, const struct record *record, bool *ret_more)
{
    struct feed *feed;
    CAST_OBJ(feed, ctx, FEED_MAGIC);
    struct load *load = &feed->load;
    struct event *event = NULL;
    load->more = load->count == FEED_LOAD_EVENTS || load->bytes >= FEED_LOAD_BYTES;
    *ret_more = !load->more;
    if (load->more)
        return ERR_OK;
    struct feed_item *item = &load->items[load->count++];
    const char *stream = record->entry.part.stream;
    item->seq = record->entry.seq;
    memcpy(item->stream, stream, strlen(stream) + 1);
    feed_text(record, &item->text);
    load->bytes += item->text.bytes;
    if (load->typed && event_read(record->event.data, record->event.bytes, &event, NULL) == ERR_OK)
        item->type = mem_text(event->type);
    event_free(event);
    return ERR_OK;
}

/* In a thread. */
static void run(void *ctx)
{
    struct feed *feed;
    CAST_OBJ(feed, ctx, FEED_MAGIC);
    struct load *load = &feed->load;
    uint64_t size = 0;
    load->err = ledger_size(feed->ledger, &size, &load->why);
    if (load->err != ERR_OK || size <= load->from)
        return;
    if (size - load->from > FEED_EVENTS_MAX)
        load->from = size - FEED_LOAD_EVENTS;
    struct ledger_walk walk = {.from = load->from, .to_seq = size, .page_bytes = FEED_LOAD_BYTES};
    load->err = ledger_each(feed->ledger, &walk, load_one, feed, &load->why);
}

/* Take what was read as the feed's end. */
static void take(struct feed *feed)
{
    struct load *load = &feed->load;
    while (load->from != feed->to && feed->from < feed->to)
        drop_first(feed);
    if (feed->from == feed->to)
        feed->from = feed->to = load->from;
    feed->fresh = load->from;
    if (!load->typed)
        feed->typed_from = load->from + load->count;
    else if (feed->typed_from < feed->from)
        feed->typed_from = feed->from;
    for (size_t i = 0; i < load->count; i++) {
        while (feed->to - feed->from >= FEED_EVENTS_MAX)
            drop_first(feed);
        feed->bytes += load->items[i].text.bytes;
        *slot(feed, feed->to++) = load->items[i];
        load->items[i] = (struct feed_item){0};
    }
    while (feed->bytes > FEED_BYTES_MAX && feed->from < feed->fresh)
        drop_first(feed);
    load->count = 0;
}

static void end(void *ctx);

static void start(struct feed *feed)
{
    struct load *load = &feed->load;
    load->typed = feed->typed;
    load->from = feed->to;
    load->bytes = 0;
    load->more = false;
    load->err = ERR_OK;
    load->work = (struct reading_work){.run = run, .end = end, .ctx = feed};
    feed->again = false;
    feed->loading = reading_push(feed->reading, &load->work);
}

/* In the event loop again. */
static void end(void *ctx)
{
    struct feed *feed;
    CAST_OBJ(feed, ctx, FEED_MAGIC);
    struct load *load = &feed->load;
    bool grown = load->count > 0;
    feed->loading = false;
    if (load->err != ERR_OK) {
        for (; load->count > 0; load->count--)
            item_clear(&load->items[load->count - 1]);
        feed->owner.failed(feed->owner.ctx, load->err, &load->why);
        return;
    }
    if (grown)
        take(feed);
    if (load->more || feed->again)
        start(feed);
    if (grown)
        feed->owner.grown(feed->owner.ctx);
}

void feed_wake(struct feed *feed, bool typed)
{
    feed->typed = typed;
    if (feed->loading)
        feed->again = true;
    else
        start(feed);
}

bool feed_has(const struct feed *feed, uint64_t seq, bool typed)
{
    return seq >= feed->to || (seq >= feed->from && (!typed || seq >= feed->typed_from));
}

uint64_t feed_to(const struct feed *feed)
{
    return feed->to;
}

uint64_t feed_fresh(const struct feed *feed)
{
    return feed->fresh;
}

const struct feed_item *feed_item(const struct feed *feed, uint64_t seq)
{
    ASSERT(seq >= feed->from && seq < feed->to);
    return slot(feed, seq);
}
