#include "replay/state_text.h"

#include <inttypes.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/offset.h"
#include "replay/standing.h"
#include "replay/state_next.h"

#define HEAD_INDENT 13 /* where the values of the head begin */

static void add_time(struct buf *buf, const struct deployment *deployment, int64_t time_us)
{
    char time[INSTANT_TEXT_BYTES];
    instant_short(time_us, time);
    buf_printf(buf, "%s UTC", time);
    if (!deployment->has_t0)
        return;
    buf_text(buf, " (");
    offset_add(buf, time_us - deployment->t0_us);
    buf_text(buf, ")");
}

static void add_head_line(struct buf *buf, const char *name, struct buf *text)
{
    buf_printf(buf, "  %-*s", HEAD_INDENT - 2, name);
    layout_wrap(buf, HEAD_INDENT, HEAD_INDENT, text->bytes > 0 ? (const char *)text->data : "");
    buf_clear(text);
}

static void add_phase(const struct deployment *deployment, struct buf *buf)
{
    struct buf line = {0};
    size_t gate = deployment->checklist != NULL ? deployment_next_gate(deployment) : CHECKLIST_NONE;
    struct standing_counts counts = standing_count(deployment, NULL);
    buf_text(&line, deployment_phase_name(deployment->phase));
    if (deployment->outcome != NULL)
        buf_printf(&line, " as %s by %s, seq %" PRIu64, deployment->outcome,
                   deployment->closed.principal, deployment->closed.seq);
    else if (gate != CHECKLIST_NONE)
        buf_printf(&line, ", before gate %zu of %zu",
                   standing_gate_number(deployment->checklist, gate),
                   deployment->checklist->gate_count);
    add_head_line(buf, "phase", &line);
    buf_printf(&line, "%zu of %zu steps met", counts.met, counts.steps);
    if (counts.waived > 0)
        buf_printf(&line, ", %zu of them waived or not applicable", counts.waived);
    add_head_line(buf, "progress", &line);
    buf_printf(&line, "%" PRIu64 ": %zu accepted, %zu of them flagged; %zu refused",
               deployment->entries, deployment->accepted, deployment->flagged, deployment->refused);
    add_head_line(buf, "entries", &line);
    buf_free(&line);
}

static void add_clock(const struct deployment *deployment, struct buf *buf)
{
    struct buf line = {0};
    char time[INSTANT_TEXT_BYTES];
    if (!deployment->has_t0)
        return;
    instant_short(deployment->t0_us, time);
    buf_printf(&line, "%s UTC, ", time);
    if (deployment->clock_started.set)
        buf_printf(&line, "confirmed by %s, seq %" PRIu64, deployment->clock_started.principal,
                   deployment->clock_started.seq);
    else
        buf_text(&line, "planned");
    add_head_line(buf, "T+0", &line);
    buf_free(&line);
}

static void add_trouble(const struct deployment *deployment, struct buf *buf)
{
    struct buf line = {0};
    if (deployment->newer > 0) {
        buf_printf(&line, "%zu written by a newer program than this one: kept as evidence",
                   deployment->newer);
        add_head_line(buf, "NOT JUDGED", &line);
    }
    if (deployment->emergency.set) {
        buf_printf(&line, "declared by %s, seq %" PRIu64 ": %s", deployment->emergency.principal,
                   deployment->emergency.seq,
                   deployment->emergency_reason != NULL ? deployment->emergency_reason : "");
        add_head_line(buf, "EMERGENCY", &line);
    }
    if (deployment->rollback_started.set) {
        buf_printf(&line, "by %s, seq %" PRIu64, deployment->rollback_started.principal,
                   deployment->rollback_started.seq);
        if (deployment->rollback_reason != NULL)
            buf_printf(&line, ": %s", deployment->rollback_reason);
        if (deployment->rollback_finished.set)
            buf_printf(&line, "; finished by %s, seq %" PRIu64 ": %s",
                       deployment->rollback_finished.principal, deployment->rollback_finished.seq,
                       deployment->rollback_status != NULL ? deployment->rollback_status : "");
        add_head_line(buf, "ROLLBACK", &line);
    }
    buf_free(&line);
}

static void add_head(const struct state_text *state, struct buf *buf)
{
    const struct deployment *deployment = state->deployment;
    struct buf line = {0};
    if (state->info->simulated)
        buf_text(buf, "SIMULATED: this ledger is for trying and testing; its times are claimed\n");
    buf_text(&line, deployment->id);
    if (deployment->release != NULL)
        buf_printf(&line, ", release %s", deployment->release);
    if (deployment->environment != NULL)
        buf_printf(&line, ", %s", deployment->environment);
    if (deployment->title != NULL)
        buf_printf(&line, ": %s", deployment->title);
    layout_wrap(buf, 0, 0, (const char *)line.data);
    buf_clear(&line);
    add_phase(deployment, buf);
    add_clock(deployment, buf);
    if (deployment->lead != NULL) {
        buf_text(&line, deployment->lead);
        add_head_line(buf, "lead", &line);
    }
    add_trouble(deployment, buf);
    if (deployment->last.set) {
        add_time(&line, deployment, deployment->last.time_us);
        buf_printf(&line, ", seq %" PRIu64 ", position #%" PRIu64, deployment->last.seq,
                   deployment->last.pos);
        add_head_line(buf, "last entry", &line);
    }
    buf_free(&line);
}

static void add_mark(struct buf *line, const struct deployment *deployment, const char *verb,
                     const struct mark *mark)
{
    char time[INSTANT_TEXT_BYTES];
    instant_short(mark->time_us, time);
    buf_printf(line, " · %s%s ", verb, mark->principal);
    if (deployment->has_t0)
        offset_add(line, mark->time_us - deployment->t0_us);
    else
        buf_text(line, time);
    buf_printf(line, " seq %" PRIu64, mark->seq);
    if (mark->flags != 0) {
        buf_text(line, " [");
        layout_flags(line, mark->flags);
        buf_text(line, "]");
    }
}

static bool fills_in(const struct node *node)
{
    return node->kind == NODE_FIELD || node->kind == NODE_CHOICE;
}

/* The value behind the label; of a status or decision without one, what it can be. */
static void add_value(struct buf *line, const struct node *node, const struct node_state *state)
{
    const char *unit = state->unit != NULL ? state->unit : node->unit;
    if (state->value != NULL) {
        buf_printf(line, ": %s", state->value);
        if (unit != NULL && state->numeric)
            buf_printf(line, "%s%s", strcmp(unit, "%") == 0 ? "" : " ", unit);
        return;
    }
    if (fills_in(node) && !state->waived.set)
        buf_printf(line, ": ____%s%s", unit != NULL ? " " : "", unit != NULL ? unit : "");
    if (node->kind != NODE_STATUS && node->kind != NODE_DECISION && node->kind != NODE_CHOICE)
        return;
    for (size_t i = 0; i < node->option_count; i++)
        buf_printf(line, "%s%s%s%s", i == 0 ? " (" : " / ", option_mark_text(node->options[i].mark),
                   node->options[i].mark == MARK_NONE ? "" : " ", node->options[i].label);
    buf_text(line, node->option_count > 0 ? ")" : "");
}

static void add_history(struct buf *line, const struct deployment *deployment,
                        const struct node_state *state, enum standing standing)
{
    if (standing == STANDING_UNDONE)
        add_mark(line, deployment, state->rejected ? "rejected by " : "taken back by ",
                 &state->undone);
    else if (standing == STANDING_WAIVED)
        add_mark(line, deployment, "waived by ", &state->waived);
    else if (state->mark.set)
        add_mark(line, deployment, "", &state->mark);
    if (state->command.mark.set && (state->command.exit != 0 || !state->command.matched))
        buf_printf(line, " · its command ended with %" PRId64 "%s", state->command.exit,
                   state->command.matched ? "" : ", not as expected");
    if (state->suspect)
        buf_text(line, " · by a key revoked since before it: it counts for nothing");
    if (state->refused > 0)
        buf_printf(line, " · %zu refused", state->refused);
}

static void add_words(struct buf *buf, size_t indent, const char *text)
{
    struct buf line = {0};
    if (text == NULL || text[0] == '\0')
        return;
    buf_printf(&line, "| %s", text);
    buf_printf(buf, "%*s", (int)indent, "");
    layout_wrap(buf, indent, indent + 2, (const char *)line.data);
    buf_free(&line);
}

static size_t depth_of(const struct checklist *checklist, size_t node)
{
    size_t depth = 0;
    while ((node = checklist->nodes[node].parent) != CHECKLIST_NONE)
        depth++;
    return depth;
}

static void add_node(const struct deployment *deployment, size_t at, struct buf *buf)
{
    const struct node *node = &deployment->checklist->nodes[at];
    const struct node_state *state = &deployment->nodes[at];
    enum standing standing = standing_of(deployment, at);
    struct buf line = {0};
    size_t indent = 2 + 2 * depth_of(deployment->checklist, at);
    bool blank = fills_in(node) && standing == STANDING_OPEN;
    buf_printf(buf, "%*s%s %-8s ", (int)indent, "", blank ? " _ " : standing_mark(standing),
               node->id);
    indent += 4 + (strlen(node->id) > 8 ? strlen(node->id) : 8) + 1;
    buf_text(&line, node->label != NULL ? node->label : "");
    add_value(&line, node, state);
    if (node->role != NULL && node->kind == NODE_ITEM)
        buf_printf(&line, " (for %s)", node->role);
    if (node->twin_of != CHECKLIST_NONE)
        buf_printf(&line, ", decided at gate %zu",
                   standing_gate_number(deployment->checklist, node->twin_of));
    if (node->optional && standing == STANDING_OPEN)
        buf_text(&line, " (optional)");
    add_history(&line, deployment, state, standing);
    layout_wrap(buf, indent, indent, (const char *)line.data);
    buf_free(&line);
    add_words(buf, indent,
              standing == STANDING_UNDONE   ? state->undo_reason
              : standing == STANDING_WAIVED ? state->waive_reason
                                            : state->note);
}

static void add_section(const struct deployment *deployment, size_t at, struct buf *buf)
{
    const struct checklist *checklist = deployment->checklist;
    const struct section *section = &checklist->sections[at];
    struct buf line = {0};
    size_t steps = 0;
    size_t met = 0;
    size_t nodes = 0;
    for (size_t i = 0; i < checklist->node_count; i++) {
        bool step = checklist->nodes[i].section == at && standing_step(deployment, i);
        nodes += checklist->nodes[i].section == at;
        steps += step;
        met += step && deployment_met(deployment, i);
    }
    if (nodes == 0 && section->level != 2)
        return;
    buf_printf(buf, "\n%-5s ", section->id);
    buf_text(&line, section->title[0] != '\0' ? section->title : "(the document's own)");
    if (section->window.set && strstr((const char *)line.data, "(T") == NULL) {
        buf_text(&line, " · ");
        offset_window(&line, &section->window);
    }
    if (steps > 0)
        buf_printf(&line, " · %zu of %zu", met, steps);
    if (nodes > 0 && section->guarded_by != CHECKLIST_NONE)
        buf_printf(&line, " · behind gate %zu%s",
                   standing_gate_number(checklist, section->guarded_by),
                   deployment_gate_open(deployment, section->guarded_by) ? "" : ", not open");
    layout_wrap(buf, 6, 6, (const char *)line.data);
    buf_free(&line);
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].section == at)
            add_node(deployment, i, buf);
    }
}

static void add_issues(const struct deployment *deployment, struct buf *buf)
{
    struct buf line = {0};
    for (size_t i = 0; i < deployment->issue_count; i++) {
        const struct issue *issue = &deployment->issues[i];
        buf_text(buf, i == 0 ? "\nIssues\n" : "");
        buf_printf(&line, "%s, severity %d: %s", issue->id, issue->severity,
                   issue->title != NULL ? issue->title : "");
        add_mark(&line, deployment, "opened by ", &issue->opened);
        if (issue->resolved.set)
            add_mark(&line, deployment, "resolved by ", &issue->resolved);
        buf_text(buf, issue->resolved.set ? "  [x] " : "  [!] ");
        layout_wrap(buf, 6, 6, (const char *)line.data);
        buf_clear(&line);
    }
    buf_free(&line);
}

static void add_notes(const struct deployment *deployment, struct buf *buf)
{
    struct buf line = {0};
    for (size_t i = 0; i < deployment->note_count; i++) {
        const struct note_taken *note = &deployment->notes[i];
        buf_text(buf, i == 0 ? "\nNotes\n" : "");
        buf_text(&line, note->text);
        if (note->node != CHECKLIST_NONE && deployment->checklist != NULL)
            buf_printf(&line, " (on %s)", deployment->checklist->nodes[note->node].id);
        add_mark(&line, deployment, "", &note->mark);
        buf_text(buf, "  ");
        layout_wrap(buf, 2, 4, (const char *)line.data);
        buf_clear(&line);
    }
    buf_free(&line);
}

static void add_roles(const struct deployment *deployment, struct buf *buf)
{
    struct buf line = {0};
    bool first = true;
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        const struct assignment *assignment = &deployment->assignments[i];
        if (assignment->to_pos != SEQ_NONE)
            continue;
        buf_text(buf, first ? "\nRoles\n" : "");
        first = false;
        buf_printf(&line, "%s: %s", assignment->role, assignment->principal);
        if (assignment->until_us != INT64_MAX) {
            buf_text(&line, " until ");
            add_time(&line, deployment, assignment->until_us);
        }
        buf_text(buf, "  ");
        layout_wrap(buf, 2, 4, (const char *)line.data);
        buf_clear(&line);
    }
    buf_free(&line);
}

void state_text_add(const struct state_text *state, struct buf *buf)
{
    const struct deployment *deployment = state->deployment;
    size_t sections = deployment->checklist != NULL ? deployment->checklist->section_count : 0;
    add_head(state, buf);
    for (size_t i = 0; i < sections; i++)
        add_section(deployment, i, buf);
    state_next_gates(state, buf);
    state_next_criteria(state, buf);
    add_issues(deployment, buf);
    add_notes(deployment, buf);
    add_roles(deployment, buf);
    if (state->live)
        state_next_steps(state, buf);
}
