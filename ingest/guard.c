#include "ingest/guard.h"

#include <dlfcn.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/account.h"
#include "ingest/farewell.h"
#include "ingest/head.h"
#include "ingest/route.h"

#define GUARD_MAGIC MAGIC('G', 'r', 'd', ' ')
#define VISIT_MAGIC MAGIC('V', 's', 't', ' ')
#define TOO_SLOW 408 /* a status that libevent has no name for */
#define BUCKETS 8192 /* a power of two */
#define LOOKS 8      /* at every connection, in the time that is given to one */

/* Until the head is there, while the body comes, and then. */
enum phase { PHASE_HEAD, PHASE_BODY, PHASE_REPLY };

/* A request from when its connection waits for it until it is answered. */
struct visit {
    uint32_t magic;
    enum phase phase;
    struct guard *guard;
    struct evhttp_request *request;
    struct visit *previous, *next; /* of all */
    struct visit *chain;           /* of its bucket */
    int64_t since_us;  /* monotonic: of the head's first byte, the body, the reply; 0: not yet */
    int64_t idle_us;   /* monotonic: since when the connection waits for a request; 0: not yet */
    size_t reply_left; /* bytes of the reply that were unsent then */
    size_t received;   /* bytes of the body */
    struct evbuffer *input; /* where they are counted; NULL: nowhere */
    struct evbuffer_cb_entry *counter;
    struct err_text *why; /* owned; NULL: it was not refused */
    enum err err;
    bool message; /* its head was read, and it brings one */
    bool anonymous;
    bool unread; /* its body, or a part, is left */
};

typedef void request_fn(struct evhttp_request *request, void *ctx);

struct guard {
    uint32_t magic;
    struct event_base *base;
    struct service *service;
    struct farewell *farewell;
    struct timeval tick;
    int64_t patience_us;
    struct visit *first;
    struct visit *buckets[BUCKETS];
    size_t received[2]; /* of all bodies under way: of those with credentials, of the others */
    bool pressing;      /* a look at that is due */
    struct guard_counts counts; /* but body_bytes: the sum of `received` */
};

static _Thread_local struct guard *here; /* of this thread's event loop */

static size_t bucket_of(const struct evhttp_request *request)
{
    return (size_t)(((uintptr_t)request >> 4) * 0x9E3779B97F4A7C15ULL >> 40) & (BUCKETS - 1);
}

static struct visit *visit_of(const struct guard *guard, const struct evhttp_request *request)
{
    struct visit *visit = guard != NULL ? guard->buckets[bucket_of(request)] : NULL;
    while (visit != NULL && visit->request != request)
        visit = visit->chain;
    return visit;
}

static struct bufferevent *connection_of(const struct visit *visit)
{
    return evhttp_connection_get_bufferevent(visit->request->evcon);
}

/* The body is whole, or nothing is read of it any more. */
static void stop_counting(struct visit *visit)
{
    if (visit->counter != NULL)
        ASSERT(evbuffer_remove_cb_entry(visit->input, visit->counter) == 0);
    visit->guard->received[visit->anonymous] -= visit->received;
    visit->counter = NULL;
    visit->input = NULL;
    visit->received = 0;
}

/* --- what happens to requests: made, freed, their heads read */

static void visit_free(struct visit *visit)
{
    struct guard *guard = visit->guard;
    struct visit **at = &guard->buckets[bucket_of(visit->request)];
    stop_counting(visit);
    if (visit->unread && visit->request->evcon != NULL)
        farewell_take(guard->farewell, bufferevent_getfd(connection_of(visit)));
    while (*at != visit)
        at = &(*at)->chain;
    *at = visit->chain;
    if (visit->previous != NULL)
        visit->previous->next = visit->next;
    else
        guard->first = visit->next;
    if (visit->next != NULL)
        visit->next->previous = visit->previous;
    guard->counts.connections--;
    free(visit->why);
    visit->magic = 0;
    free(visit);
}

static void visit_new(struct guard *guard, struct evhttp_request *request)
{
    struct visit *visit = mem_zero(1, sizeof(*visit));
    struct visit **bucket = &guard->buckets[bucket_of(request)];
    visit->magic = VISIT_MAGIC;
    visit->guard = guard;
    visit->request = request;
    visit->chain = *bucket;
    *bucket = visit;
    visit->next = guard->first;
    if (guard->first != NULL)
        guard->first->previous = visit;
    guard->first = visit;
    guard->counts.connections++;
}

static void press(evutil_socket_t fd, short what, void *ctx);

/* Bytes of a body have come. */
static void on_body(struct evbuffer *input, const struct evbuffer_cb_info *info, void *ctx)
{
    const struct timeval now = {0};
    struct visit *visit;
    CAST_OBJ(visit, ctx, VISIT_MAGIC);
    struct guard *guard = visit->guard;
    (void)input;
    visit->received += info->n_added;
    guard->received[visit->anonymous] += info->n_added;
    bool over = guard->received[1] > HTTP_BODIES_ANONYMOUS_BYTES_MAX ||
                guard->received[0] > HTTP_BODIES_BYTES_MAX;
    if (over && !guard->pressing) {
        guard->pressing = true;
        ASSERT(event_base_once(guard->base, -1, EV_TIMEOUT, press, guard, &now) == 0);
    }
}

static void start_counting(struct visit *visit)
{
    const struct evbuffer_cb_info there = {
        .n_added = evbuffer_get_length(bufferevent_get_input(connection_of(visit)))};
    visit->phase = PHASE_BODY;
    visit->since_us = clock_monotonic_us();
    visit->input = bufferevent_get_input(connection_of(visit));
    visit->counter = evbuffer_add_cb(visit->input, on_body, visit);
    ASSERT(visit->counter != NULL);
    on_body(visit->input, &there, visit);
}

static void drop_header(struct evhttp_request *request, const char *name)
{
    while (evhttp_remove_header(request->input_headers, name) == 0)
        continue;
}

/* Leave the body unread: for libevent the request is whole. */
static void leave_body(struct visit *visit)
{
    drop_header(visit->request, "Content-Length");
    drop_header(visit->request, "Transfer-Encoding");
    drop_header(visit->request, "Expect");
    visit->unread = true;
}

/* What a head says of its body. */
struct body {
    bool there;
    bool chunked;
    uint64_t bytes; /* 0 if it is chunked */
};

/* Of a head that was checked. */
static struct body read_body(const struct evhttp_request *request)
{
    const char *length = evhttp_find_header(request->input_headers, "Content-Length");
    struct body body = {
        .chunked = evhttp_find_header(request->input_headers, "Transfer-Encoding") != NULL};
    if (length != NULL && !args_number(length, &body.bytes))
        body.bytes = UINT64_MAX;
    body.there = body.chunked || body.bytes > 0;
    return body;
}

/* Whether the body may come; then how much of it, and from whom. */
static enum err judge(struct visit *visit, const struct body *body, struct err_text *ret_why)
{
    struct route_body wanted = {.bytes_max = HTTP_BODY_BYTES_MAX};
    struct evbuffer *input = bufferevent_get_input(connection_of(visit));
    bool whole = !body->chunked && evbuffer_get_length(input) >= body->bytes;
    enum err err = ERR_OK;
    /* What has come already is judged by its handler, once. */
    if (!whole)
        err = route_head(visit->request, visit->guard->service, &wanted, ret_why);
    if (err != ERR_OK)
        return err;
    if (!wanted.taken && !whole) {
        leave_body(visit);
        return ERR_OK;
    }
    if (body->bytes > wanted.bytes_max)
        return err_say(ret_why, ERR_TOO_BIG,
                       "the body is too long: an event may have %d bytes, a batch %d",
                       EVENT_BYTES_MAX, HTTP_BODY_BYTES_MAX);
    evhttp_connection_set_max_body_size(visit->request->evcon, (ev_ssize_t)wanted.bytes_max);
    visit->anonymous = wanted.anonymous;
    if (!whole)
        start_counting(visit);
    return ERR_OK;
}

/* The head is read. */
static int on_head(struct evhttp_request *request, void *ctx)
{
    struct visit *visit = visit_of(here, request);
    struct err_text why = {""};
    struct body body = {0};
    (void)ctx;
    if (visit == NULL)
        return 0;
    visit->since_us = 0;
    visit->phase = PHASE_REPLY;
    visit->message = route_brings(request);
    enum err err = head_check(request, &why);
    if (err == ERR_OK)
        body = read_body(request);
    /* Only a POST has a body that anybody reads. */
    if (err == ERR_OK && body.there && request->type != EVHTTP_REQ_POST)
        leave_body(visit);
    else if (err == ERR_OK && body.there)
        err = judge(visit, &body, &why);
    if (err == ERR_OK)
        return 0;
    leave_body(visit);
    visit->err = err;
    visit->why = mem_copy(&why, sizeof(why));
    visit->guard->counts.refused++;
    return 0;
}

/* Find libevent's own function, to be called where ours stands before it. */
static void find_library(const char *name, void *ret_function)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    ASSERT(symbol != NULL);
    memcpy(ret_function, &symbol, sizeof(symbol));
}

__attribute__((visibility("default"))) struct evhttp_request *evhttp_request_new(request_fn *cb,
                                                                                 void *arg)
{
    static _Thread_local struct evhttp_request *(*library)(request_fn *, void *);
    if (library == NULL)
        find_library("evhttp_request_new", &library);
    struct evhttp_request *request = library(cb, arg);
    if (request != NULL && here != NULL) {
        visit_new(here, request);
        evhttp_request_set_header_cb(request, on_head);
    }
    return request;
}

__attribute__((visibility("default"))) void evhttp_request_free(struct evhttp_request *request)
{
    static _Thread_local void (*library)(struct evhttp_request *);
    struct visit *visit = visit_of(here, request);
    if (library == NULL)
        find_library("evhttp_request_free", &library);
    if (visit != NULL && (request->flags & EVHTTP_REQ_DEFER_FREE) == 0)
        visit_free(visit);
    library(request);
}

/* --- what is looked at again and again */

/* Answer with a problem, whatever has come of the request, and close the connection. */
static void give_up(struct visit *visit, int status, const char *why)
{
    struct bufferevent *connection = connection_of(visit);
    stop_counting(visit);
    visit->phase = PHASE_REPLY;
    visit->since_us = 0;
    visit->unread = true;
    evhttp_send_error(visit->request, status, why);
    ASSERT(bufferevent_disable(connection, EV_READ) == 0);
}

/* The body that has been under way for longest, of those that hold something. */
static struct visit *oldest_body(const struct guard *guard, bool anonymous)
{
    struct visit *oldest = NULL;
    for (struct visit *visit = guard->first; visit != NULL; visit = visit->next) {
        if (visit->received > 0 && visit->anonymous == anonymous &&
            (oldest == NULL || visit->since_us < oldest->since_us))
            oldest = visit;
    }
    return oldest;
}

/* Give up the oldest bodies until the others are within their bounds. */
static void press(evutil_socket_t fd, short what, void *ctx)
{
    static const size_t max[2] = {HTTP_BODIES_BYTES_MAX, HTTP_BODIES_ANONYMOUS_BYTES_MAX};
    struct visit *oldest;
    struct guard *guard;
    CAST_OBJ(guard, ctx, GUARD_MAGIC);
    (void)fd;
    (void)what;
    guard->pressing = false;
    for (int anonymous = 0; anonymous < 2; anonymous++) {
        while (guard->received[anonymous] > max[anonymous] &&
               (oldest = oldest_body(guard, anonymous == 1)) != NULL) {
            guard->counts.pressed++;
            give_up(oldest, HTTP_SERVUNAVAIL,
                    "too much is being received at once, and this has taken longest; try again");
        }
    }
}

/* Whether something has taken longer than it may: some time, then as long as its bytes take at the
 * lowest rate. */
static bool is_slow(const struct visit *visit, int64_t now_us, size_t bytes)
{
    int64_t over_us = now_us - visit->since_us - visit->guard->patience_us;
    return over_us > 0 && (int64_t)bytes < over_us / 1000 * HTTP_RATE_MIN / 1000;
}

static void watch_head(struct visit *visit, int64_t now_us)
{
    struct bufferevent *connection = connection_of(visit);
    bool open = tls_open(connection);
    bool begun = !open || visit->request->uri != NULL ||
                 evbuffer_get_length(bufferevent_get_input(connection)) > 0;
    if (visit->idle_us == 0)
        visit->idle_us = now_us;
    if (!begun)
        visit->since_us = 0;
    else if (visit->since_us == 0)
        visit->since_us = now_us;
    bool slow = begun && is_slow(visit, now_us, 0);
    if (slow)
        visit->guard->counts.slow++;
    if (slow && open)
        give_up(visit, TOO_SLOW, "the head of the request took too long");
    else if (slow || (!begun && now_us - visit->idle_us > HTTP_IDLE_SECONDS * INSTANT_SECOND_US))
        evhttp_connection_free(visit->request->evcon);
}

static void watch_body(struct visit *visit, int64_t now_us)
{
    if (!is_slow(visit, now_us, visit->received))
        return;
    visit->guard->counts.slow++;
    give_up(visit, TOO_SLOW, "the body of the request came too slowly");
}

/* A reply that is whole must go out in time, too; one that goes on is its sender's to watch. */
static void watch_reply(struct visit *visit, int64_t now_us)
{
    size_t left = evbuffer_get_length(bufferevent_get_output(connection_of(visit)));
    if (left == 0 || evhttp_find_header(visit->request->output_headers, "Content-Length") == NULL) {
        visit->since_us = 0;
        return;
    }
    if (visit->since_us == 0) {
        visit->since_us = now_us;
        visit->reply_left = left;
    }
    size_t sent = visit->reply_left > left ? visit->reply_left - left : 0;
    if (!is_slow(visit, now_us, sent))
        return;
    visit->guard->counts.slow++;
    visit->unread = false; /* what would it linger for */
    evhttp_connection_free(visit->request->evcon);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx);

static void await_tick(struct guard *guard)
{
    ASSERT(event_base_once(guard->base, -1, EV_TIMEOUT, on_tick, guard, &guard->tick) == 0);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    static void (*const watch[])(struct visit *, int64_t) = {watch_head, watch_body, watch_reply};
    struct guard *guard;
    CAST_OBJ(guard, ctx, GUARD_MAGIC);
    int64_t now_us = clock_monotonic_us();
    (void)fd;
    (void)what;
    for (struct visit *visit = guard->first, *next; visit != NULL; visit = next) {
        next = visit->next;
        if (visit->request->evcon != NULL)
            watch[visit->phase](visit, now_us);
    }
    await_tick(guard);
}

struct guard *guard_new(const struct guard_config *config)
{
    struct guard *guard = mem_zero(1, sizeof(*guard));
    const int64_t tick_us = config->patience_us / LOOKS;
    ASSERT(here == NULL);
    guard->magic = GUARD_MAGIC;
    guard->base = config->base;
    guard->service = config->service;
    guard->patience_us = config->patience_us;
    guard->farewell = farewell_new(config->base);
    guard->tick = (struct timeval){.tv_sec = tick_us / INSTANT_SECOND_US,
                                   .tv_usec = tick_us % INSTANT_SECOND_US};
    await_tick(guard);
    here = guard;
    return guard;
}

void guard_free(struct guard *guard)
{
    if (guard == NULL)
        return;
    for (struct visit *visit = guard->first, *next; visit != NULL; visit = next) {
        next = visit->next;
        visit->unread = false;
        visit_free(visit);
    }
    farewell_free(guard->farewell);
    here = NULL;
    guard->magic = 0;
    free(guard);
}

struct guard_counts guard_counts(const struct guard *guard)
{
    struct guard_counts counts = guard->counts;
    counts.body_bytes = guard->received[0] + guard->received[1];
    return counts;
}

enum err guard_done(struct guard *guard, struct evhttp_request *request, struct err_text *ret_why)
{
    struct visit *visit = visit_of(guard, request);
    if (visit == NULL)
        return head_check(request, ret_why);
    stop_counting(visit);
    visit->phase = PHASE_REPLY;
    visit->since_us = 0;
    if (visit->err != ERR_OK && ret_why != NULL)
        *ret_why = *visit->why;
    return visit->err;
}

void guard_refused(const struct evhttp_request *request, enum err err)
{
    const struct visit *visit = visit_of(here, request);
    if (visit == NULL)
        return;
    struct service *service = visit->guard->service;
    service->problems[err]++;
    if (visit->message || route_brings(request))
        account_head(service->ledger, err);
}

bool guard_unread(const struct guard *guard, const struct evhttp_request *request)
{
    const struct visit *visit = visit_of(guard, request);
    return visit != NULL && visit->unread;
}
