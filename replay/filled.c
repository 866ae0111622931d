#include "replay/filled.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/blank.h"
#include "replay/layout.h"

/* Put ${text} where [at, at + cut) of the source stands. */
struct filling {
    size_t at;
    size_t cut;
    size_t order; /* of equal places, that of the nodes */
    char *text;   /* owned */
};

struct filled {
    const struct deployment *deployment;
    const struct checklist *checklist;
    struct filling *fillings;
    size_t count, cap;
    bool noted; /* a fence has taken the notes */
};

static void filled_put(struct filled *filled, size_t at, size_t cut, struct buf *text)
{
    struct filling *filling = MEM_PUSH(filled->fillings, filled->count, filled->cap);
    *filling = (struct filling){at, cut, filled->count, buf_take_text(text)};
}

/* Text from an event, on one line and without a meaning in Markdown. */
static void filled_escape(struct buf *buf, const char *text)
{
    struct buf plain = {0};
    printable_add(&plain, text);
    for (size_t i = 0; i < plain.bytes; i++) {
        if (strchr("\\`*_[]<>&|#~", plain.data[i]) != NULL)
            buf_text(buf, "\\");
        buf_add(buf, plain.data + i, 1);
    }
    buf_free(&plain);
}

/* "rosa, 2026-03-03 09:00:00 UTC, seq 12" */
static void filled_who(struct buf *buf, const struct mark *mark)
{
    char time[INSTANT_TEXT_BYTES];
    instant_short(mark->time_us, time);
    filled_escape(buf, mark->principal);
    buf_printf(buf, ", %s UTC, seq %" PRIu64, time, mark->seq);
    if (mark->flags == 0)
        return;
    buf_text(buf, ", flags: ");
    layout_flags(buf, mark->flags);
}

/* " — failed: rosa, …: why" */
static void filled_remark(struct buf *buf, const char *what, const struct mark *mark,
                          const char *why)
{
    buf_text(buf, " \u2014 ");
    buf_text(buf, what);
    filled_who(buf, mark);
    if (why != NULL && why[0] != '\0') {
        buf_text(buf, ": ");
        filled_escape(buf, why);
    }
}

/* The end of the source line that ${at} is on. */
static size_t filled_line_end(const struct checklist *checklist, size_t at)
{
    while (at < checklist->source_bytes && checklist->source[at] != '\n' &&
           checklist->source[at] != '\r')
        at++;
    return at;
}

static void filled_box(struct filled *filled, struct place box, bool ticked)
{
    struct buf text = {0};
    buf_text(&text, ticked ? "[x]" : "[ ]");
    if (box.bytes > 0)
        filled_put(filled, box.at, box.bytes, &text);
    buf_free(&text);
}

/* Where a remark on the line that ${at} is on goes: behind it, in a row of a table into its last
 * cell, as what stands behind that is not shown. */
static size_t filled_remark_at(const struct checklist *checklist, size_t at)
{
    size_t end = filled_line_end(checklist, at), bar = end;
    while (bar > at && checklist->source[bar - 1] == ' ')
        bar--;
    bool row =
        bar > at + 1 && checklist->source[bar - 1] == '|' && checklist->source[bar - 2] != '\\';
    return row ? bar - 1 : end;
}

/* Put a remark behind the line that ${place} is on. */
static void filled_behind(struct filled *filled, struct place place, struct buf *remark)
{
    if (remark->bytes > 0)
        filled_put(filled, filled_remark_at(filled->checklist, place.at), 0, remark);
    buf_free(remark);
}

static void filled_command(struct buf *buf, const struct command_run *command)
{
    if (!command->mark.set)
        return;
    buf_printf(buf, "; command: exit %" PRId64 "%s, seq %" PRIu64, command->exit,
               command->matched ? "" : ", not as expected", command->mark.seq);
}

static void filled_item(struct filled *filled, const struct node *node,
                        const struct node_state *state)
{
    static const char *const results[] = {"", "", "failed: ", "not applicable: "};
    struct buf remark = {0};
    filled_box(filled, node->place, state->result == RESULT_PASS);
    if (state->waived.set)
        filled_remark(&remark, "waived: ", &state->waived, state->waive_reason);
    else if (state->result != RESULT_NONE && state->mark.set)
        filled_remark(&remark, results[state->result], &state->mark, state->note);
    else if (state->undone.set)
        filled_remark(&remark, "reopened: ", &state->undone, state->undo_reason);
    if (remark.bytes > 0)
        filled_command(&remark, &state->command);
    filled_behind(filled, node->place, &remark);
}

/* The blank behind an approval's role takes the name. */
static void filled_name(struct filled *filled, const struct node *node, const char *name)
{
    const struct checklist *checklist = filled->checklist;
    size_t end = filled_line_end(checklist, node->place.at);
    struct span line = {checklist->source + node->place.at, end - node->place.at};
    size_t blank = blank_find(line, 0);
    struct buf text = {0};
    if (blank == line.bytes)
        return;
    filled_escape(&text, name);
    filled_put(filled, node->place.at + blank, blank_end(line, blank) - blank, &text);
}

static void filled_approval(struct filled *filled, const struct node *node,
                            const struct node_state *state)
{
    struct buf remark = {0};
    bool undone = state->undone.set && (!state->mark.set || state->undone.pos > state->mark.pos);
    filled_box(filled, node->place, state->met);
    if (undone) {
        filled_remark(&remark, "taken back or rejected: ", &state->undone, state->undo_reason);
    } else if (state->mark.set) {
        filled_name(filled, node, state->mark.principal);
        filled_remark(&remark, "", &state->mark, state->note);
    }
    filled_behind(filled, node->place, &remark);
}

static void filled_blank(struct filled *filled, struct place place, const char *value)
{
    struct buf text = {0};
    filled_escape(&text, value);
    if (place.bytes > 0)
        filled_put(filled, place.at, place.bytes, &text);
    buf_free(&text);
}

static bool filled_on_box(const struct filled *filled, struct place place)
{
    return place.bytes == 3 && filled->checklist->source[place.at] == '[';
}

/* Decision, status, choice: the box of the option if it has one, and what was chosen behind the
 * line. */
static void filled_chosen(struct filled *filled, const struct node *node,
                          const struct node_state *state)
{
    struct buf remark = {0};
    struct place line = node->place;
    bool chosen = state->mark.set && state->option < node->option_count;
    for (size_t i = 0; i < node->option_count; i++)
        filled_box(filled, node->options[i].box, chosen && state->option == i);
    if (filled_on_box(filled, node->place))
        filled_box(filled, node->place, chosen);
    if (chosen) {
        const struct node_option *option = &node->options[state->option];
        if (option->box.bytes > 0)
            line = option->box;
        buf_printf(&remark, " \u2014 %s%s", option_mark_text(option->mark),
                   option->mark == MARK_NONE ? "" : " ");
        filled_escape(&remark, option->label);
        filled_remark(&remark, "", &state->mark, state->note);
    } else if (state->waived.set) {
        filled_remark(&remark, "waived: ", &state->waived, state->waive_reason);
    }
    filled_behind(filled, line, &remark);
    if (chosen && node->authority != NULL) {
        char time[INSTANT_TEXT_BYTES];
        struct buf moment = {0};
        instant_short(state->mark.time_us, time);
        buf_printf(&moment, "%s UTC", time);
        filled_blank(filled, node->decided_by, state->mark.principal);
        filled_blank(filled, node->decided_at, (const char *)moment.data);
        buf_free(&moment);
    }
}

static void filled_field(struct filled *filled, const struct node *node,
                         const struct node_state *state)
{
    struct buf text = {0};
    bool recorded = state->mark.set && state->value != NULL;
    const char *unit = state->unit != NULL ? state->unit : node->unit;
    if (recorded) {
        filled_escape(&text, state->value);
        buf_text(&text, unit != NULL ? " " : "");
        filled_escape(&text, unit);
    } else if (state->waived.set) {
        buf_text(&text, "waived");
    } else {
        return;
    }
    buf_text(&text, " (");
    filled_who(&text, recorded ? &state->mark : &state->waived);
    if (!recorded) {
        buf_text(&text, ": ");
        filled_escape(&text, state->waive_reason);
    }
    buf_text(&text, ")");
    filled_put(filled, node->place.at, node->place.bytes, &text);
}

/* "Time: … Note: …"; a fence shows its text as it is. */
static void filled_note(const struct filled *filled, struct buf *buf, const struct note_taken *note)
{
    char time[INSTANT_TEXT_BYTES];
    instant_short(note->mark.time_us, time);
    buf_printf(buf, "Time: %s UTC Note: ", time);
    printable_add(buf, note->text);
    buf_printf(buf, " (%s, seq %" PRIu64, note->mark.principal, note->mark.seq);
    if (note->node != CHECKLIST_NONE)
        buf_printf(buf, ", on %s", filled->checklist->nodes[note->node].id);
    buf_text(buf, ")");
}

/* The notes take the place of the lines with blanks, from the first on; further notes stand behind
 * the last line. */
static void filled_notes(struct filled *filled, const struct node *node)
{
    const struct checklist *checklist = filled->checklist;
    const struct deployment *deployment = filled->deployment;
    size_t end = node->place.at + node->place.bytes, next = 0;
    struct buf text = {0};
    if (filled->noted)
        return;
    filled->noted = true;
    for (size_t at = node->place.at; at < end; at++) {
        size_t line_end = filled_line_end(checklist, at);
        struct span line = {checklist->source + at, line_end - at};
        if (next < deployment->note_count && blank_find(line, 0) < line.bytes) {
            filled_note(filled, &text, &deployment->notes[next++]);
            filled_put(filled, at, line.bytes, &text);
        }
        at = line_end;
    }
    for (; next < deployment->note_count; next++) {
        buf_text(&text, "\n");
        filled_note(filled, &text, &deployment->notes[next]);
    }
    if (text.bytes > 0)
        filled_put(filled, end, 0, &text);
    buf_free(&text);
}

static void filled_node(struct filled *filled, size_t index)
{
    const struct node *node = &filled->checklist->nodes[index];
    const struct node_state *state = &filled->deployment->nodes[index];
    switch (node->kind) {
    case NODE_ITEM:
        filled_item(filled, node, state);
        break;
    case NODE_APPROVAL:
        filled_approval(filled, node, state);
        break;
    case NODE_DECISION:
    case NODE_STATUS:
    case NODE_CHOICE:
        filled_chosen(filled, node, state);
        break;
    case NODE_FIELD:
        filled_field(filled, node, state);
        break;
    case NODE_NOTES:
        filled_notes(filled, node);
        break;
    }
}

static int filled_compare(const void *a, const void *b)
{
    const struct filling *left = a, *right = b;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

/* Notes for which the checklist has no fence. */
static void filled_list_notes(const struct filled *filled, struct buf *buf)
{
    const struct deployment *deployment = filled->deployment;
    if (filled->noted || deployment->note_count == 0)
        return;
    buf_text(buf, "\n---\n\n```\n");
    for (size_t i = 0; i < deployment->note_count; i++) {
        filled_note(filled, buf, &deployment->notes[i]);
        buf_text(buf, "\n");
    }
    buf_text(buf, "```\n");
}

/* What copy this is. */
static void filled_colophon(const struct deployment *deployment, const struct ledger_info *info,
                            struct buf *buf)
{
    buf_text(buf, "\n---\n\n*Filled from the ledger ");
    filled_escape(buf, info->origin);
    buf_text(buf, info->simulated ? " (SIMULATED)" : "");
    buf_text(buf, ": deployment ");
    filled_escape(buf, deployment->id);
    buf_text(buf, ", release ");
    filled_escape(buf, deployment->release);
    buf_printf(buf, ", %s", deployment_phase_name(deployment->phase));
    if (deployment->outcome != NULL)
        buf_printf(buf, " as %s", deployment->outcome);
    buf_text(buf, "; last entry: ");
    filled_who(buf, &deployment->last);
    buf_text(buf, "; checklist sha256 ");
    buf_hex(buf, deployment->checklist->sha256, HASH_BYTES);
    buf_text(buf, ".*\n");
}

void filled_add(const struct deployment *deployment, const struct ledger_info *info,
                struct buf *buf)
{
    const struct checklist *checklist = deployment->checklist;
    struct filled filled = {.deployment = deployment, .checklist = checklist};
    if (checklist == NULL)
        return;
    for (size_t i = 0; i < checklist->node_count; i++)
        filled_node(&filled, i);
    if (filled.count > 0)
        qsort(filled.fillings, filled.count, sizeof(*filled.fillings), filled_compare);
    size_t at = 0;
    for (size_t i = 0; i < filled.count; i++) {
        const struct filling *filling = &filled.fillings[i];
        if (filling->at < at)
            continue;
        buf_add(buf, checklist->source + at, filling->at - at);
        buf_text(buf, filling->text);
        at = filling->at + filling->cut;
    }
    buf_add(buf, checklist->source + at, checklist->source_bytes - at);
    if (buf->bytes > 0 && buf->data[buf->bytes - 1] != '\n')
        buf_text(buf, "\n");
    filled_list_notes(&filled, buf);
    filled_colophon(deployment, info, buf);
    for (size_t i = 0; i < filled.count; i++)
        free(filled.fillings[i].text);
    free(filled.fillings);
}
