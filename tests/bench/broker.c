#include "tests/bench/broker.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdlib.h>

#define EXCHANGE "countersign"
#define QUEUE "countersign.ingest"
#define WINDOW 2000 /* messages published and not confirmed */
#define FRAME_BYTES 131072
#define LOOK_EVERY 64 /* messages, for confirms that came */

/* What the broker has confirmed, of messages numbered from 1. */
struct confirms {
    bool *each; /* owned: [number] */
    uint64_t lowest;
    size_t count;
};

static void must(amqp_rpc_reply_t reply, const char *what)
{
    if (reply.reply_type != AMQP_RESPONSE_NORMAL)
        bench_must(ERR_IO, what, NULL);
}

static void declare(amqp_connection_state_t state)
{
    amqp_table_entry_t type = {.key = amqp_cstring_bytes("x-queue-type")};
    type.value.kind = AMQP_FIELD_KIND_UTF8;
    type.value.value.bytes = amqp_cstring_bytes("quorum");
    const amqp_table_t arguments = {.num_entries = 1, .entries = &type};
    const amqp_bytes_t exchange = amqp_cstring_bytes(EXCHANGE), queue = amqp_cstring_bytes(QUEUE);
    amqp_exchange_declare(state, 1, exchange, amqp_cstring_bytes("topic"), 0, 1, 0, 0,
                          amqp_empty_table);
    must(amqp_get_rpc_reply(state), "the broker's exchange");
    amqp_queue_declare(state, 1, queue, 0, 1, 0, 0, arguments);
    must(amqp_get_rpc_reply(state), "the broker's queue");
    amqp_queue_bind(state, 1, queue, exchange, amqp_cstring_bytes("#"), amqp_empty_table);
    must(amqp_get_rpc_reply(state), "the broker's queue");
}

static amqp_connection_state_t open_broker(uint16_t port)
{
    amqp_connection_state_t state = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(state);
    if (amqp_socket_open(socket, "127.0.0.1", port) != AMQP_STATUS_OK)
        bench_must(ERR_IO, "the broker", NULL);
    must(
        amqp_login(state, "/", 1, FRAME_BYTES, 0, AMQP_SASL_METHOD_PLAIN, BROKER_USER, BROKER_USER),
        "the broker's login");
    amqp_channel_open(state, 1);
    must(amqp_get_rpc_reply(state), "the broker's channel");
    declare(state);
    amqp_confirm_select(state, 1);
    must(amqp_get_rpc_reply(state), "the broker's confirms");
    return state;
}

static void confirm(struct confirms *confirms, uint64_t number)
{
    confirms->count += !confirms->each[number];
    confirms->each[number] = true;
}

/* Take the confirms that came; waits for one if asked to. */
static void take_confirms(amqp_connection_state_t state, bool wait, struct confirms *confirms)
{
    const struct timeval none = {0};
    amqp_frame_t frame;
    for (bool first = wait;; first = false) {
        int status = amqp_simple_wait_frame_noblock(state, &frame, first ? NULL : &none);
        if (status == AMQP_STATUS_TIMEOUT)
            break;
        if (status != AMQP_STATUS_OK || frame.frame_type != AMQP_FRAME_METHOD ||
            frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
            bench_must(ERR_IO, "the broker did not confirm", NULL);
        const amqp_basic_ack_t *ack = frame.payload.method.decoded;
        for (; ack->multiple && confirms->lowest < ack->delivery_tag; confirms->lowest++)
            confirm(confirms, confirms->lowest);
        confirm(confirms, ack->delivery_tag);
        amqp_maybe_release_buffers(state);
    }
}

static void publish_one(amqp_connection_state_t state, const amqp_basic_properties_t *properties,
                        const struct buf *body)
{
    const amqp_bytes_t bytes = {.len = body->bytes, .bytes = body->data};
    if (amqp_basic_publish(state, 1, amqp_cstring_bytes(EXCHANGE), amqp_cstring_bytes("bench"), 0,
                           0, properties, bytes) != AMQP_STATUS_OK)
        bench_must(ERR_IO, "publishing", NULL);
}

double broker_publish(uint16_t port, const char *media, const struct buf *bodies, size_t count)
{
    struct confirms confirms = {.each = mem_zero(count + 1, sizeof(bool)), .lowest = 1};
    amqp_connection_state_t state = open_broker(port);
    const amqp_basic_properties_t properties = {._flags = AMQP_BASIC_CONTENT_TYPE_FLAG |
                                                          AMQP_BASIC_DELIVERY_MODE_FLAG |
                                                          AMQP_BASIC_USER_ID_FLAG,
                                                .content_type = amqp_cstring_bytes(media),
                                                .delivery_mode = 2,
                                                .user_id = amqp_cstring_bytes(BROKER_USER)};
    double began = bench_now();
    for (size_t i = 0; i < count; i++) {
        publish_one(state, &properties, &bodies[i]);
        if (i % LOOK_EVERY == 0)
            take_confirms(state, false, &confirms);
        while (i + 1 - confirms.count > WINDOW)
            take_confirms(state, true, &confirms);
    }
    while (confirms.count < count)
        take_confirms(state, true, &confirms);
    double rate = (double)count / (bench_now() - began);
    must(amqp_connection_close(state, AMQP_REPLY_SUCCESS), "the broker's goodbye");
    amqp_destroy_connection(state);
    free(confirms.each);
    return rate;
}
