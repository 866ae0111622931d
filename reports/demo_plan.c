#include "reports/demo_plan.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_MS 60000LL
#define LOOSE_STEP_MS 4000LL
#define BACK_STEP_MS 45000LL /* from one node of a rollback to the next */

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
    int64_t at_ms;
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

static int by_number(int64_t a, int64_t b)
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
    return a->stage == STAGE_GATE ? by_number((int64_t)a->what->section, (int64_t)b->what->section)
                                  : 0;
}

static int by_group(const void *a, const void *b)
{
    const struct work *one = a, *other = b;
    int order = group_order(one, other);
    return order != 0 ? order : by_number((int64_t)one->order, (int64_t)other->order);
}

static int by_time(const void *a, const void *b)
{
    const struct work *one = a, *other = b;
    int order = by_number(one->at_ms, other->at_ms);
    return order != 0 ? order : by_number((int64_t)one->order, (int64_t)other->order);
}

/* Which share of its time a node stands at: part / parts. */
struct share {
    int64_t part, parts;
};

static int64_t portion(int64_t ms, struct share share)
{
    return ms * share.part / share.parts;
}

/* Spread over the window; what is due before the first gate ends ten minutes before it. */
static int64_t time_of(const struct work *work, struct share share, int64_t first_gate_ms)
{
    int64_t from = work->what->window.from_min * MINUTE_MS;
    int64_t to = work->what->window.to_min * MINUTE_MS;
    int64_t last = first_gate_ms - 10 * MINUTE_MS, before = to < last ? to : last;
    switch (work->stage) {
    case STAGE_GATE:
        if (work->what->kind == NODE_DECISION)
            return to - 6000;
        return to == first_gate_ms ? to - 9 * MINUTE_MS + portion(8 * MINUTE_MS, share)
                                   : to - MINUTE_MS + portion(48000, share);
    case STAGE_AFTER_GATE:
        return first_gate_ms + 2 * MINUTE_MS + portion(8 * MINUTE_MS, share);
    case STAGE_SIGN_OFF:
        return to - 2 * MINUTE_MS + portion(54000, share);
    case STAGE_POINT:
        return to - 3 * MINUTE_MS + portion(2 * MINUTE_MS, share);
    case STAGE_BEFORE:
        return from + portion(before - from, share);
    case STAGE_DURING:
        break;
    }
    return from + portion((to - from) * 4 / 5, share);
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
    int64_t first_gate_ms = checklist->nodes[checklist->gates[0]].window.to_min * MINUTE_MS;
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
        const struct share share = {2 * (int64_t)(i - begin) + 1, 2 * (int64_t)(end - begin) + 2};
        ret[i].at_ms = time_of(&ret[i], share, first_gate_ms);
    }
    qsort(ret, count, sizeof(*ret), by_time);
    return count;
}

/* Takes ${data}. */
static struct demo_step *add(struct demo_plan *plan, const struct work *work, enum demo_what what,
                             json_t *data)
{
    struct demo_step *step = MEM_PUSH(plan->steps, plan->count, plan->cap);
    struct buf text = {0};
    ijson_print(data, &text);
    step->at_ms = work->at_ms;
    step->what = what;
    step->node = work->node;
    step->fixed = mem_text_n((const char *)text.data + 1, text.bytes - 2);
    buf_free(&text);
    json_decref(data);
    return step;
}

/* What a machine sees is a machine's to tick, else the one's who must, or a deployer's. */
static void add_item(struct demo_plan *plan, const struct work *work)
{
    const struct node *node = work->what;
    bool machine = node->command != NULL || node->threshold != NULL;
    if (node->command != NULL)
        add(plan, work, DEMO_COMMAND,
            json_pack("{s:s, s:s, s:s*}", "node", node->id, "command", node->command, "expected",
                      node->expected));
    if (node->threshold != NULL)
        add(plan, work, DEMO_SAMPLE,
            json_pack("{s:s, s:s, s:s*}", "node", node->id, "metric", node->threshold->metric,
                      "unit", node->threshold->unit[0] != '\0' ? node->threshold->unit : NULL));
    add(plan, work, DEMO_CHECK, json_pack("{s:s}", "node", node->id))->role = node->role != NULL
                                                                                  ? node->role
                                                                              : machine ? NULL
                                                                                        : "";
}

static void add_work(struct demo_plan *plan, const struct work *work)
{
    const struct node *node = work->what;
    if (node->kind == NODE_ITEM)
        add_item(plan, work);
    else if (node->kind == NODE_STATUS)
        add(plan, work, DEMO_STATUS, json_pack("{s:s}", "node", node->id))->role = "";
    else if (node->kind == NODE_FIELD)
        add(plan, work, DEMO_FIELD, json_pack("{s:s, s:s*}", "node", node->id, "unit", node->unit))
            ->role = "";
    else if (node->kind == NODE_CHOICE)
        add(plan, work, DEMO_CHOICE, json_pack("{s:s}", "node", node->id))->role = "";
    else if (node->kind == NODE_APPROVAL)
        add(plan, work, DEMO_APPROVAL,
            json_pack("{s:s, s:s}", "node", node->id, "role", node->role))
            ->role = node->role;
    else
        add(plan, work, DEMO_DECISION, json_pack("{s:s}", "node", node->id))->role =
            node->authority;
}

/* Nodes without a window: what is filled in at the top, and what is done at the end. */
static bool is_loose(const struct checklist *checklist, const struct node *node)
{
    bool top = strcmp(checklist->sections[node->section].id, "0") == 0;
    return !node->window.set && !node->optional && !node->rollback &&
           (node->kind == NODE_ITEM || (node->kind == NODE_FIELD && top));
}

static void add_loose(struct demo_plan *plan, const struct checklist *checklist,
                      enum node_kind kind, int64_t at_ms)
{
    for (size_t i = 0; i < checklist->node_count; i++) {
        struct work work = {.node = i, .what = &checklist->nodes[i], .at_ms = at_ms};
        if (work.what->kind != kind || !is_loose(checklist, work.what))
            continue;
        add_work(plan, &work);
        at_ms += LOOSE_STEP_MS;
    }
}

void demo_plan_make(const struct checklist *checklist, struct demo_plan *ret)
{
    ASSERT(checklist->gate_count > 0);
    struct work *work = mem_zero(checklist->node_count + 1, sizeof(*work));
    size_t count = all_work(checklist, work);
    struct work none = {.node = CHECKLIST_NONE};
    bool started = false;
    *ret = (struct demo_plan){.count = 0};
    add_loose(ret, checklist, NODE_FIELD, work[0].at_ms - 5 * MINUTE_MS);
    for (size_t i = 0; i < count; i++) {
        if (!started && work[i].at_ms >= 0)
            add(ret, &none, DEMO_CLOCK, json_object())->role = "";
        started = started || work[i].at_ms >= 0;
        add_work(ret, &work[i]);
    }
    for (size_t i = 0; i < count; i++) {
        int64_t end_ms = (work[i].what->window.to_min + 1) * MINUTE_MS;
        none.at_ms = end_ms > none.at_ms ? end_ms : none.at_ms;
    }
    add_loose(ret, checklist, NODE_ITEM, none.at_ms - MINUTE_MS);
    add(ret, &none, DEMO_CLOSE, json_object())->role =
        checklist->nodes[checklist->gates[checklist->gate_count - 1]].authority;
    free(work);
}

void demo_plan_back(const struct checklist *checklist, struct demo_plan *ret)
{
    struct work *work = mem_zero(checklist->node_count + 1, sizeof(*work));
    struct work end = {.node = CHECKLIST_NONE};
    size_t count = 0;
    *ret = (struct demo_plan){.count = 0};
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        if (node->rollback && !node->optional && node->kind != NODE_NOTES &&
            node->kind != NODE_STATUS)
            work[count++] = (struct work){.node = i, .order = order_of(checklist, i), .what = node};
        if (node->rollback && node->kind == NODE_STATUS)
            end.node = i;
    }
    qsort(work, count, sizeof(*work), by_time);
    for (size_t i = 0; i < count; i++) {
        work[i].at_ms = (int64_t)(i + 1) * BACK_STEP_MS;
        add_work(ret, &work[i]);
    }
    end.at_ms = (int64_t)(count + 1) * BACK_STEP_MS;
    add(ret, &end, DEMO_FINISH, json_object())->role = "";
    free(work);
}

void demo_plan_free(struct demo_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        free(plan->steps[i].fixed);
    free(plan->steps);
    *plan = (struct demo_plan){.count = 0};
}

const char *demo_plan_type(enum demo_what what)
{
    static const char *const types[] = {
        [DEMO_CLOCK] = "clock.started",     [DEMO_COMMAND] = "command.finished",
        [DEMO_SAMPLE] = "metric.sampled",   [DEMO_CHECK] = "item.checked",
        [DEMO_STATUS] = "status.declared",  [DEMO_FIELD] = "field.recorded",
        [DEMO_CHOICE] = "field.recorded",   [DEMO_APPROVAL] = "approval.given",
        [DEMO_DECISION] = "decision.made",  [DEMO_FINISH] = "rollback.finished",
        [DEMO_CLOSE] = "deployment.closed",
    };
    return types[what];
}
