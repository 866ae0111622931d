#include "reports/history.h"

#include <stdlib.h>
#include <string.h>

#include "reports/act_rows.h"
#include "reports/number.h"

#define UNCLOSED_US (72LL * 60 * INSTANT_MINUTE_US) /* no event for so long, and not closed */

/* When an issue began, as its opening says. */
struct began {
    char *issue;
    int64_t time_us;
};

/* A deployment while it is replayed. */
struct history {
    struct tables *tables;
    struct history_source *source;
    bool present;           /* it has an entry in the period */
    uint64_t deploy_events; /* of the platform, below the size: also outside the period */
    struct began *began;
    size_t began_count, began_cap;
};

static void note_began(struct history *history, const json_t *data)
{
    const char *issue = ijson_string(data, "issue"), *started = ijson_string(data, "started");
    int64_t time_us;
    if (issue != NULL && started != NULL && instant_parse(started, &time_us))
        *(struct began *)MEM_PUSH(history->began, history->began_count, history->began_cap) =
            (struct began){mem_text(issue), time_us};
}

static void history_step(void *ctx, const struct replay_step *step)
{
    struct history *history = ctx;
    struct tables *tables = history->tables;
    const struct record *record = step->record;
    const char *act = step->event == NULL ? NULL : event_subject_verb(step->event);
    const struct row_place place = tables_at(record);
    tables_count(tables, record);
    if (act == NULL && step->event != NULL && platform_is(step->event)) {
        history->deploy_events++;
        platform_add(&tables->platform, record, step->event);
    }
    if (act != NULL && step->verdict->rule == RULE_NONE && strcmp(act, "issue.opened") == 0)
        note_began(history, step->event->data);
    if (!tables_in(tables, record->entry.time_us))
        return;
    history->present = true;
    tables_suspect(tables, record, ledger_registry(history->source->ledger));
    if (step->event == NULL) {
        tables_exception(tables, &place, "erased", NULL,
                         "the event is not shown; its digest stands");
        return;
    }
    const char *node = act == NULL ? NULL : ijson_string(step->event->data, "node");
    if (step->verdict->rule != RULE_NONE || step->verdict->flags != 0)
        tables_verdict(tables, &place, step->verdict, node);
    if (strcmp(place.principal, "amqp:anonymous") == 0)
        tables_exception(tables, &place, "anonymous", NULL, "the broker named no user");
    if (event_is_newer(step->event))
        tables_exception(tables, &place, "newer", NULL, step->event->type);
    if (act != NULL)
        act_rows_add(tables, history->source, step, act);
}

static void add_finding(struct tables *tables, const struct deployment *d, const struct mark *mark,
                        const char *kind, const char *node, const char *text)
{
    const struct row_place place = {mark->seq, mark->pos,       mark->time_us,
                                    d->id,     mark->principal, d->leaves[mark->pos]};
    tables_exception(tables, &place, kind, node, text);
}

/* A criterion, at the entry that it arose from: where that is the revocation of a key, it stands in
 * the stream `ledger`. */
static enum err add_criterion(struct tables *tables, struct ledger *ledger,
                              const struct deployment *d, const struct criterion *criterion,
                              struct err_text *ret_why)
{
    struct record *record = NULL;
    if (strncmp(criterion->id, "signature:", strlen("signature:")) != 0) {
        add_finding(tables, d, &criterion->arose, "criterion", criterion->id, criterion->text);
        return ERR_OK;
    }
    enum err err = ledger_read(ledger, criterion->arose.seq, &record, ret_why);
    if (err != ERR_OK)
        return err;
    struct row_place place = tables_at(record);
    place.stream = d->id;
    place.pos = SEQ_NONE;
    tables_exception(tables, &place, "criterion", criterion->id, criterion->text);
    ledger_record_free(record);
    return ERR_OK;
}

/* What the state of a deployment that was open shows: each at the entry that it comes from. */
static enum err add_findings(struct tables *tables, struct ledger *ledger,
                             const struct deployment *d, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    if (d->policy != NULL && registry_policy_weaker(d->policy))
        add_finding(tables, d, &d->opened, "weaker-policy", NULL,
                    "opened under a policy weaker than the default");
    if (d->emergency.set)
        add_finding(tables, d, &d->emergency, "emergency", NULL, d->emergency_reason);
    for (size_t i = 0; err == ERR_OK && i < d->criterion_count; i++) {
        if (!d->criteria[i].resolved.set)
            err = add_criterion(tables, ledger, d, &d->criteria[i], ret_why);
    }
    return err;
}

static void put_mark(struct sheet *sheet, size_t column, const struct mark *mark)
{
    if (mark->set)
        sheet_put_number(sheet, column, (uint64_t)mark->time_us);
}

/* The changes and repairs that the opening names. */
static void put_opening(struct sheet *sheet, const json_t *opening)
{
    const json_t *changes = ijson_get(opening, "changes"), *repairs = ijson_get(opening, "repairs");
    int64_t first_us = INT64_MAX, time_us;
    struct buf text = {0};
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const char *time = ijson_string(json_array_get(changes, i), "time");
        if (time != NULL && instant_parse(time, &time_us) && time_us < first_us)
            first_us = time_us;
    }
    for (size_t i = 0; i < json_array_size(repairs); i++) {
        const char *repaired = json_string_value(json_array_get(repairs, i));
        if (repaired != NULL && event_stream_ok(repaired))
            buf_printf(&text, "%s%s", text.bytes > 0 ? " " : "", repaired);
    }
    sheet_put_text(sheet, POP_IMPACT, ijson_string(opening, "impact"));
    sheet_put_number(sheet, POP_CHANGES, json_array_size(changes));
    if (first_us != INT64_MAX)
        sheet_put_number(sheet, POP_CHANGED, (uint64_t)first_us);
    if (text.bytes > 0)
        sheet_put_text(sheet, POP_REPAIRS, (const char *)text.data);
    buf_free(&text);
}

static void put_times(struct tables *tables, struct sheet *sheet, const struct deployment *d)
{
    const struct period *period = &tables->params->period;
    bool before = d->opened.set && d->opened.time_us < period->from_us;
    bool after = d->opened.set && d->opened.time_us < period->to_us &&
                 (!d->closed.set || d->closed.time_us >= period->to_us);
    put_mark(sheet, POP_OPENED, &d->opened);
    if (d->opened.set)
        sheet_put_number(sheet, POP_OPENED_SEQ, d->opened.seq);
    if (d->has_t0 && d->t0_us >= 0)
        sheet_put_number(sheet, POP_T0, (uint64_t)d->t0_us);
    put_mark(sheet, POP_CLOCK, &d->clock_started);
    put_mark(sheet, POP_CLOSED, &d->closed);
    sheet_put_yes(sheet, POP_COUNTED, d->opened.set && tables_in(tables, d->opened.time_us));
    sheet_put_yes(sheet, POP_IN, before);
    sheet_put_yes(sheet, POP_OUT, after);
    sheet_put_yes(sheet, POP_EMERGENCY, d->emergency.set);
    put_mark(sheet, POP_BACK, &d->rollback_started);
    put_mark(sheet, POP_BACK_END, &d->rollback_finished);
}

static void put_ends(struct sheet *sheet, const struct deployment *d)
{
    sheet_put_number(sheet, POP_ENTRIES, d->entries);
    sheet_put_number(sheet, POP_ACCEPTED, d->accepted);
    sheet_put_number(sheet, POP_REFUSED, d->refused);
    sheet_put_number(sheet, POP_FLAGGED, d->flagged);
    sheet_put_number(sheet, POP_FIRST_SEQ, d->first.seq);
    sheet_put_number(sheet, POP_FIRST_POS, d->first.pos);
    sheet_put_hex(sheet, POP_FIRST_LEAF, d->leaves[d->first.pos], HASH_BYTES);
    sheet_put_number(sheet, POP_LAST_SEQ, d->last.seq);
    sheet_put_number(sheet, POP_LAST_POS, d->last.pos);
    sheet_put_hex(sheet, POP_LAST_LEAF, d->leaves[d->last.pos], HASH_BYTES);
    put_mark(sheet, POP_LAST_TIME, &d->last);
}

static void add_population(struct history *history, const struct deployment *d, bool unclosed)
{
    struct sheet *sheet = history->tables->sheets[FORM_POPULATION];
    sheet_add(sheet);
    sheet_put_text(sheet, POP_DEPLOYMENT, d->id);
    sheet_put_text(sheet, POP_TITLE, d->title);
    sheet_put_text(sheet, POP_RELEASE, d->release);
    sheet_put_text(sheet, POP_ENVIRONMENT, d->environment);
    sheet_put_text(sheet, POP_LEAD, d->lead);
    sheet_put_text(sheet, POP_REASON, d->reason);
    sheet_put_text(sheet, POP_OUTCOME, d->outcome);
    sheet_put_text(sheet, POP_STATE,
                   d->outcome != NULL ? d->outcome
                   : unclosed         ? "unclosed"
                   : d->opened.set    ? deployment_phase_name(d->phase)
                                      : "never opened");
    if (d->checklist != NULL)
        sheet_put_hex(sheet, POP_CHECKLIST, d->checklist->sha256, HASH_BYTES);
    if (d->opened.set)
        put_opening(sheet, d->opening);
    put_times(history->tables, sheet, d);
    put_ends(sheet, d);
    sheet_put_number(sheet, POP_DEPLOYS, history->deploy_events);
}

/* A failure and when it was repaired; outside the period it is another report's. */
static void add_restore(struct tables *tables, const char *kind, const char *id, const char *issue,
                        int64_t began_us, const struct mark *restored)
{
    struct sheet *sheet = tables->sheets[FORM_RESTORES];
    char hours[NUMBER_TEXT_BYTES];
    if (!tables_in(tables, began_us))
        return;
    sheet_add(sheet);
    sheet_put_text(sheet, RES_KIND, kind);
    sheet_put_text(sheet, RES_DEPLOYMENT, id);
    sheet_put_text(sheet, RES_ISSUE, issue);
    sheet_put_number(sheet, RES_BEGAN, (uint64_t)began_us);
    if (!restored->set)
        return;
    number_quotient(restored->time_us - began_us, 60 * INSTANT_MINUTE_US, 2, hours);
    put_mark(sheet, RES_RESTORED, restored);
    sheet_put_text(sheet, RES_HOURS, hours);
}

static void add_restores(struct history *history, const struct deployment *d)
{
    const struct mark never = {.set = false};
    if (d->rollback_started.set)
        add_restore(history->tables, "rollback", d->id, NULL, d->rollback_started.time_us,
                    d->rollback_good ? &d->rollback_finished : &never);
    for (size_t i = 0; i < d->issue_count; i++) {
        const struct issue *issue = &d->issues[i];
        int64_t began_us = issue->opened.time_us;
        for (size_t j = 0; j < history->began_count; j++) {
            if (strcmp(history->began[j].issue, issue->id) == 0)
                began_us = history->began[j].time_us;
        }
        if (issue->severity == 1)
            add_restore(history->tables, "issue", d->id, issue->id, began_us, &issue->resolved);
    }
}

/* Open at some moment of the period. */
static bool was_open(const struct tables *tables, const struct deployment *d)
{
    const struct period *period = &tables->params->period;
    return d->opened.set && d->opened.time_us < period->to_us &&
           (!d->closed.set || d->closed.time_us >= period->from_us);
}

/* What is not in the population is still kept, and the stream `ledger` as long. */
static void add_kept(struct tables *tables, const struct history_source *source,
                     const struct deployment *d)
{
    const struct retention_at at = {ledger_registry(source->ledger), tables->params->size,
                                    source->end_us};
    const struct retention_stream stream = {.id = d->id,
                                            .environment = d->environment,
                                            .opened_seq = d->opened.set ? d->opened.seq : SEQ_NONE,
                                            .last_us = d->last.time_us};
    struct retention retention;
    retention_of(&at, &stream, &retention);
    retention_ledger_add(&tables->kept, d->id, &retention);
}

enum err history_add(struct tables *tables, struct history_source *source, const char *id,
                     bool *ret_belongs, struct err_text *ret_why)
{
    struct deployment *d = NULL;
    struct history history = {.tables = tables, .source = source};
    struct replay_view view = {.fn = history_step, .ctx = &history, .lean = true};
    bool in = false, open = false;
    enum err err = replay_fold(source->replay, id, tables->params->size, &view, &d, ret_why);
    if (err != ERR_OK || d->entries == 0)
        goto out;
    open = was_open(tables, d);
    in = open || history.present;
    if (d->opened.set)
        platform_add_deployment(&tables->platform, d, in);
    repair_add_of(&tables->repairs, d);
    if (!in) {
        add_kept(tables, source, d);
        goto out;
    }
    bool unclosed = d->phase != PHASE_CLOSED && source->end_us - d->last.time_us >= UNCLOSED_US;
    add_population(&history, d, unclosed);
    add_restores(&history, d);
    if (unclosed)
        add_finding(tables, d, &d->last, "unclosed", NULL,
                    d->opened.set ? "not closed, and no event for 72 hours"
                                  : "never opened, and no event for 72 hours");
    if (open)
        err = add_findings(tables, source->ledger, d, ret_why);
out:
    for (size_t i = 0; i < history.began_count; i++)
        free(history.began[i].issue);
    free(history.began);
    deployment_free(d);
    if (err == ERR_OK)
        *ret_belongs = in;
    return err;
}

void history_forget(struct history_source *source)
{
    free(source->items);
    source->items = NULL;
    source->checklist = NULL;
    source->item_count = source->item_cap = 0;
}
