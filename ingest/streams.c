#include "ingest/streams.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/access.h"
#include "ingest/follower.h"

#define STREAMS_MAGIC MAGIC('S', 't', 'r', 's')
#define TICK_US 200000      /* entries that nobody told of are seen so late at most */
#define PATIENCE_US 1000000 /* who takes nothing for so long is not told of the end */
#define PER_FOLLOWER 10     /* microseconds between two looks at the ledger, for each who follows */

struct streams {
    uint32_t magic;
    struct event_base *base;
    struct follower_hub hub;
    bool ticking;     /* a tick is to come */
    bool waiting;     /* a look at the ledger is to come */
    int64_t woken_us; /* when it was looked at last */
    bool recheck;     /* tokens must be looked at before anything is sent */
    bool stopping;
};

typedef void each_fn(struct follower *follower, void *ctx);

/* Call `fn` for each, which may end it. */
static void each(struct streams *streams, each_fn *fn, void *ctx)
{
    for (struct follower *follower = streams->hub.first; follower != NULL;) {
        struct follower *next = follower->next;
        fn(follower, ctx);
        follower = next;
    }
}

static void call_in(struct streams *streams, int64_t wait_us, event_callback_fn fn)
{
    struct timeval wait = {.tv_sec = wait_us / INSTANT_SECOND_US,
                           .tv_usec = wait_us % INSTANT_SECOND_US};
    ASSERT(event_base_once(streams->base, -1, EV_TIMEOUT, fn, streams, &wait) == 0);
}

static void look(struct streams *streams)
{
    streams->woken_us = clock_monotonic_us();
    feed_wake(streams->hub.feed, streams->hub.typed > 0);
}

static void on_wait_over(evutil_socket_t fd, short what, void *ctx)
{
    struct streams *streams;
    CAST_OBJ(streams, ctx, STREAMS_MAGIC);
    (void)fd;
    (void)what;
    streams->waiting = false;
    if (streams->hub.count > 0)
        look(streams);
}

void streams_wake(struct streams *streams)
{
    CHECK_OBJ(streams, STREAMS_MAGIC);
    if (streams->hub.count == 0 || streams->waiting)
        return;
    /* Many who follow are told of several entries at once, not of each. */
    int64_t gap_us = (int64_t)streams->hub.count * PER_FOLLOWER;
    int64_t wait_us = streams->woken_us + gap_us - clock_monotonic_us();
    if (wait_us <= 0) {
        look(streams);
        return;
    }
    streams->waiting = true;
    call_in(streams, wait_us, on_wait_over);
}

static void tick_one(struct follower *follower, void *ctx)
{
    follower_tick(follower, *(const int64_t *)ctx);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    struct streams *streams;
    CAST_OBJ(streams, ctx, STREAMS_MAGIC);
    (void)fd;
    (void)what;
    int64_t now_us = clock_monotonic_us();
    each(streams, tick_one, &now_us);
    follower_shed(&streams->hub);
    streams->ticking = streams->hub.count > 0;
    if (!streams->ticking)
        return;
    streams_wake(streams);
    call_in(streams, TICK_US, on_tick);
}

static void check_one(struct follower *follower, void *ctx)
{
    (void)ctx;
    if (follower->exchange != NULL && follower->begun)
        (void)follower_check(follower);
}

static void pump_one(struct follower *follower, void *ctx)
{
    (void)ctx;
    if (follower->begun)
        follower_pump(follower);
}

/* New entries.  If one may have ended a token, what comes behind it is not for who had that; and as
 * an entry can be read a little before the registry has it, those behind it are waited for, too. */
static void on_grown(void *ctx)
{
    struct streams *streams;
    CAST_OBJ(streams, ctx, STREAMS_MAGIC);
    const struct feed *feed = streams->hub.feed;
    bool acts = false;
    for (uint64_t seq = feed_fresh(feed); seq < feed_to(feed) && !acts; seq++)
        acts = strcmp(feed_item(feed, seq)->stream, "ledger") == 0;
    if (acts || streams->recheck)
        each(streams, check_one, NULL);
    streams->recheck = acts;
    each(streams, pump_one, NULL);
    follower_shed(&streams->hub);
}

struct failure {
    enum err err;
    const struct err_text *why;
};

static void fail_one(struct follower *follower, void *ctx)
{
    const struct failure *failure = ctx;
    follower_finish(follower, failure->err, failure->why);
}

static void on_failed(void *ctx, enum err err, const struct err_text *why)
{
    struct streams *streams;
    CAST_OBJ(streams, ctx, STREAMS_MAGIC);
    struct failure failure = {err, why};
    if (err != ERR_BUSY) /* the next tick looks again */
        each(streams, fail_one, &failure);
}

struct streams *streams_new(struct event_base *base, struct ledger *ledger, struct reading *reading)
{
    struct streams *streams = mem_zero(1, sizeof(*streams));
    struct feed_owner owner = {on_grown, on_failed, streams};
    streams->magic = STREAMS_MAGIC;
    streams->base = base;
    streams->hub.ledger = ledger;
    streams->hub.reading = reading;
    streams->hub.feed = feed_new(ledger, reading, &owner);
    return streams;
}

static void drop_one(struct follower *follower, void *ctx)
{
    (void)ctx;
    follower_drop(follower);
}

void streams_free(struct streams *streams)
{
    if (streams == NULL)
        return;
    each(streams, drop_one, NULL);
    feed_free(streams->hub.feed);
    free(streams);
}

/* Who is slow can go on elsewhere from where it is, and is not waited for. */
static void stop_one(struct follower *follower, void *ctx)
{
    (void)ctx;
    struct err_text why;
    enum err err = err_say(&why, ERR_BUSY, "the daemon is stopping");
    if (follower->unsent_bytes > 0 && clock_monotonic_us() - follower->since_us > PATIENCE_US)
        follower_drop(follower);
    else
        follower_finish(follower, err, &why);
}

void streams_stop(struct streams *streams)
{
    streams->stopping = true;
    each(streams, stop_one, NULL);
}

struct streams_counts streams_counts(const struct streams *streams)
{
    return (struct streams_counts){streams->hub.count, streams->hub.unsent_bytes, streams->hub.cut};
}

/* A client that lost its connection goes on from the last id that it saw. */
static enum err read_last_id(const struct exchange *exchange, uint64_t *ret_from,
                             struct err_text *ret_why)
{
    const char *text = exchange_header(exchange, "Last-Event-ID");
    uint64_t seq = 0;
    if (text == NULL || text[0] == '\0')
        return ERR_OK;
    if (!query_decimal(text, INT64_MAX, &seq))
        return err_say(ret_why, ERR_INVALID, "Last-Event-ID is no seq");
    *ret_from = seq + 1;
    return ERR_OK;
}

/* Nothing is there that could be lost before the end. */
static void on_head(void *ctx)
{
    (void)ctx;
}

static void answer_head(struct exchange *exchange)
{
    struct exchange_owner owner = {on_head, on_head, NULL};
    (void)!exchange_begin(exchange, STREAM_MEDIA_TYPE, &owner);
    exchange_end(exchange);
}

void streams_get(struct exchange *exchange)
{
    static const char *const names[] = {"after", "deployment", "type", NULL};
    struct streams *streams = exchange->service->streams;
    struct query query = {0};
    struct err_text why = {""};
    uint64_t after = UINT64_MAX; /* nothing seen: one more is 0 */
    enum err err = access_read(exchange, &why);
    if (err == ERR_OK && streams->stopping)
        err = err_say(&why, ERR_BUSY, "the daemon is stopping");
    if (err == ERR_OK)
        err = query_parse(exchange->query, names, &query, &why);
    if (err == ERR_OK)
        err = query_number(&query, "after", INT64_MAX, &after, &why);
    uint64_t from = after + 1;
    if (err == ERR_OK)
        err = read_last_id(exchange, &from, &why);
    const char *stream = query_text(&query, "deployment");
    if (err == ERR_OK && stream != NULL && !event_stream_ok(stream))
        err = err_say(&why, ERR_INVALID, "'deployment' is no deployment's name");
    if (err != ERR_OK) {
        exchange_problem(exchange, err, &why);
    } else if (exchange_is_head(exchange)) {
        answer_head(exchange);
    } else {
        follower_new(&streams->hub, exchange, &query, from);
        if (!streams->ticking)
            call_in(streams, TICK_US, on_tick);
        streams->ticking = true;
        streams_wake(streams);
    }
    query_free(&query);
}
