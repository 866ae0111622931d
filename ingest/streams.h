/* streams - GET /v1/stream: everybody who follows the ledger, by server-sent events.
 * Who follows is first served from the ledger, page by page, and from the newest entries (feed)
 * once all before them were sent: each by its position, so that nothing is left out or sent twice.
 * No more is read for somebody before what was sent to them is taken.
 */
#ifndef INGEST_STREAMS_H
#define INGEST_STREAMS_H

#include "ingest/exchange.h"

struct event_base;
struct streams;

/* What the metrics say. */
struct streams_counts {
    size_t followers;
    size_t unsent_bytes; /* on their way to them */
    uint64_t cut;        /* of them, for taking nothing for too long */
};

/**
 * streams_new(base, ledger, reading): Nobody follows yet; what is given is borrowed.
 * streams_free(streams): Drops who is left; once the threads of ${reading} have ended.  NULL is
 * fine.
 * streams_get(exchange): Begin to follow as the query says: after (entries with a greater seq; from
 * the first without it), deployment, type as in GET /v1/events; a header Last-Event-ID stands in
 * for after.  Ended with an event `end`, whose data are a problem, when the token holds no longer,
 * the daemon stops, or the ledger cannot be read.
 * streams_wake(streams): The ledger has new entries.
 * streams_stop(streams): End all, and take nobody any more.
 * streams_counts(streams): As of now.
 */
struct streams *streams_new(struct event_base *base, struct ledger *ledger,
                            struct reading *reading);
void streams_free(struct streams *streams);
void streams_get(struct exchange *exchange);
void streams_wake(struct streams *streams);
void streams_stop(struct streams *streams);
struct streams_counts streams_counts(const struct streams *streams);

#endif
