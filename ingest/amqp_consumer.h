/* amqp_consumer - the connection that consumes: messages become jobs in order, and are acked once
 * the commit that holds them has returned.  What cannot be an event is quarantined in the ledger,
 * or past AMQP_QUARANTINE_MINUTE_MAX a minute becomes a dead letter, and is acked then.  Nothing is
 * ever nacked: what cannot be taken in now goes back to the queue by closing the connection.
 */
#ifndef INGEST_AMQP_CONSUMER_H
#define INGEST_AMQP_CONSUMER_H

#include "ingest/amqp_publisher.h"
#include "ingest/inlet.h"

struct amqp_consumer;

/* All borrowed for its life. */
struct amqp_consumer_config {
    const struct amqp_link_config *link;
    struct ledger *ledger;
    struct inlet *inlet;
    const char *queue; /* that is there already; NULL: ours, declared */
    bool require_user; /* quarantine what has no user-id */
    bool committed;    /* of the publisher: publish each entry */
};

/* What it has done so far. */
struct amqp_consumer_counts {
    struct amqp_side_counts side;
    struct amqp_publisher_counts publisher;
    uint64_t deliveries;  /* messages that came, each delivery of them */
    uint64_t acks;        /* messages that were acked */
    uint64_t quarantined; /* handed to the ledger as ingest.quarantined */
    uint64_t unacked;     /* messages that came on this connection and are not acked */
};

/**
 * amqp_consumer_start(config, ret_consumer, ret_why): Start its thread, and its publisher's.
 * Errors: IO.
 *
 * amqp_consumer_stop(consumer): Take no more, wait for what the inlet has (which must still run),
 * ack it, and end the threads.
 *
 * amqp_consumer_free(consumer): Stops it first.  NULL is fine.
 *
 * amqp_consumer_counts(consumer): What it has done so far.
 */
MUST_CHECK enum err amqp_consumer_start(const struct amqp_consumer_config *config,
                                        struct amqp_consumer **ret_consumer,
                                        struct err_text *ret_why);
void amqp_consumer_stop(struct amqp_consumer *consumer);
void amqp_consumer_free(struct amqp_consumer *consumer);
struct amqp_consumer_counts amqp_consumer_counts(struct amqp_consumer *consumer);

#endif
