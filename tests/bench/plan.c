#include "tests/bench/plan.h"

#include <stdlib.h>
#include <string.h>

/* When in its window a node's work is done. */
enum stage {
    STAGE_GATE,
    STAGE_AFTER_GATE,
    STAGE_SIGN_OFF,
    STAGE_POINT,
    STAGE_BEFORE,
    STAGE_DURING
};

/* A node that is worked on. */
struct work {
    size_t node;
    size_t order; /* down the document: with the last node nested in it */
    enum stage stage;
    const struct node *what;
    double at_min;
};

static bool is_done(const struct node *node)
{
    return !node->optional && !node->rollback && node->twin_of == CHECKLIST_NONE &&
           node->kind != NODE_NOTES && node->window.set &&
           (node->kind != NODE_DECISION || node->authority != NULL);
}

/* The twin of a gate, or CHECKLIST_NONE. */
static size_t first_twin(const struct checklist *checklist)
{
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].twin_of != CHECKLIST_NONE)
            return i;
    }
    return CHECKLIST_NONE;
}

static enum stage stage_of(const struct checklist *checklist, size_t index)
{
    const struct node *node = &checklist->nodes[index];
    size_t twin = first_twin(checklist);
    if (checklist->sections[node->section].gate != CHECKLIST_NONE)
        return STAGE_GATE;
    if (twin != CHECKLIST_NONE && node->section == checklist->nodes[twin].section && index > twin)
        return STAGE_AFTER_GATE;
    if (node->signature)
        return STAGE_SIGN_OFF;
    if (node->window.from_min == node->window.to_min)
        return STAGE_POINT;
    return node->window.from_min < 0 ? STAGE_BEFORE : STAGE_DURING;
}

static int by_number(double a, double b)
{
    return (a > b) - (a < b);
}

/* Those of one stage and window stand together; of gates, those of one section. */
static int group_order(const struct work *a, const struct work *b)
{
    const struct window *one = &a->what->window, *other = &b->what->window;
    if (a->stage != b->stage)
        return by_number(a->stage, b->stage);
    if (one->from_min != other->from_min)
        return by_number(one->from_min, other->from_min);
    if (one->to_min != other->to_min)
        return by_number(one->to_min, other->to_min);
    return a->stage == STAGE_GATE ? by_number((double)a->what->section, (double)b->what->section)
                                  : 0;
}

static int by_group(const void *a, const void *b)
{
    const struct work *one = a, *other = b;
    int order = group_order(one, other);
    return order != 0 ? order : by_number((double)one->order, (double)other->order);
}

static int by_time(const void *a, const void *b)
{
    const struct work *one = a, *other = b;
    int order = by_number(one->at_min, other->at_min);
    return order != 0 ? order : by_number((double)one->order, (double)other->order);
}

/* Spread over the window; what is due before the first gate ends ten minutes before it. */
static double time_of(const struct work *work, double share, double first_gate)
{
    double from = work->what->window.from_min, to = work->what->window.to_min;
    double before = to < first_gate - 10 ? to : first_gate - 10;
    switch (work->stage) {
    case STAGE_GATE:
        return work->what->kind == NODE_DECISION ? to - 0.1 : to - 1 + 0.8 * share;
    case STAGE_AFTER_GATE:
        return first_gate + 2 + 8 * share;
    case STAGE_SIGN_OFF:
        return to - 2 + 0.9 * share;
    case STAGE_POINT:
        return to - 3 + 2 * share;
    case STAGE_BEFORE:
        return from + (before - from) * share;
    case STAGE_DURING:
        break;
    }
    return from + (to - from) * 0.8 * share;
}

static size_t order_of(const struct checklist *checklist, size_t index)
{
    size_t last = index;
    for (size_t i = index + 1; i < checklist->node_count; i++) {
        if (checklist_child_of(checklist, i, index))
            last = i;
    }
    return last == index ? 2 * index : 2 * last + 1;
}

static size_t all_work(const struct checklist *checklist, struct work *ret)
{
    size_t count = 0;
    double first_gate = checklist->nodes[checklist->gates[0]].window.to_min;
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        if (is_done(node))
            ret[count++] = (struct work){.node = i,
                                         .order = order_of(checklist, i),
                                         .stage = stage_of(checklist, i),
                                         .what = node};
    }
    qsort(ret, count, sizeof(*ret), by_group);
    for (size_t i = 0, begin = 0; i < count; i++) {
        size_t end = i + 1;
        if (group_order(&ret[begin], &ret[i]) != 0)
            begin = i;
        while (end < count && group_order(&ret[begin], &ret[end]) == 0)
            end++;
        double share = ((double)(i - begin) + 0.5) / ((double)(end - begin) + 1);
        ret[i].at_min = time_of(&ret[i], share, first_gate);
    }
    qsort(ret, count, sizeof(*ret), by_time);
    return count;
}

/* Takes ${data}. */
static struct plan_act *add(struct plan *plan, double at_min, const char *type, json_t *data)
{
    struct plan_act *act = MEM_PUSH(plan->acts, plan->count, plan->cap);
    struct buf text = {0};
    ijson_print(data, &text);
    act->at_min = at_min;
    act->type = type;
    act->data = mem_text_n((const char *)text.data + 1, text.bytes - 2);
    buf_free(&text);
    json_decref(data);
    return act;
}

/* A value within a threshold. */
static double inside(const struct threshold *threshold)
{
    if (threshold->op == OP_LESS || threshold->op == OP_LESS_EQUAL)
        return threshold->value * 0.6;
    if (threshold->op == OP_EQUAL)
        return threshold->value;
    return strcmp(threshold->unit, "%") == 0 ? (threshold->value + 100) / 2
                                             : threshold->value * 1.5;
}

static json_t *value_of(const struct checklist *checklist, const struct node *node)
{
    const struct threshold *bound =
        node->parent == CHECKLIST_NONE ? NULL : checklist->nodes[node->parent].threshold;
    char *end = NULL;
    if (bound != NULL)
        return json_real(inside(bound));
    if (node->expectation != NULL) {
        double number = strtod(node->expectation, &end);
        bool whole = end != node->expectation && *end == '\0';
        return whole ? json_real(number) : json_string(node->expectation);
    }
    if (node->unit == NULL)
        return json_string("as planned");
    if (strcmp(node->unit, "%") == 0)
        return json_real(strstr(node->label, "rror") != NULL ? 0.03 : 47);
    return strcmp(node->unit, "ms") == 0 ? json_integer(12) : json_integer(7);
}

static void add_item(struct plan *plan, const struct work *work)
{
    const struct node *node = work->what;
    bool machine = node->command != NULL || node->threshold != NULL;
    const char *role = machine ? NULL : node->role != NULL ? node->role : "";
    if (node->command != NULL)
        add(plan, work->at_min, "command.finished",
            json_pack("{s:s, s:s, s:s, s:i, s:s*, s:b, s:s}", "node", node->id, "command",
                      node->command, "started", "2026-03-03T10:00:00Z", "exit", 0, "expected",
                      node->expected, "matched", 1, "host", "runner-3"));
    if (node->threshold != NULL)
        add(plan, work->at_min, "metric.sampled",
            json_pack("{s:s, s:f, s:s, s:s, s:s}", "metric", node->threshold->metric, "value",
                      inside(node->threshold), "unit", node->threshold->unit, "node", node->id,
                      "source", "prometheus"));
    add(plan, work->at_min, "item.checked",
        json_pack("{s:s, s:s}", "node", node->id, "result", "pass"))
        ->role = role;
}

static void add_work(struct plan *plan, const struct checklist *checklist, const struct work *work)
{
    const struct node *node = work->what;
    struct plan_act *act = NULL;
    if (node->kind == NODE_ITEM) {
        add_item(plan, work);
    } else if (node->kind == NODE_STATUS) {
        add(plan, work->at_min, "status.declared",
            json_pack("{s:s, s:s}", "node", node->id, "value", node->options[0].label))
            ->role = "";
    } else if (node->kind == NODE_FIELD || node->kind == NODE_CHOICE) {
        json_t *value = node->kind == NODE_CHOICE ? json_string(node->options[0].label)
                                                  : value_of(checklist, node);
        add(plan, work->at_min, "field.recorded",
            json_pack("{s:s, s:o, s:s*}", "node", node->id, "value", value, "unit", node->unit))
            ->role = "";
    } else if (node->kind == NODE_APPROVAL) {
        act = add(plan, work->at_min, "approval.given",
                  json_pack("{s:s, s:s}", "node", node->id, "role", node->role));
        act->role = node->role;
    } else {
        act = add(plan, work->at_min, "decision.made",
                  json_pack("{s:s, s:s}", "node", node->id, "value", node->options[0].label));
        act->role = node->authority;
    }
    if (act != NULL)
        act->rests = true;
}

void plan_make(const struct checklist *checklist, struct plan *ret_plan)
{
    struct work *work = mem_zero(checklist->node_count + 1, sizeof(*work));
    size_t count = all_work(checklist, work);
    bool started = false;
    double end = 0;
    *ret_plan = (struct plan){.count = 0};
    for (size_t i = 0; i < count; i++) {
        if (!started && work[i].at_min >= 0)
            add(ret_plan, 0, "clock.started", json_pack("{}"))->role = "";
        started = started || work[i].at_min >= 0;
        add_work(ret_plan, checklist, &work[i]);
        end = work[i].what->window.to_min > end ? work[i].what->window.to_min : end;
    }
    add(ret_plan, end + 1, "deployment.closed", json_pack("{s:s}", "outcome", "successful"))->role =
        checklist->nodes[checklist->gates[checklist->gate_count - 1]].authority;
    free(work);
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        free(plan->acts[i].data);
    free(plan->acts);
    *plan = (struct plan){.count = 0};
}
