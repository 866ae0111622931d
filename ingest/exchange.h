/* exchange - one HTTP request and its one reply, and the service that all requests share.
 * evhttp's request stays ours until we reply, also when its connection is lost meanwhile; replying
 * then only frees it.  Everything here runs in the event loop's thread.
 */
#ifndef INGEST_EXCHANGE_H
#define INGEST_EXCHANGE_H

#include "ingest/inlet.h"
#include "ingest/journal.h"
#include "ingest/scrub.h"
#include "ingest/tls.h"

#define SERVICE_MAGIC MAGIC('S', 'e', 'r', 'v')
#define EXCHANGE_MAGIC MAGIC('E', 'x', 'c', 'h')

struct evhttp_request;
struct guard;
struct amqp;
struct deployments;
struct rate;
struct reading;
struct streams;

typedef void exchange_fn(void *ctx);

/* What the handlers of requests work on. */
struct service {
    uint32_t magic;
    struct ledger *ledger; /* borrowed; opened for writing */
    struct inlet *inlet;   /* borrowed */
    struct amqp *amqp;     /* borrowed; NULL: no broker */
    struct sink *sink;     /* borrowed: where our jobs come back */
    struct job *back;      /* owned: jobs that came back and are to be answered */
    struct job *held;      /* owned: jobs that are handed over together */
    struct job **held_end; /* where the next of them is linked in */
    size_t held_count;
    bool held_due; /* what is held will be handed over when this round of the event loop ends */
    struct scrub *scrub;             /* borrowed; NULL: it is turned off */
    struct tls *tls;                 /* borrowed; NULL: plain HTTP */
    struct reading *reads;           /* borrowed: what is read in little time */
    struct streams *streams;         /* borrowed: who follows the ledger */
    struct deployments *deployments; /* borrowed: views of them */
    struct rate *rate;            /* borrowed: how often a principal may ask; NULL: as it likes */
    struct guard *guard;          /* borrowed: of the connections */
    uint64_t problems[ERR_KINDS]; /* answers that were problems, by their error */
    struct journal_limit refusals;
    bool stopping;       /* nothing is taken in any more */
    size_t waiting;      /* requests whose events are in the inlet */
    size_t unsent;       /* replies that are not yet wholly written to their connections */
    size_t unsent_bytes; /* of their bodies */
};

/* Who makes a reply in pieces; both are called in the event loop. */
struct exchange_owner {
    exchange_fn *lost;  /* the connection is gone; nothing but exchange_end may be called then */
    exchange_fn *taken; /* the client's side has all that was added */
    void *ctx;          /* borrowed until exchange_end */
};

struct exchange {
    uint32_t magic;
    struct service *service; /* borrowed */
    struct evhttp_request
        *request;                /* replied to exactly once; NULL if it went with its connection */
    const char *path;            /* borrowed from the request */
    const char *query;           /* borrowed from the request; NULL without one */
    char *param;                 /* owned: the part of the path that its route leaves open; NULL */
    size_t reply_bytes;          /* of the reply's body that are on their way */
    struct exchange_owner owner; /* of a reply in pieces */
    bool lost;                   /* its connection is gone */
};

/**
 * exchange_service(service, ledger): Fill a service over ${ledger}; the rest is set later.
 * exchange_new(service, request): Begin an exchange; ended by exactly one of exchange_send
 * and exchange_problem, which free it.
 * exchange_drop(exchange): End one without a reply, as where only a head was looked at.
 */
void exchange_service(struct service *service, struct ledger *ledger);
struct exchange *exchange_new(struct service *service, struct evhttp_request *request);
void exchange_drop(struct exchange *exchange);

/**
 * exchange_header(exchange, name): A header of the request, or NULL.  Borrowed.
 * exchange_body(exchange, buf): Move the request's body to the end of ${buf}.
 * exchange_set(exchange, name, value): Add a header to the reply.
 */
const char *exchange_header(const struct exchange *exchange, const char *name);
void exchange_body(struct exchange *exchange, struct buf *buf);
void exchange_set(struct exchange *exchange, const char *name, const char *value);

/**
 * exchange_send(exchange, status, media, body): Reply; of a HEAD request the body is only counted.
 * The bytes of a long body are taken over: the caller frees what is left.
 * exchange_problem(exchange, err, why): Reply with problem details, and with WWW-Authenticate or
 * Retry-After where the status asks for it.
 */
void exchange_send(struct exchange *exchange, int status, const char *media, struct buf *body);
void exchange_problem(struct exchange *exchange, enum err err, const struct err_text *why);

/**
 * exchange_begin(exchange, media, owner): Begin a reply in pieces, with status 200; its connection
 * ends with it.  owner->lost and owner->taken are called later, lost at most once.  False if the
 * connection is gone already; then nothing but exchange_end may be called.
 * exchange_is_head(exchange): Whether it is a HEAD request: nothing may be added to its reply.
 * exchange_add(exchange, text): Add a piece, which is copied; not empty.
 * exchange_unsent(exchange): Bytes that were added and are not known to be taken.
 * exchange_end(exchange): End the reply, in order if its connection is there; the exchange is gone.
 * exchange_cut(exchange): Drop the connection, with what is on its way; the exchange is gone, and
 * owner->lost is not called.
 */
MUST_CHECK bool exchange_begin(struct exchange *exchange, const char *media,
                               const struct exchange_owner *owner);
void exchange_add(struct exchange *exchange, const struct buf *text);
bool exchange_is_head(const struct exchange *exchange);
size_t exchange_unsent(const struct exchange *exchange);
void exchange_end(struct exchange *exchange);
void exchange_cut(struct exchange *exchange);

#endif
