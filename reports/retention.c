#include "reports/retention.h"

#include <stdio.h>
#include <string.h>

#define PAGE_BYTES 4096 /* read at once of a stream: its opening is most often the first */

/* The end of the year 9999: no later moment has a text. */
static int64_t last_moment(void)
{
    return instant_from_date(10000, 1, 1) - 1;
}

static int64_t add_days(int64_t us, uint64_t days)
{
    int64_t room_us = last_moment() - us;
    int64_t span_us = (int64_t)days * INSTANT_DAY_US;
    return room_us < span_us ? last_moment() : us + span_us;
}

const char *retention_state_name(enum retention_state state)
{
    static const char *const names[] = {"kept", "held", "due"};
    return names[state];
}

static void take_policy(const struct retention_stream *stream, const struct registry_policy *policy,
                        struct retention *retention)
{
    const char *class_name = NULL;
    uint64_t days = registry_policy_days(policy, stream->environment, &class_name);
    if (days <= retention->days)
        return;
    retention->days = days;
    retention->class_name = class_name;
    retention->policy_seq = policy->seq;
}

void retention_of(const struct retention_at *at, const struct retention_stream *stream,
                  struct retention *ret)
{
    struct retention retention = {.state = RETENTION_KEPT};
    if (stream->opened_seq != SEQ_NONE)
        take_policy(stream, registry_policy(at->registry, stream->opened_seq), &retention);
    take_policy(stream, registry_policy(at->registry, at->size), &retention);
    retention.until_us = add_days(stream->last_us, retention.days);
    retention.hold = registry_hold_on(at->registry, stream->id, at->size, &retention.hold_count);
    if (retention.hold != NULL)
        retention.state = RETENTION_HELD;
    else if (at->at_us >= retention.until_us)
        retention.state = RETENTION_DUE;
    *ret = retention;
}

void retention_ledger_begin(int64_t last_us, struct retention_ledger *ret)
{
    *ret = (struct retention_ledger){.until_us = add_days(last_us, RETENTION_DAYS_MIN)};
}

void retention_ledger_add(struct retention_ledger *ledger, const char *id,
                          const struct retention *retention)
{
    ledger->held += retention->state == RETENTION_HELD;
    if (retention->until_us <= ledger->until_us)
        return;
    ledger->until_us = retention->until_us;
    snprintf(ledger->longest, sizeof(ledger->longest), "%s", id);
}

void retention_ledger_end(struct retention_ledger *ledger, int64_t at_us)
{
    ledger->state = ledger->held > 0            ? RETENTION_HELD
                    : at_us >= ledger->until_us ? RETENTION_DUE
                                                : RETENTION_KEPT;
}

void retention_ledger_move(struct retention_ledger *from, struct retention_ledger *to)
{
    to->held += from->held;
    if (from->until_us > to->until_us) {
        to->until_us = from->until_us;
        memcpy(to->longest, from->longest, sizeof(to->longest));
    }
    *from = (struct retention_ledger){.held = 0};
}

/* --- all streams of a ledger */

struct gathering {
    struct ledger *ledger;
    struct replay *replay; /* owned */
    const struct retention_at *at;
    retention_fn *fn;
    void *ctx;
    struct err_text *why;
};

/* The first deployment.opened of a stream. */
struct opening {
    bool found;
    uint64_t seq;
};

static enum err look_for_opening(void *ctx, const struct record *record, bool *ret_more)
{
    struct opening *opening = ctx;
    struct event *event = NULL;
    if (record->event.bytes == 0 ||
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return ERR_OK;
    const char *name = event_subject_verb(event);
    opening->found = name != NULL && strcmp(name, "deployment.opened") == 0;
    opening->seq = record->entry.seq;
    *ret_more = !opening->found;
    event_free(event);
    return ERR_OK;
}

/* The deployment as it was opened; NULL or unopened if it never was.  Where the first opening was
 * refused all of it is folded, once. */
static enum err find_opened(const struct gathering *gathering, const char *id,
                            struct deployment **ret)
{
    struct opening opening = {.found = false};
    const uint64_t size = gathering->at->size;
    struct ledger_walk walk = {.stream = id, .to_seq = size, .page_bytes = PAGE_BYTES};
    struct deployment *d = NULL;
    enum err err =
        ledger_each(gathering->ledger, &walk, look_for_opening, &opening, gathering->why);
    if (err == ERR_OK && opening.found)
        err = replay_fold(gathering->replay, id, opening.seq + 1, NULL, &d, gathering->why);
    if (err == ERR_OK && d != NULL && !d->opened.set) {
        deployment_free(d);
        d = NULL;
        err = replay_fold(gathering->replay, id, size, NULL, &d, gathering->why);
    }
    if (err == ERR_OK)
        *ret = d;
    return err;
}

static enum err read_last(const struct gathering *gathering, const struct heads_record *head,
                          int64_t *ret_us)
{
    struct record *record = NULL;
    uint64_t seq = 0;
    bool found = false;
    enum err err =
        ledger_stream_seq(gathering->ledger, head->stream, head->pos, &seq, &found, gathering->why);
    if (err == ERR_OK && !found)
        err = err_say(gathering->why, ERR_DAMAGED, "the index of streams does not have %s %llu",
                      head->stream, (unsigned long long)head->pos);
    if (err == ERR_OK)
        err = ledger_read(gathering->ledger, seq, &record, gathering->why);
    if (err == ERR_OK)
        *ret_us = record->entry.time_us;
    ledger_record_free(record);
    return err;
}

static enum err tell(const struct gathering *gathering, const struct heads_record *head,
                     struct retention_ledger *ledger)
{
    struct retention_stream stream = {.id = head->stream, .opened_seq = SEQ_NONE};
    struct retention retention;
    struct deployment *d = NULL;
    enum err err = read_last(gathering, head, &stream.last_us);
    if (err == ERR_OK && replay_is_deployment(head->stream))
        err = find_opened(gathering, head->stream, &d);
    if (err == ERR_OK && d != NULL && d->opened.set) {
        stream.opened_seq = d->opened.seq;
        stream.environment = d->environment;
    }
    if (err == ERR_OK) {
        retention_of(gathering->at, &stream, &retention);
        retention_ledger_add(ledger, stream.id, &retention);
        gathering->fn(gathering->ctx, &stream, &retention);
    }
    deployment_free(d);
    return err;
}

/* The stream `ledger` first: it begins with that. */
static enum err begin_ledger(const struct gathering *gathering, const struct heads *heads,
                             struct retention_ledger *ret)
{
    size_t index = 0;
    int64_t last_us = 0;
    if (!heads_find(heads, "ledger", &index))
        return err_say(gathering->why, ERR_NOT_FOUND, "there was no entry yet");
    enum err err = read_last(gathering, heads_at(heads, index), &last_us);
    if (err == ERR_OK)
        retention_ledger_begin(last_us, ret);
    return err;
}

enum err retention_each(struct ledger *ledger, const struct retention_at *at, retention_fn *fn,
                        void *ctx, struct retention_ledger *ret_ledger, struct err_text *ret_why)
{
    struct gathering gathering = {.ledger = ledger, .at = at, .fn = fn, .ctx = ctx, .why = ret_why};
    struct retention_ledger whole = {.held = 0};
    struct heads *heads = NULL;
    enum err err = heads_make_at(ledger, at->size, &heads, ret_why);
    if (err == ERR_OK)
        err = begin_ledger(&gathering, heads, &whole);
    if (err == ERR_OK)
        err = replay_open(ledger, &gathering.replay);
    for (size_t i = 0; err == ERR_OK && i < heads_count(heads); i++) {
        const struct heads_record *head = heads_at(heads, i);
        if (strcmp(head->stream, "ledger") != 0)
            err = tell(&gathering, head, &whole);
    }
    if (err == ERR_OK) {
        retention_ledger_end(&whole, at->at_us);
        *ret_ledger = whole;
    }
    replay_close(gathering.replay);
    heads_free(heads);
    return err;
}
