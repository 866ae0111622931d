/* amqp_link - one connection to a broker with one channel: opening, what is declared, frames as
 * they come.  Used by one thread.  Of librabbitmq 0.11 it takes the frames and nothing above them:
 * amqp_consume_message waits without end for the rest of a message, and calls that wait for one
 * method drop frames of other channels, so there is one.
 */
#ifndef INGEST_AMQP_LINK_H
#define INGEST_AMQP_LINK_H

#include <amqp.h>
#include <amqp_framing.h>

#include "ingest/amqp_url.h"

#define AMQP_LINK_CHANNEL 1

/* Where and as whom.  All borrowed. */
struct amqp_link_config {
    const struct amqp_url *url;
    const char *password; /* in locked memory */
    const char *ca_file;  /* of amqps: who may have signed the broker's certificate */
    const char *name;     /* of the connection, for the broker's list */
};

struct amqp_link;

/**
 * amqp_link_open(config, ret_link, ret_why):
 * Connect, check the broker's certificate and host name, log in, open the channel.  Waits at most
 * AMQP_OPEN_SECONDS for each of these.  The broker is told that we understand connection.blocked,
 * basic.cancel and confirms: without that a deleted queue would leave us waiting for ever.
 * Errors: IO (also: refused, not authentic).
 * amqp_link_close(link): Say goodbye if the connection still stands, and close it.  NULL is fine.
 */
MUST_CHECK enum err amqp_link_open(const struct amqp_link_config *config,
                                   struct amqp_link **ret_link, struct err_text *ret_why);
void amqp_link_close(struct amqp_link *link);

/**
 * amqp_link_state(link): librabbitmq's own object, for what is sent.
 * amqp_link_blocked(link): Whether the broker has said that it takes no messages now.
 */
amqp_connection_state_t amqp_link_state(struct amqp_link *link);
bool amqp_link_blocked(const struct amqp_link *link);

/**
 * amqp_link_exchange(link, name, ret_why): Declare a durable topic exchange.
 * amqp_link_queue(link, name, exchange, ret_why): Declare a quorum queue, bound to all of
 * ${exchange}.
 * amqp_link_queue_there(link, name, ret_why): Check that there is a queue of that name.
 * amqp_link_consume(link, queue, prefetch, ret_why): Have messages delivered, each to be acked, at
 * most ${prefetch} before that.
 * amqp_link_confirm(link, ret_why): Have each message that we publish confirmed.
 * Errors: IO; after one the link can only be closed.
 */
MUST_CHECK enum err amqp_link_exchange(struct amqp_link *link, const char *name,
                                       struct err_text *ret_why);
MUST_CHECK enum err amqp_link_queue(struct amqp_link *link, const char *name, const char *exchange,
                                    struct err_text *ret_why);
MUST_CHECK enum err amqp_link_queue_there(struct amqp_link *link, const char *name,
                                          struct err_text *ret_why);
MUST_CHECK enum err amqp_link_consume(struct amqp_link *link, const char *queue, uint16_t prefetch,
                                      struct err_text *ret_why);
MUST_CHECK enum err amqp_link_confirm(struct amqp_link *link, struct err_text *ret_why);

/**
 * amqp_link_next(link, ret_frame, ret_got, ret_why):
 * Take the next frame of the channel if there is one, without waiting; what concerns the link
 * itself is done here, heartbeats too.  A frame is valid until amqp_link_release.
 * Errors: IO (the connection or the channel is lost, or the consumer was cancelled).
 * amqp_link_release(link): Give the memory of whole messages back.
 * amqp_link_beat(link, ret_why): Tell the broker that we live, while frames are left unread.
 * Errors: IO.
 * amqp_link_wait(link, wake_fd, timeout_ms, reading): Wait until a frame may have come (only if
 * ${reading}), ${wake_fd}, an eventfd, was written to (and read it), or the time is over.
 * amqp_link_pause(wake_fd, timeout_ms): The same without a link.
 */
MUST_CHECK enum err amqp_link_next(struct amqp_link *link, amqp_frame_t *ret_frame, bool *ret_got,
                                   struct err_text *ret_why);
void amqp_link_release(struct amqp_link *link);
MUST_CHECK enum err amqp_link_beat(struct amqp_link *link, struct err_text *ret_why);
void amqp_link_wait(struct amqp_link *link, int wake_fd, int timeout_ms, bool reading);
void amqp_link_pause(int wake_fd, int timeout_ms);

/**
 * amqp_link_sent(link, status, ret_why): What librabbitmq gave for sending something, as ours.
 * Errors: IO.
 */
MUST_CHECK enum err amqp_link_sent(struct amqp_link *link, int status, struct err_text *ret_why);

/**
 * amqp_link_word(name, text): A text of that name for a table; both are borrowed.
 */
amqp_table_entry_t amqp_link_word(const char *name, const char *text);

#endif
