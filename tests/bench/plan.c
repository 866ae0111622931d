#include "tests/bench/plan.h"

#include <stdlib.h>
#include <string.h>

#include "reports/demo_plan.h"

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

/* What a step's data have beside what is the same each time; NULL: nothing. */
static json_t *good_outcome(const struct checklist *checklist, const struct demo_step *step)
{
    const struct node *node = step->node == CHECKLIST_NONE ? NULL : &checklist->nodes[step->node];
    switch (step->what) {
    case DEMO_COMMAND:
        return json_pack("{s:s, s:i, s:b, s:s}", "started", "2026-03-03T10:00:00Z", "exit", 0,
                         "matched", 1, "host", "runner-3");
    case DEMO_SAMPLE:
        return json_pack("{s:f, s:s}", "value", inside(node->threshold), "source", "prometheus");
    case DEMO_CHECK:
        return json_pack("{s:s}", "result", "pass");
    case DEMO_FIELD:
        return json_pack("{s:o}", "value", value_of(checklist, node));
    case DEMO_STATUS:
    case DEMO_CHOICE:
    case DEMO_DECISION:
        return json_pack("{s:s}", "value", node->options[0].label);
    case DEMO_CLOSE:
        return json_pack("{s:s}", "outcome", "successful");
    case DEMO_CLOCK:
    case DEMO_APPROVAL:
    case DEMO_FINISH:
        break;
    }
    return NULL;
}

static void add(struct plan *plan, const struct checklist *checklist, const struct demo_step *step)
{
    struct plan_act *act = MEM_PUSH(plan->acts, plan->count, plan->cap);
    json_t *outcome = good_outcome(checklist, step);
    struct buf data = {0}, more = {0};
    buf_text(&data, step->fixed);
    if (outcome != NULL) {
        ijson_print(outcome, &more);
        buf_text(&data, data.bytes == 0 ? "" : ",");
        buf_add(&data, more.data + 1, more.bytes - 2);
    }
    *act = (struct plan_act){.at_min = (double)step->at_ms / 60000,
                             .type = demo_plan_type(step->what),
                             .role = step->role,
                             .data = buf_take_text(&data),
                             .rests = step->what == DEMO_APPROVAL || step->what == DEMO_DECISION};
    json_decref(outcome);
    buf_free(&more);
}

void plan_make(const struct checklist *checklist, struct plan *ret_plan)
{
    struct demo_plan *work = mem_zero(1, sizeof(*work));
    *ret_plan = (struct plan){.count = 0};
    demo_plan_make(checklist, work);
    for (size_t i = 0; i < work->count; i++)
        add(ret_plan, checklist, &work->steps[i]);
    demo_plan_free(work);
    free(work);
}

static bool is_sample(const struct plan_act *act)
{
    return strcmp(act->type, "metric.sampled") == 0;
}

void plan_stretch(struct plan *plan, size_t count)
{
    struct plan stretched = {.count = 0};
    size_t missing = count > plan->count ? count - plan->count : 0, samples = 0;
    for (size_t i = 0; i < plan->count; i++)
        samples += is_sample(&plan->acts[i]);
    ASSERT(missing == 0 || samples > 0);
    for (size_t i = 0, at = 0; i < plan->count; i++) {
        const struct plan_act *act = &plan->acts[i];
        size_t more = 0;
        if (missing > 0 && is_sample(act))
            more = missing / samples + (at++ < missing % samples);
        for (size_t j = 0; j <= more; j++) {
            struct plan_act *copy = MEM_PUSH(stretched.acts, stretched.count, stretched.cap);
            *copy = *act;
            copy->data = mem_text(act->data);
        }
    }
    plan_free(plan);
    *plan = stretched;
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        free(plan->acts[i].data);
    free(plan->acts);
    *plan = (struct plan){.count = 0};
}
