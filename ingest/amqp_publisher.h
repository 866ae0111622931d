/* amqp_publisher - the connection that publishes, each message confirmed: dead letters to
 * `countersign.dead`, and where that is asked for each committed entry to `countersign.committed`.
 * It is not the one that consumes: a broker under alarm stops reading who publishes, and must not
 * stop acks.
 */
#ifndef INGEST_AMQP_PUBLISHER_H
#define INGEST_AMQP_PUBLISHER_H

#include "ingest/amqp_delivery.h"
#include "ingest/amqp_side.h"

struct amqp_publisher;

/* A message on its way to `countersign.dead`. */
struct amqp_letter {
    struct amqp_letter *next;             /* the publisher's */
    const struct amqp_delivery *delivery; /* borrowed: its key and body are published */
    struct buf properties;                /* owned: amqp_delivery_dead */
    void *owner;                          /* borrowed */
    bool confirmed;                       /* when it comes back: it is safe with the broker */
};

/**
 * An amqp_publisher_done_fn gets a letter back, in the publisher's thread, or when it is stopped.
 */
typedef void amqp_publisher_done_fn(void *ctx, struct amqp_letter *letter);

/* All borrowed for its life. */
struct amqp_publisher_config {
    const struct amqp_link_config *link;
    struct ledger *ledger;
    struct inlet *inlet; /* whose commits tell of new entries */
    bool committed;      /* publish each entry */
    amqp_publisher_done_fn *done;
    void *ctx;
};

/* What it has done so far. */
struct amqp_publisher_counts {
    struct amqp_side_counts side;
    uint64_t letters;     /* dead letters that were confirmed */
    uint64_t entries;     /* entries that were confirmed */
    uint64_t position;    /* seq of the first entry that is not yet confirmed */
    uint64_t unconfirmed; /* messages published and not yet confirmed */
};

/**
 * amqp_publisher_start(config, ret_publisher, ret_why): Start its thread.  Entries are published in
 * order from the position that LEDGER/amqp-position has, else from the first: each at least once.
 * Errors: IO.
 * amqp_publisher_ask(publisher): Have the thread end soon.
 * amqp_publisher_stop(publisher): End the thread; letters that were not confirmed come back so.
 * amqp_publisher_free(publisher): Stops it first.  NULL is fine.
 * amqp_publisher_send(publisher, letter): Hand over a letter; it comes back through `done` once it
 * is confirmed, or when the publisher is stopped.  Any thread; never waits.
 * amqp_publisher_counts(publisher): What it has done so far.
 */
MUST_CHECK enum err amqp_publisher_start(const struct amqp_publisher_config *config,
                                         struct amqp_publisher **ret_publisher,
                                         struct err_text *ret_why);
void amqp_publisher_ask(struct amqp_publisher *publisher);
void amqp_publisher_stop(struct amqp_publisher *publisher);
void amqp_publisher_free(struct amqp_publisher *publisher);
void amqp_publisher_send(struct amqp_publisher *publisher, struct amqp_letter *letter);
struct amqp_publisher_counts amqp_publisher_counts(struct amqp_publisher *publisher);

#endif
