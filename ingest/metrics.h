/* metrics - GET /metrics: what the daemon counts and measures, as Prometheus reads it (text format
 * 0.0.4), for tokens of the read scope.
 */
#ifndef INGEST_METRICS_H
#define INGEST_METRICS_H

#include "ingest/exchange.h"

/**
 * metrics_get(exchange): Reply with the metrics.  What cannot be had for the moment is left out, as
 * Prometheus wants it.
 */
void metrics_get(struct exchange *exchange);

#endif
