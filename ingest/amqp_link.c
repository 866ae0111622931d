#include "ingest/amqp_link.h"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ingest/bell.h"

#define TEXT(text) (int)(text).len, (const char *)(text).bytes

struct amqp_link {
    amqp_connection_state_t state;
    bool open;    /* logged in, and not lost since */
    bool blocked; /* connection.blocked */
};

/* What a broker says when it closes a connection or a channel. */
static enum err say_closed(const amqp_method_t *method, struct err_text *ret_why)
{
    if (method->id == AMQP_CONNECTION_CLOSE_METHOD) {
        const amqp_connection_close_t *closed = method->decoded;
        return err_say(ret_why, ERR_IO, "the broker closed the connection: %u %.*s",
                       closed->reply_code, TEXT(closed->reply_text));
    }
    if (method->id == AMQP_CHANNEL_CLOSE_METHOD) {
        const amqp_channel_close_t *closed = method->decoded;
        return err_say(ret_why, ERR_IO, "the broker refused: %u %.*s", closed->reply_code,
                       TEXT(closed->reply_text));
    }
    return err_say(ret_why, ERR_IO, "the broker sent what was not expected (%s)",
                   amqp_method_name(method->id));
}

enum err amqp_link_sent(struct amqp_link *link, int status, struct err_text *ret_why)
{
    if (status == AMQP_STATUS_OK)
        return ERR_OK;
    link->open = false;
    return err_say(ret_why, ERR_IO, "%s", amqp_error_string2(status));
}

/* What became of a call to the broker. */
static enum err replied(struct amqp_link *link, amqp_rpc_reply_t reply, struct err_text *ret_why)
{
    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
        return ERR_OK;
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) {
        link->open = link->open && reply.reply.id != AMQP_CONNECTION_CLOSE_METHOD;
        return say_closed(&reply.reply, ret_why);
    }
    return amqp_link_sent(link, reply.library_error, ret_why);
}

/* A socket for the URL's scheme; the connection's, which frees it. */
static enum err make_socket(struct amqp_link *link, const struct amqp_link_config *config,
                            amqp_socket_t **ret_socket, struct err_text *ret_why)
{
    if (!config->url->tls) {
        *ret_socket = amqp_tcp_socket_new(link->state);
        ASSERT(*ret_socket != NULL);
        return ERR_OK;
    }
    amqp_socket_t *socket = amqp_ssl_socket_new(link->state);
    if (socket == NULL)
        return err_say(ret_why, ERR_IO, "TLS cannot be set up");
    amqp_ssl_socket_set_verify_peer(socket, 1);
    amqp_ssl_socket_set_verify_hostname(socket, 1);
    if (amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) != AMQP_STATUS_OK)
        return err_say(ret_why, ERR_IO, "TLS 1.2 cannot be set up");
    if (amqp_ssl_socket_set_cacert(socket, config->ca_file) != AMQP_STATUS_OK)
        return err_say(ret_why, ERR_IO, "%s holds no certificates that can be read (--amqp-ca)",
                       config->ca_file);
    *ret_socket = socket;
    return ERR_OK;
}

/* A peer that takes nothing more must not hold a send for longer than its heartbeats may. */
static void bound_sends(int fd)
{
    unsigned timeout_ms = AMQP_SEND_SECONDS * 1000;
    int yes = 1;
    ASSERT(setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms)) == 0);
    ASSERT(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == 0);
}

static enum err connect_to(struct amqp_link *link, const struct amqp_link_config *config,
                           struct err_text *ret_why)
{
    struct timeval timeout = {.tv_sec = AMQP_OPEN_SECONDS};
    amqp_socket_t *socket = NULL;
    enum err err = make_socket(link, config, &socket, ret_why);
    if (err != ERR_OK)
        return err;
    err = amqp_link_sent(
        link, amqp_socket_open_noblock(socket, config->url->host, config->url->port, &timeout),
        ret_why);
    if (err == ERR_OK)
        bound_sends(amqp_get_sockfd(link->state));
    return err;
}

static amqp_table_entry_t flag(const char *name)
{
    amqp_table_entry_t entry = {.key = amqp_cstring_bytes(name)};
    entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
    entry.value.value.boolean = 1;
    return entry;
}

amqp_table_entry_t amqp_link_word(const char *name, const char *text)
{
    amqp_table_entry_t entry = {.key = amqp_cstring_bytes(name)};
    entry.value.kind = AMQP_FIELD_KIND_UTF8;
    entry.value.value.bytes = amqp_cstring_bytes(text);
    return entry;
}

static enum err log_in(struct amqp_link *link, const struct amqp_link_config *config,
                       struct err_text *ret_why)
{
    const struct amqp_url *url = config->url;
    amqp_table_entry_t abilities[] = {flag("consumer_cancel_notify"), flag("connection.blocked"),
                                      flag("basic.nack"), flag("publisher_confirms")};
    amqp_table_entry_t about[] = {amqp_link_word("connection_name", config->name),
                                  amqp_link_word("product", "countersign"), flag("capabilities")};
    about[2].value.kind = AMQP_FIELD_KIND_TABLE;
    about[2].value.value.table = (amqp_table_t){.num_entries = 4, .entries = abilities};
    amqp_table_t properties = {.num_entries = 3, .entries = about};
    amqp_rpc_reply_t reply = amqp_login_with_properties(
        link->state, url->vhost, AMQP_LINK_CHANNEL, AMQP_FRAME_BYTES, AMQP_HEARTBEAT_SECONDS,
        &properties, AMQP_SASL_METHOD_PLAIN, url->user, config->password);
    link->open = true;
    enum err err = replied(link, reply, ret_why);
    if (err != ERR_OK)
        return err;
    amqp_channel_open(link->state, AMQP_LINK_CHANNEL);
    return replied(link, amqp_get_rpc_reply(link->state), ret_why);
}

enum err amqp_link_open(const struct amqp_link_config *config, struct amqp_link **ret_link,
                        struct err_text *ret_why)
{
    struct timeval timeout = {.tv_sec = AMQP_OPEN_SECONDS};
    struct amqp_link *link = mem_zero(1, sizeof(*link));
    struct err_text why = {""};
    link->state = amqp_new_connection();
    ASSERT(link->state != NULL);
    ASSERT(amqp_set_handshake_timeout(link->state, &timeout) == AMQP_STATUS_OK);
    ASSERT(amqp_set_rpc_timeout(link->state, &timeout) == AMQP_STATUS_OK);
    enum err err = connect_to(link, config, &why);
    if (err == ERR_OK)
        err = log_in(link, config, &why);
    if (err != ERR_OK) {
        amqp_link_close(link);
        return err_say(ret_why, err, "%s", why.s);
    }
    *ret_link = link;
    return ERR_OK;
}

void amqp_link_close(struct amqp_link *link)
{
    struct timeval timeout = {.tv_sec = AMQP_CLOSE_SECONDS};
    if (link == NULL)
        return;
    if (link->open && amqp_set_rpc_timeout(link->state, &timeout) == AMQP_STATUS_OK)
        (void)amqp_connection_close(link->state, AMQP_REPLY_SUCCESS);
    (void)amqp_destroy_connection(link->state);
    free(link);
}

amqp_connection_state_t amqp_link_state(struct amqp_link *link)
{
    return link->state;
}

bool amqp_link_blocked(const struct amqp_link *link)
{
    return link->blocked;
}

enum err amqp_link_exchange(struct amqp_link *link, const char *name, struct err_text *ret_why)
{
    amqp_exchange_declare(link->state, AMQP_LINK_CHANNEL, amqp_cstring_bytes(name),
                          amqp_cstring_bytes("topic"), 0, 1, 0, 0, amqp_empty_table);
    return replied(link, amqp_get_rpc_reply(link->state), ret_why);
}

enum err amqp_link_queue(struct amqp_link *link, const char *name, const char *exchange,
                         struct err_text *ret_why)
{
    amqp_table_entry_t type[] = {amqp_link_word("x-queue-type", "quorum")};
    amqp_table_t arguments = {.num_entries = 1, .entries = type};
    amqp_bytes_t queue = amqp_cstring_bytes(name);
    amqp_queue_declare(link->state, AMQP_LINK_CHANNEL, queue, 0, 1, 0, 0, arguments);
    enum err err = replied(link, amqp_get_rpc_reply(link->state), ret_why);
    if (err != ERR_OK)
        return err;
    amqp_queue_bind(link->state, AMQP_LINK_CHANNEL, queue, amqp_cstring_bytes(exchange),
                    amqp_cstring_bytes("#"), amqp_empty_table);
    return replied(link, amqp_get_rpc_reply(link->state), ret_why);
}

enum err amqp_link_queue_there(struct amqp_link *link, const char *name, struct err_text *ret_why)
{
    amqp_queue_declare(link->state, AMQP_LINK_CHANNEL, amqp_cstring_bytes(name), 1, 1, 0, 0,
                       amqp_empty_table);
    return replied(link, amqp_get_rpc_reply(link->state), ret_why);
}

enum err amqp_link_consume(struct amqp_link *link, const char *queue, uint16_t prefetch,
                           struct err_text *ret_why)
{
    amqp_basic_qos(link->state, AMQP_LINK_CHANNEL, 0, prefetch, 0);
    enum err err = replied(link, amqp_get_rpc_reply(link->state), ret_why);
    if (err != ERR_OK)
        return err;
    amqp_basic_consume(link->state, AMQP_LINK_CHANNEL, amqp_cstring_bytes(queue), amqp_empty_bytes,
                       0, 0, 0, amqp_empty_table);
    return replied(link, amqp_get_rpc_reply(link->state), ret_why);
}

enum err amqp_link_confirm(struct amqp_link *link, struct err_text *ret_why)
{
    amqp_confirm_select(link->state, AMQP_LINK_CHANNEL);
    return replied(link, amqp_get_rpc_reply(link->state), ret_why);
}

/* A method that concerns the link itself; *${ret_done} false: it is another. */
static enum err take_method(struct amqp_link *link, const amqp_method_t *method, bool *ret_done,
                            struct err_text *ret_why)
{
    *ret_done = true;
    switch (method->id) {
    case AMQP_CONNECTION_BLOCKED_METHOD:
        link->blocked = true;
        return ERR_OK;
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
        link->blocked = false;
        return ERR_OK;
    case AMQP_CONNECTION_CLOSE_METHOD:
        link->open = false;
        return say_closed(method, ret_why);
    case AMQP_CHANNEL_CLOSE_METHOD:
        return say_closed(method, ret_why);
    case AMQP_BASIC_CANCEL_METHOD:
        return err_say(ret_why, ERR_IO, "the broker cancelled the consumer: its queue is gone");
    default:
        *ret_done = false;
        return ERR_OK;
    }
}

enum err amqp_link_next(struct amqp_link *link, amqp_frame_t *ret_frame, bool *ret_got,
                        struct err_text *ret_why)
{
    struct timeval now = {0};
    amqp_frame_t frame;
    for (;;) {
        int status = amqp_simple_wait_frame_noblock(link->state, &frame, &now);
        bool done = false;
        if (status == AMQP_STATUS_TIMEOUT) {
            *ret_got = false;
            return ERR_OK;
        }
        enum err err = amqp_link_sent(link, status, ret_why);
        if (err == ERR_OK && frame.frame_type == AMQP_FRAME_METHOD)
            err = take_method(link, &frame.payload.method, &done, ret_why);
        if (err != ERR_OK)
            return err;
        if (!done) {
            *ret_frame = frame;
            *ret_got = true;
            return ERR_OK;
        }
    }
}

void amqp_link_release(struct amqp_link *link)
{
    amqp_maybe_release_buffers(link->state);
}

enum err amqp_link_beat(struct amqp_link *link, struct err_text *ret_why)
{
    const amqp_frame_t beat = {.frame_type = AMQP_FRAME_HEARTBEAT};
    return amqp_link_sent(link, amqp_send_frame(link->state, &beat), ret_why);
}

/* Wait for the first `count` of the descriptors, of which the first is the bell. */
static void wait_for(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    int ready = poll(fds, count, timeout_ms);
    ASSERT(ready >= 0 || errno == EINTR);
    if (ready > 0 && (fds[0].revents & POLLIN) != 0)
        bell_hush(fds[0].fd);
}

void amqp_link_wait(struct amqp_link *link, int wake_fd, int timeout_ms, bool reading)
{
    struct pollfd fds[] = {{.fd = wake_fd, .events = POLLIN},
                           {.fd = amqp_get_sockfd(link->state), .events = POLLIN}};
    bool here = amqp_frames_enqueued(link->state) || amqp_data_in_buffer(link->state);
    wait_for(fds, reading ? 2 : 1, reading && here ? 0 : timeout_ms);
}

void amqp_link_pause(int wake_fd, int timeout_ms)
{
    struct pollfd fds[] = {{.fd = wake_fd, .events = POLLIN}};
    wait_for(fds, 1, timeout_ms);
}
