/* outlet - where a deployment is played to: a ledger or another consumer over HTTP, an exchange of
 * a broker.
 */
#ifndef INGEST_OUTLET_H
#define INGEST_OUTLET_H

#include "ingest/amqp.h"
#include "ingest/delivery.h"

struct outlet;

/* All borrowed; as the command line has it. */
struct outlet_config {
    const char *to;           /* http[s]:// or amqp[s]:// */
    bool plain;               /* over HTTP: to no ledger, but to whatever takes CloudEvents */
    const char *ca_file;      /* NULL: the system's */
    const char *exchange;     /* of a broker */
    struct amqp_options amqp; /* of a broker */
    bool (*stopped)(void);    /* asked now and then while waiting; true ends it */
};

/**
 * outlet_open(config, ret_outlet, ret_why): Nothing is connected yet.  Over HTTP COUNTERSIGN_TOKEN
 * is the bearer token.  Errors: USAGE (no such URL, token or password), IO (a file cannot be read).
 * outlet_close(outlet): NULL is fine.
 *
 * outlet_send(outlet, event, ret): Send one structured event, once, and wait for the answer
 * (delivery_free).  DONE has a receipt if a ledger gave one.
 * outlet_wait(outlet, wait_ms): Wait so long, or until a signal comes, and keep the connection.
 */
MUST_CHECK enum err outlet_open(const struct outlet_config *config, struct outlet **ret_outlet,
                                struct err_text *ret_why);
void outlet_close(struct outlet *outlet);
void outlet_send(struct outlet *outlet, const struct buf *event, struct delivery *ret);
void outlet_wait(struct outlet *outlet, int64_t wait_ms);

#endif
