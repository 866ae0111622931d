#include "replay/state_json.h"

#include <string.h>

#include "replay/layout.h"
#include "replay/needs.h"
#include "replay/standing.h"

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *count_json(uint64_t count)
{
    return json_integer((json_int_t)count);
}

/* Adds who, when, where, by which key and with which flags; nothing of what has not happened. */
static void set_mark(json_t *object, const struct mark *mark)
{
    char key[SSHKEY_FINGERPRINT_BYTES];
    if (!mark->set)
        return;
    set(object, "by", ijson_text(mark->principal));
    set(object, "time", ijson_instant(mark->time_us));
    set(object, "seq", count_json(mark->seq));
    set(object, "pos", count_json(mark->pos));
    if (mark->key_id != NULL)
        sshkey_fingerprint(mark->key_id, key);
    set(object, "key", ijson_text(mark->key_id != NULL ? key : NULL));
    set(object, "touch", touch_json(&mark->touch));
    set(object, "flags", layout_flags_json(mark->flags));
}

static json_t *mark_json(const struct mark *mark)
{
    if (!mark->set)
        return json_null();
    json_t *json = json_object();
    set_mark(json, mark);
    return json;
}

static json_t *node_id(const struct deployment *deployment, size_t node)
{
    return node == CHECKLIST_NONE ? json_null() : ijson_text(deployment->checklist->nodes[node].id);
}

static json_t *undone_json(const struct mark *mark, const char *reason)
{
    json_t *json = mark_json(mark);
    if (mark->set)
        set(json, "reason", ijson_text(reason));
    return json;
}

static json_t *value_json(const struct node_state *state, enum standing standing)
{
    if (state->value != NULL)
        return ijson_text(state->value);
    return state->result != RESULT_NONE ? json_string(standing_name(standing)) : json_null();
}

static json_t *node_json(const struct deployment *deployment, size_t at)
{
    const struct node *node = &deployment->checklist->nodes[at];
    const struct node_state *state = &deployment->nodes[at];
    json_t *json = json_object();
    set(json, "id", ijson_text(node->id));
    set(json, "kind", ijson_text(node_kind_name(node->kind)));
    set(json, "label", ijson_text(node->label));
    set(json, "section", ijson_text(deployment->checklist->sections[node->section].id));
    set(json, "state", json_string(standing_name(standing_of(deployment, at))));
    set(json, "met", json_boolean(deployment_met(deployment, at)));
    set(json, "optional", json_boolean(node->optional));
    set(json, "value", value_json(state, standing_of(deployment, at)));
    set(json, "unit", ijson_text(state->unit != NULL ? state->unit : node->unit));
    set(json, "note", ijson_text(state->note));
    if (state->mark.set) {
        set_mark(json, &state->mark);
    } else {
        set(json, "by", json_null());
        set(json, "time", json_null());
        set(json, "seq", json_null());
        set(json, "flags", json_array());
    }
    set(json, "waived", undone_json(&state->waived, state->waive_reason));
    set(json, "undone", undone_json(&state->undone, state->undo_reason));
    if (state->command.mark.set) {
        json_t *command = mark_json(&state->command.mark);
        set(command, "exit", json_integer(state->command.exit));
        set(command, "matched", json_boolean(state->command.matched));
        set(json, "command", command);
    }
    set(json, "refused", count_json(state->refused));
    return json;
}

/* What the gate lacks, a text for each. */
static json_t *missing_json(const struct needs *needs)
{
    json_t *list = json_array();
    for (size_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->list[i];
        struct buf line = {0};
        if (need->how != NEED_MISSING)
            continue;
        buf_printf(&line, "%s: %s", need->id, need->lack);
        json_array_append_new(list, ijson_text((const char *)line.data));
        buf_free(&line);
    }
    return list;
}

json_t *state_json_gate(const struct deployment *deployment, size_t number)
{
    size_t at = deployment->checklist->gates[number - 1];
    const struct node *node = &deployment->checklist->nodes[at];
    bool open = deployment_gate_open(deployment, at);
    json_t *json = json_object();
    struct needs needs;
    needs_find(deployment, at, NEEDS_NOW, &needs);
    set(json, "gate", count_json(number));
    set(json, "id", ijson_text(node->id));
    set(json, "label", ijson_text(node->label));
    set(json, "authority", ijson_text(node->authority));
    set(json, "open", json_boolean(open));
    set(json, "value", ijson_text(deployment->nodes[at].value));
    set_mark(json, &deployment->nodes[at].mark);
    set(json, "missing", open ? json_array() : missing_json(&needs));
    set(json, "needs", needs_json(&needs));
    needs_free(&needs);
    return json;
}

static json_t *criterion_json(const struct deployment *deployment,
                              const struct criterion *criterion)
{
    json_t *json = json_object();
    size_t section = criterion->section;
    set(json, "id", ijson_text(criterion->id));
    set(json, "node", node_id(deployment, criterion->node));
    set(json, "section",
        section == CHECKLIST_NONE ? json_null()
                                  : ijson_text(deployment->checklist->sections[section].id));
    set(json, "text", ijson_text(criterion->text));
    set(json, "arose", mark_json(&criterion->arose));
    set(json, "resolved", mark_json(&criterion->resolved));
    return json;
}

static json_t *approval_json(const struct deployment *deployment, size_t at)
{
    const struct node *node = &deployment->checklist->nodes[at];
    const struct node_state *state = &deployment->nodes[at];
    json_t *json = json_object();
    set(json, "id", ijson_text(node->id));
    set(json, "role", ijson_text(node->role));
    set(json, "signature", json_boolean(node->signature));
    set(json, "state", json_string(standing_name(standing_of(deployment, at))));
    set(json, "comment", ijson_text(state->note));
    set_mark(json, &state->mark);
    set(json, "undone", undone_json(&state->undone, state->undo_reason));
    return json;
}

static json_t *assignment_json(const struct assignment *assignment)
{
    json_t *json = json_object();
    bool ends = assignment->until_us != INT64_MAX;
    set(json, "role", ijson_text(assignment->role));
    set(json, "principal", ijson_text(assignment->principal));
    set(json, "until", ends ? ijson_instant(assignment->until_us) : json_null());
    set(json, "from_pos", count_json(assignment->from_pos));
    set(json, "to_pos",
        assignment->to_pos == SEQ_NONE ? json_null() : count_json(assignment->to_pos));
    return json;
}

static json_t *issue_json(const struct issue *issue)
{
    json_t *json = json_object();
    set(json, "id", ijson_text(issue->id));
    set(json, "title", ijson_text(issue->title));
    set(json, "severity", json_integer(issue->severity));
    set(json, "opened", mark_json(&issue->opened));
    set(json, "resolved", mark_json(&issue->resolved));
    return json;
}

static json_t *note_json(const struct deployment *deployment, const struct note_taken *note)
{
    json_t *json = json_object();
    set(json, "text", ijson_text(note->text));
    set(json, "node", node_id(deployment, note->node));
    set_mark(json, &note->mark);
    return json;
}

static json_t *sample_json(const struct deployment *deployment, const struct sample *sample)
{
    json_t *json = json_object();
    set(json, "metric", ijson_text(sample->metric));
    set(json, "value", ijson_text(sample->value_text));
    set(json, "unit", ijson_text(sample->unit));
    set(json, "node", node_id(deployment, sample->node));
    set_mark(json, &sample->mark);
    return json;
}

static json_t *counts_json(const struct deployment *deployment)
{
    struct standing_counts counts = standing_count(deployment, NULL);
    json_t *json = json_object();
    set(json, "entries", count_json(deployment->entries));
    set(json, "accepted", count_json(deployment->accepted));
    set(json, "refused", count_json(deployment->refused));
    set(json, "flagged", count_json(deployment->flagged));
    if (deployment->newer > 0)
        set(json, "newer", count_json(deployment->newer));
    set(json, "steps", count_json(counts.steps));
    set(json, "met", count_json(counts.met));
    set(json, "waived", count_json(counts.waived));
    return json;
}

static json_t *basis_json(const struct deployment *deployment)
{
    if (deployment->entries == 0)
        return json_null();
    json_t *json = json_object();
    set(json, "pos", count_json(deployment->entries - 1));
    set(json, "leaf", ijson_hex(deployment->leaves[deployment->entries - 1], HASH_BYTES));
    return json;
}

static json_t *rollback_json(const struct deployment *deployment)
{
    if (!deployment->rollback_started.set)
        return json_null();
    json_t *json = json_object();
    set(json, "started", mark_json(&deployment->rollback_started));
    set(json, "reason", ijson_text(deployment->rollback_reason));
    set(json, "finished", mark_json(&deployment->rollback_finished));
    set(json, "status", ijson_text(deployment->rollback_status));
    set(json, "good", json_boolean(deployment->rollback_good));
    return json;
}

static json_t *checklist_brief(const struct checklist *checklist)
{
    if (checklist == NULL)
        return json_null();
    json_t *json = json_object();
    set(json, "title", ijson_text(checklist->title));
    set(json, "sha256", ijson_hex(checklist->sha256, HASH_BYTES));
    return json;
}

static json_t *window_json(const struct deployment *deployment)
{
    if (!deployment->has_window)
        return json_null();
    json_t *json = json_object();
    set(json, "from", ijson_instant(deployment->window_from_us));
    set(json, "to", ijson_instant(deployment->window_to_us));
    return json;
}

json_t *state_json_brief(const struct deployment *deployment, const struct ledger_info *info)
{
    json_t *json = json_object();
    set(json, "deployment", ijson_text(deployment->id));
    set(json, "ledger", ijson_text(info->origin));
    set(json, "simulated", json_boolean(info->simulated));
    set(json, "phase", ijson_text(deployment_phase_name(deployment->phase)));
    set(json, "outcome", ijson_text(deployment->outcome));
    set(json, "release", ijson_text(deployment->release));
    set(json, "title", ijson_text(deployment->title));
    set(json, "environment", ijson_text(deployment->environment));
    set(json, "reason", ijson_text(deployment->reason));
    set(json, "lead", ijson_text(deployment->lead));
    set(json, "t0", deployment->has_t0 ? ijson_instant(deployment->t0_us) : json_null());
    set(json, "clock", mark_json(&deployment->clock_started));
    set(json, "window", window_json(deployment));
    set(json, "emergency", undone_json(&deployment->emergency, deployment->emergency_reason));
    set(json, "rollback", rollback_json(deployment));
    set(json, "checklist", checklist_brief(deployment->checklist));
    set(json, "opened", mark_json(&deployment->opened));
    set(json, "closed", mark_json(&deployment->closed));
    set(json, "counts", counts_json(deployment));
    set(json, "first", mark_json(&deployment->first));
    set(json, "last", mark_json(&deployment->last));
    set(json, "basis", basis_json(deployment));
    size_t gate = deployment->checklist != NULL ? deployment_next_gate(deployment) : CHECKLIST_NONE;
    set(json, "next_gate", node_id(deployment, gate));
    return json;
}

static void set_nodes(json_t *json, const struct deployment *deployment)
{
    const struct checklist *checklist = deployment->checklist;
    json_t *nodes = json_array();
    json_t *approvals = json_array();
    json_t *gates = json_array();
    for (size_t i = 0; checklist != NULL && i < checklist->node_count; i++) {
        json_array_append_new(nodes, node_json(deployment, i));
        if (checklist->nodes[i].kind == NODE_APPROVAL)
            json_array_append_new(approvals, approval_json(deployment, i));
    }
    for (size_t i = 0; checklist != NULL && i < checklist->gate_count; i++)
        json_array_append_new(gates, state_json_gate(deployment, i + 1));
    set(json, "nodes", nodes);
    set(json, "gates", gates);
    set(json, "approvals", approvals);
}

static json_t *evidence_json(const struct deployment *deployment, const struct attached *attached)
{
    json_t *json = mark_json(&attached->mark);
    set(json, "node", node_id(deployment, attached->node));
    set(json, "found", ijson_text(attached->found.text));
    json_object_update(json, attached->found.json);
    return json;
}

json_t *state_json_full(const struct deployment *deployment, const struct ledger_info *info)
{
    json_t *json = state_json_brief(deployment, info);
    json_t *criteria = json_array();
    json_t *assignments = json_array();
    json_t *issues = json_array();
    json_t *notes = json_array();
    json_t *samples = json_array();
    json_t *evidence = json_array();
    set_nodes(json, deployment);
    for (size_t i = 0; i < deployment->criterion_count; i++)
        json_array_append_new(criteria, criterion_json(deployment, &deployment->criteria[i]));
    for (size_t i = 0; i < deployment->assignment_count; i++)
        json_array_append_new(assignments, assignment_json(&deployment->assignments[i]));
    for (size_t i = 0; i < deployment->issue_count; i++)
        json_array_append_new(issues, issue_json(&deployment->issues[i]));
    for (size_t i = 0; i < deployment->note_count; i++)
        json_array_append_new(notes, note_json(deployment, &deployment->notes[i]));
    for (size_t i = 0; i < deployment->sample_count; i++)
        json_array_append_new(samples, sample_json(deployment, &deployment->samples[i]));
    for (size_t i = 0; i < deployment->evidence_count; i++)
        json_array_append_new(evidence, evidence_json(deployment, &deployment->evidence[i]));
    set(json, "criteria", criteria);
    set(json, "assignments", assignments);
    set(json, "issues", issues);
    set(json, "notes", notes);
    set(json, "samples", samples);
    set(json, "evidence", evidence);
    return json;
}
