/* openapi - GET /openapi.json: the description of what is served, written by hand in
 * ingest/openapi.json.  A test holds it against the routes and real replies.
 */
#ifndef INGEST_OPENAPI_H
#define INGEST_OPENAPI_H

#include "ingest/exchange.h"

/* The file's bytes, as the build has them (CMakeLists.txt). */
extern const uint8_t openapi_text[];
extern const size_t openapi_bytes;

/**
 * openapi_get(exchange): Answer with the description; for tokens of any scope.
 */
void openapi_get(struct exchange *exchange);

#endif
