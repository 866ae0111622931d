/* farewell - sockets whose last reply is written while their clients still send: what comes is
 * thrown away for a while.  A socket that is closed with bytes unread resets its connection, and
 * the reply may be lost on the way.  In the event loop's thread.
 */
#ifndef INGEST_FAREWELL_H
#define INGEST_FAREWELL_H

#include "ledger/ledger.h"

struct event_base;
struct farewell;

/**
 * farewell_new(base): None yet.
 *
 * farewell_take(farewell, fd): Send no more on the socket, and read what its client has to say, to
 * its end, for HTTP_LINGER_SECONDS or HTTP_LINGER_BYTES_MAX bytes.  ${fd} stays the caller's to
 * close.
 *
 * farewell_free(farewell): Close all.  NULL is fine.
 */
struct farewell *farewell_new(struct event_base *base);
void farewell_take(struct farewell *farewell, int fd);
void farewell_free(struct farewell *farewell);

#endif
