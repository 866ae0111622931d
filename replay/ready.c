#include "replay/ready.h"

#include <string.h>

#include "replay/needs.h"
#include "replay/suspect.h"

size_t ready_last_gate(const struct checklist *checklist)
{
    return checklist->gate_count == 0 ? CHECKLIST_NONE
                                      : checklist->gates[checklist->gate_count - 1];
}

size_t ready_twin_gate(const struct checklist *checklist, size_t gate)
{
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].twin_of == gate)
            return i;
    }
    return CHECKLIST_NONE;
}

/* Its place in the order of the gates. */
static size_t order_of(const struct checklist *checklist, size_t gate)
{
    size_t order = 0;
    while (order < checklist->gate_count && checklist->gates[order] != gate)
        order++;
    return order;
}

static const struct window *window_of(const struct checklist *checklist, size_t section)
{
    return &checklist->sections[section].window;
}

/* Whether the section starts before the gate's time. */
static bool starts_before(const struct checklist *checklist, size_t section, size_t gate)
{
    const struct window *window = window_of(checklist, section);
    const struct window *time = &checklist->nodes[gate].window;
    return window->set && time->set && window->from_min < time->to_min;
}

/* Whether it ends by the gate's time, for a gate before T0 by T0. */
static bool ends_by(const struct checklist *checklist, size_t section, size_t gate)
{
    const struct window *time = &checklist->nodes[gate].window;
    int limit_min = time->to_min < 0 ? 0 : time->to_min;
    return window_of(checklist, section)->to_min <= limit_min;
}

/* Whether the node stands where the gate needs items and statuses: in a section that lies before
 * it, up to its twin; of the gate's own section, whenever that is, all but the statuses. */
static bool is_within(const struct deployment *deployment, size_t gate, size_t node)
{
    const struct checklist *checklist = deployment->checklist;
    size_t section = checklist->nodes[node].section;
    if (section == checklist->nodes[gate].section && checklist->nodes[node].kind != NODE_STATUS)
        return true;
    if (!starts_before(checklist, section, gate) || !ends_by(checklist, section, gate))
        return false;
    size_t twin = deployment->fold->twins[order_of(checklist, gate)];
    return twin == CHECKLIST_NONE || checklist->nodes[twin].section != section || node < twin;
}

bool ready_needs(const struct deployment *deployment, size_t gate, size_t node)
{
    const struct checklist *checklist = deployment->checklist;
    const struct node *of = &checklist->nodes[node];
    if (of->kind == NODE_APPROVAL)
        return !of->signature && starts_before(checklist, of->section, gate);
    return (of->kind == NODE_ITEM || of->kind == NODE_STATUS) && is_within(deployment, gate, node);
}

bool ready_concerns(const struct deployment *deployment, size_t gate, size_t node)
{
    const struct checklist *checklist = deployment->checklist;
    const struct node *of = &checklist->nodes[node];
    if (of->kind == NODE_FIELD || of->kind == NODE_CHOICE)
        return is_within(deployment, gate, node);
    if (of->kind == NODE_DECISION)
        return of->authority != NULL && order_of(checklist, node) < order_of(checklist, gate);
    return ready_needs(deployment, gate, node);
}

bool ready_behind_open(const struct deployment *deployment, size_t node)
{
    const struct checklist *checklist = deployment->checklist;
    for (size_t i = 0; i < checklist->gate_count; i++) {
        if (deployment_gate_open(deployment, checklist->gates[i]) &&
            ready_needs(deployment, checklist->gates[i], node))
            return true;
    }
    return false;
}

bool ready_counts(const struct deployment *deployment, size_t gate)
{
    return deployment_gate_open(deployment, gate) && !deployment->nodes[gate].suspect;
}

size_t ready_gate_of_approval(const struct deployment *deployment, size_t approval)
{
    const struct checklist *checklist = deployment->checklist;
    if (checklist->nodes[approval].signature)
        return ready_last_gate(checklist);
    for (size_t i = 0; i < checklist->gate_count; i++) {
        if (ready_needs(deployment, checklist->gates[i], approval))
            return checklist->gates[i];
    }
    return CHECKLIST_NONE;
}

size_t ready_gate_of_act(const struct deployment *deployment, const struct act *act)
{
    if ((act->type->tests & ACT_APPROVES) != 0)
        return ready_gate_of_approval(deployment, act->node);
    return deployment->checklist->nodes[act->node].authority == NULL ? CHECKLIST_NONE : act->node;
}

bool ready_emergency(const struct deployment *deployment)
{
    return deployment->emergency.set && !suspect_mark(deployment, &deployment->emergency);
}

bool ready_excused(const struct deployment *deployment, size_t node, uint64_t pos)
{
    const struct checklist *checklist = deployment->checklist;
    if (!ready_emergency(deployment) || deployment->fold->emergency_since > pos)
        return false;
    if (checklist->nodes[node].kind == NODE_APPROVAL)
        return true;
    for (size_t i = node + 1; i < checklist->node_count; i++) {
        if (!checklist_child_of(checklist, i, node))
            return false;
        if (checklist->nodes[i].kind == NODE_APPROVAL)
            return true;
    }
    return false;
}

size_t ready_missing(const struct deployment *deployment, size_t gate, uint64_t pos,
                     struct buf *buf)
{
    struct needs needs;
    needs_missing(deployment, gate, pos, &needs);
    size_t count = needs.count;
    for (size_t i = 0; i < count; i++)
        buf_printf(buf, "%s: %s\n", needs.list[i].id, needs.list[i].lack);
    needs_free(&needs);
    return count;
}

unsigned ready_blind(const struct deployment *deployment, size_t approval, struct buf *buf)
{
    const struct checklist *checklist = deployment->checklist;
    size_t gate = ready_gate_of_approval(deployment, approval);
    unsigned count = 0;
    for (size_t i = 0; gate != CHECKLIST_NONE && i < approval; i++) {
        if (checklist->nodes[i].kind == NODE_APPROVAL || !ready_needs(deployment, gate, i) ||
            checklist_child_of(checklist, approval, i) || deployment_met(deployment, i))
            continue;
        buf_printf(buf, "%s%s", count == 0 ? "" : " ", checklist->nodes[i].id);
        count++;
    }
    return count;
}

bool ready_retroactive(const struct deployment *deployment, const struct act *act)
{
    const struct mark *go = &deployment->fold->emergency_go;
    if ((act->type->tests & ACT_APPROVES) == 0 || !go->set ||
        deployment->checklist->nodes[act->node].signature)
        return false;
    size_t gate = ready_gate_of_approval(deployment, act->node);
    return gate != CHECKLIST_NONE && deployment->fold->nodes[gate].opened_once &&
           act->mark.time_us - go->time_us <= deployment->policy->retroactive_us;
}
