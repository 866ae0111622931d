#include "reports/act_rows.h"

#include <string.h>

#include "reports/number.h"

/* The signature of the entry's principal, or else its first. */
static const struct entry_sig *own_signature(const struct record *record,
                                             const struct registry *registry)
{
    const struct admitted_part *part = &record->entry.part;
    for (size_t i = 0; i < part->sig_count; i++) {
        const struct registry_key *key = registry_key(registry, part->sigs[i].key_id);
        if (key != NULL && strcmp(key->principal, part->principal) == 0)
            return &part->sigs[i];
    }
    return part->sig_count > 0 ? &part->sigs[0] : NULL;
}

const char *act_rows_key(const struct record *record, const struct registry *registry,
                         char ret[SSHKEY_FINGERPRINT_BYTES])
{
    const struct entry_sig *sig = own_signature(record, registry);
    if (sig == NULL)
        return NULL;
    sshkey_fingerprint(sig->key_id, ret);
    return ret;
}

/* What the signer's security key attests; NULL of any other key. */
static const char *touch_words(const struct entry_sig *sig)
{
    struct touch touch = {.attested = false};
    if (sig == NULL || !touch_of(sig, &touch) || !touch.attested)
        return NULL;
    if (touch.touched)
        return touch.pin ? "touched, PIN" : "touched, no PIN";
    return touch.pin ? "not touched, PIN" : "not touched, no PIN";
}

/* What a row is made of. */
struct making {
    struct tables *tables;
    struct history_source *source;
    const struct replay_step *step;
    const char *act;
    const json_t *data;
    const char *node_id;     /* or NULL */
    size_t index;            /* of the node, or CHECKLIST_NONE */
    const struct node *node; /* or NULL */
    struct row_place place;
};

static bool accepted(const struct making *making)
{
    return making->step->verdict->rule == RULE_NONE;
}

static void add_rollback(const struct making *making)
{
    const char *cause = ijson_string(making->data, "reason");
    const char *status = ijson_string(making->data, "status");
    struct sheet *sheet = tables_place(making->tables, FORM_ROLLBACKS, &making->place);
    sheet_put_text(sheet, BACK_ACT, making->act);
    sheet_put_text(sheet, BACK_CAUSE,
                   cause != NULL ? cause : ijson_string(making->data, "comment"));
    sheet_put_text(sheet, BACK_STATUS,
                   status != NULL ? status : ijson_string(making->data, "value"));
    tables_judged(sheet, BACK_VERDICT, making->step->verdict);
}

/* Whether a decision is one to roll back. */
static bool rolls_back(const struct node *node, const char *value)
{
    return node != NULL && node->rollback_decision && value != NULL && node->option_count > 0 &&
           strcmp(value, node->options[0].label) != 0;
}

/* Whether it opened a gate: the first option again, while it stands, does not. */
static bool opens_gate(const struct making *making)
{
    return accepted(making) && making->node != NULL &&
           deployment_gate_opened(making->step->deployment, making->index, making->place.pos);
}

/* How long the gate was ready: since the last act of those that met what it needs. */
static void add_waiting(const struct making *making)
{
    struct needs needs = {0};
    char text[NUMBER_TEXT_BYTES];
    int64_t ready_us = -1, now_us = making->place.time_us;
    needs_find(making->step->deployment, making->index, NEEDS_NOW, &needs);
    for (size_t i = 0; i < needs.count; i++) {
        for (size_t j = 0; j < needs.list[i].by_count; j++) {
            const struct mark *by = &needs.list[i].by[j];
            if (by->set && by->seq < making->place.seq && by->time_us > ready_us)
                ready_us = by->time_us;
        }
    }
    needs_free(&needs);
    struct sheet *sheet = tables_place(making->tables, FORM_WAITING, &making->place);
    sheet_put_text(sheet, WAI_GATE, making->node->id);
    sheet_put_text(sheet, WAI_LABEL, making->node->label);
    if (ready_us < 0)
        return;
    number_quotient(now_us - ready_us, INSTANT_MINUTE_US, 1, text);
    sheet_put_number(sheet, WAI_READY, (uint64_t)ready_us);
    sheet_put_text(sheet, WAI_WAITED, text);
}

static void put_due(struct sheet *sheet, const struct making *making)
{
    const struct deployment *d = making->step->deployment;
    char text[NUMBER_TEXT_BYTES];
    if (making->node == NULL || !making->node->window.set || !d->has_t0)
        return;
    int64_t due_us = d->t0_us + making->node->window.to_min * INSTANT_MINUTE_US;
    if (due_us >= 0)
        sheet_put_number(sheet, DEC_DUE, (uint64_t)due_us);
    if (making->place.time_us > due_us) {
        number_quotient(making->place.time_us - due_us, INSTANT_MINUTE_US, 1, text);
        sheet_put_text(sheet, DEC_LATE, text);
    }
}

/* The role that the act names, else the one that its node asks for. */
static const char *role_in(const struct making *making)
{
    const char *role = ijson_string(making->data, "role");
    if (role != NULL || making->node == NULL)
        return role;
    return making->node->role != NULL ? making->node->role : making->node->authority;
}

static void add_decision(const struct making *making)
{
    char key[SSHKEY_FINGERPRINT_BYTES];
    const struct registry *registry = ledger_registry(making->source->ledger);
    const struct record *record = making->step->record;
    const json_t *basis = ijson_get(ijson_get(making->data, "basis"), "pos");
    const char *comment = ijson_string(making->data, "comment");
    struct sheet *sheet = tables_place(making->tables, FORM_DECISIONS, &making->place);
    sheet_put_text(sheet, DEC_ACT, making->act);
    sheet_put_text(sheet, DEC_NODE, making->node_id);
    sheet_put_text(sheet, DEC_LABEL, making->node == NULL ? NULL : making->node->label);
    sheet_put_text(sheet, DEC_VALUE, ijson_string(making->data, "value"));
    sheet_put_text(sheet, DEC_ROLE, role_in(making));
    sheet_put_text(sheet, DEC_KEY, act_rows_key(record, registry, key));
    sheet_put_text(sheet, DEC_TOUCH, touch_words(own_signature(record, registry)));
    put_due(sheet, making);
    if (json_is_integer(basis) && json_integer_value(basis) >= 0)
        sheet_put_number(sheet, DEC_BASIS, (uint64_t)json_integer_value(basis));
    sheet_put_text(sheet, DEC_COMMENT,
                   comment != NULL ? comment : ijson_string(making->data, "reason"));
    tables_judged(sheet, DEC_VERDICT, making->step->verdict);
    if (opens_gate(making))
        add_waiting(making);
    if (rolls_back(making->node, ijson_string(making->data, "value")))
        add_rollback(making);
}

/* The items with a threshold, listed once a checklist. */
static void list_items(struct history_source *source, const struct checklist *checklist)
{
    if (source->checklist == checklist)
        return;
    source->checklist = checklist;
    source->item_count = 0;
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].threshold != NULL)
            *(size_t *)MEM_PUSH(source->items, source->item_count, source->item_cap) = i;
    }
}

/* The value as its producer wrote it, and the unit. */
static void put_value(struct sheet *sheet, const struct making *making)
{
    const struct deployment *d = making->step->deployment;
    const char *unit = ijson_string(making->data, "unit"), *value = NULL;
    if (strcmp(making->act, "metric.sampled") == 0)
        value = d->sample_count > 0 ? d->samples[d->sample_count - 1].value_text : NULL;
    else if (making->index != CHECKLIST_NONE)
        value = d->nodes[making->index].value;
    if (unit == NULL && making->node != NULL)
        unit = making->node->unit;
    sheet_put_text(sheet, MET_VALUE, value);
    sheet_put_text(sheet, MET_UNIT, unit);
}

/* The items whose threshold this value was judged by: one row each. */
static void add_metric(const struct making *making)
{
    const struct deployment *d = making->step->deployment;
    if (d->checklist == NULL || !accepted(making))
        return;
    list_items(making->source, d->checklist);
    for (size_t i = 0; i < making->source->item_count; i++) {
        const struct node *item = &d->checklist->nodes[making->source->items[i]];
        const struct measured *measured = &d->nodes[making->source->items[i]].measured;
        if (!measured->mark.set || measured->mark.seq != making->place.seq)
            continue;
        struct sheet *sheet = tables_place(making->tables, FORM_METRICS, &making->place);
        sheet_put_text(sheet, MET_ACT, making->act);
        sheet_put_text(sheet, MET_NODE, making->node_id);
        put_value(sheet, making);
        sheet_put_text(sheet, MET_ITEM, item->id);
        sheet_put_text(sheet, MET_LABEL, item->label);
        sheet_put_text(sheet, MET_OP, threshold_op_text(item->threshold->op));
        sheet_put_text(sheet, MET_BOUND, item->threshold->value_text);
        if (item->threshold->unit[0] != '\0')
            sheet_put_text(sheet, MET_BOUND_UNIT, item->threshold->unit);
        sheet_put_yes(sheet, MET_HOLDS, measured->within);
        if (making->step->verdict->flags != 0)
            tables_flags(sheet, MET_FLAGS, making->step->verdict);
    }
}

static void add_evidence(const struct making *making)
{
    const struct deployment *d = making->step->deployment;
    const json_t *data = making->data;
    struct sheet *sheet = tables_place(making->tables, FORM_EVIDENCE, &making->place);
    sheet_put_text(sheet, EVI_NODE, making->node_id);
    sheet_put_text(sheet, EVI_MEDIA, ijson_string(data, "media"));
    sheet_put_text(sheet, EVI_SHA256, ijson_string(data, "sha256"));
    sheet_put_text(sheet, EVI_URI, ijson_string(data, "uri"));
    sheet_put_text(sheet, EVI_KEPT,
                   ijson_get(data, "data_base64") != NULL ? "held"
                   : ijson_get(data, "uri") != NULL       ? "held-elsewhere"
                                                          : "only-named");
    if (accepted(making) && d->evidence_count > 0)
        sheet_put_text(sheet, EVI_FOUND, d->evidence[d->evidence_count - 1].found.text);
    tables_judged(sheet, EVI_VERDICT, making->step->verdict);
}

/* An accepted act on a node that has a window, against its end. */
static void add_timing(const struct making *making)
{
    const struct deployment *d = making->step->deployment;
    if (!accepted(making) || making->node == NULL || !making->node->window.set || !d->has_t0)
        return;
    const struct section *section = &d->checklist->sections[making->node->section];
    if (section->parent != CHECKLIST_NONE)
        section = &d->checklist->sections[section->parent];
    int64_t end_us = d->t0_us + making->node->window.to_min * INSTANT_MINUTE_US;
    bool late = verdict_has(making->step->verdict, FLAG_LATE);
    timing_add(&making->tables->timing, section->title, making->place.time_us,
               late ? making->place.time_us - end_us : 0);
}

typedef void row_fn(const struct making *making);

static const struct {
    const char *act;
    bool timed; /* it may be on a node, whose window it is held to */
    row_fn *add;
} keeps[] = {
    {"item.checked", true, NULL},
    {"metric.sampled", true, add_metric},
    {"field.recorded", true, add_metric},
    {"command.finished", true, NULL},
    {"status.declared", true, NULL},
    {"item.waived", true, NULL},
    {"item.reopened", true, NULL},
    {"approval.given", true, add_decision},
    {"approval.rejected", true, add_decision},
    {"approval.withdrawn", true, add_decision},
    {"decision.made", true, add_decision},
    {"rollback.started", false, add_rollback},
    {"rollback.finished", true, add_rollback},
    {"evidence.attached", false, add_evidence},
};

/* The status that the end of a rollback declares. */
static size_t status_of_rollback(const struct checklist *checklist, const char *status)
{
    for (size_t i = 0; status != NULL && i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        if (node->kind == NODE_STATUS && node->rollback &&
            checklist_option_of(node, status) != CHECKLIST_NONE)
            return i;
    }
    return CHECKLIST_NONE;
}

static struct making make(struct tables *tables, struct history_source *source,
                          const struct replay_step *step, const char *act)
{
    const struct checklist *checklist = step->deployment->checklist;
    struct making making = {.tables = tables,
                            .source = source,
                            .step = step,
                            .act = act,
                            .data = step->event->data,
                            .node_id = ijson_string(step->event->data, "node"),
                            .index = CHECKLIST_NONE,
                            .place = tables_at(step->record)};
    if (checklist != NULL && strcmp(act, "rollback.finished") == 0)
        making.index = status_of_rollback(checklist, ijson_string(making.data, "status"));
    else if (checklist != NULL && making.node_id != NULL)
        making.index = checklist_node(checklist, making.node_id);
    if (making.index != CHECKLIST_NONE)
        making.node = &checklist->nodes[making.index];
    return making;
}

void act_rows_add(struct tables *tables, struct history_source *source,
                  const struct replay_step *step, const char *act)
{
    for (size_t i = 0; i < sizeof(keeps) / sizeof(keeps[0]); i++) {
        if (strcmp(keeps[i].act, act) != 0)
            continue;
        struct making making = make(tables, source, step, act);
        if (keeps[i].timed)
            add_timing(&making);
        if (keeps[i].add != NULL)
            keeps[i].add(&making);
        return;
    }
}

bool act_rows_decides(const char *act)
{
    return strncmp(act, "approval.", 9) == 0 || strcmp(act, "decision.made") == 0;
}
