#include "replay/moment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAMED_MAGIC MAGIC('M', 'O', 'M', 'N')

/* Where what a name says has last happened. */
struct named {
    uint32_t magic;
    const char *name;
    size_t gate;    /* its number from 1; 0: no gate's name */
    bool gate_open; /* as of the entry before */
    bool found;
    uint64_t seq;
};

static void watch(void *ctx, const struct replay_step *step)
{
    struct named *named = NULL;
    CAST_OBJ(named, ctx, NAMED_MAGIC);
    const struct deployment *deployment = step->deployment;
    const struct mark *mark = NULL;
    ASSERT(deployment != NULL);
    if (strcmp(named->name, "open") == 0)
        mark = &deployment->opened;
    else if (strcmp(named->name, "close") == 0)
        mark = &deployment->closed;
    else if (strcmp(named->name, "rollback") == 0)
        mark = &deployment->rollback_started;
    if (mark != NULL) {
        named->found = mark->set;
        named->seq = mark->seq;
        return;
    }
    if (deployment->checklist == NULL || named->gate > deployment->checklist->gate_count)
        return;
    bool open = deployment_gate_open(deployment, deployment->checklist->gates[named->gate - 1]);
    if (open && !named->gate_open) {
        named->found = true;
        named->seq = step->record->entry.seq;
    }
    named->gate_open = open;
}

/* A seq or a position: far from the end of what a number holds, so that one more can be added. */
static bool digits(const char *text, uint64_t *ret)
{
    return args_number(text, ret) && *ret < UINT64_MAX / 2;
}

static enum err find_named(struct errand *errand, const char *id, const char *text,
                           struct moment *ret_moment, struct err_text *ret_why)
{
    struct deployment *deployment = NULL;
    struct named named = {.magic = NAMED_MAGIC, .name = text};
    struct replay_view view = {.fn = watch, .ctx = &named, .lean = true};
    uint64_t gate = 0;
    if (strncmp(text, "gate-", 5) == 0 && digits(text + 5, &gate) && gate > 0)
        named.gate = (size_t)gate;
    else if (strcmp(text, "open") != 0 && strcmp(text, "rollback") != 0 &&
             strcmp(text, "close") != 0)
        return err_say(
            ret_why, ERR_USAGE,
            "'%s' is no moment: a time (2026-03-03T10:57:30Z), a seq, '#POSITION', open, gate-N, "
            "rollback, close or now",
            text);
    enum err err = replay_fold(errand->replay, id, UINT64_MAX, &view, &deployment, ret_why);
    if (err != ERR_OK)
        return err;
    const struct checklist *checklist = deployment->checklist;
    bool nowhere = checklist != NULL && named.gate > checklist->gate_count;
    deployment_free(deployment);
    if (!named.found)
        return err_say(ret_why, ERR_NOT_FOUND, "%s: %s'%s'%s", id,
                       nowhere ? "its checklist has no gate " : "", text,
                       nowhere ? "" : " has not happened");
    ret_moment->to_seq = named.seq + 1;
    return ERR_OK;
}

static enum err find_position(struct errand *errand, const char *id, const char *text,
                              struct moment *ret_moment, struct err_text *ret_why)
{
    uint64_t pos = 0;
    uint64_t seq = 0;
    bool found = false;
    if (!digits(text, &pos))
        return err_say(ret_why, ERR_USAGE, "a position is a number behind a #");
    enum err err = ledger_stream_seq(errand->ledger, id, pos, &seq, &found, ret_why);
    if (err == ERR_OK && !found)
        err = err_say(ret_why, ERR_NOT_FOUND, "%s: it has no position #%s", id, text);
    if (err == ERR_OK)
        ret_moment->to_seq = seq + 1;
    return err;
}

static enum err find_seq(struct errand *errand, uint64_t seq, struct moment *ret_moment,
                         struct err_text *ret_why)
{
    uint64_t size = 0;
    enum err err = ledger_size(errand->ledger, &size, ret_why);
    if (err == ERR_OK && seq >= size)
        err = err_say(ret_why, ERR_NOT_FOUND, "the ledger has no entry %" PRIu64 " yet", seq);
    ret_moment->to_seq = seq + 1;
    return err;
}

enum err moment_entry(struct errand *errand, const char *id, const char *text,
                      struct moment *ret_moment, struct err_text *ret_why)
{
    uint64_t seq = 0;
    *ret_moment = (struct moment){UINT64_MAX, -1, 0};
    if (text[0] == '#')
        return find_position(errand, id, text + 1, ret_moment, ret_why);
    if (!digits(text, &seq))
        return err_say(ret_why, ERR_USAGE, "'%s' is no entry: give its seq, or '#POSITION'", text);
    return find_seq(errand, seq, ret_moment, ret_why);
}

/* The end of a second that is written as we print it: "2026-03-03 10:57:30", or " UTC" behind it.
 */
static bool printed(const char *text, int64_t *ret_us)
{
    char copy[INSTANT_TEXT_BYTES];
    size_t bytes = strlen("2026-03-03T10:57:30");
    const char *zone = strlen(text) > bytes ? text + bytes : "";
    if (strlen(text) < bytes || text[10] != ' ' ||
        (zone[0] != '\0' && strcmp(zone, " UTC") != 0 && strcmp(zone, "Z") != 0))
        return false;
    memcpy(copy, text, bytes);
    copy[10] = 'T';
    copy[bytes] = 'Z';
    copy[bytes + 1] = '\0';
    if (!instant_parse(copy, ret_us))
        return false;
    *ret_us += INSTANT_SECOND_US - 1;
    return true;
}

enum err moment_find(struct errand *errand, const char *id, const char *text,
                     struct moment *ret_moment, struct err_text *ret_why)
{
    *ret_moment = (struct moment){UINT64_MAX, -1, 0};
    uint64_t seq = 0;
    int64_t time_us = 0;
    if (text == NULL || strcmp(text, "now") == 0)
        return ERR_OK;
    if (text[0] == '#')
        return find_position(errand, id, text + 1, ret_moment, ret_why);
    if (instant_parse(text, &time_us) || printed(text, &time_us)) {
        ret_moment->time_us = time_us;
        return ledger_seq_at(errand->ledger, time_us + 1, &ret_moment->to_seq, ret_why);
    }
    if (!digits(text, &seq))
        return find_named(errand, id, text, ret_moment, ret_why);
    return find_seq(errand, seq, ret_moment, ret_why);
}

#define SUPPOSED_MAGIC MAGIC('S', 'U', 'P', 'P')

/* A fold under a supposition. */
struct supposed {
    uint32_t magic;
    const struct supposition *supposition;
    struct moment *moment;
    struct deployment *deployment;
    struct mark last; /* of what was not left out */
};

static bool is_left_out(const struct supposed *walk, const struct record *record,
                        const struct event *event)
{
    const struct supposition *supposition = walk->supposition;
    int64_t time_us = event != NULL && event->has_time ? event->time_us : record->entry.time_us;
    for (size_t i = 0; i < supposition->without_count; i++) {
        if (supposition->without[i] == record->entry.seq)
            return true;
    }
    return supposition->occurred && time_us > walk->moment->time_us;
}

static enum err apply_supposed(void *ctx, const struct record *record, bool *ret_more)
{
    struct supposed *walk = NULL;
    CAST_OBJ(walk, ctx, SUPPOSED_MAGIC);
    (void)ret_more;
    const struct supposition *supposition = walk->supposition;
    struct event *event = NULL;
    struct verdict verdict = {0};
    if (record->event.bytes > 0 &&
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return ERR_DAMAGED;
    bool out = is_left_out(walk, record, event);
    walk->moment->left_out += out;
    deployment_apply(walk->deployment, record, out ? NULL : event, &verdict);
    if (!out)
        walk->last = walk->deployment->last;
    if (!out && supposition->watch != NULL) {
        struct replay_step step = {walk->deployment, record, event, &verdict};
        supposition->watch(supposition->ctx, &step);
    }
    verdict_clear(&verdict);
    event_free(event);
    return ERR_OK;
}

enum err moment_fold(struct errand *errand, const char *id, struct moment *moment,
                     const struct supposition *supposition, struct deployment **ret_deployment,
                     struct err_text *ret_why)
{
    if (supposition == NULL)
        return replay_fold(errand->replay, id, moment->to_seq, NULL, ret_deployment, ret_why);
    const struct registry *registry = ledger_registry(errand->ledger);
    if (errand->catalog == NULL)
        errand->catalog = catalog_new(registry);
    struct deployment *deployment = deployment_new(id, registry, errand->catalog);
    struct supposed walk = {SUPPOSED_MAGIC, supposition, moment, deployment, {0}};
    uint64_t to_seq = supposition->occurred ? UINT64_MAX : moment->to_seq;
    uint64_t size = registry_size(registry);
    struct ledger_walk all = {.stream = id, .to_seq = to_seq};
    deployment_suppose(deployment, supposition->policy);
    enum err err = ledger_each(errand->ledger, &all, apply_supposed, &walk, ret_why);
    if (err != ERR_OK) {
        deployment_free(deployment);
        return err;
    }
    deployment_settle(deployment, to_seq < size ? to_seq : size);
    deployment->accepted -= moment->left_out; /* what has no effect was counted as accepted */
    deployment->last = walk.last;
    *ret_deployment = deployment;
    return ERR_OK;
}
