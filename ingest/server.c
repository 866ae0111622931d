#include "ingest/server.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ingest/bell.h"
#include "ingest/deployments.h"
#include "ingest/events_post.h"
#include "ingest/guard.h"
#include "ingest/notify.h"
#include "ingest/reading.h"
#include "ingest/route.h"
#include "ingest/streams.h"

#define SERVER_MAGIC MAGIC('S', 'r', 'v', 'r')
#define BACKLOG 1024
#define PAUSE_US 100000 /* without room for another connection, look again so much later */
#define SCRUB_PART_US (6LL * 3600 * INSTANT_SECOND_US) /* so much a failure can cost */
#define DRAIN_US 10000 /* while stopping, look whether all is answered so often */

struct server {
    uint32_t magic;
    struct presence *presence;
    struct service service;
    struct event_base *base;
    struct evhttp *http;
    struct evconnlistener *listener;   /* evhttp's; NULL once nothing is accepted any more */
    struct evhttp_bound_socket *bound; /* evhttp's, around the listener */
    struct sink *sink;                 /* of this front */
    struct scrub *scrub;               /* NULL: it is turned off */
    struct reading *reads;             /* its threads answer GET requests */
    struct reading *stream_reads;      /* its thread reads for who follows the ledger */
    struct streams *streams;
    struct deployments *deployments;
    struct address address; /* with the port that was taken */
    int signal_fd;
    int wake_fd;         /* a bell: jobs have come back */
    int fd_limit;        /* a connection with this descriptor is one too many */
    int64_t watchdog_us; /* how often the service manager is told that the loop goes round */
    int64_t drain_us;    /* monotonic: when waiting for slow clients ends */
};

/* Call `fn` once when `fd` can be read (-1: never), or `wait_us` from now. */
static void call_once(struct server *server, int fd, int64_t wait_us, event_callback_fn fn)
{
    struct timeval wait = {.tv_sec = wait_us / INSTANT_SECOND_US,
                           .tv_usec = wait_us % INSTANT_SECOND_US};
    bool timed = fd < 0;
    ASSERT(event_base_once(server->base, fd, timed ? EV_TIMEOUT : EV_READ, fn, server,
                           timed ? &wait : NULL) == 0);
}

/* A sink_wake_fn: jobs have come back. */
static void wake(void *ctx)
{
    struct server *server;
    CAST_OBJ(server, ctx, SERVER_MAGIC);
    bell_ring(server->wake_fd);
}

static void on_wake(evutil_socket_t fd, short what, void *ctx)
{
    struct server *server;
    CAST_OBJ(server, ctx, SERVER_MAGIC);
    (void)what;
    bell_hush(fd);
    if (!events_post_done(&server->service))
        bell_ring(fd); /* after what can be sent by then */
    streams_wake(server->streams);
    call_once(server, server->wake_fd, 0, on_wake);
}

/* Whether there is room for another connection beside one that was just accepted: the lowest free
 * descriptor tells how many are in use, for whatever. */
static bool has_room(const struct server *server)
{
    if (guard_counts(server->service.guard).connections + 1 >= HTTP_CONNECTIONS_MAX)
        return false;
    int lowest = fcntl(server->wake_fd, F_DUPFD_CLOEXEC, 0);
    if (lowest < 0)
        return false;
    close(lowest);
    return lowest < server->fd_limit;
}

static void on_pause_over(evutil_socket_t fd, short what, void *ctx)
{
    struct server *server;
    CAST_OBJ(server, ctx, SERVER_MAGIC);
    (void)fd;
    (void)what;
    if (server->listener == NULL)
        return;
    if (has_room(server))
        ASSERT(evconnlistener_enable(server->listener) == 0);
    else
        call_once(server, -1, PAUSE_US, on_pause_over);
}

/* Leave further connections to the system's backlog for a while. */
static void pause_accepting(struct server *server)
{
    ASSERT(evconnlistener_disable(server->listener) == 0);
    call_once(server, -1, PAUSE_US, on_pause_over);
    if (journal_allows(&server->service.refusals))
        journal_line("full", "detail", "no room for more connections", NULL);
}

/* A connection was accepted; libevent makes its bufferevent if we make none. */
static struct bufferevent *on_accept(struct event_base *base, void *ctx)
{
    struct server *server;
    CAST_OBJ(server, ctx, SERVER_MAGIC);
    if (!has_room(server))
        pause_accepting(server);
    return server->service.tls != NULL ? tls_accept(server->service.tls, base) : NULL;
}

static void on_drain(evutil_socket_t fd, short what, void *ctx)
{
    struct server *server;
    CAST_OBJ(server, ctx, SERVER_MAGIC);
    (void)fd;
    (void)what;
    const struct service *service = &server->service;
    bool sent = service->unsent == 0 || clock_monotonic_us() >= server->drain_us;
    bool read = reading_waiting(server->reads) == 0 && reading_waiting(server->stream_reads) == 0 &&
                deployments_waiting(server->deployments) == 0;
    if (service->waiting == 0 && read && sent)
        event_base_loopbreak(server->base);
    else
        call_once(server, -1, DRAIN_US, on_drain);
}

/* Read certificates and keys again; serve.json has the new key's digest. */
static void reload(struct server *server)
{
    struct err_text why = {""};
    char until[INSTANT_TEXT_BYTES];
    notify_reloading();
    if (server->service.tls == NULL) {
        journal_line("reloaded", "detail", "there are no certificates to read again", NULL);
        return;
    }
    enum err err = tls_reload(server->service.tls, &why);
    if (err == ERR_OK)
        err = server_announce(server, &why);
    if (err != ERR_OK) {
        journal_line("not-reloaded", "level", "error", "detail", why.s, "do",
                     "what was in use before still is", NULL);
        return;
    }
    instant_format(tls_counts(server->service.tls).not_after_us, until);
    journal_line("reloaded", "certificate_until", until, NULL);
}

static void begin_stop(struct server *server, bool interrupted)
{
    journal_line("stopping", "signal", interrupted ? "INT" : "TERM", NULL);
    notify_say("STOPPING=1");
    server->service.stopping = true;
    streams_stop(server->streams);
    server->drain_us = clock_monotonic_us() + SERVE_DRAIN_SECONDS * INSTANT_SECOND_US;
    evhttp_del_accept_socket(server->http, server->bound);
    server->listener = NULL;
    call_once(server, -1, 0, on_drain);
}

static void on_signal(evutil_socket_t fd, short what, void *ctx)
{
    struct server *server;
    CAST_OBJ(server, ctx, SERVER_MAGIC);
    (void)what;
    struct signalfd_siginfo info;
    ASSERT(read(fd, &info, sizeof(info)) == sizeof(info));
    if (info.ssi_signo == SIGHUP) {
        reload(server);
        notify_say("READY=1");
    } else if (!server->service.stopping)
        begin_stop(server, info.ssi_signo == SIGINT);
    call_once(server, server->signal_fd, 0, on_signal);
}

/* Room for as many connections as we allow, or as the system does. */
static void raise_fd_limit(struct server *server)
{
    struct rlimit limit;
    ASSERT(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    rlim_t wanted = HTTP_CONNECTIONS_MAX + 3 * FDS_RESERVED;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        ASSERT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    }
    rlim_t usable = limit.rlim_cur < wanted ? limit.rlim_cur : wanted;
    server->fd_limit =
        usable > (rlim_t)2 * FDS_RESERVED ? (int)usable - FDS_RESERVED : FDS_RESERVED;
    if (usable < wanted) {
        char room[24];
        snprintf(room, sizeof(room), "%d", server->fd_limit - FDS_RESERVED);
        journal_line("limited", "connections", room, "do",
                     "raise the limit of open files (ulimit -Hn, LimitNOFILE) for more", NULL);
    }
}

static enum err take_signals(struct server *server, struct err_text *ret_why)
{
    sigset_t signals;
    ASSERT(sigemptyset(&signals) == 0);
    ASSERT(sigaddset(&signals, SIGTERM) == 0);
    ASSERT(sigaddset(&signals, SIGINT) == 0);
    ASSERT(sigaddset(&signals, SIGHUP) == 0);
    ASSERT(pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0);
    ASSERT(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    server->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (server->signal_fd < 0)
        return err_say(ret_why, ERR_IO, "no file descriptors: %s", strerror(errno));
    return bell_new(&server->wake_fd, ret_why);
}

/* Bind the address and let evhttp accept on it. */
static enum err listen_on(struct server *server, const struct address *address,
                          struct err_text *ret_why)
{
    const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
    struct sockaddr_storage socket = address->socket;
    struct evconnlistener *listener =
        evconnlistener_new_bind(server->base, NULL, NULL, flags, BACKLOG,
                                (struct sockaddr *)&socket, (int)address->socket_bytes);
    if (listener == NULL) {
        struct buf url = {0};
        address_url(address, &url);
        enum err err = err_say(ret_why, ERR_IO, "cannot listen on %s: %s", (const char *)url.data,
                               strerror(errno));
        buf_free(&url);
        return err;
    }
    server->address = *address;
    server->address.tls = server->service.tls != NULL;
    ASSERT(getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&server->address.socket,
                       &server->address.socket_bytes) == 0);
    server->bound = evhttp_bind_listener(server->http, listener);
    ASSERT(server->bound != NULL);
    server->listener = listener;
    return ERR_OK;
}

/* libevent's own words go into the journal. */
static void on_libevent_log(int severity, const char *text)
{
    if (severity >= EVENT_LOG_WARN)
        journal_line("libevent", "detail", text, NULL);
}

static void set_up_http(struct server *server)
{
    event_set_log_callback(on_libevent_log);
    struct evhttp *http = server->http;
    evhttp_set_max_headers_size(http, HTTP_HEAD_BYTES_MAX);
    evhttp_set_max_body_size(http, HTTP_BODY_BYTES_MAX);
    evhttp_set_timeout(http, HTTP_IDLE_SECONDS);
    evhttp_set_default_content_type(http, NULL);
    evhttp_set_allowed_methods(http, UINT16_MAX);
    /* A body over the limit is read to its end, though not kept: only then does the client look at
     * the 413. */
    ASSERT(evhttp_set_flags(http, EVHTTP_SERVER_LINGERING_CLOSE) == 0);
    evhttp_set_gencb(http, route_handle, &server->service);
    evhttp_set_bevcb(http, on_accept, server);
}

enum err server_new(const struct server_config *config, struct server **ret_server,
                    struct err_text *ret_why)
{
    struct server *server = mem_zero(1, sizeof(*server));
    server->magic = SERVER_MAGIC;
    server->presence = config->presence;
    server->signal_fd = -1;
    server->wake_fd = -1;
    server->sink = sink_new(wake, server);
    exchange_service(&server->service, config->ledger);
    server->service.inlet = config->inlet;
    server->service.amqp = config->amqp;
    server->service.sink = server->sink;
    server->service.tls = config->tls;
    server->service.rate = config->rate;
    raise_fd_limit(server);
    struct scrub_config scrubbing = {.dir = ledger_dir(config->ledger),
                                     .rate = config->scrub_rate,
                                     .pause_us = config->scrub_pause_us,
                                     .part_us = SCRUB_PART_US};
    enum err err = take_signals(server, ret_why);
    if (err != ERR_OK)
        goto out;
    server->base = event_base_new();
    ASSERT(server->base != NULL);
    server->http = evhttp_new(server->base);
    ASSERT(server->http != NULL);
    struct guard_config guarding = {
        .base = server->base, .service = &server->service, .patience_us = config->patience_us};
    server->service.guard = guard_new(&guarding);
    set_up_http(server);
    err = listen_on(server, config->address, ret_why);
    if (err == ERR_OK)
        err = reading_start(server->base, READING_THREADS, READING_WAITING_MAX, &server->reads,
                            ret_why);
    if (err == ERR_OK)
        err = deployments_start(server->base, config->parts, ledger_dir(config->ledger),
                                &server->deployments, ret_why);
    if (err == ERR_OK) /* one piece at most for each who follows */
        err = reading_start(server->base, 1, SIZE_MAX, &server->stream_reads, ret_why);
    if (err == ERR_OK && scrubbing.rate > 0)
        err = scrub_start(&scrubbing, &server->scrub, ret_why);
    if (err != ERR_OK)
        goto out;
    server->service.scrub = server->scrub;
    server->service.reads = server->reads;
    server->streams = streams_new(server->base, config->ledger, server->stream_reads);
    server->service.streams = server->streams;
    server->service.deployments = server->deployments;
    *ret_server = server;
    server = NULL;
out:
    server_free(server);
    return err;
}

void server_url(const struct server *server, struct buf *buf)
{
    address_url(&server->address, buf);
}

enum err server_announce(struct server *server, struct err_text *ret_why)
{
    struct buf url = {0}, pin = {0};
    server_url(server, &url);
    if (server->service.tls != NULL)
        tls_pin(server->service.tls, &pin);
    enum err err = presence_announce(server->presence, (const char *)url.data,
                                     (const char *)pin.data, ret_why);
    buf_free(&url);
    buf_free(&pin);
    return err;
}

/* The loop goes round: whoever watches over the process is told. */
static void on_watchdog(evutil_socket_t fd, short what, void *ctx)
{
    struct server *server;
    CAST_OBJ(server, ctx, SERVER_MAGIC);
    (void)fd;
    (void)what;
    notify_say("WATCHDOG=1");
    call_once(server, -1, server->watchdog_us, on_watchdog);
}

void server_run(struct server *server)
{
    server->watchdog_us = notify_watchdog_us();
    if (server->watchdog_us > 0)
        on_watchdog(-1, 0, server);
    notify_say("READY=1");
    call_once(server, server->signal_fd, 0, on_signal);
    call_once(server, server->wake_fd, 0, on_wake);
    ASSERT(event_base_dispatch(server->base) == 0);
    if (server->scrub != NULL)
        scrub_stop(server->scrub);
}

void server_free(struct server *server)
{
    if (server == NULL)
        return;
    scrub_free(server->scrub);
    /* What still waits for these is answered, were it to nobody. */
    deployments_free(server->deployments);
    reading_free(server->reads);
    reading_free(server->stream_reads);
    streams_free(server->streams);
    if (server->http != NULL)
        evhttp_free(server->http);
    guard_free(server->service.guard);
    if (server->base != NULL)
        event_base_free(server->base);
    if (server->signal_fd >= 0)
        close(server->signal_fd);
    if (server->wake_fd >= 0)
        close(server->wake_fd);
    events_post_end(&server->service);
    sink_free(server->sink);
    free(server);
}
