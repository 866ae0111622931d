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
 * revoked token, a certificate that holds no more or names nobody), IO.
 * access_read(exchange, ret_why): Whether it may read events: a token with the read scope. Errors:
 * UNAUTHENTICATED, FORBIDDEN (without the scope), IO. access_still(exchange, ret_why): Whether a
 * request that was let in may read on.  Errors: the same.
 */
MUST_CHECK enum err access_courier(const struct exchange *exchange, struct courier *ret_courier,
                                   struct err_text *ret_why);
MUST_CHECK enum err access_read(const struct exchange *exchange, struct err_text *ret_why);
MUST_CHECK enum err access_still(const struct exchange *exchange, struct err_text *ret_why);

#endif
