/* follower - one client that follows the ledger: where it is, what it is sent, when it must go.
 * Private to streams.c.
 */
#ifndef INGEST_FOLLOWER_H
#define INGEST_FOLLOWER_H

#include "ingest/exchange.h"
#include "ingest/feed.h"
#include "ingest/query.h"

#define STREAM_MEDIA_TYPE "text/event-stream"
#define FOLLOWER_MAGIC MAGIC('F', 'l', 'w', 'r')

/* What all followers share, and what they tell it. */
struct follower_hub {
    struct ledger *ledger;   /* borrowed */
    struct reading *reading; /* borrowed */
    struct feed *feed;       /* owned by streams.c */
    struct follower *first;
    size_t count;
    size_t typed;        /* of them want one type of event */
    size_t unsent_bytes; /* on their way to all of them */
    uint64_t cut;
};

struct follower {
    uint32_t magic;
    struct follower_hub *hub;
    struct follower *next, *before;
    struct exchange *exchange; /* owned; NULL once it was ended */
    struct query query;        /* owned */
    const char *stream;        /* borrowed from query; NULL: any */
    const char *type;          /* the same */
    uint64_t seq;              /* the next one to look at */
    uint64_t told;             /* below this the client knows that all was looked at */
    bool begun;                /* the reply is under way */
    bool reading;              /* a page of it is being read */
    bool goes;                 /* it is to be dropped, as too much is on its way to all */
    size_t unsent_bytes;       /* on their way */
    int64_t since_us;          /* monotonic: since when */
    int64_t spoke_us;          /* when it was sent something last */
    int64_t check_us;          /* when its token is looked at again */

    struct reading_work work; /* of a page; the thread's while `reading` */
    uint64_t page_from;       /* before: where it begins; behind: where to go on */
    bool page_more;
    struct buf page;
    enum err err;
    struct err_text why;
};

/**
 * follower_new(hub, exchange, query, from): Follow from seq ${from} on; takes over ${exchange} and
 * the contents of ${query}.  It may be refused already behind this call.
 * follower_pump(follower): Send what can be sent, or have a page read.
 * follower_tick(follower, now_us): What time asks for: a word in silence, a look at the token, an
 * end to who takes nothing.
 * follower_check(follower): Look at the token; end it if that holds no longer.  False then.
 * follower_finish(follower, err, why): End it with the event `end`.
 * follower_drop(follower): Drop its connection at once.
 * follower_shed(hub): While too much is on its way to all, drop who has taken nothing for the
 * longest time.  To be called once somebody was sent something.
 * All of those that end it free it, or leave it to the page that is being read.
 */
void follower_new(struct follower_hub *hub, struct exchange *exchange, struct query *query,
                  uint64_t from);
void follower_pump(struct follower *follower);
void follower_tick(struct follower *follower, int64_t now_us);
bool follower_check(struct follower *follower);
void follower_finish(struct follower *follower, enum err err, const struct err_text *why);
void follower_drop(struct follower *follower);
void follower_shed(struct follower_hub *hub);

#endif
