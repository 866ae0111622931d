/* head - the head of an HTTP request: what is refused before anybody looks at what it asks. */
#ifndef INGEST_HEAD_H
#define INGEST_HEAD_H

#include "ledger/ledger.h"

struct evhttp_request;

/**
 * head_check(request, ret_why):
 * Check what libevent lets pass, and two programs on a request's way could understand in two ways
 * (RFC 9110 5, RFC 9112 6): names are tokens; values have no control characters but tabs; what
 * frames, names or authenticates the message is there once; Content-Length is digits, not beside a
 * Transfer-Encoding, which is `chunked` alone; HTTP/1.1 has a Host; a method without a body has
 * none.  A later HTTP/1 becomes 1.1.  The connection of a request that is refused cannot be used
 * further: where the next one begins is in doubt.  Errors: INVALID; MEDIA_TYPE (a
 * Content-Encoding).
 */
MUST_CHECK enum err head_check(struct evhttp_request *request, struct err_text *ret_why);

#endif
