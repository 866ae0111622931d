#include "replay/whatif.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/difference.h"
#include "replay/layout.h"
#include "replay/narrative.h"

#define JUDGED_MAGIC MAGIC('J', 'D', 'G', 'D')

/* How one entry was judged. */
struct judged {
    bool set; /* false: it was left out */
    struct verdict verdict;
};

/* One of the two ways it went: as it was, and as it would have been. */
struct course {
    uint32_t magic;
    struct judged *judged; /* by position */
    size_t count, cap;
    struct deployment *deployment;
    struct facts facts;
};

static void judge(void *ctx, const struct replay_step *step)
{
    struct course *course = NULL;
    CAST_OBJ(course, ctx, JUDGED_MAGIC);
    size_t pos = step->record->entry.stream_pos;
    while (course->count <= pos)
        (void)MEM_PUSH(course->judged, course->count, course->cap);
    struct judged *judged = &course->judged[pos];
    judged->set = true;
    judged->verdict = *step->verdict;
    judged->verdict.reason = mem_text(step->verdict->reason);
}

static void course_free(struct course *course)
{
    for (size_t i = 0; i < course->count; i++)
        verdict_clear(&course->judged[i].verdict);
    free(course->judged);
    facts_free(&course->facts);
    deployment_free(course->deployment);
}

/* Everything in hand. */
struct supposing {
    const struct whatif *whatif;
    uint64_t *seqs; /* of whatif->without */
    json_t *policy_json;
    struct registry_policy policy;
    struct moment moment; /* the same for both */
    struct course was, would;
};

static enum err find_without(struct errand *errand, struct supposing *supposing,
                             struct err_text *ret_why)
{
    const struct whatif *whatif = supposing->whatif;
    supposing->seqs = mem_zero(whatif->without_count + 1, sizeof(*supposing->seqs));
    for (size_t i = 0; i < whatif->without_count; i++) {
        struct moment moment;
        struct record *record = NULL;
        enum err err = moment_entry(errand, whatif->id, whatif->without[i], &moment, ret_why);
        if (err == ERR_OK)
            err = ledger_read(errand->ledger, moment.to_seq - 1, &record, ret_why);
        if (err != ERR_OK)
            return err;
        bool own = strcmp(record->entry.part.stream, whatif->id) == 0;
        ledger_record_free(record);
        if (!own)
            return err_say(ret_why, ERR_NOT_FOUND, "entry %s is not one of %s", whatif->without[i],
                           whatif->id);
        supposing->seqs[i] = moment.to_seq - 1;
    }
    return ERR_OK;
}

static enum err read_policy(struct supposing *supposing, struct err_text *ret_why)
{
    const char *path = supposing->whatif->policy;
    struct buf text = {0};
    struct err_text why = {""};
    if (path == NULL)
        return ERR_OK;
    enum err err = files_input(path, EVENT_BYTES_MAX, &text, ret_why);
    if (err == ERR_OK) {
        err = ijson_parse(text.data, text.bytes, &supposing->policy_json, &why);
        if (err == ERR_OK)
            err = registry_policy_read(supposing->policy_json, &supposing->policy, &why);
        if (err != ERR_OK)
            err = err_say(ret_why, ERR_INVALID, "%s: %s", path, why.s);
    }
    buf_free(&text);
    return err;
}

static enum err fold(struct errand *errand, const struct supposing *supposing, bool would,
                     struct course *course, struct err_text *ret_why)
{
    const struct whatif *whatif = supposing->whatif;
    struct moment moment = supposing->moment;
    struct supposition supposition = {.watch = judge, .ctx = course};
    if (would) {
        supposition.without = supposing->seqs;
        supposition.without_count = whatif->without_count;
        supposition.policy = whatif->policy != NULL ? &supposing->policy : NULL;
    }
    enum err err =
        moment_fold(errand, whatif->id, &moment, &supposition, &course->deployment, ret_why);
    if (err == ERR_OK)
        facts_of(course->deployment, 0, &course->facts);
    return err;
}

/* Both courses end where the ledger does now, also where somebody writes to it meanwhile. */
static enum err find_end(struct errand *errand, struct supposing *supposing,
                         struct err_text *ret_why)
{
    const struct whatif *whatif = supposing->whatif;
    struct moment *moment = &supposing->moment;
    uint64_t size = 0;
    enum err err = moment_find(errand, whatif->id, whatif->at, moment, ret_why);
    if (err == ERR_OK)
        err = ledger_size(errand->ledger, &size, ret_why);
    if (err == ERR_OK && moment->to_seq > size)
        moment->to_seq = size;
    return err;
}

/* How the entry at ${pos} was judged, or NULL if it was left out. */
static const struct verdict *judged_at(const struct course *course, size_t pos)
{
    return pos < course->count && course->judged[pos].set ? &course->judged[pos].verdict : NULL;
}

static bool same_verdict(const struct verdict *a, const struct verdict *b)
{
    return a == b || (a != NULL && b != NULL && a->rule == b->rule && a->flags == b->flags);
}

/* One entry that would have been judged otherwise. */
struct other {
    const struct record *record;
    const struct narrative *said;
    const struct verdict *was, *would; /* would: NULL if it is left out */
};

static void add_other(const struct other *other, struct buf *buf)
{
    const struct verdict *const verdicts[2] = {other->was, other->would};
    struct buf line = {0};
    buf_printf(&line, "#%" PRIu64 " seq %" PRIu64 " %s: ", other->record->entry.stream_pos,
               other->record->entry.seq, other->record->entry.part.principal);
    narrative_brief(other->said, &line);
    buf_text(buf, "  ");
    layout_wrap(buf, 2, 6, (const char *)line.data);
    for (size_t i = 0; i < 2; i++) {
        buf_clear(&line);
        if (verdicts[i] != NULL)
            layout_verdict(&line, verdicts[i]);
        else
            buf_text(&line, "left out");
        buf_printf(buf, "    %s ", i == 0 ? "-" : "+");
        layout_wrap(buf, 6, 6, (const char *)line.data);
    }
    buf_free(&line);
}

static json_t *side_json(const struct verdict *verdict)
{
    if (verdict == NULL)
        return json_null();
    json_t *json = json_object();
    verdict_json(verdict, json);
    return json;
}

static json_t *other_json(const struct other *other)
{
    const struct entry *entry = &other->record->entry;
    json_t *json = json_object();
    ijson_put(json, "seq", json_integer((json_int_t)entry->seq));
    ijson_put(json, "pos", json_integer((json_int_t)entry->stream_pos));
    ijson_put(json, "kind", ijson_text(other->said->kind));
    ijson_put(json, "node", ijson_text(other->said->node));
    ijson_put(json, "by", ijson_text(entry->part.principal));
    ijson_put(json, "was", side_json(other->was));
    ijson_put(json, "would", side_json(other->would));
    return json;
}

#define TELLING_MAGIC MAGIC('T', 'E', 'L', 'G')

/* Goes over the entries once more, and tells those that differ. */
struct telling {
    uint32_t magic;
    const struct supposing *supposing;
    struct buf *buf;
    json_t *list; /* NULL: text */
    size_t count;
};

static enum err tell(void *ctx, const struct record *record, bool *ret_more)
{
    struct telling *telling = NULL;
    CAST_OBJ(telling, ctx, TELLING_MAGIC);
    (void)ret_more;
    struct event *event = NULL;
    struct narrative said = {0};
    size_t pos = record->entry.stream_pos;
    struct other other = {record, &said, judged_at(&telling->supposing->was, pos),
                          judged_at(&telling->supposing->would, pos)};
    if (same_verdict(other.was, other.would))
        return ERR_OK;
    if (record->event.bytes > 0 &&
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return ERR_DAMAGED;
    narrative_of(record, event, &said);
    telling->count++;
    if (telling->list != NULL)
        json_array_append_new(telling->list, other_json(&other));
    else
        add_other(&other, telling->buf);
    narrative_free(&said);
    event_free(event);
    return ERR_OK;
}

static enum err tell_all(struct errand *errand, const struct supposing *supposing, json_t *list,
                         struct buf *buf, struct err_text *ret_why)
{
    struct telling telling = {TELLING_MAGIC, supposing, buf, list, 0};
    struct ledger_walk walk = {.stream = supposing->whatif->id, .to_seq = UINT64_MAX};
    enum err err = ledger_each(errand->ledger, &walk, tell, &telling, ret_why);
    if (err == ERR_OK && list == NULL && telling.count == 0)
        buf_text(buf, "  nothing\n");
    return err;
}

static enum err describe_json(struct errand *errand, const struct supposing *supposing,
                              const struct differences *differences, struct buf *buf,
                              struct err_text *ret_why)
{
    json_t *json = json_object(), *without = json_array(), *verdicts = json_array();
    for (size_t i = 0; i < supposing->whatif->without_count; i++)
        json_array_append_new(without, json_integer((json_int_t)supposing->seqs[i]));
    enum err err = tell_all(errand, supposing, verdicts, buf, ret_why);
    ijson_put(json, "id", ijson_text(supposing->whatif->id));
    ijson_put(json, "without", without);
    ijson_put(json, "policy",
              supposing->policy_json != NULL ? json_incref(supposing->policy_json) : json_null());
    ijson_put(json, "verdicts", verdicts);
    ijson_put(json, "changes", difference_json(differences));
    if (err == ERR_OK)
        ijson_pretty(json, buf);
    json_decref(json);
    return err;
}

static enum err describe(struct errand *errand, const struct supposing *supposing,
                         const struct differences *differences, struct buf *buf,
                         struct err_text *ret_why)
{
    buf_printf(buf, "%s, supposed", supposing->whatif->id);
    for (size_t i = 0; i < supposing->whatif->without_count; i++)
        buf_printf(buf, "%s seq %" PRIu64, i == 0 ? " without" : ",", supposing->seqs[i]);
    if (supposing->whatif->policy != NULL) {
        buf_text(buf, supposing->whatif->without_count > 0 ? ", and by the policy of "
                                                           : " by the policy of ");
        printable_add(buf, supposing->whatif->policy);
    }
    buf_text(buf, "\n\nWould have been judged otherwise (- as it was, + as it would have been)\n");
    enum err err = tell_all(errand, supposing, NULL, buf, ret_why);
    buf_text(buf, "\nWould stand otherwise\n");
    if (differences->count == 0)
        buf_text(buf, "  nothing\n");
    difference_text(differences, buf);
    return err;
}

enum err whatif_make(struct errand *errand, const struct whatif *whatif, bool json, struct buf *buf,
                     struct err_text *ret_why)
{
    struct supposing supposing = {
        .whatif = whatif, .was = {.magic = JUDGED_MAGIC}, .would = {.magic = JUDGED_MAGIC}};
    struct differences differences = {.cap = 0};
    enum err err = errand_exists(errand, whatif->id, ret_why);
    if (err == ERR_OK)
        err = find_without(errand, &supposing, ret_why);
    if (err == ERR_OK)
        err = read_policy(&supposing, ret_why);
    if (err == ERR_OK)
        err = find_end(errand, &supposing, ret_why);
    if (err == ERR_OK)
        err = fold(errand, &supposing, false, &supposing.was, ret_why);
    if (err == ERR_OK)
        err = fold(errand, &supposing, true, &supposing.would, ret_why);
    if (err == ERR_OK) {
        difference_find(&supposing.was.facts, &supposing.would.facts, true, &differences);
        err = json ? describe_json(errand, &supposing, &differences, buf, ret_why)
                   : describe(errand, &supposing, &differences, buf, ret_why);
    }
    difference_free(&differences);
    course_free(&supposing.was);
    course_free(&supposing.would);
    json_decref(supposing.policy_json);
    free(supposing.seqs);
    return err;
}
