#include "replay/replay.h"

#include <stdlib.h>
#include <string.h>

#include "replay/effect.h"
#include "replay/names.h"

#define REPLAY_MAGIC MAGIC('R', 'P', 'L', 'Y')
#define FOLDING_MAGIC MAGIC('F', 'L', 'D', 'G')

/* The state of one deployment that is judged live, and all its verdicts: the same event sent again
 * gets its first one. */
struct live {
    struct deployment *deployment;
    struct verdict *verdicts;
    size_t count, cap;
};

struct replay {
    uint32_t magic;
    struct ledger *ledger;
    struct catalog *catalog;
    struct names ids; /* deployment > index in lives */
    struct live *lives;
    size_t count, cap;
};

enum err replay_open(struct ledger *ledger, struct replay **ret_replay)
{
    struct replay *replay = mem_zero(1, sizeof(*replay));
    replay->magic = REPLAY_MAGIC;
    replay->ledger = ledger;
    replay->catalog = catalog_new(ledger_registry(ledger));
    *ret_replay = replay;
    return ERR_OK;
}

static void live_free(struct live *live)
{
    deployment_free(live->deployment);
    for (size_t i = 0; i < live->count; i++)
        verdict_clear(&live->verdicts[i]);
    free(live->verdicts);
}

void replay_close(struct replay *replay)
{
    if (replay == NULL)
        return;
    CHECK_OBJ(replay, REPLAY_MAGIC);
    for (size_t i = 0; i < replay->count; i++)
        live_free(&replay->lives[i]);
    free(replay->lives);
    names_free(&replay->ids);
    catalog_free(replay->catalog);
    replay->magic = 0;
    free(replay);
}

bool replay_is_deployment(const char *stream)
{
    return strcmp(stream, "ledger") != 0 && strcmp(stream, "inbox") != 0;
}

/* A fold in progress: who watches it, or who keeps the verdicts. */
struct folding {
    uint32_t magic;
    struct deployment *deployment;
    const struct replay_view *view; /* may be NULL */
    struct live *live;              /* may be NULL */
    struct err_text *why;
};

/* The event of a record: where nobody looks on, only as much of it as the reducer does. */
static enum err read_event(const struct folding *folding, const struct buf *bytes,
                           struct event **ret_event)
{
    struct event *event = NULL;
    bool lean = folding->view == NULL || folding->view->lean;
    enum err err = lean ? event_read_own(bytes->data, bytes->bytes, &event, NULL)
                        : event_parse(bytes->data, bytes->bytes, &event, NULL);
    bool deeper = err == ERR_OK && (event_subject_verb(event) != NULL || effect_looks_into(event));
    if (deeper && !event_take_data(event)) {
        event_free(event);
        err = ERR_DAMAGED;
    }
    if (err == ERR_OK)
        *ret_event = event;
    return err;
}

static enum err fold_one(void *ctx, const struct record *record, bool *ret_more)
{
    struct folding *folding;
    struct event *event = NULL;
    struct verdict verdict = {0};
    CAST_OBJ(folding, ctx, FOLDING_MAGIC);
    struct deployment *deployment = folding->deployment;
    unsigned long long seq = record->entry.seq;
    if (strcmp(record->entry.part.stream, deployment->id) != 0 ||
        record->entry.stream_pos != deployment->entries)
        return err_say(folding->why, ERR_DAMAGED, "entry %llu is not position %llu of %s", seq,
                       (unsigned long long)deployment->entries, deployment->id);
    if (record->event.bytes > 0 && read_event(folding, &record->event, &event) != ERR_OK)
        return err_say(folding->why, ERR_DAMAGED, "the event of entry %llu is no CloudEvent", seq);
    deployment_apply(deployment, record, event, &verdict);
    if (folding->view != NULL && folding->view->fn != NULL) {
        struct replay_step step = {
            .deployment = deployment, .record = record, .event = event, .verdict = &verdict};
        folding->view->fn(folding->view->ctx, &step);
    }
    event_free(event);
    if (folding->live != NULL) {
        struct live *live = folding->live;
        *(struct verdict *)MEM_PUSH(live->verdicts, live->count, live->cap) = verdict;
    } else {
        verdict_clear(&verdict);
    }
    *ret_more = true;
    return ERR_OK;
}

enum err replay_fold(struct replay *replay, const char *id, uint64_t to_seq,
                     const struct replay_view *view, struct deployment **ret_deployment,
                     struct err_text *ret_why)
{
    CHECK_OBJ(replay, REPLAY_MAGIC);
    const struct registry *registry = ledger_registry(replay->ledger);
    struct ledger_walk walk = {.stream = id, .to_seq = to_seq};
    struct folding folding = {.magic = FOLDING_MAGIC,
                              .deployment = deployment_new(id, registry, replay->catalog),
                              .view = view,
                              .why = ret_why};
    enum err err = ledger_each(replay->ledger, &walk, fold_one, &folding, ret_why);
    if (err != ERR_OK) {
        deployment_free(folding.deployment);
        return err;
    }
    uint64_t size = registry_size(registry);
    deployment_settle(folding.deployment, to_seq < size ? to_seq : size);
    *ret_deployment = folding.deployment;
    return ERR_OK;
}

/* The live state of a deployment, made if need be; borrowed until the next one is made. */
static struct live *live_of(struct replay *replay, const char *id)
{
    size_t at = replay->count;
    if (names_find(&replay->ids, id, &at))
        return &replay->lives[at];
    struct live *live = MEM_PUSH(replay->lives, replay->count, replay->cap);
    live->deployment = deployment_new(id, ledger_registry(replay->ledger), replay->catalog);
    names_put(&replay->ids, id, at);
    return live;
}

static enum err judge(void *ctx, struct ledger *ledger, const struct record *record,
                      struct verdict *ret_verdict)
{
    struct replay *replay;
    CAST_OBJ(replay, ctx, REPLAY_MAGIC);
    const struct entry *entry = &record->entry;
    if (!replay_is_deployment(entry->part.stream))
        return ERR_OK;
    struct live *live = live_of(replay, entry->part.stream);
    struct folding folding = {.magic = FOLDING_MAGIC, .deployment = live->deployment, .live = live};
    struct ledger_walk walk = {
        .stream = entry->part.stream, .from = live->count, .to_seq = entry->seq};
    enum err err = ERR_OK;
    if (live->count < entry->stream_pos)
        err = ledger_each(ledger, &walk, fold_one, &folding, NULL);
    if (err == ERR_OK && live->count <= entry->stream_pos) {
        bool more;
        err = fold_one(&folding, record, &more);
    }
    if (err != ERR_OK)
        return err;
    *ret_verdict = live->verdicts[entry->stream_pos];
    ret_verdict->reason = mem_text(ret_verdict->reason);
    return ERR_OK;
}

struct judge replay_judge(struct replay *replay)
{
    CHECK_OBJ(replay, REPLAY_MAGIC);
    return (struct judge){.ctx = replay, .judge = judge};
}
