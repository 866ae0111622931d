/* The summary as a document. */
#include "replay/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/offset.h"
#include "replay/ready.h"
#include "replay/standing.h"

/* The lines of one list of the summary. */
static void push(json_t *list, struct buf *line)
{
    if (line->bytes > 0)
        json_array_append_new(list, ijson_text((const char *)line->data));
    buf_clear(line);
}

static void put(json_t *json, const char *name, const char *text)
{
    json_object_set_new(json, name, ijson_text(text));
}

static void put_number(json_t *json, const char *name, uint64_t number)
{
    json_object_set_new(json, name, json_integer((json_int_t)number));
}

/* "ID: what" with the node's label. */
static void add_labelled(const struct checklist *checklist, const char *text, size_t bytes,
                         struct buf *line)
{
    size_t id_bytes = 0;
    while (id_bytes < bytes && text[id_bytes] != ':')
        id_bytes++;
    char *id = mem_text_n(text, id_bytes);
    size_t node = checklist_node(checklist, id);
    buf_text(line, id);
    if (node != CHECKLIST_NONE && checklist->nodes[node].label != NULL)
        buf_printf(line, " %s", checklist->nodes[node].label);
    buf_add(line, text + id_bytes, bytes - id_bytes);
    free(id);
}

static json_t *list_missing(const struct deployment *deployment, size_t gate)
{
    json_t *list = json_array();
    struct buf lines = {0};
    struct buf line = {0};
    if (gate != CHECKLIST_NONE)
        deployment_gate_missing(deployment, gate, &lines);
    char *text = buf_take_text(&lines);
    for (char *at = text; *at != '\0';) {
        char *end = strchrnul(at, '\n');
        add_labelled(deployment->checklist, at, (size_t)(end - at), &line);
        push(list, &line);
        at = *end == '\n' ? end + 1 : end;
    }
    free(text);
    buf_free(&line);
    return list;
}

/* "ID LABEL: ", which stands before what is said of a node. */
static void begin(struct buf *line, const struct node *node)
{
    buf_printf(line, "%s %s: ", node->id, node->label != NULL ? node->label : "");
}

static void end_by(struct buf *line, const struct mark *mark)
{
    buf_printf(line, " (%s, seq %" PRIu64 ")", mark->principal, mark->seq);
}

static json_t *list_waived(const struct deployment *deployment, const bool *needed)
{
    const struct checklist *checklist = deployment->checklist;
    json_t *list = json_array();
    struct buf line = {0};
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node_state *state = &deployment->nodes[i];
        enum standing standing = standing_of(deployment, i);
        if (!needed[i] || (standing != STANDING_WAIVED && standing != STANDING_NA))
            continue;
        bool waived = standing == STANDING_WAIVED;
        const char *why = waived ? state->waive_reason : state->note;
        begin(&line, &checklist->nodes[i]);
        buf_printf(&line, "%s%s", waived ? "" : "not applicable: ", why != NULL ? why : "");
        end_by(&line, waived ? &state->waived : &state->mark);
        push(list, &line);
    }
    buf_free(&line);
    return list;
}

/* "late: 1.1.1 Code reviewed (lee, seq 12)"; of several nodes "judgement, 3
 * times: 1.1.1 1.1.2 1.1.4". */
static void add_flag(const struct deployment *deployment, const bool *needed, enum flag flag,
                     struct buf *line)
{
    const struct checklist *checklist = deployment->checklist;
    struct buf one = {0}, ids = {0};
    size_t count = 0;
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct mark *mark = &deployment->nodes[i].mark;
        const struct node *node = &checklist->nodes[i];
        if (!needed[i] || !mark->set || (mark->flags & 1u << flag) == 0)
            continue;
        buf_printf(&ids, " %s", node->id);
        if (count++ == 0) {
            buf_printf(&one, " %s %s", node->id, node->label != NULL ? node->label : "");
            end_by(&one, mark);
        }
    }
    if (count == 1)
        buf_printf(line, "%s:%s", flag_name(flag), (const char *)one.data);
    else if (count > 1)
        buf_printf(line, "%s, %zu times:%s", flag_name(flag), count, (const char *)ids.data);
    buf_free(&one);
    buf_free(&ids);
}

static json_t *list_flagged(const struct deployment *deployment, const bool *needed)
{
    json_t *list = json_array();
    struct buf line = {0};
    for (unsigned i = 0; i < FLAG_COUNT; i++) {
        add_flag(deployment, needed, (enum flag)i, &line);
        push(list, &line);
    }
    buf_free(&line);
    return list;
}

static json_t *list_thresholds(const struct deployment *deployment, const bool *needed)
{
    const struct checklist *checklist = deployment->checklist;
    json_t *list = json_array();
    struct buf line = {0};
    struct buf unmeasured = {0};
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct threshold *threshold = checklist->nodes[i].threshold;
        const struct measured *measured = &deployment->nodes[i].measured;
        if (!needed[i] || threshold == NULL)
            continue;
        if (!measured->mark.set) {
            buf_printf(&unmeasured, "%s%s",
                       unmeasured.bytes > 0 ? ", " : "not measured: ", checklist->nodes[i].id);
            continue;
        }
        buf_printf(&line, "%s %s %s %s%s%s: %s", checklist->nodes[i].id, threshold->metric,
                   threshold_op_text(threshold->op), threshold->value_text,
                   threshold->unit[0] != '\0' ? " " : "", threshold->unit, measured->value);
        end_by(&line, &measured->mark);
        buf_text(&line, measured->within ? "" : ": OUTSIDE");
        push(list, &line);
    }
    push(list, &unmeasured);
    buf_free(&unmeasured);
    buf_free(&line);
    return list;
}

/* The approvals that are given; or, with ${against}, those last rejected or withdrawn. */
static json_t *list_approvals(const struct deployment *deployment, const bool *needed, bool against)
{
    const struct checklist *checklist = deployment->checklist;
    json_t *list = json_array();
    struct buf line = {0};
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node_state *state = &deployment->nodes[i];
        enum standing standing = standing_of(deployment, i);
        if (!needed[i] || checklist->nodes[i].kind != NODE_APPROVAL ||
            standing != (against ? STANDING_UNDONE : STANDING_GIVEN))
            continue;
        const struct mark *mark = against ? &state->undone : &state->mark;
        const char *why = against ? state->undo_reason : state->note;
        buf_printf(&line, "%s %s: %s%s%s, seq %" PRIu64, checklist->nodes[i].id,
                   checklist->nodes[i].role, mark->principal, why != NULL ? ": " : "",
                   why != NULL ? why : "", mark->seq);
        push(list, &line);
    }
    buf_free(&line);
    return list;
}

static json_t *list_criteria(const struct deployment *deployment)
{
    json_t *list = json_array();
    struct buf line = {0};
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        const struct criterion *criterion = &deployment->criteria[i];
        if (criterion->resolved.set)
            continue;
        buf_printf(&line, "%s: %s", criterion->id, criterion->text != NULL ? criterion->text : "");
        push(list, &line);
    }
    buf_free(&line);
    return list;
}

static json_t *list_issues(const struct deployment *deployment)
{
    json_t *list = json_array();
    struct buf line = {0};
    for (size_t i = 0; i < deployment->issue_count; i++) {
        const struct issue *issue = &deployment->issues[i];
        if (issue->resolved.set)
            continue;
        buf_printf(&line, "%s, severity %d%s%s", issue->id, issue->severity,
                   issue->title != NULL ? ": " : "", issue->title != NULL ? issue->title : "");
        end_by(&line, &issue->opened);
        push(list, &line);
    }
    buf_free(&line);
    return list;
}

/* The gate that the node is, or stands before. */
static size_t gate_of(const struct deployment *deployment, size_t node)
{
    const struct node *what = &deployment->checklist->nodes[node];
    if (what->kind == NODE_APPROVAL)
        return ready_gate_of_approval(deployment, node);
    return what->authority != NULL ? node : CHECKLIST_NONE;
}

static void put_gate(const struct deployment *deployment, size_t gate, json_t *json)
{
    const struct checklist *checklist = deployment->checklist;
    const struct node *node = &checklist->nodes[gate];
    struct buf text = {0};
    char time[INSTANT_TEXT_BYTES];
    buf_printf(&text, "gate %zu, %s %s, by %s", standing_gate_number(checklist, gate), node->id,
               node->label != NULL ? node->label : "", node->authority);
    put(json, "gate", (const char *)text.data);
    buf_clear(&text);
    if (node->window.set) {
        offset_minutes(&text, node->window.to_min);
        if (deployment->has_t0) {
            instant_short(deployment->t0_us + node->window.to_min * INSTANT_MINUTE_US, time);
            buf_printf(&text, ", %s UTC", time);
        }
        put(json, "due", (const char *)text.data);
    }
    buf_free(&text);
}

static void put_counts(const struct deployment *deployment, const bool *needed, json_t *json)
{
    struct standing_counts counts = standing_count(deployment, needed);
    json_t *object = json_object();
    put_number(object, "steps", counts.steps);
    put_number(object, "met", counts.met);
    put_number(object, "missing", counts.steps - counts.met);
    put_number(object, "waived", counts.waived);
    put_number(object, "flagged", counts.flagged);
    put_number(object, "refused", counts.refused);
    json_object_set_new(json, "counts", object);
}

/* What there is to know of the node and of what its gate needs. */
static void put_node(const struct deployment *deployment, size_t node, json_t *json)
{
    const struct checklist *checklist = deployment->checklist;
    size_t gate = gate_of(deployment, node);
    bool *needed = mem_zero(checklist->node_count, sizeof(*needed));
    for (size_t i = 0; i < checklist->node_count; i++)
        needed[i] = gate == CHECKLIST_NONE || ready_needs(deployment, gate, i);
    put(json, "label", checklist->nodes[node].label);
    if (gate != CHECKLIST_NONE)
        put_gate(deployment, gate, json);
    put_counts(deployment, needed, json);
    json_object_set_new(json, "missing", list_missing(deployment, gate));
    json_object_set_new(json, "waived", list_waived(deployment, needed));
    json_object_set_new(json, "flagged", list_flagged(deployment, needed));
    json_object_set_new(json, "thresholds", list_thresholds(deployment, needed));
    json_object_set_new(json, "approved", list_approvals(deployment, needed, false));
    json_object_set_new(json, "against", list_approvals(deployment, needed, true));
    json_object_set_new(json, "criteria", list_criteria(deployment));
    json_object_set_new(json, "issues", list_issues(deployment));
    free(needed);
}

static json_t *basis_json(const struct deployment *deployment)
{
    uint64_t pos = deployment->entries - 1;
    json_t *basis = json_object();
    put_number(basis, "pos", pos);
    put_number(basis, "seq", deployment->last.seq);
    json_object_set_new(basis, "leaf", ijson_hex(deployment->leaves[pos], HASH_BYTES));
    put(basis, "principal", deployment->last.principal);
    json_object_set_new(basis, "time", ijson_instant(deployment->last.time_us));
    return basis;
}

static json_t *event_json(const struct buf *event)
{
    uint8_t sha256[HASH_BYTES];
    json_t *json = json_object();
    hash_bytes(event->data, event->bytes, sha256);
    put_number(json, "bytes", event->bytes);
    json_object_set_new(json, "sha256", ijson_hex(sha256, sizeof(sha256)));
    return json;
}

json_t *summary_json(const struct summary *summary)
{
    const struct deployment *deployment = summary->deployment;
    const struct checklist *checklist = deployment->checklist;
    size_t node = checklist != NULL ? checklist_node(checklist, summary->node) : CHECKLIST_NONE;
    json_t *json = json_object();
    put(json, "act", summary->act);
    put(json, "deployment", deployment->id);
    put(json, "title", deployment->title);
    put(json, "release", deployment->release);
    put(json, "environment", deployment->environment);
    put(json, "ledger", summary->info->origin);
    json_object_set_new(json, "simulated", json_boolean(summary->info->simulated));
    put(json, "node", summary->node);
    put(json, "role", summary->role);
    put(json, "text", summary->what);
    put(json, "principal", summary->principal);
    put(json, "key", summary->key != NULL ? summary->key->fingerprint : NULL);
    json_object_set_new(json, "security_key",
                        json_boolean(summary->key != NULL && summary->key->touched));
    if (node != CHECKLIST_NONE)
        put_node(deployment, node, json);
    json_object_set_new(json, "basis", basis_json(deployment));
    json_object_set_new(json, "event", event_json(summary->event));
    if (summary->expected != NULL) {
        json_t *expected = json_object();
        verdict_json(summary->expected, expected);
        json_object_set_new(json, "expected", expected);
    }
    return json;
}
