#include "ingest/amqp_publisher.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/amqp_entry.h"
#include "ingest/amqp_position.h"
#include "ingest/inlet.h"
#include "ingest/journal.h"

#define PUBLISHER_MAGIC MAGIC('A', 'P', 'u', 'b')
#define DEAD "countersign.dead"
#define COMMITTED "countersign.committed"
#define IDLE_MS 3000 /* heartbeats are seen to so often, and entries that nobody told of */
#define LOOK_MS 50   /* for the end, or for a ledger that is busy */
#define SAVE_US INSTANT_SECOND_US                         /* the position is written so often */
#define DRAIN_US (AMQP_CLOSE_SECONDS * INSTANT_SECOND_US) /* for the last confirms */

/* A message that is published and not confirmed. */
struct sent {
    struct amqp_letter *letter;  /* NULL: an entry */
    struct amqp_position behind; /* of an entry: the position once it is confirmed */
    size_t bytes;
    bool confirmed;
};

struct amqp_publisher {
    uint32_t magic;
    struct amqp_publisher_config config;
    struct amqp_side side;
    /* What the thread alone touches. */
    struct sent
        sent[AMQP_UNCONFIRMED_MAX]; /* the message of number n at n % AMQP_UNCONFIRMED_MAX */
    uint64_t first, next;           /* numbers: the oldest not confirmed, the next one */
    size_t bytes;                   /* of what is not confirmed */
    struct amqp_position position;  /* all before it is confirmed */
    uint64_t ahead;                 /* seq of the next entry to publish */
    int64_t saved_us;
    bool unsaved;
    bool busy; /* the ledger could not be read for now */
    atomic_uint_fast64_t letters, entries, position_next, unconfirmed;
    pthread_mutex_t mutex; /* guards the letters that wait */
    struct amqp_letter *waiting;
    struct amqp_letter **waiting_end;
};

static enum err set_up(void *ctx, struct amqp_link *link, struct err_text *ret_why)
{
    struct amqp_publisher *publisher;
    CAST_OBJ(publisher, ctx, PUBLISHER_MAGIC);
    enum err err = amqp_link_exchange(link, DEAD, ret_why);
    if (err == ERR_OK)
        err = amqp_link_queue(link, DEAD, DEAD, ret_why);
    if (err == ERR_OK && publisher->config.committed)
        err = amqp_link_exchange(link, COMMITTED, ret_why);
    return err == ERR_OK ? amqp_link_confirm(link, ret_why) : err;
}

static void put_back(struct amqp_publisher *publisher, struct amqp_letter *letter)
{
    ASSERT(pthread_mutex_lock(&publisher->mutex) == 0);
    letter->next = publisher->waiting;
    publisher->waiting = letter;
    if (letter->next == NULL)
        publisher->waiting_end = &letter->next;
    ASSERT(pthread_mutex_unlock(&publisher->mutex) == 0);
}

static struct amqp_letter *take_letter(struct amqp_publisher *publisher)
{
    ASSERT(pthread_mutex_lock(&publisher->mutex) == 0);
    struct amqp_letter *letter = publisher->waiting;
    if (letter != NULL)
        publisher->waiting = letter->next;
    if (publisher->waiting == NULL)
        publisher->waiting_end = &publisher->waiting;
    ASSERT(pthread_mutex_unlock(&publisher->mutex) == 0);
    return letter;
}

void amqp_publisher_send(struct amqp_publisher *publisher, struct amqp_letter *letter)
{
    letter->next = NULL;
    letter->confirmed = false;
    ASSERT(pthread_mutex_lock(&publisher->mutex) == 0);
    *publisher->waiting_end = letter;
    publisher->waiting_end = &letter->next;
    ASSERT(pthread_mutex_unlock(&publisher->mutex) == 0);
    amqp_side_wake(&publisher->side);
}

/* The numbers of a link begin with 1; what was not confirmed on the last one is sent again. */
static void begin_numbers(struct amqp_publisher *publisher)
{
    for (uint64_t n = publisher->next; n > publisher->first; n--) {
        struct sent *sent = &publisher->sent[(n - 1) % AMQP_UNCONFIRMED_MAX];
        if (sent->letter != NULL && !sent->confirmed)
            put_back(publisher, sent->letter);
        *sent = (struct sent){0};
    }
    publisher->first = publisher->next = 1;
    publisher->bytes = 0;
    publisher->ahead = publisher->position.next;
    atomic_store(&publisher->unconfirmed, 0);
}

static bool has_room(const struct amqp_publisher *publisher)
{
    return publisher->next - publisher->first < AMQP_UNCONFIRMED_MAX &&
           publisher->bytes < AMQP_UNCONFIRMED_BYTES_MAX;
}

static struct sent *note_sent(struct amqp_publisher *publisher, size_t bytes)
{
    struct sent *sent = &publisher->sent[publisher->next++ % AMQP_UNCONFIRMED_MAX];
    *sent = (struct sent){.bytes = bytes};
    publisher->bytes += bytes;
    atomic_store(&publisher->unconfirmed, publisher->next - publisher->first);
    return sent;
}

/* The oldest messages that are confirmed are done with. */
static void settle(struct amqp_publisher *publisher)
{
    while (publisher->first < publisher->next) {
        struct sent *sent = &publisher->sent[publisher->first % AMQP_UNCONFIRMED_MAX];
        if (!sent->confirmed)
            break;
        if (sent->letter != NULL) {
            atomic_fetch_add(&publisher->letters, 1);
        } else {
            publisher->position = sent->behind;
            publisher->unsaved = true;
            atomic_store(&publisher->position_next, sent->behind.next);
            atomic_fetch_add(&publisher->entries, 1);
        }
        publisher->bytes -= sent->bytes;
        publisher->first++;
    }
    atomic_store(&publisher->unconfirmed, publisher->next - publisher->first);
}

/* The broker has message `number`, or all up to it. */
static enum err confirm(struct amqp_publisher *publisher, uint64_t number, bool multiple,
                        struct err_text *ret_why)
{
    if (number >= publisher->next)
        return err_say(ret_why, ERR_IO, "the broker confirms what was never published");
    for (uint64_t n = multiple ? publisher->first : number; n <= number; n++) {
        struct sent *sent = &publisher->sent[n % AMQP_UNCONFIRMED_MAX];
        if (n < publisher->first || sent->confirmed)
            continue;
        sent->confirmed = true;
        if (sent->letter != NULL) {
            sent->letter->confirmed = true;
            publisher->config.done(publisher->config.ctx, sent->letter);
        }
    }
    settle(publisher);
    return ERR_OK;
}

static enum err take_frame(struct amqp_publisher *publisher, const amqp_frame_t *frame,
                           struct err_text *ret_why)
{
    if (frame->frame_type != AMQP_FRAME_METHOD)
        return ERR_OK;
    if (frame->payload.method.id == AMQP_BASIC_ACK_METHOD) {
        const amqp_basic_ack_t *ack = frame->payload.method.decoded;
        return confirm(publisher, ack->delivery_tag, ack->multiple != 0, ret_why);
    }
    if (frame->payload.method.id == AMQP_BASIC_RETURN_METHOD)
        return err_say(ret_why, ERR_IO, "a dead letter found no queue behind " DEAD);
    if (frame->payload.method.id == AMQP_BASIC_NACK_METHOD)
        return err_say(ret_why, ERR_IO, "the broker could not keep a message");
    return ERR_OK;
}

static enum err publish_letter(struct amqp_publisher *publisher, struct amqp_letter *letter,
                               struct err_text *ret_why)
{
    const struct amqp_delivery *delivery = letter->delivery;
    amqp_bytes_t encoded = {.len = letter->properties.bytes, .bytes = letter->properties.data};
    amqp_bytes_t key = {.len = delivery->key.bytes, .bytes = delivery->key.data};
    amqp_bytes_t body = {.len = delivery->body.bytes, .bytes = delivery->body.data};
    amqp_pool_t pool;
    void *properties = NULL;
    note_sent(publisher, encoded.len + body.len)->letter = letter;
    init_amqp_pool(&pool, 4096);
    ASSERT(amqp_decode_properties(AMQP_BASIC_CLASS, &pool, encoded, &properties) >= 0);
    int status =
        amqp_basic_publish(amqp_link_state(publisher->side.link), AMQP_LINK_CHANNEL,
                           amqp_cstring_bytes(DEAD), key, 1 /* mandatory */, 0, properties, body);
    empty_amqp_pool(&pool);
    return amqp_link_sent(publisher->side.link, status, ret_why);
}

/* A walk over entries that are to be published. */
struct walk {
    struct amqp_publisher *publisher;
    struct err_text why;
};

static enum err publish_entry(void *ctx, const struct record *record, bool *ret_more)
{
    struct walk *walk = ctx;
    struct amqp_publisher *publisher = walk->publisher;
    struct sent *sent = note_sent(publisher, record->event.bytes);
    sent->behind.next = record->entry.seq + 1;
    memcpy(sent->behind.leaf, record->leaf, HASH_BYTES);
    int status = amqp_entry_publish(amqp_link_state(publisher->side.link), AMQP_LINK_CHANNEL,
                                    COMMITTED, record);
    publisher->ahead = record->entry.seq + 1;
    *ret_more = has_room(publisher);
    return amqp_link_sent(publisher->side.link, status, &walk->why);
}

/* How many entries nobody can take back any more. */
static enum err settled_size(struct ledger *ledger, uint64_t *ret_size, struct err_text *ret_why)
{
    struct buf note = {0};
    struct checkpoint checkpoint;
    enum err err = ledger_checkpoint(ledger, &note, ret_why);
    if (err == ERR_OK)
        err = checkpoint_parse((const char *)note.data, note.bytes, &checkpoint);
    if (err == ERR_OK)
        *ret_size = checkpoint.size;
    buf_free(&note);
    return err;
}

/* The ledger's being busy is nothing that a broker, or its link, has to do with. */
static enum err publish_entries(struct amqp_publisher *publisher, struct err_text *ret_why)
{
    struct walk walk = {.publisher = publisher};
    uint64_t size = 0;
    enum err err = ledger_size(publisher->config.ledger, &size, ret_why);
    if (err == ERR_OK && size > publisher->ahead)
        err = settled_size(publisher->config.ledger, &size, ret_why);
    const struct ledger_walk range = {.from = publisher->ahead, .to_seq = size};
    if (err == ERR_OK && size > publisher->ahead)
        err = ledger_each(publisher->config.ledger, &range, publish_entry, &walk, ret_why);
    if (walk.why.s[0] != '\0')
        *ret_why = walk.why;
    publisher->busy = err == ERR_BUSY;
    return publisher->busy ? ERR_OK : err;
}

/* Publish what there is, as far as the broker keeps up with its confirms. */
static enum err publish(struct amqp_publisher *publisher, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    struct amqp_letter *letter;
    if (amqp_link_blocked(publisher->side.link))
        return ERR_OK;
    while (err == ERR_OK && has_room(publisher) && (letter = take_letter(publisher)) != NULL)
        err = publish_letter(publisher, letter, ret_why);
    /* Not one walk for each confirm, but one for many. */
    bool worth = publisher->next - publisher->first <= AMQP_UNCONFIRMED_MAX / 2;
    if (err == ERR_OK && publisher->config.committed && worth && has_room(publisher))
        err = publish_entries(publisher, ret_why);
    return err;
}

static void save(struct amqp_publisher *publisher)
{
    struct err_text why = {""};
    if (!publisher->unsaved)
        return;
    publisher->saved_us = clock_monotonic_us();
    publisher->unsaved = false;
    if (amqp_position_write(publisher->config.ledger, &publisher->position, &why) != ERR_OK)
        journal_line("amqp-position", "detail", why.s, NULL);
}

static enum err take_frames(struct amqp_publisher *publisher, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    bool got = true;
    while (err == ERR_OK && got) {
        amqp_frame_t frame;
        err = amqp_link_next(publisher->side.link, &frame, &got, ret_why);
        if (err == ERR_OK && got)
            err = take_frame(publisher, &frame, ret_why);
        amqp_link_release(publisher->side.link);
    }
    atomic_store(&publisher->side.blocked, amqp_link_blocked(publisher->side.link));
    return err;
}

/* Publish over a link that stands until it is lost (an error) or the publisher is stopped. */
static enum err run_link(struct amqp_publisher *publisher, struct err_text *ret_why)
{
    struct amqp_side *side = &publisher->side;
    int64_t stop_us = 0;
    for (;;) {
        enum err err = take_frames(publisher, ret_why);
        bool stopping = atomic_load(&side->stopping);
        if (err == ERR_OK && !stopping)
            err = publish(publisher, ret_why);
        if (err != ERR_OK)
            return err;
        if (clock_monotonic_us() - publisher->saved_us >= SAVE_US)
            save(publisher);
        stop_us = stop_us == 0 && stopping ? clock_monotonic_us() + DRAIN_US : stop_us;
        if (stopping && (publisher->first == publisher->next || clock_monotonic_us() >= stop_us))
            return ERR_OK;
        bool looking = publisher->busy || stopping;
        amqp_link_wait(side->link, side->wake_fd, looking ? LOOK_MS : IDLE_MS, true);
    }
}

static void *publisher_main(void *arg)
{
    struct amqp_publisher *publisher;
    CAST_OBJ(publisher, arg, PUBLISHER_MAGIC);
    struct amqp_side *side = &publisher->side;
    while (!atomic_load(&side->stopping)) {
        struct err_text why = {""};
        if (!amqp_side_connect(side, set_up, publisher))
            continue;
        begin_numbers(publisher);
        enum err err = run_link(publisher, &why);
        save(publisher);
        if (err == ERR_OK) {
            amqp_side_leave(side);
            continue;
        }
        amqp_side_lost(side, &why);
        amqp_side_pause(side);
    }
    begin_numbers(publisher);
    return NULL;
}

enum err amqp_publisher_start(const struct amqp_publisher_config *config,
                              struct amqp_publisher **ret_publisher, struct err_text *ret_why)
{
    struct amqp_publisher *publisher = mem_zero(1, sizeof(*publisher));
    publisher->magic = PUBLISHER_MAGIC;
    publisher->config = *config;
    publisher->first = publisher->next = 1;
    publisher->waiting_end = &publisher->waiting;
    ASSERT(pthread_mutex_init(&publisher->mutex, NULL) == 0);
    enum err err = amqp_side_init(&publisher->side, config->link, "publish", ret_why);
    if (err == ERR_OK && config->committed)
        err = amqp_position_read(config->ledger, &publisher->position, ret_why);
    atomic_store(&publisher->position_next, publisher->position.next);
    if (err == ERR_OK)
        err = amqp_side_start(&publisher->side, publisher_main, publisher, ret_why);
    if (err == ERR_OK && config->committed)
        inlet_watch(config->inlet, publisher->side.wake_fd);
    if (err != ERR_OK) {
        amqp_publisher_free(publisher);
        return err;
    }
    *ret_publisher = publisher;
    return ERR_OK;
}

void amqp_publisher_ask(struct amqp_publisher *publisher)
{
    amqp_side_ask(&publisher->side);
}

void amqp_publisher_stop(struct amqp_publisher *publisher)
{
    struct amqp_letter *letter;
    if (publisher->config.committed)
        inlet_watch(publisher->config.inlet, -1);
    amqp_side_stop(&publisher->side);
    while ((letter = take_letter(publisher)) != NULL)
        publisher->config.done(publisher->config.ctx, letter);
}

void amqp_publisher_free(struct amqp_publisher *publisher)
{
    if (publisher == NULL)
        return;
    amqp_publisher_stop(publisher);
    amqp_side_free(&publisher->side);
    ASSERT(pthread_mutex_destroy(&publisher->mutex) == 0);
    free(publisher);
}

struct amqp_publisher_counts amqp_publisher_counts(struct amqp_publisher *publisher)
{
    return (struct amqp_publisher_counts){.side = amqp_side_counts(&publisher->side),
                                          .letters = atomic_load(&publisher->letters),
                                          .entries = atomic_load(&publisher->entries),
                                          .position = atomic_load(&publisher->position_next),
                                          .unconfirmed = atomic_load(&publisher->unconfirmed)};
}
