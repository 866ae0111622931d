#include "replay/measure.h"

#include <stdlib.h>
#include <string.h>

#include "replay/criterion.h"
#include "replay/data.h"

/* Judge the threshold of ${item} by the act's value; ${section} is where a criterion arises. */
static void judge(struct deployment *deployment, size_t item, size_t section, const struct act *act)
{
    const struct node *node = &deployment->checklist->nodes[item];
    const struct threshold *threshold = node->threshold;
    struct measured *measured = &deployment->nodes[item].measured;
    struct criterion_of of = {.kind = CRITERION_THRESHOLD, .node = item, .section = section};
    struct buf text = {0};
    if (node->rollback && !deployment->rollback_started.set)
        return;
    measured->mark = act->mark;
    measured->within = checklist_threshold_holds(threshold, act->number);
    const char *space = threshold->unit[0] == '\0' ? "" : " ";
    buf_printf(&text, "%s of %s is%s %s %s%s%s", act->value,
               act->metric != NULL ? act->metric : deployment->checklist->nodes[act->node].id,
               measured->within ? "" : " not", threshold_op_text(threshold->op),
               threshold->value_text, space, threshold->unit);
    free(measured->text);
    measured->text = buf_take_text(&text);
    buf_printf(&text, "%s%s%s", act->value, act->unit != NULL && act->unit[0] != '\0' ? " " : "",
               act->unit != NULL ? act->unit : "");
    free(measured->value);
    measured->value = buf_take_text(&text);
    if (measured->within)
        criterion_resolve(deployment, of, &act->mark);
    else
        criterion_arise(deployment, of, &act->mark, "%s", measured->text);
}

void measure_field(struct deployment *deployment, const struct act *act)
{
    const struct fold *fold = deployment->fold;
    const struct checklist *checklist = deployment->checklist;
    if (!act->numeric)
        return;
    for (size_t i = 0; i < fold->threshold_count; i++) {
        if (checklist_measures(checklist, act->node, fold->thresholds[i]))
            judge(deployment, fold->thresholds[i], checklist->nodes[act->node].section, act);
    }
}

/* Whether the window of the item's section holds ${time_us}. */
static bool window_holds(const struct deployment *deployment, size_t item, int64_t time_us)
{
    const struct checklist *checklist = deployment->checklist;
    const struct window *window = &checklist->sections[checklist->nodes[item].section].window;
    int64_t at_us = time_us - deployment->t0_us;
    return window->set && deployment->has_t0 && at_us >= window->from_min * INSTANT_MINUTE_US &&
           at_us <= window->to_min * INSTANT_MINUTE_US;
}

void measure_sample(struct deployment *deployment, const struct act *act)
{
    const struct fold *fold = deployment->fold;
    const char *unit = act->unit == NULL ? "" : act->unit;
    for (size_t i = 0; i < fold->threshold_count; i++) {
        size_t item = fold->thresholds[i];
        if (item == act->node ||
            (window_holds(deployment, item, act->mark.time_us) &&
             checklist_metric_measures(deployment->checklist, act->metric, unit, item)))
            judge(deployment, item, deployment->checklist->nodes[item].section, act);
    }
}

/* Whether a recorded value is what the checklist expects: as a number if both are, else as text. */
static bool is_expected(const struct node_state *state, const char *expectation)
{
    double expected;
    if (state->numeric && data_number(expectation, &expected))
        return state->number >= expected && state->number <= expected;
    return data_unit_same(state->value, expectation);
}

bool measure_unexpected(const struct deployment *deployment, size_t field)
{
    const char *expectation = deployment->checklist->nodes[field].expectation;
    const struct node_state *state = &deployment->nodes[field];
    bool waived = state->waived.set && !deployment->fold->nodes[field].waiver_suspect;
    return expectation != NULL && state->value != NULL && !waived &&
           !is_expected(state, expectation);
}

bool measure_off(const struct deployment *deployment, size_t item, struct buf *buf)
{
    const struct checklist *checklist = deployment->checklist;
    const struct measured *measured = &deployment->nodes[item].measured;
    if (measured->mark.set && !measured->within) {
        buf_text(buf, measured->text);
        return true;
    }
    for (size_t i = item + 1; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        if (!checklist_child_of(checklist, i, item))
            break;
        if (!measure_unexpected(deployment, i))
            continue;
        buf_printf(buf, "%s is %s, expected %s", node->id, deployment->nodes[i].value,
                   node->expectation);
        return true;
    }
    return false;
}
