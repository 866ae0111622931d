/* answer - a reply that is made in a reading thread, and sent by the event loop.
 */
#ifndef INGEST_ANSWER_H
#define INGEST_ANSWER_H

#include "ingest/exchange.h"
#include "ingest/query.h"
#include "ingest/reading.h"

#define ANSWER_MAGIC MAGIC('A', 'n', 's', 'w')
#define ANSWER_TAG_BYTES 35 /* an entity tag: 32 hex digits in quotes, and a NUL */

struct answer;

/**
 * An answer_fn makes the reply in a reading thread: fills media, cache and body; anything it needs
 * stands in the answer.  Its error is answered as a problem.
 */
typedef enum err answer_fn(struct answer *answer, struct err_text *ret_why);

struct answer {
    uint32_t magic;
    struct exchange *exchange; /* owned until the reply; only service->ledger is read in between */
    answer_fn *make;
    struct query query; /* owned */
    const char *text;   /* what the path or the query names; borrowed from exchange or query */
    uint64_t seq;       /* the same, as a number */
    uint64_t limit;     /* how many are asked for */
    bool flag;          /* which of two forms is asked for */

    const char *media; /* static */
    const char *cache; /* the reply's Cache-Control; static; NULL: it must not be stored */
    struct buf body;   /* owned */

    struct reading_work work; /* answer.c's, as what is below */
    enum err err;
    struct err_text why;
    char tag[ANSWER_TAG_BYTES];
};

/**
 * answer_new(exchange, make): Begin an answer; *${exchange} is taken over.
 * answer_hand(answer, reading): Have it made by the threads of ${reading}, and sent; 503 if they
 * have too much to do.  What may be stored gets a strong entity tag (RFC 9110 8.8.3) of its bytes,
 * and If-None-Match is answered with 304.
 * answer_refuse(answer, err, why): Answer with a problem instead.
 * answer_settle(answer, reading, err, why): The one or the other, as ${err} is.
 */
struct answer *answer_new(struct exchange *exchange, answer_fn *make);
void answer_hand(struct answer *answer, struct reading *reading);
void answer_refuse(struct answer *answer, enum err err, const struct err_text *why);
void answer_settle(struct answer *answer, struct reading *reading, enum err err,
                   const struct err_text *why);

#endif
