#include "ingest/follower.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/access.h"
#include "ingest/extract.h"
#include "ingest/problem.h"

#define CHECK_US 2000000LL /* a token that expires is seen so late at most */

static void set_unsent(struct follower *follower, size_t bytes)
{
    follower->hub->unsent_bytes += bytes - follower->unsent_bytes;
    follower->unsent_bytes = bytes;
}

static void follower_free(struct follower *follower)
{
    query_free(&follower->query);
    buf_free(&follower->page);
    follower->magic = 0;
    free(follower);
}

/* Its exchange is gone: it is no more, but for a page that is being read. */
static void leave(struct follower *follower)
{
    struct follower_hub *hub = follower->hub;
    follower->exchange = NULL;
    set_unsent(follower, 0);
    *(follower->before != NULL ? &follower->before->next : &hub->first) = follower->next;
    if (follower->next != NULL)
        follower->next->before = follower->before;
    hub->count--;
    hub->typed -= follower->type != NULL;
    if (!follower->reading)
        follower_free(follower);
}

static void on_lost(void *ctx)
{
    struct follower *follower;
    CAST_OBJ(follower, ctx, FOLLOWER_MAGIC);
    exchange_end(follower->exchange);
    leave(follower);
}

static void on_taken(void *ctx)
{
    struct follower *follower;
    CAST_OBJ(follower, ctx, FOLLOWER_MAGIC);
    struct follower_hub *hub = follower->hub;
    set_unsent(follower, 0);
    follower_pump(follower);
    follower_shed(hub);
}

static void say(struct follower *follower, const struct buf *text)
{
    int64_t now_us = clock_monotonic_us();
    if (follower->unsent_bytes == 0)
        follower->since_us = now_us;
    follower->spoke_us = now_us;
    exchange_add(follower->exchange, text);
    set_unsent(follower, exchange_unsent(follower->exchange));
}

void follower_finish(struct follower *follower, enum err err, const struct err_text *why)
{
    struct exchange *exchange = follower->exchange;
    struct buf text = {0};
    if (exchange == NULL)
        return;
    if (!follower->begun) {
        exchange_problem(exchange, err, why);
    } else {
        buf_text(&text, "event: end\ndata: ");
        problem_text(err, why, &text);
        buf_text(&text, "\n\n");
        exchange_add(exchange, &text);
        exchange_end(exchange);
        buf_free(&text);
    }
    leave(follower);
}

void follower_drop(struct follower *follower)
{
    struct err_text why;
    if (follower->exchange == NULL)
        return;
    if (!follower->begun) {
        follower_finish(follower, err_say(&why, ERR_BUSY, "the daemon is stopping"), &why);
        return;
    }
    exchange_cut(follower->exchange);
    leave(follower);
}

/* Who has taken nothing for the longest time, and is not to go already; NULL: nobody. */
static struct follower *slowest(const struct follower_hub *hub)
{
    struct follower *found = NULL;
    for (struct follower *f = hub->first; f != NULL; f = f->next) {
        if (f->unsent_bytes > 0 && !f->goes && (found == NULL || f->since_us < found->since_us))
            found = f;
    }
    return found;
}

void follower_shed(struct follower_hub *hub)
{
    size_t bytes = hub->unsent_bytes;
    if (bytes <= FOLLOWERS_BYTES_MAX)
        return;
    for (struct follower *f = slowest(hub); f != NULL && bytes > FOLLOWERS_BYTES_MAX;
         f = slowest(hub)) {
        f->goes = true;
        bytes -= f->unsent_bytes;
    }
    for (struct follower *f = hub->first; f != NULL;) {
        struct follower *next = f->next;
        hub->cut += f->goes;
        if (f->goes)
            follower_drop(f);
        f = next;
    }
}

static void add_record(void *ctx, const struct record *record)
{
    struct follower *follower;
    CAST_OBJ(follower, ctx, FOLLOWER_MAGIC);
    feed_text(record, &follower->page);
}

/* In a thread: read the next page.  Before the first one, whether there is such a place. */
static void run(void *ctx)
{
    struct follower *follower;
    CAST_OBJ(follower, ctx, FOLLOWER_MAGIC);
    struct extract extract = {.from = follower->page_from,
                              .stream = follower->stream,
                              .type = follower->type,
                              .limit = UINT64_MAX,
                              .bytes_max = FOLLOWER_BYTES_MAX};
    struct ledger *ledger = follower->hub->ledger;
    uint64_t size = 0;
    follower->err = ledger_size(ledger, &size, &follower->why);
    if (follower->err == ERR_OK && follower->page_from > size)
        follower->err = err_say(&follower->why, ERR_INVALID,
                                "the ledger has %" PRIu64 " entries, and none of seq %" PRIu64,
                                size, follower->page_from - 1);
    if (follower->err == ERR_OK)
        follower->err = extract_each(ledger, &extract, add_record, follower, &follower->why);
    follower->page_from = extract.from;
}

/* Begin the reply; false if its connection is gone meanwhile, and so is the follower. */
static bool begin(struct follower *follower)
{
    struct exchange_owner owner = {on_lost, on_taken, follower};
    follower->begun = true;
    follower->spoke_us = clock_monotonic_us();
    exchange_set(follower->exchange, "X-Accel-Buffering", "no"); /* a proxy would wait for more */
    if (exchange_begin(follower->exchange, STREAM_MEDIA_TYPE, &owner))
        return true;
    on_lost(follower);
    return false;
}

/* In the event loop again: send the page, and go on. */
static void end(void *ctx)
{
    struct follower *follower;
    CAST_OBJ(follower, ctx, FOLLOWER_MAGIC);
    follower->reading = false;
    if (follower->exchange == NULL) {
        follower_free(follower);
        return;
    }
    if (follower->err != ERR_OK) {
        follower_finish(follower, follower->err, &follower->why);
        return;
    }
    /* What was read may be younger than the last look at the token. */
    if (!follower_check(follower) || (!follower->begun && !begin(follower)))
        return;
    follower->seq = follower->page_from;
    if (follower->page.bytes > 0) {
        say(follower, &follower->page);
        follower->told = follower->seq;
    }
    buf_free(&follower->page);
    struct follower_hub *hub = follower->hub;
    follower_pump(follower);
    follower_shed(hub);
}

static void read_page(struct follower *follower)
{
    struct err_text why;
    follower->page_from = follower->seq;
    follower->work = (struct reading_work){.run = run, .end = end, .ctx = follower};
    /* As it ends if the daemon stops before it is read. */
    follower->err = err_say(&follower->why, ERR_BUSY, "the daemon is stopping");
    follower->reading = reading_push(follower->hub->reading, &follower->work);
    if (!follower->reading)
        follower_finish(follower, err_say(&why, ERR_BUSY, "the daemon is stopping"), &why);
}

static bool passes(const struct follower *follower, const struct feed_item *item)
{
    return (follower->stream == NULL || strcmp(follower->stream, item->stream) == 0) &&
           (follower->type == NULL ||
            (item->type != NULL && strcmp(follower->type, item->type) == 0));
}

/* Send of the newest entries what is new to it. */
static void send_newest(struct follower *follower)
{
    const struct feed *feed = follower->hub->feed;
    struct buf text = {0};
    uint64_t to = feed_to(feed);
    for (; follower->seq < to && text.bytes < FOLLOWER_BYTES_MAX; follower->seq++) {
        const struct feed_item *item = feed_item(feed, follower->seq);
        if (passes(follower, item))
            buf_add(&text, item->text.data, item->text.bytes);
    }
    if (text.bytes > 0) {
        say(follower, &text);
        follower->told = follower->seq;
    }
    buf_free(&text);
}

void follower_pump(struct follower *follower)
{
    if (follower->exchange == NULL || follower->reading ||
        follower->unsent_bytes >= FOLLOWER_BYTES_MAX)
        return;
    bool typed = follower->type != NULL;
    if (follower->begun && feed_has(follower->hub->feed, follower->seq, typed))
        send_newest(follower);
    else if (follower_check(follower))
        read_page(follower);
}

bool follower_check(struct follower *follower)
{
    struct err_text why = {""};
    enum err err = access_still(follower->exchange, &why);
    follower->check_us = clock_monotonic_us() + CHECK_US;
    if (err != ERR_OK)
        follower_finish(follower, err, &why);
    return err == ERR_OK;
}

/* In silence: that we are there, and that all up to here was looked at. */
static void say_alive(struct follower *follower)
{
    struct buf text = {0};
    buf_text(&text, ": alive\n");
    if (follower->seq > follower->told)
        buf_printf(&text, "id: %" PRIu64 "\n", follower->seq - 1);
    buf_text(&text, "\n");
    follower->told = follower->seq;
    say(follower, &text);
    buf_free(&text);
}

void follower_tick(struct follower *follower, int64_t now_us)
{
    const int64_t stall_us = FOLLOWER_STALL_SECONDS * INSTANT_SECOND_US;
    const int64_t alive_us = FOLLOWER_ALIVE_SECONDS * INSTANT_SECOND_US;
    if (!follower->begun)
        return;
    if (follower->unsent_bytes > 0 && now_us - follower->since_us > stall_us) {
        follower->hub->cut++;
        follower_drop(follower);
        return;
    }
    if (now_us >= follower->check_us && !follower_check(follower))
        return;
    if (follower->unsent_bytes == 0 && now_us - follower->spoke_us > alive_us)
        say_alive(follower);
}

void follower_new(struct follower_hub *hub, struct exchange *exchange, struct query *query,
                  uint64_t from)
{
    struct follower *follower = mem_zero(1, sizeof(*follower));
    follower->magic = FOLLOWER_MAGIC;
    follower->hub = hub;
    follower->exchange = exchange;
    follower->query = *query;
    *query = (struct query){0};
    follower->stream = query_text(&follower->query, "deployment");
    follower->type = query_text(&follower->query, "type");
    follower->seq = follower->told = from;
    follower->next = hub->first;
    if (hub->first != NULL)
        hub->first->before = follower;
    hub->first = follower;
    hub->count++;
    hub->typed += follower->type != NULL;
    read_page(follower);
}
