#include "ingest/outlet.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ingest/amqp_entry.h"
#include "ingest/amqp_sender.h"

#define OUTLET_MAGIC MAGIC('O', 'u', 't', 'l')

struct outlet {
    uint32_t magic;
    bool plain;
    struct post *post; /* over HTTP; else NULL */
    struct amqp *amqp; /* a broker; else NULL */
    struct amqp_sender *sender;
};

static enum err open_post(struct outlet *outlet, const struct outlet_config *config,
                          struct err_text *ret_why)
{
    const char *token = getenv("COUNTERSIGN_TOKEN");
    if (!post_url_ok(config->to))
        return err_say(ret_why, ERR_USAGE,
                       "'%.200s' is no http://, https://, amqp:// or amqps:// URL", config->to);
    if (token != NULL && !post_token_ok(token))
        return err_say(ret_why, ERR_USAGE, "COUNTERSIGN_TOKEN does not hold a token");
    const struct post_config post = {.url = config->to,
                                     .whole_url = config->plain,
                                     .token = token,
                                     .ca_file = config->ca_file,
                                     .stopped = config->stopped};
    return post_new(&post, &outlet->post, ret_why);
}

static enum err open_broker(struct outlet *outlet, const struct outlet_config *config,
                            struct err_text *ret_why)
{
    enum err err = amqp_new(&config->amqp, &outlet->amqp, ret_why);
    if (err != ERR_OK)
        return err;
    const struct amqp_sender_config sender = {.link = amqp_broker(outlet->amqp, "countersign send"),
                                              .exchange = config->exchange,
                                              .stopped = config->stopped};
    return amqp_sender_new(&sender, &outlet->sender, ret_why);
}

enum err outlet_open(const struct outlet_config *config, struct outlet **ret_outlet,
                     struct err_text *ret_why)
{
    struct outlet *outlet = mem_zero(1, sizeof(*outlet));
    outlet->magic = OUTLET_MAGIC;
    outlet->plain = config->plain;
    enum err err = config->amqp.url != NULL ? open_broker(outlet, config, ret_why)
                                            : open_post(outlet, config, ret_why);
    if (err != ERR_OK) {
        outlet_close(outlet);
        return err;
    }
    *ret_outlet = outlet;
    return ERR_OK;
}

void outlet_close(struct outlet *outlet)
{
    if (outlet == NULL)
        return;
    CHECK_OBJ(outlet, OUTLET_MAGIC);
    amqp_sender_free(outlet->sender);
    amqp_free(outlet->amqp);
    post_free(outlet->post);
    outlet->magic = 0;
    free(outlet);
}

/* To what is no ledger: it takes an event by any good status. */
static void send_plain(struct outlet *outlet, const struct buf *event, struct delivery *ret)
{
    struct post_answer answer = {0};
    *ret = (struct delivery){.fate = DELIVERY_LATER, .retry_after_s = -1};
    ret->err = post_send(outlet->post, EVENT_MEDIA_TYPE, true, event, &answer, &ret->why);
    if (ret->err != ERR_OK) {
        post_answer_free(&answer);
        return;
    }
    ret->retry_after_s = answer.retry_after_s;
    if (answer.status >= 200 && answer.status <= 299) {
        ret->fate = DELIVERY_DONE;
    } else {
        ret->err = err_say(&ret->why, ERR_IO, "it was answered with status %ld", answer.status);
        ret->fate = answer.status == 408 || answer.status == 425 || answer.status == 429 ||
                            answer.status >= 500
                        ? DELIVERY_LATER
                        : DELIVERY_REFUSED;
    }
    post_answer_free(&answer);
}

static void send_message(struct outlet *outlet, const struct buf *event, struct delivery *ret)
{
    char key[AMQP_ENTRY_KEY_BYTES_MAX + 1];
    struct event *parsed = NULL;
    bool routed = false;
    *ret = (struct delivery){.fate = DELIVERY_LATER, .retry_after_s = -1};
    ASSERT(event_read(event->data, event->bytes, &parsed, NULL) == ERR_OK);
    amqp_entry_key_of(parsed->deployment, parsed->type, key);
    event_free(parsed);
    ret->err = amqp_sender_send(outlet->sender, key, event, &routed, &ret->why);
    if (ret->err == ERR_OK)
        ret->fate = routed ? DELIVERY_DONE : DELIVERY_REFUSED;
    if (ret->err == ERR_OK && !routed)
        ret->err = err_say(&ret->why, ERR_IO, "no queue is bound for what has the key %s", key);
}

void outlet_send(struct outlet *outlet, const struct buf *event, struct delivery *ret)
{
    CHECK_OBJ(outlet, OUTLET_MAGIC);
    const struct piece line = {event->data, event->bytes};
    if (outlet->sender != NULL)
        send_message(outlet, event, ret);
    else if (outlet->plain)
        send_plain(outlet, event, ret);
    else
        delivery_send(outlet->post, &line, false, ret);
}

void outlet_wait(struct outlet *outlet, int64_t wait_ms)
{
    CHECK_OBJ(outlet, OUTLET_MAGIC);
    const struct timespec pause = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};
    if (outlet->sender != NULL)
        amqp_sender_wait(outlet->sender, wait_ms);
    else
        (void)nanosleep(&pause, NULL);
}
