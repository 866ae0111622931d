/* events_post - POST /v1/events: admission in the event loop, the reply once the event is on disk.
 */
#ifndef INGEST_EVENTS_POST_H
#define INGEST_EVENTS_POST_H

#include "ingest/exchange.h"

/**
 * events_post_take(exchange): Admit the event of the body (a structured CloudEvent, or a DSSE
 * envelope around one) and hand it to the appender; whatever is wrong with it is answered at once,
 * and nothing is written.
 * events_post_done(service): Answer all exchanges whose commit has returned: 201 and the receipt,
 * 200 for an exact duplicate, else problem details.
 */
void events_post_take(struct exchange *exchange);
void events_post_done(struct service *service);

#endif
