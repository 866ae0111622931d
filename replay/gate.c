#include "replay/gate.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A gate without a time comes after all others. */
static int gate_time(const struct checklist *checklist, size_t gate)
{
    const struct window *window = &checklist->nodes[gate].window;
    return window->set ? window->to_min : INT_MAX;
}

static void gate_make(struct draft *draft, size_t node)
{
    struct checklist *out = draft->out;
    size_t section = out->nodes[node].section;
    out->sections[section].gate = node;
    free(out->nodes[node].label);
    out->nodes[node].label = mem_text(out->sections[section].title);
    out->nodes[node].authority = span_text(draft->sections[section].authority);
    out->nodes[node].decided_by = draft->sections[section].decided_by;
    out->nodes[node].decided_at = draft->sections[section].decided_at;
}

/* Sort by time, then by place in the document: a merge sort, to be stable and never quadratic. */
static void gate_sort(const struct checklist *checklist, size_t *gates, size_t *room, size_t count)
{
    if (count < 2)
        return;
    size_t half = count / 2;
    gate_sort(checklist, gates, room, half);
    gate_sort(checklist, gates + half, room, count - half);
    memcpy(room, gates, count * sizeof(*gates));
    for (size_t i = 0, a = 0, b = half; i < count; i++) {
        bool second = a == half ||
                      (b < count && gate_time(checklist, room[b]) < gate_time(checklist, room[a]));
        gates[i] = room[second ? b++ : a++];
    }
}

/* What names who decides, in a section that turned out to have no decision. */
static void gate_stray(struct draft *draft, struct place place)
{
    const struct markdown *markdown = draft->markdown;
    const char *at = draft->out->source + place.at;
    size_t low = 0, high = markdown->line_count;
    while (place.bytes > 0 && low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (markdown->lines[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    if (place.bytes > 0)
        draft_remark(draft, REMARK_NO_DECISION, (unsigned)low + 1,
                     "this says who decides, but there is no decision");
}

static void gate_collect(struct draft *draft)
{
    struct checklist *out = draft->out;
    size_t cap = 0;
    for (size_t i = 0; i < out->node_count; i++) {
        struct node *node = &out->nodes[i];
        if (node->kind != NODE_DECISION || draft->sections[node->section].authority.bytes == 0)
            continue;
        if (out->sections[node->section].gate != CHECKLIST_NONE) {
            draft_remark(draft, REMARK_SECOND_DECISION, node->line,
                         "a second decision in a gate's section is no gate");
            continue;
        }
        gate_make(draft, i);
        size_t *gate = MEM_PUSH(out->gates, out->gate_count, cap);
        *gate = i;
    }
    for (size_t i = 0; i < out->section_count; i++) {
        if (draft->sections[i].authority.bytes == 0 || out->sections[i].gate != CHECKLIST_NONE)
            continue;
        gate_stray(draft, draft_place(draft, draft->sections[i].authority));
        gate_stray(draft, draft->sections[i].decided_by);
        gate_stray(draft, draft->sections[i].decided_at);
        draft_remark(draft, REMARK_NO_DECISION, draft->sections[i].line,
                     "an authority, but no decision");
    }
    size_t *room = mem_zero(out->gate_count, sizeof(*room));
    gate_sort(out, out->gates, room, out->gate_count);
    free(room);
}

static bool gate_same_options(const struct node *a, const struct node *b)
{
    bool same = a->option_count == b->option_count;
    for (size_t i = 0; same && i < a->option_count; i++)
        same = strcmp(a->options[i].label, b->options[i].label) == 0;
    return same;
}

/* The first gate whose time is inside the decision's window, and whose options are the same. */
static size_t gate_twin(const struct checklist *checklist, const struct node *node)
{
    for (size_t i = 0; node->window.set && i < checklist->gate_count; i++) {
        size_t gate = checklist->gates[i];
        int time = gate_time(checklist, gate);
        if (time >= node->window.from_min && time <= node->window.to_min && time != INT_MAX &&
            gate_same_options(node, &checklist->nodes[gate]))
            return gate;
    }
    return CHECKLIST_NONE;
}

static void gate_decisions(struct draft *draft)
{
    struct checklist *out = draft->out;
    bool rollback = false;
    for (size_t i = 0; i < out->node_count; i++) {
        struct node *node = &out->nodes[i];
        if (node->kind != NODE_DECISION || node->authority != NULL)
            continue;
        node->twin_of = gate_twin(out, node);
        if (!out->sections[node->section].rollback)
            continue;
        if (rollback)
            draft_remark(draft, REMARK_SECOND_DECISION, node->line,
                         "a second rollback decision is an ordinary one");
        node->rollback_decision = !rollback;
        rollback = true;
    }
}

/* The latest gate before ${from_min}; the last of all guards nothing. */
static size_t gate_before(const struct checklist *checklist, int from_min)
{
    size_t low = 0, high = checklist->gate_count > 0 ? checklist->gate_count - 1 : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (gate_time(checklist, checklist->gates[middle]) < from_min)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? checklist->gates[low - 1] : CHECKLIST_NONE;
}

static void gate_guards(struct checklist *out)
{
    for (size_t i = 0; i < out->section_count; i++) {
        struct section *section = &out->sections[i];
        if (section->window.set && section->gate == CHECKLIST_NONE)
            section->guarded_by = gate_before(out, section->window.from_min);
    }
    for (size_t i = 0; i < out->node_count; i++)
        out->nodes[i].guarded_by = out->sections[out->nodes[i].section].guarded_by;
}

void gate_find(struct draft *draft)
{
    gate_collect(draft);
    gate_decisions(draft);
    gate_guards(draft->out);
}
