#include "replay/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/offset.h"
#include "replay/ready.h"
#include "replay/standing.h"

#define INDENT 13
#define LISTED_MAX 12 /* lines of one kind; the rest is counted */

/* A list under one heading, which stands before its first line. */
struct list {
    struct buf *buf;
    const char *name;
    size_t count;
};

static void add_line(struct list *list, struct buf *line)
{
    if (list->count++ < LISTED_MAX) {
        buf_printf(list->buf, "  %-*s", INDENT - 2, list->count == 1 ? list->name : "");
        layout_wrap(list->buf, INDENT, INDENT + 2, (const char *)line->data);
    }
    buf_clear(line);
}

static void end_list(const struct list *list)
{
    if (list->count > LISTED_MAX)
        buf_printf(list->buf, "%*sand %zu more\n", INDENT, "", list->count - LISTED_MAX);
}

static void add_counts(const struct summary *summary, size_t gate, const bool *needed,
                       struct buf *buf)
{
    const struct deployment *deployment = summary->deployment;
    struct standing_counts counts = standing_count(deployment, needed);
    struct buf line = {0};
    struct list list = {buf, "done", 0};
    buf_printf(&line, "%zu of %zu", counts.met, counts.steps);
    if (gate != CHECKLIST_NONE)
        buf_printf(&line, " steps that gate %zu needs",
                   standing_gate_number(deployment->checklist, gate));
    buf_printf(&line, ", %zu missing, %zu waived, %zu flagged, %zu refused",
               counts.steps - counts.met, counts.waived, counts.flagged, counts.refused);
    add_line(&list, &line);
    buf_free(&line);
}

static void add_missing(const struct deployment *deployment, size_t gate, struct buf *buf)
{
    struct list list = {buf, "missing", 0};
    struct buf lines = {0};
    struct buf line = {0};
    deployment_gate_missing(deployment, gate, &lines);
    char *text = buf_take_text(&lines);
    for (char *at = text; *at != '\0';) {
        char *end = strchrnul(at, '\n');
        buf_add(&line, at, (size_t)(end - at));
        if (line.bytes > 0)
            add_line(&list, &line);
        at = *end == '\n' ? end + 1 : end;
    }
    end_list(&list);
    free(text);
    buf_free(&line);
}

static void add_waived(const struct deployment *deployment, const bool *needed, struct buf *buf)
{
    const struct checklist *checklist = deployment->checklist;
    struct list list = {buf, "waived", 0};
    struct buf line = {0};
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node_state *state = &deployment->nodes[i];
        enum standing standing = standing_of(deployment, i);
        if (!needed[i] || (standing != STANDING_WAIVED && standing != STANDING_NA))
            continue;
        bool waived = standing == STANDING_WAIVED;
        const char *why = waived ? state->waive_reason : state->note;
        buf_printf(&line, "%s %s, %s: %s", checklist->nodes[i].id, checklist->nodes[i].label,
                   waived ? state->waived.principal : state->mark.principal,
                   why != NULL ? why : "not applicable");
        add_line(&list, &line);
    }
    end_list(&list);
    buf_free(&line);
}

static void add_flagged(const struct deployment *deployment, const bool *needed, struct buf *buf)
{
    const struct checklist *checklist = deployment->checklist;
    struct list list = {buf, "flagged", 0};
    struct buf line = {0};
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct mark *mark = &deployment->nodes[i].mark;
        if (!needed[i] || !mark->set || mark->flags == 0)
            continue;
        buf_printf(&line, "%s %s: ", checklist->nodes[i].id, checklist->nodes[i].label);
        layout_flags(&line, mark->flags);
        buf_printf(&line, " (%s, seq %" PRIu64 ")", mark->principal, mark->seq);
        add_line(&list, &line);
    }
    end_list(&list);
    buf_free(&line);
}

/* The latest value of a field or sample that measures the item; false if there is none. */
static bool latest_value(const struct deployment *deployment, size_t item, struct buf *line)
{
    const struct checklist *checklist = deployment->checklist;
    const struct node_state *field = NULL;
    const struct sample *sample = NULL;
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node_state *state = &deployment->nodes[i];
        if (checklist->nodes[i].kind == NODE_FIELD && state->mark.set &&
            checklist_measures(checklist, i, item) &&
            (field == NULL || field->mark.seq < state->mark.seq))
            field = state;
    }
    for (size_t i = 0; i < deployment->sample_count; i++) {
        const struct sample *one = &deployment->samples[i];
        if (one->node == item ||
            (one->node == CHECKLIST_NONE &&
             checklist_metric_measures(checklist, one->metric, one->unit, item)))
            sample = one;
    }
    if (sample != NULL && (field == NULL || field->mark.seq < sample->mark.seq))
        buf_printf(line, "%s%s%s (%s, seq %" PRIu64 ")", sample->value_text,
                   sample->unit[0] != '\0' ? " " : "", sample->unit, sample->mark.principal,
                   sample->mark.seq);
    else if (field != NULL)
        buf_printf(line, "%s%s%s (%s, seq %" PRIu64 ")", field->value,
                   field->unit != NULL ? " " : "", field->unit != NULL ? field->unit : "",
                   field->mark.principal, field->mark.seq);
    return sample != NULL || field != NULL;
}

static void add_thresholds(const struct deployment *deployment, const bool *needed, struct buf *buf)
{
    const struct checklist *checklist = deployment->checklist;
    struct list list = {buf, "thresholds", 0};
    struct buf line = {0};
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct threshold *threshold = checklist->nodes[i].threshold;
        if (!needed[i] || threshold == NULL)
            continue;
        buf_printf(&line, "%s %s %s %s%s%s: ", checklist->nodes[i].id, threshold->metric,
                   threshold_op_text(threshold->op), threshold->value_text,
                   threshold->unit[0] != '\0' ? " " : "", threshold->unit);
        if (!latest_value(deployment, i, &line))
            buf_text(&line, "not measured");
        add_line(&list, &line);
    }
    end_list(&list);
    buf_free(&line);
}

static void add_approvals(const struct deployment *deployment, const bool *needed, struct buf *buf)
{
    const struct checklist *checklist = deployment->checklist;
    struct list list = {buf, "approved", 0};
    struct buf line = {0};
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node_state *state = &deployment->nodes[i];
        if (!needed[i] || checklist->nodes[i].kind != NODE_APPROVAL ||
            standing_of(deployment, i) != STANDING_GIVEN)
            continue;
        buf_printf(&line, "%s %s: %s, seq %" PRIu64, checklist->nodes[i].id,
                   checklist->nodes[i].role, state->mark.principal, state->mark.seq);
        add_line(&list, &line);
    }
    end_list(&list);
    buf_free(&line);
}

static void add_criteria(const struct deployment *deployment, struct buf *buf)
{
    struct list list = {buf, "criteria", 0};
    struct buf line = {0};
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        const struct criterion *criterion = &deployment->criteria[i];
        if (criterion->resolved.set)
            continue;
        buf_printf(&line, "%s: %s", criterion->id, criterion->text != NULL ? criterion->text : "");
        add_line(&list, &line);
    }
    end_list(&list);
    buf_free(&line);
}

static void add_head(const struct summary *summary, size_t node, struct buf *buf)
{
    const struct deployment *deployment = summary->deployment;
    const struct checklist *checklist = deployment->checklist;
    struct buf line = {0};
    struct list act = {buf, summary->act, 0};
    buf_printf(&line, "To be signed for %s", deployment->id);
    if (deployment->release != NULL)
        buf_printf(&line, ", release %s", deployment->release);
    buf_printf(&line, ", in ledger %s:", summary->info->origin);
    layout_wrap(buf, 0, 2, (const char *)line.data);
    buf_clear(&line);
    buf_text(&line, summary->node);
    if (node != CHECKLIST_NONE)
        buf_printf(&line, " %s", checklist->nodes[node].label);
    else
        buf_text(&line, " (no such node)");
    if (summary->role != NULL)
        buf_printf(&line, ", as %s", summary->role);
    if (summary->what != NULL)
        buf_printf(&line, ": %s", summary->what);
    add_line(&act, &line);
    buf_free(&line);
}

static void add_basis(const struct deployment *deployment, struct buf *buf)
{
    struct buf line = {0};
    struct list list = {buf, "basis", 0};
    uint64_t pos = deployment->entries - 1;
    buf_printf(&line, "position #%" PRIu64 ", leaf ", pos);
    buf_hex(&line, deployment->leaves[pos], HASH_BYTES);
    add_line(&list, &line);
    buf_free(&line);
}

/* The gate that the node is, or stands before. */
static size_t gate_of(const struct deployment *deployment, size_t node)
{
    const struct node *what = &deployment->checklist->nodes[node];
    if (what->kind == NODE_APPROVAL)
        return ready_gate_of_approval(deployment, node);
    return what->authority != NULL ? node : CHECKLIST_NONE;
}

void summary_add(const struct summary *summary, struct buf *buf)
{
    const struct deployment *deployment = summary->deployment;
    const struct checklist *checklist = deployment->checklist;
    size_t node = checklist != NULL ? checklist_node(checklist, summary->node) : CHECKLIST_NONE;
    add_head(summary, node, buf);
    if (node != CHECKLIST_NONE) {
        size_t gate = gate_of(deployment, node);
        bool *needed = mem_zero(checklist->node_count, sizeof(*needed));
        for (size_t i = 0; i < checklist->node_count; i++)
            needed[i] = gate == CHECKLIST_NONE || ready_needs(deployment, gate, i);
        add_counts(summary, gate, needed, buf);
        if (gate != CHECKLIST_NONE)
            add_missing(deployment, gate, buf);
        add_waived(deployment, needed, buf);
        add_flagged(deployment, needed, buf);
        add_thresholds(deployment, needed, buf);
        add_approvals(deployment, needed, buf);
        add_criteria(deployment, buf);
        free(needed);
    }
    add_basis(deployment, buf);
}
