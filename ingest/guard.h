/* guard - what clients may take of the server before they are answered.  Each open connection's
 * request is looked at when its head is there, before its body is read, and again and again while
 * it is under way: who may not send the body is refused at once, who is too slow loses the
 * connection, and the bodies that are being received have a bound together.
 * libevent 2.1 tells of a request only once it is whole: evhttp_request_new and evhttp_request_free
 * stand here before the library's, as in evhttp.c.  Where they did not, requests would be served
 * all the same, without these bounds.  One guard a thread, that of its event loop.
 */
#ifndef INGEST_GUARD_H
#define INGEST_GUARD_H

#include "ingest/exchange.h"

struct event_base;
struct guard;

struct guard_config {
    struct event_base *base;
    struct service *service; /* of all requests */
    int64_t patience_us;     /* for a head, a handshake, and as long at first for a body or reply */
};

/* Now, and since the start. */
struct guard_counts {
    uint64_t connections; /* open now */
    uint64_t body_bytes;  /* of requests that are not whole, held now */
    uint64_t refused;     /* requests refused before their body */
    uint64_t slow;        /* connections that were ended because they were too slow */
    uint64_t pressed;     /* bodies given up because all together were too much */
};

/**
 * guard_new(config): Watch the requests of this thread's event loop.
 * guard_free(guard): When all its connections are closed.  NULL is fine.
 * guard_counts(guard): In the same thread.
 */
struct guard *guard_new(const struct guard_config *config);
void guard_free(struct guard *guard);
struct guard_counts guard_counts(const struct guard *guard);

/**
 * guard_done(guard, request, ret_why): The request has come to its handler.  Errors: what its head
 * was refused for, and then its body was not read.
 * guard_refused(request, err): libevent, or the guard, answers a request with an error, and no
 * handler sees it: counted, and in custody too if it brings a message as far as can be told.
 * guard_unread(guard, request): Whether there is a body that was not read: the connection is of no
 * further use after the reply.
 */
MUST_CHECK enum err guard_done(struct guard *guard, struct evhttp_request *request,
                               struct err_text *ret_why);
void guard_refused(const struct evhttp_request *request, enum err err);
bool guard_unread(const struct guard *guard, const struct evhttp_request *request);

#endif
