#include "ingest/amqp_sender.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/bell.h"

#define SENDER_MAGIC MAGIC('A', 'S', 'n', 'd')
#define LOOK_MS 200 /* for a signal, while an answer is waited for */

struct amqp_sender {
    uint32_t magic;
    struct amqp_sender_config config;
    struct amqp_link *link; /* NULL: not connected */
    int bell;               /* never rung: the links' waits want one */
    uint64_t published;     /* on this link; also the number of the last message */
    uint64_t confirmed;     /* all up to this number */
    bool returned;          /* the last message found no queue */
};

enum err amqp_sender_new(const struct amqp_sender_config *config, struct amqp_sender **ret_sender,
                         struct err_text *ret_why)
{
    int bell = -1;
    enum err err = bell_new(&bell, ret_why);
    if (err != ERR_OK)
        return err;
    struct amqp_sender *sender = mem_zero(1, sizeof(*sender));
    sender->magic = SENDER_MAGIC;
    sender->config = *config;
    sender->bell = bell;
    *ret_sender = sender;
    return ERR_OK;
}

static void hang_up(struct amqp_sender *sender)
{
    amqp_link_close(sender->link);
    sender->link = NULL;
}

void amqp_sender_free(struct amqp_sender *sender)
{
    if (sender == NULL)
        return;
    CHECK_OBJ(sender, SENDER_MAGIC);
    hang_up(sender);
    close(sender->bell);
    sender->magic = 0;
    free(sender);
}

static enum err dial(struct amqp_sender *sender, struct err_text *ret_why)
{
    enum err err = amqp_link_open(sender->config.link, &sender->link, ret_why);
    if (err == ERR_OK && strcmp(sender->config.exchange, AMQP_SENDER_EXCHANGE) == 0)
        err = amqp_link_exchange(sender->link, AMQP_SENDER_EXCHANGE, ret_why);
    if (err == ERR_OK)
        err = amqp_link_confirm(sender->link, ret_why);
    sender->published = sender->confirmed = 0;
    return err;
}

static enum err take_frame(struct amqp_sender *sender, const amqp_frame_t *frame,
                           struct err_text *ret_why)
{
    if (frame->frame_type != AMQP_FRAME_METHOD)
        return ERR_OK;
    if (frame->payload.method.id == AMQP_BASIC_ACK_METHOD) {
        const amqp_basic_ack_t *ack = frame->payload.method.decoded;
        if (ack->delivery_tag > sender->published)
            return err_say(ret_why, ERR_IO, "the broker confirms what was never published");
        sender->confirmed = ack->delivery_tag;
    }
    if (frame->payload.method.id == AMQP_BASIC_RETURN_METHOD)
        sender->returned = true; /* an ack comes behind it */
    if (frame->payload.method.id == AMQP_BASIC_NACK_METHOD)
        return err_say(ret_why, ERR_IO, "the broker could not keep a message");
    return ERR_OK;
}

static enum err take_frames(struct amqp_sender *sender, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    bool got = true;
    while (err == ERR_OK && got) {
        amqp_frame_t frame;
        err = amqp_link_next(sender->link, &frame, &got, ret_why);
        if (err == ERR_OK && got)
            err = take_frame(sender, &frame, ret_why);
        amqp_link_release(sender->link);
    }
    return err;
}

/* Take what comes for so long, or until all is confirmed. */
static enum err listen_ms(struct amqp_sender *sender, int64_t wait_ms, bool for_all,
                          struct err_text *ret_why)
{
    int64_t end_us = clock_monotonic_us() + wait_ms * 1000;
    for (;;) {
        enum err err = take_frames(sender, ret_why);
        int64_t left_ms = (end_us - clock_monotonic_us()) / 1000;
        if (err != ERR_OK || (for_all && sender->confirmed == sender->published) || left_ms <= 0 ||
            sender->config.stopped())
            return err;
        amqp_link_wait(sender->link, sender->bell, left_ms < LOOK_MS ? (int)left_ms + 1 : LOOK_MS,
                       true);
    }
}

static enum err publish(struct amqp_sender *sender, const char *key, const struct buf *event,
                        struct err_text *ret_why)
{
    const amqp_basic_properties_t properties = {
        ._flags =
            AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_USER_ID_FLAG,
        .content_type = amqp_cstring_bytes(EVENT_MEDIA_TYPE),
        .delivery_mode = AMQP_DELIVERY_PERSISTENT,
        .user_id = amqp_cstring_bytes(sender->config.link->url->user)};
    const amqp_bytes_t body = {.len = event->bytes, .bytes = event->data};
    sender->returned = false;
    sender->published++;
    int status =
        amqp_basic_publish(amqp_link_state(sender->link), AMQP_LINK_CHANNEL,
                           amqp_cstring_bytes(sender->config.exchange), amqp_cstring_bytes(key),
                           1 /* mandatory */, 0, &properties, body);
    return amqp_link_sent(sender->link, status, ret_why);
}

/* A link over which the broker takes messages. */
static enum err make_ready(struct amqp_sender *sender, struct err_text *ret_why)
{
    enum err err = sender->link == NULL ? dial(sender, ret_why) : take_frames(sender, ret_why);
    if (err == ERR_OK && amqp_link_blocked(sender->link))
        err = err_say(ret_why, ERR_IO, "the broker takes no messages now (an alarm)");
    return err;
}

enum err amqp_sender_send(struct amqp_sender *sender, const char *key, const struct buf *event,
                          bool *ret_routed, struct err_text *ret_why)
{
    CHECK_OBJ(sender, SENDER_MAGIC);
    enum err err = make_ready(sender, ret_why);
    if (err == ERR_OK)
        err = publish(sender, key, event, ret_why);
    if (err == ERR_OK)
        err = listen_ms(sender, AMQP_SEND_SECONDS * INT64_C(1000), true, ret_why);
    if (err == ERR_OK && sender->confirmed != sender->published)
        err = err_say(ret_why, ERR_IO, "the broker does not confirm a message");
    if (err == ERR_OK)
        *ret_routed = !sender->returned;
    else
        hang_up(sender);
    return err;
}

void amqp_sender_wait(struct amqp_sender *sender, int64_t wait_ms)
{
    CHECK_OBJ(sender, SENDER_MAGIC);
    if (sender->link == NULL)
        amqp_link_pause(sender->bell, (int)wait_ms);
    else if (listen_ms(sender, wait_ms, false, NULL) != ERR_OK)
        hang_up(sender);
}
