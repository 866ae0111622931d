/* events_get - GET /v1/events, /v1/events/SEQ and /v1/events/SEQ/proof: entries with their events.
 */
#ifndef INGEST_EVENTS_GET_H
#define INGEST_EVENTS_GET_H

#include "ingest/exchange.h"

/**
 * events_get_page(exchange): Answer {events: [...], next}.  Parameters: after (entries with a
 * greater seq; from the first without it), limit (1..PAGE_EVENTS_MAX), deployment (its stream;
 * `ledger` and `inbox` too), type (exactly).  next is the seq to pass as after, null once nothing
 * follows.  A page also ends after REPLY_BYTES_MAX bytes of events or PAGE_SCAN_MAX entries looked
 * at, so that it may hold fewer events than asked for, even none, and yet have a next.
 * events_get_one(exchange): Answer with the entry of that seq; its own bytes under `Accept:
 * application/octet-stream`.
 * events_get_proof(exchange): Answer with the tlog-proof of that entry against the last checkpoint;
 * with ?event=1 it carries the event too.
 */
void events_get_page(struct exchange *exchange);
void events_get_one(struct exchange *exchange);
void events_get_proof(struct exchange *exchange);

#endif
