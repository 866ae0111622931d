#include "replay/timeline_sum.h"

#include <math.h>
#include <string.h>

static void count_act(struct timeline *timeline, const struct timeline_row *row, size_t at)
{
    const struct deployment *deployment = timeline->deployment;
    const struct section *section = &deployment->checklist->sections[at];
    struct timeline_section *sum = &timeline->sections[at];
    if (sum->acts++ == 0)
        sum->first_us = row->time_us;
    sum->last_us = row->time_us;
    sum->late += verdict_has(&row->verdict, FLAG_LATE);
    int64_t end_us = deployment->t0_us + section->window.to_min * INSTANT_MINUTE_US;
    if (deployment->has_t0 && section->window.set && row->time_us > end_us)
        sum->late_us = row->time_us - end_us;
}

static void sum_sections(struct timeline *timeline)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    timeline->sections = mem_zero(checklist->section_count, sizeof(*timeline->sections));
    for (size_t i = 0; i < timeline->row_count; i++) {
        const struct timeline_row *row = &timeline->rows[i];
        if (row->verdict.rule != RULE_NONE || row->node == CHECKLIST_NONE ||
            strcmp(row->said.kind, "note.added") == 0)
            continue;
        for (size_t at = checklist->nodes[row->node].section; at != CHECKLIST_NONE;
             at = checklist->sections[at].parent)
            count_act(timeline, row, at);
    }
}

static void keep_silence(struct timeline *timeline, const struct timeline_silence *silence)
{
    size_t at = timeline->silence_count;
    while (at > 0 && timeline->silences[at - 1].length_us < silence->length_us)
        at--;
    if (at == TIMELINE_SILENCES)
        return;
    if (timeline->silence_count < TIMELINE_SILENCES)
        timeline->silence_count++;
    for (size_t i = timeline->silence_count - 1; i > at; i--)
        timeline->silences[i] = timeline->silences[i - 1];
    timeline->silences[at] = *silence;
}

static void sum_silences(struct timeline *timeline)
{
    for (size_t i = 1; i < timeline->row_count; i++) {
        const struct timeline_row *from = &timeline->rows[i - 1];
        const struct timeline_row *to = &timeline->rows[i];
        struct timeline_silence silence = {from->seq, to->seq, to->time_us - from->time_us};
        if (silence.length_us >= INSTANT_SECOND_US)
            keep_silence(timeline, &silence);
    }
}

/* A sample that names no node measures where its words fit and its time is in the window. */
static bool sample_measures(const struct timeline *timeline, const struct timeline_row *row,
                            size_t item)
{
    const struct deployment *deployment = timeline->deployment;
    const struct checklist *checklist = deployment->checklist;
    const struct window *window = &checklist->nodes[item].window;
    if (row->said.node != NULL)
        return row->node == item;
    if (row->metric == NULL || !checklist_metric_measures(checklist, row->metric, row->unit, item))
        return false;
    if (!window->set || !deployment->has_t0)
        return false;
    int64_t since_us = row->time_us - deployment->t0_us;
    return since_us >= window->from_min * INSTANT_MINUTE_US &&
           since_us <= window->to_min * INSTANT_MINUTE_US;
}

bool timeline_sum_measures(const struct timeline *timeline, const struct timeline_row *row,
                           size_t item)
{
    if (!row->has_number || row->verdict.rule != RULE_NONE)
        return false;
    if (row->metric != NULL)
        return sample_measures(timeline, row, item);
    return row->node != CHECKLIST_NONE &&
           checklist_measures(timeline->deployment->checklist, row->node, item);
}

static bool worse(const struct threshold *threshold, double a, double b)
{
    switch (threshold->op) {
    case OP_LESS:
    case OP_LESS_EQUAL:
        return a > b;
    case OP_GREATER:
    case OP_GREATER_EQUAL:
        return a < b;
    case OP_EQUAL:
        break;
    }
    return fabs(a - threshold->value) > fabs(b - threshold->value);
}

static void sum_threshold(struct timeline *timeline, size_t item)
{
    const struct threshold *threshold = timeline->deployment->checklist->nodes[item].threshold;
    struct timeline_threshold *sum =
        MEM_PUSH(timeline->thresholds, timeline->threshold_count, timeline->threshold_cap);
    sum->item = item;
    for (size_t i = 0; i < timeline->row_count; i++) {
        const struct timeline_row *row = &timeline->rows[i];
        if (!timeline_sum_measures(timeline, row, item))
            continue;
        if (sum->readings == 0 || worse(threshold, row->number, timeline->rows[sum->worst].number))
            sum->worst = i;
        sum->last = i;
        sum->readings++;
        sum->outside += !checklist_threshold_holds(threshold, row->number);
    }
}

void timeline_sum_up(struct timeline *timeline)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    sum_silences(timeline);
    if (checklist == NULL)
        return;
    sum_sections(timeline);
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].threshold != NULL)
            sum_threshold(timeline, i);
    }
}
