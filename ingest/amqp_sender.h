/* amqp_sender - a connection that publishes one message after the other and waits for each to be
 * confirmed: for a command, which has no thread for it.
 */
#ifndef INGEST_AMQP_SENDER_H
#define INGEST_AMQP_SENDER_H

#include "ingest/amqp_link.h"

#define AMQP_SENDER_EXCHANGE "countersign" /* the one that a ledger reads from; declared */

struct amqp_sender;

/* All borrowed for its life. */
struct amqp_sender_config {
    const struct amqp_link_config *link;
    const char *exchange;  /* any but AMQP_SENDER_EXCHANGE must be there */
    bool (*stopped)(void); /* asked now and then while waiting; true ends it */
};

/**
 * amqp_sender_new(config, ret_sender, ret_why): Nothing is connected yet.  Errors: IO.
 * amqp_sender_free(sender): Say goodbye.  NULL is fine.
 *
 * amqp_sender_send(sender, key, event, ret_routed, ret_why):
 * Connect if need be, publish ${event} (structured, persistent), and wait until the broker has it,
 * AMQP_SEND_SECONDS at most.  *${ret_routed} false: no queue is bound for it, and it is gone.
 * Errors: IO (no broker, or it may not have it: the next call connects anew).
 * amqp_sender_wait(sender, wait_ms): Wait so long, or until a signal comes, and answer heartbeats.
 */
MUST_CHECK enum err amqp_sender_new(const struct amqp_sender_config *config,
                                    struct amqp_sender **ret_sender, struct err_text *ret_why);
void amqp_sender_free(struct amqp_sender *sender);
MUST_CHECK enum err amqp_sender_send(struct amqp_sender *sender, const char *key,
                                     const struct buf *event, bool *ret_routed,
                                     struct err_text *ret_why);
void amqp_sender_wait(struct amqp_sender *sender, int64_t wait_ms);

#endif
