#include "ingest/amqp_consumer.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/account.h"
#include "ingest/amqp_held.h"
#include "ingest/journal.h"

#define CONSUMER_MAGIC MAGIC('A', 'C', 'o', 'n')
#define EXCHANGE "countersign"
#define QUEUE "countersign.ingest"
#define IDLE_MS 3000        /* heartbeats are seen to so often */
#define FRAMES_AT_ONCE 1024 /* before acks get their turn */
#define MINUTE_US (60 * INSTANT_SECOND_US)
#define BEAT_US (3 * INSTANT_SECOND_US) /* the same, while nothing is read */

struct amqp_consumer {
    uint32_t magic;
    struct amqp_consumer_config config;
    struct amqp_side side;
    struct amqp_publisher *publisher;
    struct sink *sink;
    /* What the thread alone touches. */
    struct amqp_held *coming; /* a message that is not whole yet; NULL: none */
    struct amqp_held_list list;
    struct job *waiting; /* owned: jobs without room in the inlet; nothing is read meanwhile */
    struct job **waiting_end;
    size_t out;   /* jobs that the inlet has */
    bool closing; /* the ledger cannot take anything now */
    struct err_text closing_why;
    int64_t minute_us; /* monotonic: when this minute of quarantine began */
    unsigned minute_count;
    struct journal_limit lines;
    atomic_uint_fast64_t deliveries, acks, quarantined, unacked;
    pthread_mutex_t mutex; /* guards the letters that came back */
    struct amqp_letter *back;
};

static void wake(void *ctx)
{
    struct amqp_consumer *consumer;
    CAST_OBJ(consumer, ctx, CONSUMER_MAGIC);
    amqp_side_wake(&consumer->side);
}

/* In the publisher's thread. */
static void letter_back(void *ctx, struct amqp_letter *letter)
{
    struct amqp_consumer *consumer;
    CAST_OBJ(consumer, ctx, CONSUMER_MAGIC);
    ASSERT(pthread_mutex_lock(&consumer->mutex) == 0);
    letter->next = consumer->back;
    consumer->back = letter;
    ASSERT(pthread_mutex_unlock(&consumer->mutex) == 0);
    amqp_side_wake(&consumer->side);
}

static enum err set_up(void *ctx, struct amqp_link *link, struct err_text *ret_why)
{
    struct amqp_consumer *consumer;
    CAST_OBJ(consumer, ctx, CONSUMER_MAGIC);
    const char *queue = consumer->config.queue;
    enum err err = ERR_OK;
    if (queue != NULL) {
        err = amqp_link_queue_there(link, queue, ret_why);
    } else {
        queue = QUEUE;
        err = amqp_link_exchange(link, EXCHANGE, ret_why);
        if (err == ERR_OK)
            err = amqp_link_queue(link, QUEUE, EXCHANGE, ret_why);
    }
    return err == ERR_OK ? amqp_link_consume(link, queue, AMQP_PREFETCH, ret_why) : err;
}

/* Hand jobs to the inlet as long as it has room. */
static void push_waiting(struct amqp_consumer *consumer)
{
    while (consumer->waiting != NULL) {
        struct job *job = consumer->waiting;
        struct job *next = job->next;
        struct amqp_held *held = job->owner;
        held->out = true; /* it may come back at once */
        job->next = NULL;
        if (inlet_push(consumer->config.inlet, job) != NULL) {
            job->next = next;
            held->out = false;
            return;
        }
        consumer->out++;
        consumer->waiting = next;
        if (next == NULL)
            consumer->waiting_end = &consumer->waiting;
    }
}

static void push(struct amqp_consumer *consumer, struct job *job)
{
    job->next = NULL;
    *consumer->waiting_end = job;
    consumer->waiting_end = &job->next;
    push_waiting(consumer);
}

/* Whether one more may be quarantined in this minute. */
static bool quarantine_allows(struct amqp_consumer *consumer)
{
    int64_t now_us = clock_monotonic_us();
    if (consumer->minute_us == 0 || now_us - consumer->minute_us >= MINUTE_US) {
        consumer->minute_us = now_us;
        consumer->minute_count = 0;
    }
    return consumer->minute_count++ < AMQP_QUARANTINE_MINUTE_MAX;
}

/* The job of the event that tells of a quarantine. */
static struct job *quarantine_job(struct amqp_consumer *consumer, struct amqp_held *held)
{
    struct ledger *ledger = consumer->config.ledger;
    struct admitted *admitted = NULL;
    struct buf event = {0};
    amqp_delivery_quarantine(&held->delivery, &held->courier, &held->why, &event);
    int64_t now_us = ledger_now(ledger);
    ledger_lock(ledger, false);
    enum err err = admit_own(ledger_admission(ledger), &event, "inbox", now_us, &admitted);
    ledger_unlock(ledger);
    ASSERT(err == ERR_OK);
    buf_free(&event);
    admitted->way = ORIGIN_AMQP;
    memcpy(admitted->brought_by, held->courier.principal, sizeof(admitted->brought_by));
    struct job *job = job_new(consumer->sink, held);
    job_own(job, admitted);
    return job;
}

/* What cannot be an event is kept in the ledger, or where that is too much by the broker. */
static void refuse(struct amqp_consumer *consumer, struct amqp_held *held, enum err err)
{
    bool whole = held->delivery.body_bytes <= AMQP_BODY_BYTES_MAX;
    bool ledger = quarantine_allows(consumer) || !whole;
    if (journal_allows(&consumer->lines))
        journal_line(ledger ? "quarantined" : "dead-letter", "way", "amqp", "courier",
                     held->courier.principal, "error", err_name(err), "detail", held->why.s, NULL);
    if (ledger) {
        atomic_fetch_add(&consumer->quarantined, 1);
        push(consumer, quarantine_job(consumer, held));
        return;
    }
    buf_clear(&held->letter.properties);
    amqp_delivery_dead(&held->delivery, &held->why, &held->letter.properties);
    held->letter.delivery = &held->delivery;
    held->letter.owner = held;
    held->out = true;
    amqp_publisher_send(consumer->publisher, &held->letter);
}

/* Make the message a job, and hand it in. */
static void submit(struct amqp_consumer *consumer, struct amqp_held *held)
{
    bool named = false;
    struct amqp_mail mail = {0};
    enum err err = amqp_delivery_courier(&held->delivery, &held->courier, &named, &held->why);
    if (err == ERR_OK && !named && consumer->config.require_user)
        err = err_say(&held->why, ERR_UNAUTHENTICATED, "the message has no user-id");
    if (err == ERR_OK)
        err = amqp_delivery_map(&held->delivery, &mail, &held->why);
    if (err != ERR_OK) {
        refuse(consumer, held, err);
        return;
    }
    struct job *job = job_new(consumer->sink, held);
    job->courier = held->courier;
    job->media = mail.media;
    job->message = mail.bytes;
    job->deployment = mail.deployment;
    push(consumer, job);
}

/* A job has come back. */
static void take_job(struct amqp_consumer *consumer, const struct job *job)
{
    struct amqp_held *held;
    CAST_OBJ(held, job->owner, AMQP_HELD_MAGIC);
    held->out = false;
    consumer->out--;
    if (held->loose) {
        amqp_held_free(held);
        return;
    }
    int status = err_http(job->err);
    if (job->err == ERR_OK || job->err == ERR_CONFLICT) {
        held->done = true;
    } else if (status >= 500) { /* not now: back into the queue, in its order, until it can be */
        consumer->closing = true;
        consumer->closing_why = job->why;
    } else {
        held->why = job->why;
        refuse(consumer, held, job->err);
    }
}

/* A letter has come back. */
static void take_letter(struct amqp_consumer *consumer, const struct amqp_letter *letter)
{
    struct amqp_held *held;
    CAST_OBJ(held, letter->owner, AMQP_HELD_MAGIC);
    held->out = false;
    held->done = letter->confirmed;
    if (letter->confirmed)
        account_dead(consumer->config.ledger, &held->courier);
    if (held->loose)
        amqp_held_free(held);
}

static void take_letters(struct amqp_consumer *consumer)
{
    ASSERT(pthread_mutex_lock(&consumer->mutex) == 0);
    struct amqp_letter *letter = consumer->back;
    consumer->back = NULL;
    ASSERT(pthread_mutex_unlock(&consumer->mutex) == 0);
    while (letter != NULL) {
        const struct amqp_letter *taken = letter;
        letter = letter->next;
        take_letter(consumer, taken);
    }
}

/* What has come back from the inlet and the publisher, and what that makes room for. */
static void take_back(struct amqp_consumer *consumer)
{
    struct job *jobs = sink_take(consumer->sink);
    while (jobs != NULL) {
        struct job *job = jobs;
        jobs = job->next;
        take_job(consumer, job);
        job_free(job);
    }
    take_letters(consumer);
    push_waiting(consumer);
}

static enum err ack(struct amqp_consumer *consumer, struct err_text *ret_why)
{
    struct amqp_link *link = consumer->side.link;
    uint64_t tag = 0;
    size_t count = amqp_held_settle(&consumer->list, &tag);
    atomic_store(&consumer->unacked, consumer->list.count);
    if (count == 0)
        return ERR_OK;
    enum err err = amqp_link_sent(
        link, amqp_basic_ack(amqp_link_state(link), AMQP_LINK_CHANNEL, tag, 1), ret_why);
    if (err == ERR_OK)
        atomic_fetch_add(&consumer->acks, count);
    return err;
}

/* The message that was coming in is whole. */
static void take_message(struct amqp_consumer *consumer)
{
    struct amqp_held *held = consumer->coming;
    consumer->coming = NULL;
    amqp_held_add(&consumer->list, held);
    atomic_fetch_add(&consumer->deliveries, 1);
    atomic_store(&consumer->unacked, consumer->list.count);
    submit(consumer, held);
}

static enum err take_method(struct amqp_consumer *consumer, const amqp_method_t *method,
                            struct err_text *ret_why)
{
    if (method->id != AMQP_BASIC_DELIVER_METHOD || consumer->coming != NULL)
        return err_say(ret_why, ERR_IO, "the broker sent what was not expected (%s)",
                       amqp_method_name(method->id));
    const amqp_basic_deliver_t *deliver = method->decoded;
    consumer->coming = amqp_held_new();
    consumer->coming->delivery.tag = deliver->delivery_tag;
    buf_add(&consumer->coming->delivery.key, deliver->routing_key.bytes, deliver->routing_key.len);
    return ERR_OK;
}

static enum err take_frame(struct amqp_consumer *consumer, const amqp_frame_t *frame,
                           struct err_text *ret_why)
{
    struct amqp_held *held = consumer->coming;
    const amqp_bytes_t *body = &frame->payload.body_fragment;
    const amqp_bytes_t *properties = &frame->payload.properties.raw;
    bool begun = held != NULL && held->delivery.properties.bytes > 0;
    if (frame->frame_type == AMQP_FRAME_METHOD)
        return take_method(consumer, &frame->payload.method, ret_why);
    if (frame->frame_type == AMQP_FRAME_HEADER && held != NULL && !begun)
        amqp_delivery_begin(&held->delivery, properties->bytes, properties->len,
                            frame->payload.properties.body_size);
    else if (frame->frame_type == AMQP_FRAME_BODY && begun)
        amqp_delivery_add(&held->delivery, body->bytes, body->len);
    else
        return err_say(ret_why, ERR_IO, "the broker sent a part of a message out of turn");
    if (amqp_delivery_whole(&held->delivery))
        take_message(consumer);
    return ERR_OK;
}

/* Whether more may be read: what was read waits for room, or is much already. */
static bool is_reading(const struct amqp_consumer *consumer)
{
    return !atomic_load(&consumer->side.stopping) && consumer->waiting == NULL &&
           consumer->list.bytes < AMQP_HELD_BYTES_MAX;
}

/* Take what has come; *${ret_more}: there may be more. */
static enum err take_frames(struct amqp_consumer *consumer, bool *ret_more,
                            struct err_text *ret_why)
{
    struct amqp_link *link = consumer->side.link;
    enum err err = ERR_OK;
    bool got = true;
    for (size_t i = 0; err == ERR_OK && got && i < FRAMES_AT_ONCE && is_reading(consumer); i++) {
        amqp_frame_t frame;
        err = amqp_link_next(link, &frame, &got, ret_why);
        if (err == ERR_OK && got)
            err = take_frame(consumer, &frame, ret_why);
        amqp_link_release(link);
    }
    atomic_store(&consumer->side.blocked, amqp_link_blocked(link));
    *ret_more = got;
    return err;
}

/* Consume over a link that stands until it is lost (an error) or the consumer is stopped. */
static enum err run_link(struct amqp_consumer *consumer, struct err_text *ret_why)
{
    struct amqp_side *side = &consumer->side;
    int64_t beat_us = clock_monotonic_us();
    for (;;) {
        bool more = false;
        take_back(consumer);
        enum err err = ack(consumer, ret_why);
        if (err == ERR_OK && consumer->closing)
            err = err_say(ret_why, ERR_IO, "nothing can be taken in now: %s",
                          consumer->closing_why.s);
        if (err != ERR_OK)
            return err;
        if (atomic_load(&side->stopping) && consumer->out == 0)
            return ERR_OK;
        bool reading = is_reading(consumer);
        if (reading)
            err = take_frames(consumer, &more, ret_why);
        else if (clock_monotonic_us() - beat_us >= BEAT_US)
            err = amqp_link_beat(side->link, ret_why);
        if (err != ERR_OK)
            return err;
        if (reading || clock_monotonic_us() - beat_us >= BEAT_US)
            beat_us = clock_monotonic_us();
        amqp_link_wait(side->link, side->wake_fd, more ? 0 : IDLE_MS, is_reading(consumer));
    }
}

/* The link is gone, and with it all that was not acked; it will come again. */
static void let_go(struct amqp_consumer *consumer)
{
    while (consumer->waiting != NULL) {
        struct job *job = consumer->waiting;
        consumer->waiting = job->next;
        job_free(job);
    }
    consumer->waiting_end = &consumer->waiting;
    amqp_held_drop(&consumer->list);
    amqp_held_free(consumer->coming);
    consumer->coming = NULL;
    consumer->closing = false;
    atomic_store(&consumer->unacked, 0);
}

/* Whether the ledger would take anything now. */
static bool is_ready(struct amqp_consumer *consumer)
{
    return !inlet_clock_leapt(consumer->config.inlet) &&
           ledger_ready(consumer->config.ledger, NULL) == ERR_OK;
}

static void *consumer_main(void *arg)
{
    struct amqp_consumer *consumer;
    CAST_OBJ(consumer, arg, CONSUMER_MAGIC);
    struct amqp_side *side = &consumer->side;
    while (!atomic_load(&side->stopping)) {
        struct err_text why = {""};
        if (!is_ready(consumer)) {
            amqp_side_pause(side);
            continue;
        }
        if (!amqp_side_connect(side, set_up, consumer))
            continue;
        enum err err = run_link(consumer, &why);
        let_go(consumer);
        if (err == ERR_OK) {
            amqp_side_leave(side);
            continue;
        }
        amqp_side_lost(side, &why);
        amqp_side_pause(side);
    }
    while (consumer->out > 0) {
        amqp_link_pause(side->wake_fd, IDLE_MS);
        take_back(consumer);
    }
    return NULL;
}

enum err amqp_consumer_start(const struct amqp_consumer_config *config,
                             struct amqp_consumer **ret_consumer, struct err_text *ret_why)
{
    struct amqp_consumer *consumer = mem_zero(1, sizeof(*consumer));
    consumer->magic = CONSUMER_MAGIC;
    consumer->config = *config;
    consumer->waiting_end = &consumer->waiting;
    consumer->sink = sink_new(wake, consumer);
    ASSERT(pthread_mutex_init(&consumer->mutex, NULL) == 0);
    const struct amqp_publisher_config publishing = {.link = config->link,
                                                     .ledger = config->ledger,
                                                     .inlet = config->inlet,
                                                     .committed = config->committed,
                                                     .done = letter_back,
                                                     .ctx = consumer};
    enum err err = amqp_side_init(&consumer->side, config->link, "consume", ret_why);
    if (err == ERR_OK)
        err = amqp_publisher_start(&publishing, &consumer->publisher, ret_why);
    if (err == ERR_OK)
        err = amqp_side_start(&consumer->side, consumer_main, consumer, ret_why);
    if (err != ERR_OK) {
        amqp_consumer_free(consumer);
        return err;
    }
    *ret_consumer = consumer;
    return ERR_OK;
}

void amqp_consumer_stop(struct amqp_consumer *consumer)
{
    if (consumer->publisher != NULL)
        amqp_publisher_ask(consumer->publisher); /* both may be waiting for a broker */
    amqp_side_stop(&consumer->side);
    if (consumer->publisher != NULL)
        amqp_publisher_stop(consumer->publisher);
    take_letters(consumer);
}

void amqp_consumer_free(struct amqp_consumer *consumer)
{
    if (consumer == NULL)
        return;
    amqp_consumer_stop(consumer);
    amqp_publisher_free(consumer->publisher);
    amqp_side_free(&consumer->side);
    sink_free(consumer->sink);
    ASSERT(pthread_mutex_destroy(&consumer->mutex) == 0);
    free(consumer);
}

struct amqp_consumer_counts amqp_consumer_counts(struct amqp_consumer *consumer)
{
    return (struct amqp_consumer_counts){
        .side = amqp_side_counts(&consumer->side),
        .publisher = amqp_publisher_counts(consumer->publisher),
        .deliveries = atomic_load(&consumer->deliveries),
        .acks = atomic_load(&consumer->acks),
        .quarantined = atomic_load(&consumer->quarantined),
        .unacked = atomic_load(&consumer->unacked),
    };
}
