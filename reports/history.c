#include "reports/history.h"

#include <stdio.h>
#include <string.h>

#define UNCLOSED_US (72LL * 60 * INSTANT_MINUTE_US) /* no event for so long, and not closed */

static void set_text(json_t *row, const char *name, const char *text)
{
    json_object_set_new(row, name, ijson_text(text));
}

static void set_mark_time(json_t *row, const char *name, const struct mark *mark)
{
    json_object_set_new(row, name, mark->set ? ijson_instant(mark->time_us) : json_null());
}

static const char *signer_key(const struct record *record, char ret[SSHKEY_FINGERPRINT_BYTES])
{
    if (record->entry.part.sig_count == 0)
        return NULL;
    sshkey_fingerprint(record->entry.part.sigs[0].key_id, ret);
    return ret;
}

/* What the signer's security key attests, for a table; NULL of any other key. */
static const char *signer_touch(const struct record *record)
{
    struct touch touch = {.attested = false};
    if (record->entry.part.sig_count == 0 || !touch_of(&record->entry.part.sigs[0], &touch) ||
        !touch.attested)
        return NULL;
    if (touch.touched)
        return touch.pin ? "touched, PIN" : "touched, no PIN";
    return touch.pin ? "not touched, PIN" : "not touched, no PIN";
}

static const struct node *event_node(const struct replay_step *step, const char **ret_id)
{
    const struct checklist *checklist = step->deployment->checklist;
    *ret_id = ijson_string(step->event->data, "node");
    if (checklist == NULL || *ret_id == NULL)
        return NULL;
    size_t index = checklist_node(checklist, *ret_id);
    return index == CHECKLIST_NONE ? NULL : &checklist->nodes[index];
}

/* A row that begins with its place, its node and how it was judged. */
static json_t *judged_row(const struct replay_step *step, const char *act)
{
    const char *id;
    const struct node *node = event_node(step, &id);
    json_t *row = tables_place(step->record);
    set_text(row, "act", act);
    set_text(row, "node", id);
    set_text(row, "label", node == NULL ? NULL : node->label);
    verdict_json(step->verdict, row);
    return row;
}

static void add_rollback(struct tables *tables, const struct replay_step *step, const char *act)
{
    const json_t *data = step->event->data;
    json_t *row = judged_row(step, act);
    const char *cause = ijson_string(data, "reason"), *status = ijson_string(data, "status");
    set_text(row, "cause", cause != NULL ? cause : ijson_string(data, "comment"));
    set_text(row, "status", status != NULL ? status : ijson_string(data, "value"));
    json_array_append_new(tables->rollbacks, row);
}

/* Whether a decision is one to roll back. */
static bool rolls_back(const struct node *node, const char *value)
{
    return node != NULL && node->rollback_decision && value != NULL && node->option_count > 0 &&
           strcmp(value, node->options[0].label) != 0;
}

static void add_decision(struct tables *tables, const struct replay_step *step, const char *act)
{
    const char *id;
    char key[SSHKEY_FINGERPRINT_BYTES];
    const struct deployment *d = step->deployment;
    const struct node *node = event_node(step, &id);
    const json_t *data = step->event->data;
    json_t *row = judged_row(step, act);
    const char *role = ijson_string(data, "role");
    set_text(row, "value", ijson_string(data, "value"));
    set_text(row, "role", role != NULL ? role : node == NULL ? NULL : node->authority);
    set_text(row, "key", signer_key(step->record, key));
    set_text(row, "touch", signer_touch(step->record));
    const char *comment = ijson_string(data, "comment");
    set_text(row, "comment", comment != NULL ? comment : ijson_string(data, "reason"));
    json_t *due = json_null();
    if (node != NULL && node->window.set && d->has_t0) {
        int64_t due_us = d->t0_us + node->window.to_min * INSTANT_MINUTE_US;
        if (due_us >= 0)
            due = ijson_instant(due_us);
    }
    json_object_set_new(row, "due", due);
    json_array_append_new(tables->decisions, row);
    if (rolls_back(node, ijson_string(data, "value")))
        add_rollback(tables, step, act);
}

/* The items whose threshold this value was judged by: one row each. */
static void add_metric(struct tables *tables, const struct replay_step *step, const char *act)
{
    const struct checklist *checklist = step->deployment->checklist;
    const json_t *data = step->event->data;
    const char *id;
    const struct node *node = event_node(step, &id);
    for (size_t i = 0; checklist != NULL && i < checklist->node_count; i++) {
        const struct node *item = &checklist->nodes[i];
        const struct measured *measured = &step->deployment->nodes[i].measured;
        if (item->threshold == NULL || !measured->mark.set ||
            measured->mark.seq != step->record->entry.seq)
            continue;
        json_t *row = judged_row(step, act);
        const char *unit = ijson_string(data, "unit");
        json_object_set(row, "value", ijson_get(data, "value"));
        set_text(row, "unit", unit != NULL ? unit : node != NULL ? node->unit : NULL);
        set_text(row, "item", item->id);
        set_text(row, "item_label", item->label);
        json_object_set_new(row, "threshold",
                            json_pack("{s:s, s:s, s:s}", "op",
                                      threshold_op_text(item->threshold->op), "value",
                                      item->threshold->value_text, "unit", item->threshold->unit));
        json_object_set_new(row, "holds", json_boolean(measured->within));
        json_array_append_new(tables->metrics, row);
    }
}

/* What the evidence was found to be: which enrolled keys signed it, what it is about. */
static const char *found_by(const struct replay_step *step)
{
    const struct deployment *d = step->deployment;
    if (step->verdict->rule != RULE_NONE || d->evidence_count == 0)
        return NULL;
    return d->evidence[d->evidence_count - 1].found.text;
}

static void add_evidence(struct tables *tables, const struct replay_step *step, const char *act)
{
    const json_t *data = step->event->data;
    json_t *row = judged_row(step, act);
    set_text(row, "media", ijson_string(data, "media"));
    set_text(row, "sha256", ijson_string(data, "sha256"));
    set_text(row, "uri", ijson_string(data, "uri"));
    set_text(row, "kept",
             ijson_get(data, "data_base64") != NULL ? "held"
             : ijson_get(data, "uri") != NULL       ? "held elsewhere"
                                                    : "only named");
    set_text(row, "found", found_by(step));
    json_array_append_new(tables->evidence, row);
}

typedef void row_fn(struct tables *tables, const struct replay_step *step, const char *act);

static const struct {
    const char *act;
    row_fn *add;
} keeps[] = {
    {"approval.given", add_decision},     {"approval.rejected", add_decision},
    {"approval.withdrawn", add_decision}, {"decision.made", add_decision},
    {"metric.sampled", add_metric},       {"field.recorded", add_metric},
    {"rollback.started", add_rollback},   {"rollback.finished", add_rollback},
    {"evidence.attached", add_evidence},
};

/* A deployment's own tables while it is replayed. */
struct history {
    struct tables tables;
    const struct history_source *source;
    uint64_t deploy_events; /* of the platform, below the size: also outside the period */
};

static void history_step(void *ctx, const struct replay_step *step)
{
    struct history *history = ctx;
    struct tables *tables = &history->tables;
    const struct entry *entry = &step->record->entry;
    tables_count(tables, step->record);
    if (step->event != NULL)
        history->deploy_events += tables_platform(tables, step->record, step->event);
    if (!tables_in(tables, entry->time_us))
        return;
    tables_suspect(tables, step->record, ledger_registry(history->source->ledger),
                   history->source->size);
    if (step->event == NULL) {
        tables_exception(tables, step->record, "erased", NULL,
                         "the event is not shown; its digest stands");
        return;
    }
    tables_verdict(tables, step->record, step->verdict, ijson_string(step->event->data, "node"));
    if (strcmp(entry->part.principal, "amqp:anonymous") == 0)
        tables_exception(tables, step->record, "anonymous", NULL, "the broker named no user");
    const char *act = event_subject_verb(step->event);
    for (size_t i = 0; act != NULL && i < sizeof(keeps) / sizeof(keeps[0]); i++) {
        if (strcmp(keeps[i].act, act) == 0)
            keeps[i].add(tables, step, act);
    }
}

struct finding {
    const char *kind, *node, *text;
};

static enum err add_finding(struct history *history, uint64_t seq, const struct finding *finding,
                            struct err_text *ret_why)
{
    struct record *record = NULL;
    enum err err = ledger_read(history->source->ledger, seq, &record, ret_why);
    if (err == ERR_OK)
        tables_exception(&history->tables, record, finding->kind, finding->node, finding->text);
    ledger_record_free(record);
    return err;
}

/* What the state as a whole shows: each at the entry that it comes from. */
static enum err add_findings(struct history *history, const struct deployment *d, bool unclosed,
                             struct err_text *ret_why)
{
    enum err err = ERR_OK;
    if (unclosed)
        err = add_finding(
            history, d->last.seq,
            &(struct finding){"unclosed", NULL, "not closed, and no event for 72 hours"}, ret_why);
    if (err == ERR_OK && d->policy != NULL && registry_policy_weaker(d->policy))
        err = add_finding(history, d->opened.seq,
                          &(struct finding){"weaker-policy", NULL,
                                            "opened under a policy weaker than the default"},
                          ret_why);
    if (err == ERR_OK && d->emergency.set)
        err = add_finding(history, d->emergency.seq,
                          &(struct finding){"emergency", NULL, d->emergency_reason}, ret_why);
    for (size_t i = 0; err == ERR_OK && i < d->criterion_count; i++) {
        const struct criterion *criterion = &d->criteria[i];
        if (!criterion->resolved.set)
            err = add_finding(history, criterion->arose.seq,
                              &(struct finding){"criterion", criterion->id, criterion->text},
                              ret_why);
    }
    return err;
}

static json_t *place_of(const struct deployment *d, const struct mark *mark)
{
    return json_pack("{s:I, s:I, s:o}", "seq", (json_int_t)mark->seq, "pos", (json_int_t)mark->pos,
                     "leaf", ijson_hex(d->leaves[mark->pos], HASH_BYTES));
}

static void add_population(struct history *history, const struct deployment *d, bool unclosed)
{
    struct tables *tables = &history->tables;
    bool opened_before = d->opened.set && d->opened.time_us < tables->period.from_us;
    bool open_after = d->opened.set && d->opened.time_us < tables->period.to_us &&
                      (!d->closed.set || d->closed.time_us >= tables->period.to_us);
    json_t *row = json_object();
    set_text(row, "deployment", d->id);
    set_text(row, "title", d->title);
    set_text(row, "release", d->release);
    set_text(row, "environment", d->environment);
    set_text(row, "lead", d->lead);
    set_text(row, "outcome", d->outcome);
    set_text(row, "state",
             d->outcome != NULL ? d->outcome
             : unclosed         ? "unclosed"
             : d->opened.set    ? deployment_phase_name(d->phase)
                                : "never opened");
    set_mark_time(row, "opened", &d->opened);
    json_object_set_new(row, "t0", d->has_t0 ? ijson_instant(d->t0_us) : json_null());
    set_mark_time(row, "closed", &d->closed);
    json_object_set_new(row, "counted",
                        json_boolean(d->opened.set && tables_in(tables, d->opened.time_us)));
    json_object_set_new(row, "carried_in", json_boolean(opened_before));
    json_object_set_new(row, "carried_out", json_boolean(open_after));
    json_object_set_new(row, "emergency", json_boolean(d->emergency.set));
    json_object_set_new(row, "entries", json_integer((json_int_t)d->entries));
    json_object_set_new(row, "accepted", json_integer((json_int_t)d->accepted));
    json_object_set_new(row, "refused", json_integer((json_int_t)d->refused));
    json_object_set_new(row, "flagged", json_integer((json_int_t)d->flagged));
    json_object_set_new(row, "deploy_events", json_integer((json_int_t)history->deploy_events));
    set_mark_time(row, "clock_started", &d->clock_started);
    set_mark_time(row, "rollback_started", &d->rollback_started);
    set_mark_time(row, "rollback_finished", &d->rollback_finished);
    json_object_set_new(row, "first", place_of(d, &d->first));
    json_object_set_new(row, "last", place_of(d, &d->last));
    json_array_append_new(tables->population, row);
    row = json_object();
    set_text(row, "deployment", d->id);
    set_mark_time(row, "last_event", &d->last);
    int64_t until_us = d->last.time_us + 365 * INSTANT_DAY_US;
    json_object_set_new(row, "keep_until", ijson_instant(until_us));
    json_array_append_new(tables->retention, row);
}

static void add_count(const struct tables *from, struct tables *to)
{
    to->entries += from->entries;
    to->signatures += from->signatures;
    if (from->clock_step_us > to->clock_step_us) {
        to->clock_step_us = from->clock_step_us;
        to->clock_step_seq = from->clock_step_seq;
    }
}

/* Open at some moment of the period, or with something in it that a reviewer must see.  What was
 * never opened ends with its last entry. */
static bool belongs(const struct tables *own, const struct deployment *d)
{
    int64_t until_us = d->closed.set   ? d->closed.time_us
                       : d->opened.set ? INT64_MAX
                                       : d->last.time_us;
    return d->first.time_us < own->period.to_us &&
           (until_us >= own->period.from_us || json_array_size(own->exceptions) > 0);
}

enum err history_add(struct tables *tables, const struct history_source *source, const char *id,
                     struct err_text *ret_why)
{
    struct deployment *d = NULL;
    struct history own = {.source = source}; /* kept apart until it is known whether it belongs */
    tables_new(&tables->period, &own.tables);
    struct replay_view view = {.fn = history_step, .ctx = &own};
    enum err err = replay_fold(source->replay, id, source->size, &view, &d, ret_why);
    if (err != ERR_OK || d->entries == 0)
        goto out;
    add_count(&own.tables, tables);
    if (!belongs(&own.tables, d))
        goto out;
    bool unclosed = d->phase != PHASE_CLOSED && source->end_us - d->last.time_us >= UNCLOSED_US;
    add_population(&own, d, unclosed);
    err = add_findings(&own, d, unclosed, ret_why);
    tables_move(&own.tables, tables);
out:
    deployment_free(d);
    tables_free(&own.tables);
    return err;
}
