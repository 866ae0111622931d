#include "replay/search.h"

#include <stdlib.h>
#include <string.h>

#include "replay/narrative.h"

#define PIECE_STREAMS 32 /* deployments that are folded in one piece of work */
#define LOOKING_MAGIC MAGIC('L', 'O', 'O', 'K')
#define RUN_MAGIC MAGIC('S', 'R', 'C', 'H')

/* The whole search. */
struct run {
    uint32_t magic;
    struct ledger *ledger;
    const struct search *search;
    char (*streams)[STREAM_BYTES_MAX + 1];
    size_t stream_count, stream_cap;
    struct piece_hits *ring; /* of the pieces under way */
    uint64_t window;
    struct search_hits hits;
    struct err_text *why;
};

/* What one piece found, in its place of the ring; the next piece there has the same reducer, with
 * the checklists that it has compiled. */
struct piece_hits {
    struct replay *replay; /* owned; NULL until the first piece */
    struct search_hits hits;
    struct err_text why;
};

static bool in_time(const struct search *search, int64_t time_us)
{
    return time_us >= search->since_us && time_us < search->until_us;
}

static bool signed_by(const struct entry *entry, const uint8_t key_id[KEY_ID_BYTES])
{
    for (size_t i = 0; i < entry->part.sig_count; i++) {
        if (memcmp(entry->part.sigs[i].key_id, key_id, KEY_ID_BYTES) == 0)
            return true;
    }
    return false;
}

/* Whether the entry attached an envelope that the key had signed. */
static bool endorsed_by(const struct deployment *deployment, uint64_t seq,
                        const uint8_t key_id[KEY_ID_BYTES])
{
    char key[SSHKEY_FINGERPRINT_BYTES];
    const struct attached *last = deployment->evidence_count == 0
                                      ? NULL
                                      : &deployment->evidence[deployment->evidence_count - 1];
    if (last == NULL || last->mark.seq != seq)
        return false;
    sshkey_fingerprint(key_id, key);
    const json_t *signers = ijson_get(last->found.json, "signed_by");
    for (size_t i = 0; i < json_array_size(signers); i++) {
        if (strcmp(ijson_string(json_array_get(signers, i), "key"), key) == 0)
            return true;
    }
    return false;
}

static bool is_hit(const struct search *search, const struct entry *entry,
                   const struct verdict *verdict)
{
    if (!in_time(search, entry->time_us))
        return false;
    if (search->what == SEARCH_KEY)
        return signed_by(entry, search->key_id);
    if (search->what == SEARCH_FLAGGED)
        return verdict->rule == RULE_NONE && (verdict->flags & search->flags) != 0;
    return search->what == SEARCH_REFUSED && verdict->rule != RULE_NONE &&
           (search->rule == RULE_NONE || verdict->rule == search->rule);
}

/* What an entry says, in a few words. */
static char *words(const struct record *record)
{
    struct event *event = NULL;
    struct narrative said = {0};
    struct buf text = {0};
    if (record->event.bytes > 0 &&
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return mem_text("no CloudEvent");
    narrative_of(record, event, &said);
    narrative_brief(&said, &text);
    narrative_free(&said);
    event_free(event);
    return buf_take_text(&text);
}

static struct search_hit *add(struct search_hits *hits, const struct record *record,
                              const struct verdict *verdict)
{
    const struct entry *entry = &record->entry;
    struct search_hit *hit = MEM_PUSH(hits->list, hits->count, hits->cap);
    memcpy(hit->stream, entry->part.stream, sizeof(hit->stream));
    hit->seq = entry->seq;
    hit->pos = entry->stream_pos;
    hit->time_us = entry->time_us;
    hit->principal = mem_text(entry->part.principal);
    hit->what = words(record);
    hit->refused = verdict->rule != RULE_NONE;
    hit->rule = verdict->rule;
    hit->flags = verdict->flags;
    hit->reason = mem_text(verdict->reason);
    return hit;
}

/* One deployment while it is folded. */
struct looking {
    uint32_t magic;
    const struct search *search;
    struct search_hits *hits;
    size_t criteria; /* as of the entry before */
    bool broken;     /* its first broken threshold was found */
};

/* Whether the entry broke the deployment's first threshold. */
static const char *breaks(struct looking *looking, const struct deployment *deployment)
{
    for (; looking->criteria < deployment->criterion_count; looking->criteria++) {
        const struct criterion *criterion = &deployment->criteria[looking->criteria];
        if (!looking->broken && strncmp(criterion->id, "threshold:", 10) == 0) {
            looking->broken = true;
            return criterion->text;
        }
    }
    return NULL;
}

static void look(void *ctx, const struct replay_step *step)
{
    struct looking *looking = NULL;
    CAST_OBJ(looking, ctx, LOOKING_MAGIC);
    looking->hits->entries++;
    if (looking->search->what == SEARCH_BROKEN) {
        const char *text = breaks(looking, step->deployment);
        if (text == NULL || !in_time(looking->search, step->record->entry.time_us))
            return;
        struct search_hit *hit = add(looking->hits, step->record, step->verdict);
        free(hit->reason);
        hit->reason = mem_text(text);
        return;
    }
    const struct entry *entry = &step->record->entry;
    bool endorsed = looking->search->what == SEARCH_KEY &&
                    in_time(looking->search, entry->time_us) &&
                    endorsed_by(step->deployment, entry->seq, looking->search->key_id);
    if (endorsed || is_hit(looking->search, entry, step->verdict))
        add(looking->hits, step->record, step->verdict);
}

static bool is_in_state(const struct deployment *deployment, const char *state)
{
    return strcmp(deployment_phase_name(deployment->phase), state) == 0 ||
           (deployment->outcome != NULL && strcmp(deployment->outcome, state) == 0);
}

/* A deployment in the state that is looked for. */
static void add_state(struct search_hits *hits, const struct search *search,
                      const struct deployment *deployment)
{
    struct buf text = {0};
    if (search->what != SEARCH_STATE || !in_time(search, deployment->first.time_us) ||
        !is_in_state(deployment, search->state))
        return;
    struct search_hit *hit = MEM_PUSH(hits->list, hits->count, hits->cap);
    memcpy(hit->stream, deployment->id, sizeof(hit->stream));
    hit->seq = deployment->last.seq;
    hit->pos = deployment->last.pos;
    hit->time_us = deployment->last.time_us;
    hit->principal = mem_text(deployment->last.principal);
    buf_text(&text, deployment_phase_name(deployment->phase));
    if (deployment->outcome != NULL)
        buf_printf(&text, " as %s", deployment->outcome);
    hit->what = buf_take_text(&text);
    hit->reason = mem_text(deployment->release);
}

/* Folds the deployments of one piece. */
static enum err work(void *ctx, uint64_t index)
{
    struct run *run = NULL;
    CAST_OBJ(run, ctx, RUN_MAGIC);
    struct piece_hits *piece = &run->ring[index % run->window];
    enum err err = piece->replay != NULL ? ERR_OK : replay_open(run->ledger, &piece->replay);
    piece->hits = (struct search_hits){.cap = 0};
    piece->why = (struct err_text){""};
    for (size_t i = index * PIECE_STREAMS;
         err == ERR_OK && i < run->stream_count && i < (index + 1) * PIECE_STREAMS; i++) {
        struct looking looking = {LOOKING_MAGIC, run->search, &piece->hits, 0, false};
        const struct replay_view view = {.fn = look, .ctx = &looking, true};
        struct deployment *deployment = NULL;
        err = replay_fold(piece->replay, run->streams[i], UINT64_MAX, &view, &deployment,
                          &piece->why);
        if (err == ERR_OK)
            add_state(&piece->hits, run->search, deployment);
        deployment_free(deployment);
    }
    return err;
}

static enum err retire(void *ctx, uint64_t index)
{
    struct run *run = NULL;
    CAST_OBJ(run, ctx, RUN_MAGIC);
    struct search_hits *hits = &run->ring[index % run->window].hits;
    for (size_t i = 0; i < hits->count; i++)
        *(struct search_hit *)MEM_PUSH(run->hits.list, run->hits.count, run->hits.cap) =
            hits->list[i];
    run->hits.entries += hits->entries;
    free(hits->list);
    *hits = (struct search_hits){.cap = 0};
    if (run->search->progress != NULL) {
        uint64_t done = (index + 1) * PIECE_STREAMS;
        run->search->progress(run->search->ctx, done < run->stream_count ? done : run->stream_count,
                              run->stream_count);
    }
    return ERR_OK;
}

static enum err list_streams(struct run *run)
{
    char stream[STREAM_BYTES_MAX + 1] = "", after[STREAM_BYTES_MAX + 1];
    bool found = true;
    enum err err = ERR_OK;
    while (err == ERR_OK && found) {
        memcpy(after, stream, sizeof(after));
        err = ledger_stream_after(run->ledger, after, stream, &found, run->why);
        if (err == ERR_OK && found && replay_is_deployment(stream))
            memcpy(MEM_PUSH(run->streams, run->stream_count, run->stream_cap), stream,
                   sizeof(stream));
    }
    return err;
}

/* An entry of the ledger's own stream, as the registry judged it; or of the inbox, where nothing is
 * judged. */
static enum err look_at_own(void *ctx, const struct record *record, bool *ret_more)
{
    static const struct verdict none = {.rule = RULE_NONE};
    struct run *run = NULL;
    CAST_OBJ(run, ctx, RUN_MAGIC);
    (void)ret_more;
    const struct verdict *verdict = strcmp(record->entry.part.stream, "ledger") == 0
                                        ? ledger_verdict(run->ledger, record->entry.stream_pos)
                                        : &none;
    run->hits.entries++;
    if (verdict != NULL && is_hit(run->search, &record->entry, verdict))
        add(&run->hits, record, verdict);
    return ERR_OK;
}

static int by_seq(const void *a, const void *b)
{
    const struct search_hit *one = a, *other = b;
    return (one->seq > other->seq) - (one->seq < other->seq);
}

static enum err look_at_all(struct run *run)
{
    struct ledger_walk own = {.stream = "ledger", .to_seq = UINT64_MAX};
    struct ledger_walk inbox = {.stream = "inbox", .to_seq = UINT64_MAX};
    enum err err = ledger_each(run->ledger, &own, look_at_own, run, run->why);
    if (err == ERR_OK && run->search->what == SEARCH_KEY)
        err = ledger_each(run->ledger, &inbox, look_at_own, run, run->why);
    if (err == ERR_OK)
        err = list_streams(run);
    if (err != ERR_OK)
        return err;
    struct pool *pool = pool_new(0);
    run->window = pool_window(pool);
    run->ring = mem_zero(run->window, sizeof(*run->ring));
    err =
        pool_each(pool, (run->stream_count + PIECE_STREAMS - 1) / PIECE_STREAMS, work, retire, run);
    for (uint64_t i = 0; i < run->window; i++) {
        if (err != ERR_OK && run->ring[i].why.s[0] != '\0')
            err_say(run->why, err, "%s", run->ring[i].why.s);
        search_free(&run->ring[i].hits);
        replay_close(run->ring[i].replay);
    }
    free(run->ring);
    pool_free(pool);
    return err;
}

enum err search_run(struct ledger *ledger, const struct search *search,
                    struct search_hits *ret_hits, struct err_text *ret_why)
{
    struct run run = {.magic = RUN_MAGIC, .ledger = ledger, .search = search, .why = ret_why};
    enum err err = look_at_all(&run);
    run.hits.deployments = run.stream_count;
    if (run.hits.count > 0)
        qsort(run.hits.list, run.hits.count, sizeof(*run.hits.list), by_seq);
    free(run.streams);
    if (err == ERR_OK)
        *ret_hits = run.hits;
    else
        search_free(&run.hits);
    return err;
}

void search_free(struct search_hits *hits)
{
    for (size_t i = 0; i < hits->count; i++) {
        free(hits->list[i].principal);
        free(hits->list[i].what);
        free(hits->list[i].reason);
    }
    free(hits->list);
    *hits = (struct search_hits){.cap = 0};
}
