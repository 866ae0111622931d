/* feed - the newest entries of a ledger as server-sent events, read once for all who follow.
 */
#ifndef INGEST_FEED_H
#define INGEST_FEED_H

#include "ingest/reading.h"

struct feed;

/* One entry as it is sent. */
struct feed_item {
    uint64_t seq;
    char stream[STREAM_BYTES_MAX + 1];
    char *type;      /* owned: of its event; NULL if it is erased, or types were not asked for */
    struct buf text; /* owned */
};

/* Who is told, in the event loop. */
struct feed_owner {
    void (*grown)(void *ctx); /* there are new items; those from feed_fresh on */
    void (*failed)(void *ctx, enum err err, const struct err_text *why);
    void *ctx; /* borrowed */
};

/**
 * feed_text(record, buf): Append the entry as one server-sent event: `id:` its seq, `data:` its
 * JSON in one line.
 *
 * feed_new(ledger, reading, owner): A feed without items; what is given is borrowed.
 * feed_free(feed): Once its threads have ended.  NULL is fine.
 * feed_wake(feed, typed): Look for new entries; with ${typed} those have the types of their events,
 * which costs a parse of each.
 */
void feed_text(const struct record *record, struct buf *buf);
struct feed *feed_new(struct ledger *ledger, struct reading *reading,
                      const struct feed_owner *owner);
void feed_free(struct feed *feed);
void feed_wake(struct feed *feed, bool typed);

/**
 * feed_has(feed, seq, typed): Whether all items from ${seq} to the end are here, with their types
 * if ${typed}; also if ${seq} is the end, or behind it.
 * feed_to(feed): The end: the seq behind the last item.
 * feed_fresh(feed): Where the items begin that came last.
 * feed_item(feed, seq): One of those that are here; borrowed until the event loop goes on.
 */
bool feed_has(const struct feed *feed, uint64_t seq, bool typed);
uint64_t feed_to(const struct feed *feed);
uint64_t feed_fresh(const struct feed *feed);
const struct feed_item *feed_item(const struct feed *feed, uint64_t seq);

#endif
