#include "ingest/exchange.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ingest/guard.h"
#include "ingest/problem.h"

#define COPIED_BYTES_MAX 16384 /* a longer body is handed over as it is */
#define IGNORED_BYTES_MAX 4096 /* that a client sends while it is replied to in pieces */

void exchange_service(struct service *service, struct ledger *ledger)
{
    *service = (struct service){.magic = SERVICE_MAGIC, .ledger = ledger};
}

struct exchange *exchange_new(struct service *service, struct evhttp_request *request)
{
    CHECK_OBJ(service, SERVICE_MAGIC);
    struct exchange *exchange = mem_zero(1, sizeof(*exchange));
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
    exchange->magic = EXCHANGE_MAGIC;
    exchange->service = service;
    exchange->request = request;
    exchange->path = path != NULL ? path : "";
    exchange->query = uri != NULL ? evhttp_uri_get_query(uri) : NULL;
    return exchange;
}

const char *exchange_header(const struct exchange *exchange, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(exchange->request), name);
}

void exchange_body(struct exchange *exchange, struct buf *buf)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(exchange->request);
    size_t bytes = evbuffer_get_length(body);
    if (bytes > 0)
        ASSERT(evbuffer_remove(body, buf_room(buf, bytes), bytes) == (int)bytes);
}

void exchange_set(struct exchange *exchange, const char *name, const char *value)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(exchange->request);
    evhttp_remove_header(headers, name);
    /* Fails only for a line break in the value: then there is no such header. */
    (void)evhttp_add_header(headers, name, value);
}

void exchange_drop(struct exchange *exchange)
{
    exchange->magic = 0;
    free(exchange->param);
    free(exchange);
}

/* Whatever becomes of the reply, it is no longer ours to send. */
static void forget(struct exchange *exchange)
{
    exchange->service->unsent--;
    exchange->service->unsent_bytes -= exchange->reply_bytes;
    exchange_drop(exchange);
}

/* The reply is on its way out of the process as a whole. */
static void on_sent(struct evhttp_request *request, void *arg)
{
    struct exchange *exchange;
    CAST_OBJ(exchange, arg, EXCHANGE_MAGIC);
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), NULL, NULL);
    forget(exchange);
}

/* The connection was lost before the reply was out. */
static void on_lost(struct evhttp_connection *connection, void *arg)
{
    struct exchange *exchange;
    CAST_OBJ(exchange, arg, EXCHANGE_MAGIC);
    evhttp_connection_set_closecb(connection, NULL, NULL);
    forget(exchange);
}

/* Phrases that libevent does not have; NULL leaves it to choose. */
static const char *phrase_of(int status)
{
    return status == 422   ? "Unprocessable Content"
           : status == 429 ? "Too Many Requests"
           : status == 507 ? "Insufficient Storage"
                           : NULL;
}

/* Headers that every reply has. */
static void set_common(struct exchange *exchange, const char *media)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(exchange->request);
    exchange_set(exchange, "Content-Type", media);
    exchange_set(exchange, "X-Content-Type-Options", "nosniff");
    if (evhttp_find_header(headers, "Content-Security-Policy") == NULL)
        exchange_set(exchange, "Content-Security-Policy",
                     "default-src 'none'; frame-ancestors 'none'");
    exchange_set(exchange, "Referrer-Policy", "no-referrer");
    if (evhttp_find_header(headers, "Cache-Control") == NULL)
        exchange_set(exchange, "Cache-Control", "no-store");
    if (exchange->service->stopping || guard_unread(exchange->service->guard, exchange->request))
        exchange_set(exchange, "Connection", "close");
}

static void set_length(struct exchange *exchange, size_t body_bytes)
{
    struct buf length = {0};
    buf_printf(&length, "%zu", body_bytes);
    exchange_set(exchange, "Content-Length", (const char *)length.data);
    buf_free(&length);
}

static void release(const void *data, size_t bytes, void *ctx)
{
    (void)data;
    (void)bytes;
    free(ctx);
}

/* Give the body to libevent, a large one without copying it. */
static void add_body(struct exchange *exchange, struct buf *body)
{
    struct evbuffer *out = evhttp_request_get_output_buffer(exchange->request);
    exchange->reply_bytes = body->bytes;
    if (body->bytes < COPIED_BYTES_MAX) {
        ASSERT(evbuffer_add(out, body->data, body->bytes) == 0);
        return;
    }
    ASSERT(evbuffer_add_reference(out, body->data, body->bytes, release, body->data) == 0);
    *body = (struct buf){0};
}

/* From here on the connection has the reply: it tells when that is sent or lost. */
static void send_off(struct exchange *exchange)
{
    struct evhttp_request *request = exchange->request;
    evhttp_request_set_on_complete_cb(request, on_sent, exchange);
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_lost, exchange);
    exchange->service->unsent++;
    exchange->service->unsent_bytes += exchange->reply_bytes;
}

void exchange_send(struct exchange *exchange, int status, const char *media, struct buf *body)
{
    CHECK_OBJ(exchange, EXCHANGE_MAGIC);
    struct evhttp_request *request = exchange->request;
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    set_common(exchange, media);
    if (status != HTTP_NOTMODIFIED)
        set_length(exchange, body->bytes);
    if (!exchange_is_head(exchange) && body->bytes > 0)
        add_body(exchange, body);
    if (connection != NULL) {
        send_off(exchange);
    } else {
        exchange_drop(exchange);
    }
    evhttp_send_reply(request, status, phrase_of(status), NULL);
    /* libevent reads on while it writes, without bound, and takes a half-closed connection for a
     * lost one.  It reads again when it waits for the next request. */
    if (connection != NULL)
        bufferevent_disable(evhttp_connection_get_bufferevent(connection), EV_READ);
}

void exchange_problem(struct exchange *exchange, enum err err, const struct err_text *why)
{
    struct buf body = {0};
    exchange->service->problems[err]++;
    int status = err_http(err);
    problem_text(err, why, &body);
    buf_text(&body, "\n");
    if (status == 401)
        exchange_set(exchange, "WWW-Authenticate", "Bearer");
    struct evkeyvalq *headers = evhttp_request_get_output_headers(exchange->request);
    if (status == 429 && evhttp_find_header(headers, "Retry-After") == NULL)
        exchange_set(exchange, "Retry-After", "1");
    if (status == 503 || status == 507)
        exchange_set(exchange, "Retry-After", err == ERR_BUSY ? "1" : "30");
    exchange_send(exchange, status, PROBLEM_MEDIA_TYPE, &body);
    buf_free(&body);
}

/* The connection of a reply in pieces is gone; the request is ours alone, unless we dropped it. */
static void on_piece_lost(struct evhttp_connection *connection, void *arg)
{
    struct exchange *exchange;
    CAST_OBJ(exchange, arg, EXCHANGE_MAGIC);
    evhttp_connection_set_closecb(connection, NULL, NULL);
    exchange->lost = true;
    if (evhttp_request_get_connection(exchange->request) != NULL)
        exchange->request = NULL; /* which is freed with the connection */
    exchange->owner.lost(exchange->owner.ctx);
}

static void on_piece_taken(struct evhttp_connection *connection, void *arg)
{
    struct exchange *exchange;
    CAST_OBJ(exchange, arg, EXCHANGE_MAGIC);
    (void)connection;
    exchange->reply_bytes = 0;
    exchange->owner.taken(exchange->owner.ctx);
}

bool exchange_begin(struct exchange *exchange, const char *media,
                    const struct exchange_owner *owner)
{
    CHECK_OBJ(exchange, EXCHANGE_MAGIC);
    struct evhttp_request *request = exchange->request;
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    exchange->owner = *owner;
    exchange->lost = connection == NULL;
    if (exchange->lost)
        return false;
    set_common(exchange, media);
    exchange_set(exchange, "Connection", "close");
    evhttp_connection_set_closecb(connection, on_piece_lost, exchange);
    evhttp_send_reply_start(request, HTTP_OK, NULL);
    /* It is read on, for that shows when it is closed, but little is kept of what comes; and it may
     * be still for as long as it likes. */
    struct bufferevent *events = evhttp_connection_get_bufferevent(connection);
    int on = 1;
    bufferevent_setwatermark(events, EV_READ, 0, IGNORED_BYTES_MAX);
    ASSERT(bufferevent_set_timeouts(events, NULL, NULL) == 0);
    /* A piece is small, and whole: it does not wait for the one before it to be acknowledged. */
    (void)setsockopt(bufferevent_getfd(events), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return true;
}

bool exchange_is_head(const struct exchange *exchange)
{
    return evhttp_request_get_command(exchange->request) == EVHTTP_REQ_HEAD;
}

void exchange_add(struct exchange *exchange, const struct buf *text)
{
    CHECK_OBJ(exchange, EXCHANGE_MAGIC);
    ASSERT(!exchange->lost && text->bytes > 0);
    struct evbuffer *piece = evbuffer_new();
    ASSERT(piece != NULL && evbuffer_add(piece, text->data, text->bytes) == 0);
    exchange->reply_bytes += text->bytes;
    evhttp_send_reply_chunk_with_cb(exchange->request, piece, on_piece_taken, exchange);
    evbuffer_free(piece);
}

size_t exchange_unsent(const struct exchange *exchange)
{
    return exchange->reply_bytes;
}

void exchange_end(struct exchange *exchange)
{
    CHECK_OBJ(exchange, EXCHANGE_MAGIC);
    struct evhttp_request *request = exchange->request;
    if (exchange->lost) {
        exchange_drop(exchange);
        if (request != NULL)
            evhttp_request_free(request);
        return;
    }
    send_off(exchange);
    evhttp_send_reply_end(request);
}

void exchange_cut(struct exchange *exchange)
{
    CHECK_OBJ(exchange, EXCHANGE_MAGIC);
    ASSERT(!exchange->lost);
    struct evhttp_connection *connection = evhttp_request_get_connection(exchange->request);
    evhttp_connection_set_closecb(connection, NULL, NULL);
    exchange_drop(exchange);
    evhttp_connection_free(connection);
}
