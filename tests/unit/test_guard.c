#include "tests/unit/ledger_kit.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "ingest/guard.h"

#define LONG_US (60 * INSTANT_SECOND_US)
#define SHORT_US 80000
#define CLIENTS_MAX 32
#define BEAT_US 50000
#define BEATS_MAX 600 /* of waiting for one thing */

/* A server whose handler only says what the guard has told it. */
struct world {
    struct kit kit;
    struct service service;
    struct event_base *base;
    struct evhttp *http;
    struct guard *guard;
    int beats; /* so that who waits in vain comes to an end */
    uint16_t port;
    int clients[CLIENTS_MAX]; /* sockets; -1: none */
    size_t handled;           /* requests that came to the handler, and of the last one: */
    enum err err;
    struct err_text why;
    bool unread;
};

static void handle(struct evhttp_request *request, void *ctx)
{
    struct world *world = ctx;
    world->err = guard_done(world->guard, request, &world->why);
    world->unread = guard_unread(world->guard, request);
    world->handled++;
    if (world->unread)
        evhttp_add_header(request->output_headers, "Connection", "close");
    evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

static void on_beat(evutil_socket_t fd, short what, void *ctx);

/* Not event_new: our event_free stands before libevent's. */
static void await_beat(struct world *world)
{
    const struct timeval beat = {.tv_usec = BEAT_US};
    assert_int_equal(event_base_once(world->base, -1, EV_TIMEOUT, on_beat, world, &beat), 0);
}

static void on_beat(evutil_socket_t fd, short what, void *ctx)
{
    struct world *world = ctx;
    (void)fd;
    (void)what;
    world->beats++;
    await_beat(world);
}

static void world_new(struct world *world, int64_t patience_us)
{
    struct sockaddr_in address = {0};
    socklen_t bytes = sizeof(address);
    *world = (struct world){.base = event_base_new()};
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        world->clients[i] = -1;
    kit_new(&world->kit);
    exchange_service(&world->service, world->kit.ledger);
    world->guard = guard_new(&(struct guard_config){world->base, &world->service, patience_us});
    await_beat(world);
    world->http = evhttp_new(world->base);
    evhttp_set_gencb(world->http, handle, world);
    evhttp_set_max_headers_size(world->http, HTTP_HEAD_BYTES_MAX);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(world->http, "127.0.0.1", 0);
    assert_non_null(bound);
    int fd = evhttp_bound_socket_get_fd(bound);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &bytes), 0);
    world->port = ntohs(address.sin_port);
}

static void world_end(struct world *world)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (world->clients[i] >= 0)
            close(world->clients[i]);
    evhttp_free(world->http);
    guard_free(world->guard);
    event_base_free(world->base);
    kit_end(&world->kit);
}

/* One round of the event loop. */
static void turn(struct world *world)
{
    assert_int_equal(event_base_loop(world->base, EVLOOP_ONCE), 0);
}

/* Until it holds. */
#define AWAIT(world, condition)                                                                    \
    for ((world)->beats = 0; !(condition); turn(world)) {                                          \
        if ((world)->beats > BEATS_MAX)                                                            \
            fail_msg("it never came: %s", #condition);                                             \
    }

/* Sends ${bytes} of ${text} by a new connection, or by the one that is there. */
static void send_bytes(struct world *world, size_t client, const char *text, size_t bytes)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(world->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (world->clients[client] < 0) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_true(fcntl(fd, F_SETFL, O_NONBLOCK) >= 0);
        world->clients[client] = fd;
    }
    while (bytes > 0) {
        ssize_t sent = send(world->clients[client], text, bytes, MSG_NOSIGNAL);
        if (sent < 0)
            assert_int_equal(errno, EAGAIN);
        if (sent < 0)
            turn(world);
        text += sent > 0 ? sent : 0;
        bytes -= sent > 0 ? (size_t)sent : 0;
    }
}

static void send_text(struct world *world, size_t client, const char *text)
{
    send_bytes(world, client, text, strlen(text));
}

/* The beginning of what came back, once the connection has ended. */
static void read_reply(struct world *world, size_t client, char *ret_text, size_t text_bytes)
{
    ssize_t got = -1;
    size_t have = 0;
    while (got != 0 && have + 1 < text_bytes) {
        got = recv(world->clients[client], ret_text + have, text_bytes - 1 - have, 0);
        if (got < 0)
            turn(world);
        have += got > 0 ? (size_t)got : 0;
    }
    ret_text[have] = '\0';
}

static void close_client(struct world *world, size_t client)
{
    close(world->clients[client]);
    world->clients[client] = -1;
}

static struct guard_counts counts_of(const struct world *world)
{
    return guard_counts(world->guard);
}

static void test_guard_counts_connections(void **state)
{
    (void)state;
    struct world world;
    world_new(&world, LONG_US);
    send_text(&world, 0, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
    AWAIT(&world, world.handled == 1);
    assert_int_equal(world.err, ERR_OK);
    assert_false(world.unread);
    send_text(&world, 1, "GET /healthz HTTP/1.1\r\n");
    AWAIT(&world, counts_of(&world).connections == 2);
    close_client(&world, 0);
    close_client(&world, 1);
    AWAIT(&world, counts_of(&world).connections == 0);
    struct guard_counts counts = counts_of(&world);
    assert_int_equal(counts.refused + counts.slow + counts.pressed + counts.body_bytes, 0);
    world_end(&world);
    guard_free(NULL);
}

static void test_guard_done_refused_by_its_head(void **state)
{
    (void)state;
    struct world world;
    world_new(&world, LONG_US);
    send_text(&world, 0,
              "POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: "
              "application/vnd.dsse.envelope.v1+json\r\nContent-Length: 2000000000\r\n\r\n{");
    AWAIT(&world, world.handled == 1);
    assert_int_equal(world.err, ERR_TOO_BIG);
    assert_non_null(strstr(world.why.s, "the body is too long"));
    assert_true(world.unread);
    assert_int_equal(counts_of(&world).refused, 1);
    assert_int_equal(counts_of(&world).body_bytes, 0);
    send_text(&world, 1,
              "POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: "
              "application/cloudevents+json\r\nAuthorization: Bearer no\r\n"
              "Content-Length: 5\r\n\r\n{");
    AWAIT(&world, world.handled == 2);
    assert_int_equal(world.err, ERR_UNAUTHENTICATED);
    assert_true(world.unread);
    assert_int_equal(counts_of(&world).refused, 2);
    world_end(&world);
}

/* A body that nobody reads is left, and that is no refusal. */
static void test_guard_unread_body_of_what_takes_none(void **state)
{
    static const char *const requests[] = {
        "GET /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n{",
        "POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n{",
    };
    (void)state;
    struct world world;
    world_new(&world, LONG_US);
    for (size_t i = 0; i < 2; i++) {
        send_text(&world, i, requests[i]);
        AWAIT(&world, world.handled == i + 1);
        assert_int_equal(world.err, ERR_OK);
        assert_true(world.unread);
    }
    assert_int_equal(counts_of(&world).refused, 0);
    world_end(&world);
}

#define ENVELOPE_HEAD                                                                              \
    "POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: "                                        \
    "application/vnd.dsse.envelope.v1+json\r\n"

static void test_guard_counts_bodies_under_way(void **state)
{
    (void)state;
    struct world world;
    world_new(&world, LONG_US);
    send_text(&world, 0, ENVELOPE_HEAD "Content-Length: 10\r\n\r\n1234");
    AWAIT(&world, counts_of(&world).body_bytes == 4);
    send_text(&world, 0, "567");
    AWAIT(&world, counts_of(&world).body_bytes == 7);
    assert_int_equal(world.handled, 0);
    send_text(&world, 0, "890");
    AWAIT(&world, world.handled == 1);
    assert_int_equal(world.err, ERR_OK);
    assert_false(world.unread);
    assert_int_equal(counts_of(&world).body_bytes, 0);
    world_end(&world);
}

/* Who begins and goes on too slowly is told so, and loses the connection. */
static void test_guard_ends_what_is_slow(void **state)
{
    static const char *const requests[] = {
        "GET /healthz HT",
        ENVELOPE_HEAD "Content-Length: 1000\r\n\r\n1234",
    };
    (void)state;
    struct world world;
    char reply[512];
    world_new(&world, SHORT_US);
    for (size_t i = 0; i < 2; i++) {
        send_text(&world, i, requests[i]);
        AWAIT(&world, counts_of(&world).slow == i + 1);
        read_reply(&world, i, reply, sizeof(reply));
        assert_non_null(strstr(reply, "HTTP/1.1 408 "));
        close_client(&world, i);
    }
    assert_int_equal(counts_of(&world).body_bytes, 0);
    assert_int_equal(world.handled, 0);
    AWAIT(&world, counts_of(&world).connections == 0);
    world_end(&world);
}

/* Bodies of nobody are bounded together: what is over that gives up the oldest. */
static void test_guard_gives_up_the_oldest_body(void **state)
{
    (void)state;
    struct world world;
    char reply[512];
    size_t each = EVENT_BYTES_MAX, needed = HTTP_BODIES_ANONYMOUS_BYTES_MAX / each + 1;
    char *body = mem_zero(1, each);
    memset(body, ' ', each);
    world_new(&world, LONG_US);
    assert_true(needed <= CLIENTS_MAX);
    for (size_t i = 0; i < needed; i++) {
        struct buf head = {0};
        buf_printf(&head, ENVELOPE_HEAD "Content-Length: %zu\r\n\r\n", each + 1);
        send_bytes(&world, i, (const char *)head.data, head.bytes);
        send_bytes(&world, i, body, each);
        buf_free(&head);
        if (i + 1 < needed)
            AWAIT(&world, counts_of(&world).body_bytes == (i + 1) * each);
    }
    AWAIT(&world, counts_of(&world).pressed == 1);
    read_reply(&world, 0, reply, sizeof(reply));
    assert_non_null(strstr(reply, "HTTP/1.1 503 "));
    AWAIT(&world, counts_of(&world).body_bytes == (needed - 1) * each);
    send_text(&world, 1, " "); /* the others are still good */
    AWAIT(&world, world.handled == 1);
    assert_int_equal(world.err, ERR_OK);
    free(body);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guard_counts_connections),
        cmocka_unit_test(test_guard_done_refused_by_its_head),
        cmocka_unit_test(test_guard_unread_body_of_what_takes_none),
        cmocka_unit_test(test_guard_counts_bodies_under_way),
        cmocka_unit_test(test_guard_ends_what_is_slow),
        cmocka_unit_test(test_guard_gives_up_the_oldest_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
