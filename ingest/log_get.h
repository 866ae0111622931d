/* log_get - the log for verifiers: GET /checkpoint and /tile/… (C2SP tlog-tiles). */
#ifndef INGEST_LOG_GET_H
#define INGEST_LOG_GET_H

#include "ingest/exchange.h"

/**
 * log_get_checkpoint(exchange): Answer with the signed checkpoint of the last commit; for anyone.
 * log_get_tile(exchange): Answer with a tile or bundle: hash tiles for anyone, entries and events
 * for the read scope.  What exists never changes, and may be cached.
 */
void log_get_checkpoint(struct exchange *exchange);
void log_get_tile(struct exchange *exchange);

#endif
