#include "ingest/farewell.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define FAREWELL_MAGIC MAGIC('F', 'r', 'w', 'l')
#define PARTING_MAGIC MAGIC('P', 'r', 't', 'g')

/* One socket, on our own descriptor. */
struct parting {
    uint32_t magic;
    struct farewell *farewell;
    struct parting *previous, *next;
    struct bufferevent *socket;
    size_t bytes;   /* thrown away so far */
    int64_t end_us; /* monotonic */
};

struct farewell {
    uint32_t magic;
    struct event_base *base;
    struct parting *first;
};

struct farewell *farewell_new(struct event_base *base)
{
    struct farewell *farewell = mem_zero(1, sizeof(*farewell));
    farewell->magic = FAREWELL_MAGIC;
    farewell->base = base;
    return farewell;
}

static void part(struct parting *parting)
{
    if (parting->previous != NULL)
        parting->previous->next = parting->next;
    else
        parting->farewell->first = parting->next;
    if (parting->next != NULL)
        parting->next->previous = parting->previous;
    bufferevent_free(parting->socket);
    parting->magic = 0;
    free(parting);
}

static void on_bytes(struct bufferevent *socket, void *ctx)
{
    struct evbuffer *input = bufferevent_get_input(socket);
    struct parting *parting;
    CAST_OBJ(parting, ctx, PARTING_MAGIC);
    parting->bytes += evbuffer_get_length(input);
    ASSERT(evbuffer_drain(input, evbuffer_get_length(input)) == 0);
    if (parting->bytes > HTTP_LINGER_BYTES_MAX || clock_monotonic_us() > parting->end_us)
        part(parting);
}

/* Its end, an error, or silence. */
static void on_end(struct bufferevent *socket, short what, void *ctx)
{
    struct parting *parting;
    CAST_OBJ(parting, ctx, PARTING_MAGIC);
    (void)socket;
    (void)what;
    part(parting);
}

void farewell_take(struct farewell *farewell, int fd)
{
    const struct timeval silence = {.tv_sec = HTTP_LINGER_SECONDS};
    CHECK_OBJ(farewell, FAREWELL_MAGIC);
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0) /* then it is closed at once */
        return;
    shutdown(own, SHUT_WR);
    struct parting *parting = mem_zero(1, sizeof(*parting));
    parting->magic = PARTING_MAGIC;
    parting->farewell = farewell;
    parting->end_us = clock_monotonic_us() + HTTP_LINGER_SECONDS * INSTANT_SECOND_US;
    parting->socket = bufferevent_socket_new(farewell->base, own, BEV_OPT_CLOSE_ON_FREE);
    ASSERT(parting->socket != NULL);
    bufferevent_setcb(parting->socket, on_bytes, NULL, on_end, parting);
    ASSERT(bufferevent_set_timeouts(parting->socket, &silence, NULL) == 0);
    ASSERT(bufferevent_enable(parting->socket, EV_READ) == 0 &&
           bufferevent_disable(parting->socket, EV_WRITE) == 0);
    parting->next = farewell->first;
    if (farewell->first != NULL)
        farewell->first->previous = parting;
    farewell->first = parting;
}

void farewell_free(struct farewell *farewell)
{
    if (farewell == NULL)
        return;
    for (struct parting *parting = farewell->first, *next; parting != NULL; parting = next) {
        next = parting->next;
        part(parting);
    }
    farewell->magic = 0;
    free(farewell);
}
