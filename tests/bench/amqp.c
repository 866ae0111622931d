/* Publishes events to a RabbitMQ broker, each confirmed, and says how fast the broker confirmed.
 *
 *     countersign_amqp key                              the public key that signs, as OpenSSH has
 * it countersign_amqp publish PORT COUNT [LEDGER-ID]   to the exchange countersign, into the quorum
 *                                                       queue countersign.ingest; signed by that
 * key if the ledger's id is given
 */
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/ledger.h"

#define EXCHANGE "countersign"
#define QUEUE "countersign.ingest"
#define WINDOW 2000 /* messages published and not confirmed */

static const uint8_t seed[ED25519_KEY_BYTES] = {'b', 'e', 'n', 'c', 'h'};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(amqp_rpc_reply_t reply, const char *what)
{
    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
        return;
    fprintf(stderr, "amqp: %s: refused\n", what);
    exit(3);
}

static amqp_connection_state_t open_broker(int port)
{
    amqp_connection_state_t state = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(state);
    if (amqp_socket_open(socket, "127.0.0.1", port) != AMQP_STATUS_OK) {
        fprintf(stderr, "amqp: nothing listens on port %d\n", port);
        exit(3);
    }
    must(amqp_login(state, "/", 1, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), "login");
    amqp_channel_open(state, 1);
    must(amqp_get_rpc_reply(state), "channel");
    amqp_table_entry_t type = {.key = amqp_cstring_bytes("x-queue-type")};
    type.value.kind = AMQP_FIELD_KIND_UTF8;
    type.value.value.bytes = amqp_cstring_bytes("quorum");
    const amqp_table_t arguments = {.num_entries = 1, .entries = &type};
    const amqp_bytes_t exchange = amqp_cstring_bytes(EXCHANGE), queue = amqp_cstring_bytes(QUEUE);
    amqp_exchange_declare(state, 1, exchange, amqp_cstring_bytes("topic"), 0, 1, 0, 0,
                          amqp_empty_table);
    amqp_queue_declare(state, 1, queue, 0, 1, 0, 0, arguments);
    amqp_queue_bind(state, 1, queue, exchange, amqp_cstring_bytes("#"), amqp_empty_table);
    amqp_confirm_select(state, 1);
    must(amqp_get_rpc_reply(state), "queue");
    return state;
}

/* An event of about 400 bytes, as pipelines send them. */
static void make_event(uint64_t n, const char *ledger, struct buf *text)
{
    buf_printf(text,
               "{\"specversion\":\"1.0\",\"id\":\"%016" PRIx64 "\",\"source\":\"/bench/ci\","
               "\"type\":\"org.example.step.finished\",\"time\":\"2026-01-01T00:00:00Z\","
               "\"deployment\":\"web-%u\",",
               n, (unsigned)(n % 50));
    if (ledger != NULL)
        buf_printf(text, "\"ledger\":\"%s\",", ledger);
    buf_printf(text,
               "\"data\":{\"step\":\"rollout %" PRIu64 "\",\"host\":\"node-17.example.org\","
               "\"exit\":0,\"seconds\":12.5,\"output\":\"deployment.apps/web configured, 12 of 12 "
               "replicas updated and available\"}}",
               n);
}

static void sign_event(const struct buf *event, const uint8_t secret[64], const struct sshkey *key,
                       struct buf *envelope)
{
    struct dsse dsse = {0};
    struct buf pae = {0};
    uint8_t signature[ED25519_SIG_BYTES];
    dsse.payload = *event;
    dsse_pae(EVENT_MEDIA_TYPE, event->data, event->bytes, &pae);
    crypto_sign_detached(signature, NULL, pae.data, pae.bytes, secret);
    memcpy(dsse.sigs[0].key_id, key->id, KEY_ID_BYTES);
    dsse.sigs[0].data = signature;
    dsse.sigs[0].bytes = sizeof(signature);
    dsse.sig_count = 1;
    dsse_format(&dsse, envelope);
    buf_free(&pae);
}

/* What the broker has confirmed, of messages numbered from 1. */
struct confirms {
    bool *each; /* [number] */
    uint64_t lowest, count;
};

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
            frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
            fprintf(stderr, "amqp: not confirmed\n");
            exit(3);
        }
        const amqp_basic_ack_t *ack = frame.payload.method.decoded;
        for (; ack->multiple && confirms->lowest < ack->delivery_tag; confirms->lowest++)
            confirm(confirms, confirms->lowest);
        confirm(confirms, ack->delivery_tag);
        amqp_maybe_release_buffers(state);
    }
}

static int publish(int port, uint64_t count, const char *ledger)
{
    uint8_t public_key[ED25519_KEY_BYTES], secret[64];
    struct sshkey key;
    struct buf *bodies = mem_zero(count, sizeof(*bodies));
    struct confirms confirms = {.each = mem_zero(count + 1, sizeof(bool)), .lowest = 1};
    crypto_sign_seed_keypair(public_key, secret, seed);
    sshkey_from_ed25519(public_key, &key);
    for (uint64_t n = 0; n < count; n++) {
        struct buf event = {0};
        make_event(n, ledger, &event);
        if (ledger == NULL) {
            bodies[n] = event;
            continue;
        }
        sign_event(&event, secret, &key, &bodies[n]);
        buf_free(&event);
    }
    amqp_connection_state_t state = open_broker(port);
    const amqp_basic_properties_t properties = {
        ._flags =
            AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_USER_ID_FLAG,
        .content_type = amqp_cstring_bytes(ledger != NULL ? DSSE_MEDIA_TYPE : EVENT_MEDIA_TYPE),
        .delivery_mode = 2,
        .user_id = amqp_cstring_bytes("guest")};
    double began = now_s();
    for (uint64_t n = 0; n < count; n++) {
        const amqp_bytes_t body = {.len = bodies[n].bytes, .bytes = bodies[n].data};
        ASSERT(amqp_basic_publish(state, 1, amqp_cstring_bytes(EXCHANGE),
                                  amqp_cstring_bytes("bench"), 0, 0, &properties,
                                  body) == AMQP_STATUS_OK);
        if (n % 64 == 0)
            take_confirms(state, false, &confirms);
        while (n + 1 - confirms.count > WINDOW)
            take_confirms(state, true, &confirms);
    }
    while (confirms.count < count)
        take_confirms(state, true, &confirms);
    printf("%.0f\n", (double)count / (now_s() - began));
    amqp_connection_close(state, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(state);
    for (uint64_t n = 0; n < count; n++)
        buf_free(&bodies[n]);
    free(bodies);
    free(confirms.each);
    return 0;
}

static int print_key(void)
{
    uint8_t public_key[ED25519_KEY_BYTES], secret[64];
    struct sshkey key;
    struct buf text = {0};
    crypto_sign_seed_keypair(public_key, secret, seed);
    sshkey_from_ed25519(public_key, &key);
    sshkey_format(&key, &text);
    printf("%s\n", (const char *)text.data);
    buf_free(&text);
    return 0;
}

int main(int argc, char *argv[])
{
    uint64_t port = 0, count = 0;
    ASSERT(sodium_init() >= 0);
    if (argc == 2 && strcmp(argv[1], "key") == 0)
        return print_key();
    if (argc >= 4 && argc <= 5 && strcmp(argv[1], "publish") == 0 && args_number(argv[2], &port) &&
        port <= UINT16_MAX && args_number(argv[3], &count) && count > 0)
        return publish((int)port, count, argc == 5 ? argv[4] : NULL);
    fputs("usage: countersign_amqp key | publish PORT COUNT [LEDGER-ID]\n", stderr);
    return 2;
}
