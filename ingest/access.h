/* access - who sends a request: bearer tokens (RFC 6750), client certificates, and what their
 * scopes allow.  A token comes before a certificate.
 */
#ifndef INGEST_ACCESS_H
#define INGEST_ACCESS_H

#include "ingest/exchange.h"

/**
 * access_courier(exchange, ret_courier, ret_why): Who brings the request, origin HTTP; nobody
 * (principal "") if it carries neither Authorization nor a client certificate.  Takes the ledger's
 * lock for reading.  Errors: UNAUTHENTICATED (another scheme, a malformed, unknown, expired or
 * revoked token, a certificate that holds no more or names nobody), IO. With --rate it counts
 * against the principal, and Retry-After is set where that has no more: RATE.  So it is called once
 * a request.
 *
 * access_head(exchange, ret_courier, ret_why): The same while only the head is there; counts
 * nothing.
 *
 * access_read(exchange, ret_why): The same, and whether it may read events: the read scope.
 *
 * access_any(exchange, ret_why): The same, but any scope will do.
 *
 * access_still(exchange, ret_why): Whether a request that was let in may read on; counts nothing.
 * Errors: UNAUTHENTICATED, FORBIDDEN (without the scope), RATE, IO.
 */
MUST_CHECK enum err access_courier(struct exchange *exchange, struct courier *ret_courier,
                                   struct err_text *ret_why);
MUST_CHECK enum err access_head(const struct exchange *exchange, struct courier *ret_courier,
                                struct err_text *ret_why);
MUST_CHECK enum err access_read(struct exchange *exchange, struct err_text *ret_why);
MUST_CHECK enum err access_any(struct exchange *exchange, struct err_text *ret_why);
MUST_CHECK enum err access_still(const struct exchange *exchange, struct err_text *ret_why);

#endif
