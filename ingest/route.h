/* route - which handler answers which path and method. */
#ifndef INGEST_ROUTE_H
#define INGEST_ROUTE_H

#include "ingest/exchange.h"

/**
 * route_handle(request, service): evhttp's callback for every request; ${service} is the struct
 * service.  Answers at once, or later once the event is on disk.
 */
void route_handle(struct evhttp_request *request, void *service);

/* What a route does with the body of a request. */
struct route_body {
    bool taken;       /* false: there is no handler that would */
    bool anonymous;   /* it came without credentials, and must bring them in the body */
    size_t bytes_max; /* of the body */
};

/**
 * route_head(request, service, ret_body, ret_why): What becomes of the body of a POST, by its head.
 * Errors: those for which it would be refused whatever the body says.
 */
MUST_CHECK enum err route_head(struct evhttp_request *request, struct service *service,
                               struct route_body *ret_body, struct err_text *ret_why);

/**
 * route_brings(request): Whether a request brings a message, as far as can be told: a POST to where
 * one is taken, or one whose path is not known, as libevent forgets it when it refuses a head.
 */
bool route_brings(const struct evhttp_request *request);

/* A route as whoever describes it sees it; all take GET and HEAD. */
struct route_face {
    const char *path; /* static; a part that is left open stands in braces */
    bool post;
};

/**
 * route_face(index, ret): The route of that index, from 0 on; false behind the last.
 * route_matches(pattern, rest, path, ret_param): Whether ${path} is the route ${pattern}, which may
 * have one part in braces: not empty and without a '/', or with ${rest} all that follows.
 * *${ret_param} is that part of ${path}; its data are NULL where there is none.
 */
bool route_face(size_t index, struct route_face *ret);
MUST_CHECK bool route_matches(const char *pattern, bool rest, const char *path,
                              struct piece *ret_param);

#endif
