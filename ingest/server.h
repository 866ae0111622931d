/* server - the event loop: listens, hands requests to route, wakes for commits, stops on signals.
 */
#ifndef INGEST_SERVER_H
#define INGEST_SERVER_H

#include "ingest/address.h"
#include "ingest/amqp.h"
#include "ingest/ingest.h"
#include "ingest/inlet.h"
#include "ingest/presence.h"
#include "ingest/tls.h"

struct server;

/* All borrowed for the server's life. */
struct server_config {
    struct ledger *ledger; /* opened for writing */
    struct inlet *inlet;   /* into the ledger; stopped before the server is freed */
    struct amqp *amqp;     /* for /metrics; NULL: no broker */
    const struct address *address;
    struct tls *tls;                  /* NULL: plain HTTP */
    const struct ingest_parts *parts; /* what views of deployments are made by */
    struct rate *rate;                /* how often a principal may ask; NULL: as it likes */
    struct presence *presence;        /* written anew with new keys */
    int64_t patience_us;              /* with slow clients: guard.h */
    uint64_t scrub_rate;              /* entries a second to verify in the background; 0: none */
    int64_t scrub_pause_us;           /* between two passes */
};

/**
 * server_new(config, ret_server, ret_why):
 * Bind the address, and take over SIGTERM, SIGINT and SIGHUP (blocked in this thread and all made
 * after it, read by the loop).  Connections are accepted by the system from now on, and answered by
 * server_run.  Errors: IO (the address is taken or not ours, no thread).
 * server_url(server, buf): Append the base URL, with the port that was taken.
 * server_announce(server, ret_why): Write serve.json: where we are.  Errors: IO.
 * server_run(server): Serve, and read certificates again on SIGHUP, until SIGTERM or SIGINT; then
 * accept no more, answer all that was taken in, and return.
 * server_free(server): Close everything.  NULL is fine.
 */
MUST_CHECK enum err server_new(const struct server_config *config, struct server **ret_server,
                               struct err_text *ret_why);
void server_url(const struct server *server, struct buf *buf);
MUST_CHECK enum err server_announce(struct server *server, struct err_text *ret_why);
void server_run(struct server *server);
void server_free(struct server *server);

#endif
