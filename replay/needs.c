#include "replay/needs.h"

#include <inttypes.h>
#include <stdlib.h>

#include "replay/layout.h"
#include "replay/met.h"
#include "replay/names.h"
#include "replay/ready.h"

static const char *const how_names[] = {
#define X(name, text) text,
    NEED_TABLE(X)
#undef X
};

const char *needs_how(enum need_how how)
{
    ASSERT(how < sizeof(how_names) / sizeof(how_names[0]));
    return how_names[how];
}

/* What is looked for. */
struct search {
    const struct deployment *deployment;
    uint64_t pos;
    bool all; /* also what is not missing */
    struct needs *needs;
};

static struct need *add(struct search *search, size_t node, const char *id, enum need_how how)
{
    struct needs *needs = search->needs;
    struct need *need = MEM_PUSH(needs->list, needs->count, needs->cap);
    *need = (struct need){.id = id, .node = node, .how = how};
    needs->missing += how == NEED_MISSING;
    return need;
}

static void miss(struct search *search, size_t node, const char *id, const char *lack)
{
    add(search, node, id, NEED_MISSING)->lack = mem_text(lack);
}

static void met_by(struct need *need, const struct mark *mark)
{
    need->by = mem_grow(need->by, need->by_count + 1, sizeof(need->by[0]));
    need->by[need->by_count++] = *mark;
}

/* The node is met: how, and by which events. */
static void add_met(struct search *search, size_t node)
{
    const struct deployment *deployment = search->deployment;
    const struct node *of = &deployment->checklist->nodes[node];
    const struct node_state *state = &deployment->nodes[node];
    const struct node_fold *fold = &deployment->fold->nodes[node];
    if (of->kind == NODE_APPROVAL) {
        struct need *need = add(search, node, of->id, NEED_GIVEN);
        for (size_t i = 0; i < fold->giver_count; i++) {
            if (!fold->givers[i].suspect)
                met_by(need, &fold->givers[i].mark);
        }
    } else if (!met_done(deployment, node)) {
        met_by(add(search, node, of->id, NEED_WAIVED), &state->waived);
    } else if (of->kind == NODE_STATUS) {
        struct need *need = add(search, node, of->id, NEED_DECLARED);
        met_by(need, &state->mark);
        if (of->options[state->option].mark == MARK_WARN)
            met_by(need, &fold->noted);
    } else {
        met_by(add(search, node, of->id, state->result == RESULT_NA ? NEED_NA : NEED_PASS),
               &state->mark);
    }
}

/* Whether what is met now was so after the entry at the position, or need not have been. */
static bool was_met(const struct search *search, size_t node)
{
    const struct deployment *deployment = search->deployment;
    bool counted = !deployment->checklist->nodes[node].rollback ||
                   deployment->rollback_started.pos <= search->pos;
    return !counted || deployment->nodes[node].met_since <= search->pos;
}

static void look_at_node(struct search *search, size_t gate, size_t node)
{
    const struct deployment *deployment = search->deployment;
    const struct node *of = &deployment->checklist->nodes[node];
    bool met = deployment->nodes[node].met;
    bool optional = of->optional, excused = ready_excused(deployment, node, search->pos);
    if (!ready_needs(deployment, gate, node) || (!optional && met_exempt(deployment, node)))
        return;
    if (met && (optional || excused || was_met(search, node))) {
        if (search->all)
            add_met(search, node);
    } else if (optional || excused) {
        if (search->all)
            add(search, node, of->id, optional ? NEED_OPTIONAL : NEED_EMERGENCY);
    } else if (met) {
        miss(search, node, of->id, "met only after the basis");
    } else {
        struct buf lack = {0};
        met_lack(deployment, node, &lack);
        add(search, node, of->id, NEED_MISSING)->lack = buf_take_text(&lack);
    }
}

static void look_at_gates(struct search *search, size_t gate)
{
    const struct deployment *deployment = search->deployment;
    const struct checklist *checklist = deployment->checklist;
    for (size_t i = 0; i < checklist->gate_count && checklist->gates[i] != gate; i++) {
        size_t earlier = checklist->gates[i];
        const char *id = checklist->nodes[earlier].id;
        if (!ready_counts(deployment, earlier))
            miss(search, earlier, id, "this earlier gate is not open");
        else if (deployment->fold->nodes[earlier].open_since > search->pos)
            miss(search, earlier, id, "this earlier gate opened only after the basis");
        else if (search->all)
            met_by(add(search, earlier, id, NEED_OPEN), &deployment->nodes[earlier].mark);
    }
}

static void add_criterion(struct search *search, const struct criterion *criterion)
{
    const char *lack = NULL;
    if (!criterion->resolved.set)
        lack = criterion->text;
    else if (criterion->arose.pos <= search->pos && criterion->resolved.pos > search->pos)
        lack = "resolved only after the basis";
    else if (!search->all)
        return;
    struct need *need =
        add(search, criterion->node, criterion->id, lack == NULL ? NEED_RESOLVED : NEED_MISSING);
    need->criterion = true;
    if (lack == NULL)
        met_by(need, &criterion->resolved);
    else
        need->lack = mem_text(lack);
}

/* Of each id the latest criterion. */
static void look_at_all_criteria(struct search *search)
{
    const struct deployment *deployment = search->deployment;
    struct names latest = {0};
    size_t at = 0;
    for (size_t i = 0; i < deployment->criterion_count; i++)
        names_put(&latest, deployment->criteria[i].id, i);
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        if (names_find(&latest, deployment->criteria[i].id, &at) && at == i)
            add_criterion(search, &deployment->criteria[i]);
    }
    names_free(&latest);
}

static void look_at_criteria(struct search *search)
{
    const struct deployment *deployment = search->deployment;
    const struct fold *fold = deployment->fold;
    for (size_t i = 0; i < fold->unresolved_count; i++)
        add_criterion(search, &deployment->criteria[fold->unresolved[i]]);
    for (size_t i = 0; fold->resolved_pos > search->pos && i < deployment->criterion_count; i++) {
        if (deployment->criteria[i].resolved.set)
            add_criterion(search, &deployment->criteria[i]);
    }
}

static void find(struct search *search, size_t gate)
{
    const struct deployment *deployment = search->deployment;
    *search->needs = (struct needs){0};
    for (size_t i = 0; i < deployment->checklist->node_count; i++)
        look_at_node(search, gate, i);
    look_at_gates(search, gate);
    if (search->all)
        look_at_all_criteria(search);
    else
        look_at_criteria(search);
}

void needs_find(const struct deployment *deployment, size_t gate, uint64_t pos, struct needs *ret)
{
    find(&(struct search){.deployment = deployment, .pos = pos, .all = true, .needs = ret}, gate);
}

void needs_missing(const struct deployment *deployment, size_t gate, uint64_t pos,
                   struct needs *ret)
{
    find(&(struct search){.deployment = deployment, .pos = pos, .needs = ret}, gate);
}

void needs_free(struct needs *needs)
{
    for (size_t i = 0; i < needs->count; i++) {
        free(needs->list[i].by);
        free(needs->list[i].lack);
    }
    free(needs->list);
    *needs = (struct needs){0};
}

static json_t *mark_json(const struct mark *mark)
{
    json_t *json = json_object();
    json_object_set_new(json, "seq", json_integer((json_int_t)mark->seq));
    json_object_set_new(json, "by", ijson_text(mark->principal));
    json_object_set_new(json, "time", ijson_instant(mark->time_us));
    return json;
}

static json_t *need_json(const struct need *need)
{
    json_t *json = json_object();
    json_t *by = json_array();
    for (size_t i = 0; i < need->by_count; i++)
        json_array_append_new(by, mark_json(&need->by[i]));
    json_object_set_new(json, "id", ijson_text(need->id));
    json_object_set_new(json, "criterion", json_boolean(need->criterion));
    json_object_set_new(json, "met", json_boolean(need->by_count > 0));
    json_object_set_new(json, "how", json_string(needs_how(need->how)));
    json_object_set_new(json, "lack", ijson_text(need->lack));
    json_object_set_new(json, "by", by);
    return json;
}

json_t *needs_json(const struct needs *needs)
{
    json_t *list = json_array();
    for (size_t i = 0; i < needs->count; i++)
        json_array_append_new(list, need_json(&needs->list[i]));
    return list;
}

static const char *box_of(const struct need *need)
{
    if (need->how == NEED_MISSING)
        return "[ ]";
    return need->by_count > 0 ? "[x]" : "[-]";
}

static void add_text(const struct deployment *deployment, const struct need *need, struct buf *buf)
{
    struct buf line = {0};
    char time[INSTANT_TEXT_BYTES];
    buf_text(&line, need->id);
    if (need->node != CHECKLIST_NONE && !need->criterion)
        buf_printf(&line, " %s", deployment->checklist->nodes[need->node].label);
    buf_printf(&line, ": %s", need->lack != NULL ? need->lack : needs_how(need->how));
    for (size_t i = 0; i < need->by_count; i++) {
        instant_short(need->by[i].time_us, time);
        buf_printf(&line, "%s %s, seq %" PRIu64 ", %s", i == 0 ? " by" : " and",
                   need->by[i].principal, need->by[i].seq, time);
    }
    buf_printf(buf, "  %s ", box_of(need));
    layout_wrap(buf, 6, 8, (const char *)line.data);
    buf_free(&line);
}

void needs_text(const struct deployment *deployment, const struct needs *needs, struct buf *buf)
{
    for (size_t i = 0; i < needs->count; i++)
        add_text(deployment, &needs->list[i], buf);
}
