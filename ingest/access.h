/* access - who sends a request: bearer tokens (RFC 6750) and what their scopes allow. */
#ifndef INGEST_ACCESS_H
#define INGEST_ACCESS_H

#include "ingest/exchange.h"

/**
 * access_courier(exchange, ret_courier, ret_why): Who brings the request, origin HTTP; nobody
 * (principal "") if it carries no Authorization.  Takes the ledger's lock for reading.  Errors:
 * UNAUTHENTICATED (another scheme, a malformed, unknown, expired or revoked token), IO.
 * access_read(exchange, ret_why): Whether it may read events: a token with the read scope. Errors:
 * UNAUTHENTICATED, FORBIDDEN (without the scope), IO.
 */
MUST_CHECK enum err access_courier(const struct exchange *exchange, struct courier *ret_courier,
                                   struct err_text *ret_why);
MUST_CHECK enum err access_read(const struct exchange *exchange, struct err_text *ret_why);

#endif
