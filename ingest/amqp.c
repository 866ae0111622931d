#include "ingest/amqp.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/amqp_consumer.h"
#include "ingest/family.h"

#define PASSWORD_VARIABLE "COUNTERSIGN_AMQP_PASSWORD"
#define CA_FILE "/etc/ssl/certs/ca-certificates.crt" /* Debian's */
#define GUEST "guest" /* RabbitMQ's first user, good on its own machine only; also the password */

struct amqp {
    struct amqp_url url;
    char *password; /* in locked memory */
    struct amqp_link_config link;
    struct amqp_consumer_config config;
    char *queue, *ca_file, *name;   /* owned */
    struct amqp_consumer *consumer; /* NULL until it is started */
};

static enum err keep_password(const char *text, size_t bytes, struct amqp *amqp,
                              struct err_text *ret_why)
{
    if (bytes == 0 || bytes > AMQP_PASSWORD_BYTES_MAX || memchr(text, '\0', bytes) != NULL)
        return err_say(ret_why, ERR_USAGE, "the broker's password must have 1 to %d bytes",
                       AMQP_PASSWORD_BYTES_MAX);
    amqp->password = sodium_malloc(bytes + 1);
    ASSERT(amqp->password != NULL);
    memcpy(amqp->password, text, bytes);
    amqp->password[bytes] = '\0';
    return ERR_OK;
}

/* The password of a file is its first line. */
static enum err read_password_file(const char *path, struct amqp *amqp, struct err_text *ret_why)
{
    struct buf text = {0};
    enum err err = files_input(path, AMQP_PASSWORD_BYTES_MAX + 2, &text, ret_why);
    if (err == ERR_OK) {
        const char *line = text.bytes > 0 ? (const char *)text.data : "";
        err = keep_password(line, strcspn(line, "\r\n"), amqp, ret_why);
    }
    if (text.data != NULL)
        sodium_memzero(text.data, text.cap);
    buf_free(&text);
    return err == ERR_NOT_FOUND || err == ERR_TOO_BIG ? ERR_IO : err;
}

static enum err read_password(const struct amqp_options *options, struct amqp *amqp,
                              struct err_text *ret_why)
{
    char *variable = getenv(PASSWORD_VARIABLE);
    enum err err = ERR_OK;
    if (options->password_file != NULL)
        err = read_password_file(options->password_file, amqp, ret_why);
    else if (variable != NULL)
        err = keep_password(variable, strlen(variable), amqp, ret_why);
    else if (strcmp(amqp->url.user, GUEST) == 0)
        err = keep_password(GUEST, strlen(GUEST), amqp, ret_why);
    else
        err = err_say(ret_why, ERR_USAGE,
                      "%s needs a password: --amqp-password-file or " PASSWORD_VARIABLE,
                      amqp->url.shown);
    if (variable != NULL) {
        sodium_memzero(variable, strlen(variable));
        ASSERT(unsetenv(PASSWORD_VARIABLE) == 0);
    }
    return err;
}

static enum err read_options(const struct amqp_options *options, struct amqp *amqp,
                             struct err_text *ret_why)
{
    enum err err = amqp_url_parse(options->url, &amqp->url, ret_why);
    if (err == ERR_OK && options->ca_file != NULL && !amqp->url.tls)
        err = err_say(ret_why, ERR_USAGE, "--amqp-ca is for amqps://");
    if (err == ERR_OK && options->queue != NULL &&
        (options->queue[0] == '\0' || strlen(options->queue) > UINT8_MAX))
        err = err_say(ret_why, ERR_USAGE, "--amqp-queue takes a name of 1 to 255 bytes");
    if (err == ERR_OK)
        err = read_password(options, amqp, ret_why);
    if (err != ERR_OK)
        return err;
    amqp->ca_file = mem_text(options->ca_file != NULL ? options->ca_file : CA_FILE);
    if (amqp->url.tls && access(amqp->ca_file, R_OK) != 0)
        return err_say(ret_why, ERR_IO, "%s cannot be read (--amqp-ca)", amqp->ca_file);
    amqp->queue = mem_text(options->queue);
    amqp->config.require_user = options->require_user;
    amqp->config.committed = options->publish;
    return ERR_OK;
}

enum err amqp_new(const struct amqp_options *options, struct amqp **ret_amqp,
                  struct err_text *ret_why)
{
    if (options->url == NULL) {
        bool others = options->ca_file != NULL || options->password_file != NULL ||
                      options->queue != NULL || options->require_user || options->publish;
        *ret_amqp = NULL;
        return others ? err_say(ret_why, ERR_USAGE, "options of the broker without --amqp URL")
                      : ERR_OK;
    }
    struct amqp *amqp = mem_zero(1, sizeof(*amqp));
    enum err err = read_options(options, amqp, ret_why);
    if (err != ERR_OK) {
        amqp_free(amqp);
        return err;
    }
    *ret_amqp = amqp;
    return ERR_OK;
}

const struct amqp_link_config *amqp_broker(struct amqp *amqp, const char *name)
{
    free(amqp->name);
    amqp->name = mem_text(name);
    amqp->link = (struct amqp_link_config){.url = &amqp->url,
                                           .password = amqp->password,
                                           .ca_file = amqp->ca_file,
                                           .name = amqp->name};
    return &amqp->link;
}

enum err amqp_start(struct amqp *amqp, struct ledger *ledger, struct inlet *inlet,
                    struct err_text *ret_why)
{
    struct buf name = {0};
    buf_printf(&name, "countersign %s", ledger_info(ledger)->origin);
    amqp->config.link = amqp_broker(amqp, (const char *)name.data);
    buf_free(&name);
    amqp->config.ledger = ledger;
    amqp->config.inlet = inlet;
    amqp->config.queue = amqp->queue;
    return amqp_consumer_start(&amqp->config, &amqp->consumer, ret_why);
}

void amqp_stop(struct amqp *amqp)
{
    if (amqp->consumer != NULL)
        amqp_consumer_stop(amqp->consumer);
}

void amqp_free(struct amqp *amqp)
{
    if (amqp == NULL)
        return;
    amqp_consumer_free(amqp->consumer);
    amqp_url_free(&amqp->url);
    sodium_free(amqp->password);
    free(amqp->queue);
    free(amqp->ca_file);
    free(amqp->name);
    free(amqp);
}

/* A family with one value for each of the two connections. */
static void add_sides(struct buf *text, const char *name, const char *type, const char *help,
                      const uint64_t values[2])
{
    family_head(text, name, type, help);
    buf_printf(text, "countersign_%s{role=\"consume\"} %" PRIu64 "\n", name, values[0]);
    buf_printf(text, "countersign_%s{role=\"publish\"} %" PRIu64 "\n", name, values[1]);
}

void amqp_metrics(struct amqp *amqp, struct buf *text)
{
    const struct amqp_consumer_counts counts = amqp_consumer_counts(amqp->consumer);
    const struct amqp_publisher_counts *publisher = &counts.publisher;
    const struct amqp_side_counts *a = &counts.side, *b = &publisher->side;
    add_sides(text, "amqp_connected", "gauge", "1 if the connection to the broker stands.",
              (const uint64_t[]){a->connected, b->connected});
    add_sides(text, "amqp_blocked", "gauge", "1 if the broker takes no messages on it now.",
              (const uint64_t[]){a->blocked, b->blocked});
    add_sides(text, "amqp_connects_total", "counter", "Connections that came up.",
              (const uint64_t[]){a->connects, b->connects});
    add_sides(text, "amqp_losses_total", "counter", "Connections that were lost.",
              (const uint64_t[]){a->losses, b->losses});
    add_sides(text, "amqp_failures_total", "counter", "Tries to connect that failed.",
              (const uint64_t[]){a->failures, b->failures});
    family_add(text, "amqp_deliveries_total", "counter",
               "Messages delivered, each delivery of them.", counts.deliveries);
    family_add(text, "amqp_acks_total", "counter",
               "Messages acked, after the commit that holds them.", counts.acks);
    family_add(text, "amqp_unacked", "gauge", "Messages delivered and not acked.", counts.unacked);
    family_add(text, "amqp_quarantined_total", "counter",
               "Messages handed to the ledger as quarantined.", counts.quarantined);
    family_add(text, "amqp_dead_letters_total", "counter",
               "Messages that the broker keeps as dead letters.", publisher->letters);
    family_add(text, "amqp_published_total", "counter", "Entries published and confirmed.",
               publisher->entries);
    family_add(text, "amqp_published_position", "gauge", "The first entry that is not confirmed.",
               publisher->position);
    family_add(text, "amqp_unconfirmed", "gauge", "Messages published and not confirmed.",
               publisher->unconfirmed);
}
