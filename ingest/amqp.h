/* amqp - the way in over RabbitMQ, whole: what the command line says, its two connections, and what
 * /metrics says of them.
 */
#ifndef INGEST_AMQP_H
#define INGEST_AMQP_H

#include "ingest/amqp_link.h"
#include "ingest/inlet.h"

/* What the command line says; all borrowed. */
struct amqp_options {
    const char *url;           /* NULL: no broker */
    const char *ca_file;       /* NULL: the system's */
    const char *password_file; /* NULL: COUNTERSIGN_AMQP_PASSWORD, or guest's own */
    const char *queue;         /* NULL: ours, declared */
    bool require_user;
    bool publish;
};

struct amqp;

/**
 * amqp_new(options, ret_amqp, ret_why): Read the options, and the password from its file or from
 * COUNTERSIGN_AMQP_PASSWORD, which is wiped from the environment.  Nothing is connected to.
 * *${ret_amqp} is NULL without a URL. Errors: USAGE, IO (a file cannot be read).
 *
 * amqp_broker(amqp, name): Where the broker is and as whom, for a connection of that name;
 * borrowed.
 *
 * amqp_start(amqp, ledger, inlet, ret_why): Begin to consume (and publish); a broker that is not
 * there is tried again and again.  Errors: IO, DAMAGED, BUSY.
 *
 * amqp_stop(amqp): Take no more, and ack what the inlet, which must still run, has appended.
 *
 * amqp_free(amqp): Stops it first. NULL is fine.
 *
 * amqp_metrics(amqp, text): Append the state of the broker's side, for Prometheus.
 */
MUST_CHECK enum err amqp_new(const struct amqp_options *options, struct amqp **ret_amqp,
                             struct err_text *ret_why);
const struct amqp_link_config *amqp_broker(struct amqp *amqp, const char *name);
MUST_CHECK enum err amqp_start(struct amqp *amqp, struct ledger *ledger, struct inlet *inlet,
                               struct err_text *ret_why);
void amqp_stop(struct amqp *amqp);
void amqp_free(struct amqp *amqp);
void amqp_metrics(struct amqp *amqp, struct buf *text);

#endif
