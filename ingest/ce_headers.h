/* ce_headers - an event in binary mode over HTTP: its attributes in headers `ce-`. */
#ifndef INGEST_CE_HEADERS_H
#define INGEST_CE_HEADERS_H

#include "ingest/exchange.h"

/**
 * ce_headers_there(exchange): Whether a request whose Content-Type is no event format's is in
 * binary mode: it has a header `ce-` besides ce-deployment, which may stand on any request.
 * ce_headers_event(exchange, buf, ret_why): Append what such a request holds as a structured event
 * (binary_event).  Errors: those of binary_event.
 */
bool ce_headers_there(const struct exchange *exchange);
MUST_CHECK enum err ce_headers_event(struct exchange *exchange, struct buf *buf,
                                     struct err_text *ret_why);

#endif
