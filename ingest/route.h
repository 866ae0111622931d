/* route - which handler answers which path and method. */
#ifndef INGEST_ROUTE_H
#define INGEST_ROUTE_H

#include "ingest/exchange.h"

/**
 * route_handle(request, service): evhttp's callback for every request; ${service} is the struct
 * service.  Answers at once, or later once the event is on disk.
 */
void route_handle(struct evhttp_request *request, void *service);

#endif
