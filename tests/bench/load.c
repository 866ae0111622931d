#include "tests/bench/load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536 /* taken from a socket at once */
#define WAKE_EVENTS 64   /* of epoll at once */

/* One connection. */
struct line {
    int fd;
    bool waits_to_send;
    const struct buf *request; /* under way; NULL: none */
    size_t sent;
    double began;
    struct buf reply;
};

/* All of them, and what has been done. */
struct run {
    const struct load *load;
    int epoll;
    struct line *lines; /* owned */
    size_t begun, done;
    double *times_us; /* owned: [done] */
    char *in;         /* owned: READ_BYTES */
};

static void must(bool good, const char *what)
{
    struct err_text why;
    enum err err = good ? ERR_OK : err_say(&why, ERR_IO, "%s", strerror(errno));
    bench_must(err, what, &why);
}

int load_connect(uint16_t port)
{
    const struct sockaddr_in where = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0, "a socket");
    must(connect(fd, (const struct sockaddr *)&where, sizeof(where)) == 0, "connecting");
    must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0, "a socket");
    return fd;
}

void load_send(int fd, const void *data, size_t bytes)
{
    must(send(fd, data, bytes, MSG_NOSIGNAL) == (ssize_t)bytes, "sending");
}

void load_get(struct buf *request, const char *path, const char *token)
{
    buf_printf(request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n", path);
    if (token != NULL)
        buf_printf(request, "Authorization: Bearer %s\r\n", token);
    buf_text(request, "\r\n");
}

void load_post(struct buf *request, const char *media, const char *token, const struct buf *body)
{
    buf_printf(request, "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\n",
               media);
    if (token != NULL)
        buf_printf(request, "Authorization: Bearer %s\r\n", token);
    buf_printf(request, "Content-Length: %zu\r\n\r\n", body->bytes);
    buf_add(request, body->data, body->bytes);
}

/* Whether a reply is there whole: head, and as many bytes as it says. */
static bool is_whole(const struct buf *reply)
{
    const char *text = (const char *)reply->data;
    const char *end = reply->bytes == 0 ? NULL : strstr(text, "\r\n\r\n");
    if (end == NULL)
        return false;
    const char *length = strstr(text, "\r\nContent-Length:");
    if (length == NULL)
        length = strcasestr(text, "\r\nContent-Length:");
    if (length == NULL || length > end)
        bench_must(ERR_INVALID, "a reply without its length", NULL);
    size_t body = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
    return reply->bytes >= (size_t)(end + 4 - text) + body;
}

static unsigned status_of(const struct buf *reply)
{
    const size_t at = strlen("HTTP/1.1 ");
    return reply->bytes < at ? 0 : (unsigned)strtoul((const char *)reply->data + at, NULL, 10);
}

void load_ask(int fd, const struct buf *request, struct buf *ret_reply)
{
    char *in = mem_alloc(READ_BYTES);
    load_send(fd, request->data, request->bytes);
    while (!is_whole(ret_reply)) {
        ssize_t bytes = recv(fd, in, READ_BYTES, 0);
        must(bytes > 0, "a reply");
        buf_add(ret_reply, in, (size_t)bytes);
    }
    free(in);
}

/* Wait for room to send only where there was none. */
static void watch(struct run *run, struct line *line, bool sending)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};
    if (sending == line->waits_to_send)
        return;
    line->waits_to_send = sending;
    if (sending)
        event.events |= EPOLLOUT;
    must(epoll_ctl(run->epoll, EPOLL_CTL_MOD, line->fd, &event) == 0, "epoll");
}

static void go_on_sending(struct run *run, struct line *line)
{
    const struct buf *request = line->request;
    ssize_t bytes = send(line->fd, request->data + line->sent, request->bytes - line->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
    must(bytes >= 0 || errno == EAGAIN, "sending");
    if (bytes > 0)
        line->sent += (size_t)bytes;
    watch(run, line, line->sent < request->bytes);
}

static void next_request(struct run *run, struct line *line)
{
    line->request = NULL;
    if (run->begun == run->load->count)
        return;
    line->request = &run->load->requests[run->begun++ % run->load->distinct];
    line->sent = 0;
    line->began = bench_now();
    go_on_sending(run, line);
}

static void take_reply(struct run *run, struct line *line)
{
    ssize_t bytes = recv(line->fd, run->in, READ_BYTES, MSG_DONTWAIT);
    if (bytes < 0 && errno == EAGAIN)
        return;
    must(bytes > 0 && line->request != NULL, "a reply");
    buf_add(&line->reply, run->in, (size_t)bytes);
    if (!is_whole(&line->reply))
        return;
    if (status_of(&line->reply) != run->load->status) {
        bench_say("%s", (const char *)line->reply.data);
        bench_must(ERR_INVALID, "a reply of another status", NULL);
    }
    run->times_us[run->done++] = (bench_now() - line->began) * 1e6;
    buf_clear(&line->reply);
    next_request(run, line);
}

static void open_lines(struct run *run)
{
    run->epoll = epoll_create1(EPOLL_CLOEXEC);
    must(run->epoll >= 0, "epoll");
    for (unsigned i = 0; i < run->load->connections; i++) {
        struct line *line = &run->lines[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};
        line->fd = load_connect(run->load->port);
        must(epoll_ctl(run->epoll, EPOLL_CTL_ADD, line->fd, &event) == 0, "epoll");
    }
}

static void close_lines(struct run *run)
{
    for (unsigned i = 0; i < run->load->connections; i++) {
        close(run->lines[i].fd);
        buf_free(&run->lines[i].reply);
    }
    close(run->epoll);
}

static void serve_wakes(struct run *run)
{
    struct epoll_event events[WAKE_EVENTS];
    int count = epoll_wait(run->epoll, events, WAKE_EVENTS, -1);
    must(count > 0, "epoll");
    for (int i = 0; i < count; i++) {
        struct line *line = events[i].data.ptr;
        if ((events[i].events & EPOLLOUT) != 0)
            go_on_sending(run, line);
        if ((events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
            take_reply(run, line);
    }
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

void load_run(const struct load *load, struct load_result *ret_result)
{
    struct run run = {.load = load};
    run.lines = mem_zero(load->connections, sizeof(*run.lines));
    run.times_us = mem_zero(load->count, sizeof(*run.times_us));
    run.in = mem_alloc(READ_BYTES);
    open_lines(&run);
    double began = bench_now();
    for (unsigned i = 0; i < load->connections; i++)
        next_request(&run, &run.lines[i]);
    while (run.done < load->count)
        serve_wakes(&run);
    ret_result->rate = (double)load->count / (bench_now() - began);
    close_lines(&run);
    qsort(run.times_us, load->count, sizeof(*run.times_us), by_time);
    ret_result->p50_us = run.times_us[load->count / 2];
    ret_result->p99_us = run.times_us[load->count * 99 / 100];
    free(run.times_us);
    free(run.lines);
    free(run.in);
}
