#include "replay/state_next.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/needs.h"
#include "replay/offset.h"
#include "replay/standing.h"

#define LACKS_SHOWN 12   /* of what a gate lacks */
#define OVERDUE_SHOWN 12 /* of what is overdue */

/* Each line of ${lines} but those beyond the first LACKS_SHOWN, which are counted. */
static void add_lacks(struct buf *buf, struct buf *lines, size_t count)
{
    char *text = buf_take_text(lines);
    char *line = text;
    for (size_t i = 0; i < count && i < LACKS_SHOWN && *line != '\0'; i++) {
        char *end = strchrnul(line, '\n');
        char *next = *end == '\n' ? end + 1 : end;
        *end = '\0';
        buf_text(buf, "        ");
        layout_wrap(buf, 8, 10, line);
        line = next;
    }
    if (count > LACKS_SHOWN)
        buf_printf(buf, "        and %zu more\n", count - LACKS_SHOWN);
    free(text);
}

/* The gate's number, node, label and authority, and what was decided. */
static void add_decision(const struct deployment *deployment, size_t number, struct buf *line)
{
    size_t at = deployment->checklist->gates[number - 1];
    const struct node *gate = &deployment->checklist->nodes[at];
    const struct node_state *state = &deployment->nodes[at];
    buf_printf(line, "%zu  %s %s, %s", number, gate->id, gate->label != NULL ? gate->label : "",
               gate->authority);
    if (state->value != NULL && state->mark.set)
        buf_printf(line, ": %s by %s, seq %" PRIu64, state->value, state->mark.principal,
                   state->mark.seq);
}

static void add_gate(const struct state_text *state, size_t number, struct buf *buf)
{
    const struct deployment *deployment = state->deployment;
    size_t at = deployment->checklist->gates[number - 1];
    bool open = deployment_gate_open(deployment, at);
    bool next = at == deployment_next_gate(deployment);
    struct buf line = {0};
    struct buf lacks = {0};
    size_t count = 0;
    add_decision(deployment, number, &line);
    if (next && deployment->phase == PHASE_OPEN) {
        count = deployment_gate_missing(deployment, at, &lacks);
        buf_printf(&line, count > 0 ? ": lacks %zu" : ": ready", count);
    }
    buf_printf(buf, "  %s ", open ? "[x]" : "[ ]");
    layout_wrap(buf, 6, 9, (const char *)line.data);
    if (count > 0)
        add_lacks(buf, &lacks, count);
    buf_free(&lacks);
    buf_free(&line);
}

void state_next_gates(const struct state_text *state, struct buf *buf)
{
    const struct checklist *checklist = state->deployment->checklist;
    for (size_t i = 0; checklist != NULL && i < checklist->gate_count; i++) {
        buf_text(buf, i == 0 ? "\nGates\n" : "");
        add_gate(state, i + 1, buf);
    }
}

void state_next_needs(const struct deployment *deployment, size_t number, struct buf *buf)
{
    size_t at = deployment->checklist->gates[number - 1];
    struct buf line = {0};
    struct needs needs;
    needs_find(deployment, at, NEEDS_NOW, &needs);
    buf_text(&line, "Gate ");
    add_decision(deployment, number, &line);
    buf_printf(&line, ": needs %zu, lacks %zu", needs.count, needs.missing);
    layout_wrap(buf, 0, 2, (const char *)line.data);
    needs_text(deployment, &needs, buf);
    needs_free(&needs);
    buf_free(&line);
}

void state_next_criteria(const struct state_text *state, struct buf *buf)
{
    const struct deployment *deployment = state->deployment;
    struct buf line = {0};
    bool first = true;
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        const struct criterion *criterion = &deployment->criteria[i];
        if (criterion->resolved.set)
            continue;
        buf_text(buf, first ? "\nUnresolved criteria\n" : "");
        first = false;
        buf_printf(&line, "%s: %s (seq %" PRIu64 ")", criterion->id,
                   criterion->text != NULL ? criterion->text : "", criterion->arose.seq);
        buf_text(buf, "  [!] ");
        layout_wrap(buf, 6, 6, (const char *)line.data);
        buf_clear(&line);
    }
    buf_free(&line);
}

static void add_overdue(const struct state_text *state, struct buf *buf)
{
    const struct deployment *deployment = state->deployment;
    const struct checklist *checklist = deployment->checklist;
    struct buf line = {0};
    size_t count = 0;
    for (size_t i = 0; deployment->has_t0 && i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        int64_t end_us = deployment->t0_us + node->window.to_min * INSTANT_MINUTE_US;
        if (!standing_step(deployment, i) || deployment_met(deployment, i) || !node->window.set ||
            state->now_us <= end_us)
            continue;
        if (count++ >= OVERDUE_SHOWN)
            continue;
        buf_printf(&line, "%s%s", count > 1 ? ", " : "", node->id);
    }
    if (count > OVERDUE_SHOWN)
        buf_printf(&line, " and %zu more", count - OVERDUE_SHOWN);
    if (count > 0) {
        buf_printf(buf, "  %zu overdue: ", count);
        layout_wrap(buf, 14, 4, (const char *)line.data);
    }
    buf_free(&line);
}

/* "  TEXT, by a holder of ROLE: countersign COMMAND" */
static void propose(const struct state_text *state, struct buf *buf, const char *what,
                    const char *command, const char *rest)
{
    struct buf line = {0};
    buf_printf(&line, "%s: countersign %s %s %s %s", what, command, state->dir,
               state->deployment->id, rest);
    buf_text(buf, "  ");
    layout_wrap(buf, 2, 4, (const char *)line.data);
    buf_free(&line);
}

static void next_gate(const struct state_text *state, size_t gate, struct buf *buf)
{
    const struct deployment *deployment = state->deployment;
    const struct node *node = &deployment->checklist->nodes[gate];
    struct buf lacks = {0};
    struct buf what = {0};
    struct buf rest = {0};
    size_t count = deployment_gate_missing(deployment, gate, &lacks);
    size_t number = standing_gate_number(deployment->checklist, gate);
    if (count > 0) {
        buf_printf(buf, "  gate %zu lacks %zu (above)\n", number, count);
    } else {
        buf_printf(&what, "gate %zu is ready for a holder of %s", number, node->authority);
        buf_printf(&rest, "%s %s", node->id, node->options[0].label);
        propose(state, buf, (const char *)what.data, "decide", (const char *)rest.data);
    }
    buf_free(&lacks);
    buf_free(&what);
    buf_free(&rest);
}

/* The first steps that can be done now, in order of the document. */
static void next_nodes(const struct state_text *state, struct buf *buf)
{
    const struct deployment *deployment = state->deployment;
    const struct checklist *checklist = deployment->checklist;
    struct buf line = {0};
    size_t shown = 0;
    for (size_t i = 0; i < checklist->node_count && shown < 3; i++) {
        const struct node *node = &checklist->nodes[i];
        bool barred = node->guarded_by != CHECKLIST_NONE &&
                      !deployment_gate_open(deployment, node->guarded_by);
        bool rolling_back = deployment->phase == PHASE_ROLLING_BACK;
        if (!standing_step(deployment, i) || deployment_met(deployment, i) || barred ||
            node->authority != NULL || node->rollback != rolling_back)
            continue;
        buf_printf(&line, "%s %s", node->id, node->label != NULL ? node->label : "");
        buf_text(buf, shown++ == 0 ? "  then " : "       ");
        layout_wrap(buf, 7, 9, (const char *)line.data);
        buf_clear(&line);
    }
    buf_free(&line);
}

void state_next_steps(const struct state_text *state, struct buf *buf)
{
    const struct deployment *deployment = state->deployment;
    if (deployment->checklist == NULL || deployment->phase == PHASE_CLOSED)
        return;
    size_t gate = deployment_next_gate(deployment);
    buf_text(buf, "\nNext\n");
    if (deployment->phase == PHASE_OPEN)
        add_overdue(state, buf);
    if (deployment->phase == PHASE_ROLLED_BACK)
        propose(state, buf, "the rollback is finished", "close",
                deployment->rollback_good ? "rolled-back" : "failed");
    else if (deployment->phase == PHASE_ROLLING_BACK)
        propose(state, buf, "when it is rolled back", "rollback", "finish STATUS");
    else if (gate != CHECKLIST_NONE)
        next_gate(state, gate, buf);
    else
        propose(state, buf, "all gates are open; when all is done", "close", "successful");
    if (deployment->phase != PHASE_ROLLED_BACK)
        next_nodes(state, buf);
}
