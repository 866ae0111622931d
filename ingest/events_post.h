/* events_post - POST /v1/events: into the inlet, and the reply once the event is on disk.
 */
#ifndef INGEST_EVENTS_POST_H
#define INGEST_EVENTS_POST_H

#include "ingest/exchange.h"

/**
 * events_post_take(exchange): Hand the event of the request (structured, in a DSSE envelope, or in
 * binary mode), or its batch of them, to the inlet; what the head of the request is wrong about is
 * answered at once.
 * events_post_done(service): Answer some of the exchanges whose jobs have come back: 201 and the
 * receipt once the commit has returned, 200 for an exact duplicate, else problem details.  Whether
 * these were all: what was made is sent before more is, so that the first do not wait for the last.
 * events_post_end(service): Free the jobs that have come back and are answered no more.
 */
void events_post_take(struct exchange *exchange);
MUST_CHECK bool events_post_done(struct service *service);
void events_post_end(struct service *service);

/**
 * events_post_head(exchange, ret_anonymous, ret_bytes_max, ret_why):
 * Whether its body is worth reading: how long it may be, and whether its sender must still say who
 * they are, by a signature in it.  Errors: BUSY (stopping), MEDIA_TYPE, UNAUTHENTICATED,
 * FORBIDDEN (no write scope), IO.
 */
MUST_CHECK enum err events_post_head(struct exchange *exchange, bool *ret_anonymous,
                                     size_t *ret_bytes_max, struct err_text *ret_why);

#endif
