/* health - GET /healthz and /readyz, for whoever restarts and balances. */
#ifndef INGEST_HEALTH_H
#define INGEST_HEALTH_H

#include "ingest/exchange.h"

/**
 * health_live(exchange): Answer 200: the event loop turns.
 * health_ready(exchange): Answer 200 if events are taken in: the ledger can be read, the queue has
 * room, the clock has not leapt, and the daemon is not stopping; else 503.
 */
void health_live(struct exchange *exchange);
void health_ready(struct exchange *exchange);

#endif
