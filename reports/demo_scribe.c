#include "reports/demo_scribe.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "reports/demo_event.h"

#define PIECE 512  /* acts that one thread prepares, and that make one commit */
#define PILE 16384 /* acts that are prepared and written in one go */

/* An act on its way into the ledger. */
struct job {
    struct demo_act act;
    uint32_t counter;
    struct admitted *admitted; /* owned */
};

struct demo_scribe {
    const struct demo_world *world;
    struct ledger *ledger;
    struct pool *pool;
    struct demo_chain chain;
    struct demo_place *places;        /* owned: of each deployment */
    uint32_t counters[DEMO_CAST_MAX]; /* so often each has signed */
    struct job *jobs;                 /* owned: [PILE] */
    size_t count;
    uint64_t written;
    struct err_text why; /* of the piece that failed */
};

struct demo_scribe *demo_scribe_new(const struct demo_world *world, struct ledger *ledger,
                                    struct pool *pool)
{
    struct demo_scribe *scribe = mem_zero(1, sizeof(*scribe));
    scribe->world = world;
    scribe->ledger = ledger;
    scribe->pool = pool;
    scribe->places = mem_zero(world->slot_count, sizeof(*scribe->places));
    scribe->jobs = mem_zero(PILE, sizeof(*scribe->jobs));
    return scribe;
}

static void clear(struct demo_scribe *scribe)
{
    for (size_t i = 0; i < scribe->count; i++) {
        demo_act_free(&scribe->jobs[i].act);
        admit_free(scribe->jobs[i].admitted);
        scribe->jobs[i].admitted = NULL;
    }
    scribe->count = 0;
}

void demo_scribe_free(struct demo_scribe *scribe)
{
    if (scribe == NULL)
        return;
    clear(scribe);
    free(scribe->jobs);
    free(scribe->places);
    free(scribe);
}

/* Who brings it: nobody where it is signed, else the machine by its token, or the broker. */
static void courier_of(const struct demo_scribe *scribe, const struct demo_act *act,
                       struct courier *ret)
{
    const struct demo_cast *cast = &scribe->world->cast;
    const struct demo_member *member = &cast->members[act->who];
    *ret = (struct courier){.origin = ORIGIN_HTTP};
    if (act->way == DEMO_WAY_AMQP) {
        static const char user[] = "amqp:monitoring";
        *ret = (struct courier){.origin = ORIGIN_AMQP, .scopes = SCOPE_WRITE};
        hash_bytes(user, strlen(user), ret->credential);
        memcpy(ret->principal, user, sizeof(user));
        return;
    }
    if (!member->machine)
        return;
    hash_bytes(demo_cast_token(member, act->at_us), TOKEN_BYTES, ret->credential);
    ret->token = true;
}

/* As any message is let in, but for what the ledger itself says of one. */
static enum err let_in(struct demo_scribe *scribe, const struct demo_act *act,
                       const struct admit_message *message, struct admitted **ret,
                       struct err_text *ret_why)
{
    struct ledger *ledger = scribe->ledger;
    struct courier courier;
    courier_of(scribe, act, &courier);
    ledger_lock(ledger, false);
    const struct registry *registry = ledger_registry(ledger);
    enum err err = admit_courier(registry, registry_size(registry), act->at_us, &courier);
    if (err == ERR_OK)
        err = admit_event(ledger_admission(ledger), registry, &courier, message, ret, ret_why);
    else
        err_say(ret_why, err, "the token of %s does not hold",
                scribe->world->cast.members[act->who].name);
    ledger_unlock(ledger);
    return err;
}

/* The ledger's own word of a message that was no event. */
static enum err quarantine(struct demo_scribe *scribe, const struct demo_act *act,
                           const struct buf *text, struct admitted **ret, struct err_text *ret_why)
{
    enum err err = admit_own(ledger_admission(scribe->ledger), text, "inbox", act->at_us, ret);
    if (err != ERR_OK)
        return err_say(ret_why, err, "a quarantined message: %s", err_text(err));
    (*ret)->way = ORIGIN_AMQP;
    memcpy((*ret)->brought_by, "amqp:ci", sizeof("amqp:ci"));
    return ERR_OK;
}

static enum err find_since(const struct demo_scribe *scribe, const struct demo_act *act,
                           uint64_t *ret, struct err_text *ret_why)
{
    *ret = 0;
    return act->since_us == 0 ? ERR_OK : ledger_seq_at(scribe->ledger, act->since_us, ret, ret_why);
}

static enum err prepare(struct demo_scribe *scribe, struct job *job, struct err_text *ret_why)
{
    const struct demo_act *act = &job->act;
    struct demo_event_of of = {.world = scribe->world,
                               .ledger_hex = ledger_info(scribe->ledger)->id_hex,
                               .counter = job->counter};
    struct buf text = {0}, envelope = {0};
    if (act->rests != DEMO_RESTS_NOT)
        of.place = &scribe->places[act->place];
    enum err err = find_since(scribe, act, &of.since, ret_why);
    if (err != ERR_OK)
        return err;
    demo_event_text(&of, act, &text);
    if (act->way == DEMO_WAY_QUARANTINE) {
        err = quarantine(scribe, act, &text, &job->admitted, ret_why);
    } else {
        bool is_signed = demo_event_sign(&of, act, &text, &envelope);
        const struct buf *bytes = is_signed ? &envelope : &text;
        const struct admit_message message = {is_signed ? DSSE_MEDIA_TYPE : EVENT_MEDIA_TYPE,
                                              bytes->data, bytes->bytes, NULL};
        err = let_in(scribe, act, &message, &job->admitted, ret_why);
    }
    buf_free(&text);
    buf_free(&envelope);
    return err;
}

/* All of a piece but what rests on entries before it. */
static enum err prepare_piece(void *ctx, uint64_t index)
{
    struct demo_scribe *scribe = ctx;
    enum err err = ERR_OK;
    for (size_t i = index * PIECE; err == ERR_OK && i < scribe->count && i < (index + 1) * PIECE;
         i++) {
        struct err_text why = {""};
        if (scribe->jobs[i].act.rests != DEMO_RESTS_NOT)
            continue;
        err = prepare(scribe, &scribe->jobs[i], &why);
        if (err != ERR_OK)
            scribe->why = why;
    }
    return err;
}

static enum err append(struct demo_scribe *scribe, struct job *jobs, size_t count)
{
    struct admitted **admitted = mem_zero(count, sizeof(struct admitted *));
    struct receipt *receipts = mem_zero(count, sizeof(*receipts));
    for (size_t i = 0; i < count; i++)
        admitted[i] = jobs[i].admitted;
    enum err err = ledger_append(scribe->ledger, admitted, count, NULL, receipts, &scribe->why);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        if (receipts[i].err != ERR_OK && !jobs[i].act.twice)
            err = err_say(&scribe->why, receipts[i].err, "%s: %s", jobs[i].act.type,
                          err_text(receipts[i].err));
    }
    if (err == ERR_OK && !jobs[0].act.alone)
        ASSERT(memcmp(receipts[count - 1].leaf, scribe->chain.leaf, HASH_BYTES) == 0);
    ledger_receipts_free(receipts, count);
    free(admitted);
    free(receipts);
    scribe->written += count;
    return err;
}

/* What rests on entries is prepared once their leaves are known; then all of the piece is appended.
 */
static enum err write_piece(void *ctx, uint64_t index)
{
    struct demo_scribe *scribe = ctx;
    size_t from = index * PIECE;
    size_t to = scribe->count < from + PIECE ? scribe->count : from + PIECE;
    enum err err = ERR_OK;
    for (size_t i = from; err == ERR_OK && i < to; i++) {
        struct job *job = &scribe->jobs[i];
        if (job->admitted == NULL)
            err = prepare(scribe, job, &scribe->why);
        if (err != ERR_OK)
            return err;
        struct demo_place *place = &scribe->places[job->act.place];
        demo_chain_add(&scribe->chain, place, job->admitted);
        if (job->act.marked) {
            place->marked = place->count - 1;
            memcpy(place->marked_leaf, place->leaf, HASH_BYTES);
        }
    }
    return append(scribe, &scribe->jobs[from], to - from);
}

enum err demo_scribe_flush(struct demo_scribe *scribe, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    if (scribe->count > 0)
        err = demo_chain_read(&scribe->chain, scribe->ledger, &scribe->why);
    if (err == ERR_OK && scribe->count > 0)
        err = pool_each(scribe->pool, (scribe->count + PIECE - 1) / PIECE, prepare_piece,
                        write_piece, scribe);
    clear(scribe);
    return err == ERR_OK ? err : err_say(ret_why, err, "%s", scribe->why.s);
}

/* In a commit of its own: who comes next may rest on what it says. */
static enum err put_alone(struct demo_scribe *scribe, struct demo_act *act,
                          struct err_text *ret_why)
{
    struct job job = {.act = *act, .counter = ++scribe->counters[act->who]};
    *act = (struct demo_act){.data = NULL};
    enum err err = demo_scribe_flush(scribe, ret_why);
    if (err == ERR_OK)
        err = prepare(scribe, &job, &scribe->why);
    if (err == ERR_OK)
        err = append(scribe, &job, 1);
    demo_act_free(&job.act);
    admit_free(job.admitted);
    return err == ERR_OK ? err : err_say(ret_why, err, "%s", scribe->why.s);
}

enum err demo_scribe_put(struct demo_scribe *scribe, struct demo_act *act, struct err_text *ret_why)
{
    if (act->alone)
        return put_alone(scribe, act, ret_why);
    struct job *job = &scribe->jobs[scribe->count++];
    *job = (struct job){.act = *act, .counter = ++scribe->counters[act->who]};
    *act = (struct demo_act){.data = NULL};
    return scribe->count == PILE ? demo_scribe_flush(scribe, ret_why) : ERR_OK;
}

enum err demo_scribe_heads(struct demo_scribe *scribe, struct err_text *ret_why)
{
    struct registry_heads heads;
    bool new = false;
    enum err err = demo_scribe_flush(scribe, ret_why);
    return err == ERR_OK ? heads_make_append(scribe->ledger, &heads, &new, ret_why) : err;
}

uint64_t demo_scribe_written(const struct demo_scribe *scribe)
{
    return scribe->written;
}
