#include "replay/filled.h"

#include <inttypes.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/standing.h"

/* Text made harmless, and escaped so that Markdown takes it for text. */
static void add_escaped(struct buf *buf, const char *text)
{
    struct buf fair = {0};
    printable_add(&fair, text);
    for (size_t i = 0; i < fair.bytes; i++) {
        if (strchr("\\`*_{}[]<>()#|~&!", fair.data[i]) != NULL)
            buf_text(buf, "\\");
        buf_add(buf, &fair.data[i], 1);
    }
    buf_free(&fair);
}

static void add_mark(struct buf *buf, const struct mark *mark)
{
    char time[INSTANT_TEXT_BYTES];
    instant_short(mark->time_us, time);
    buf_text(buf, ", ");
    add_escaped(buf, mark->principal);
    buf_printf(buf, ", %s UTC, seq %" PRIu64, time, mark->seq);
    if (mark->flags == 0)
        return;
    buf_text(buf, ", flags: ");
    layout_flags(buf, mark->flags);
}

static void add_words(struct buf *buf, const char *text)
{
    if (text == NULL)
        return;
    buf_text(buf, ": ");
    add_escaped(buf, text);
}

/* Whether something is to be said of the node. */
static bool touched(const struct node_state *state)
{
    return state->mark.set || state->waived.set || state->undone.set;
}

/* " **[id value, who, when, seq: words]**" */
static void add_node(const struct deployment *deployment, size_t at, struct buf *buf)
{
    const struct node *node = &deployment->checklist->nodes[at];
    const struct node_state *state = &deployment->nodes[at];
    enum standing standing = standing_of(deployment, at);
    buf_printf(buf, " **\\[%s ", node->id);
    if (standing == STANDING_UNDONE) {
        buf_text(buf, node->kind == NODE_APPROVAL ? "rejected or withdrawn" : "reopened");
        add_mark(buf, &state->undone);
        add_words(buf, state->undo_reason);
    } else if (standing == STANDING_WAIVED) {
        buf_text(buf, "waived");
        add_mark(buf, &state->waived);
        add_words(buf, state->waive_reason);
    } else {
        add_escaped(buf, state->value != NULL ? state->value : standing_name(standing));
        if (state->value != NULL && state->numeric && state->unit != NULL) {
            buf_text(buf, " ");
            add_escaped(buf, state->unit);
        }
        add_mark(buf, &state->mark);
        add_words(buf, state->note);
    }
    buf_text(buf, "\\]**");
}

static bool ticked(enum standing standing)
{
    return standing == STANDING_PASS || standing == STANDING_GIVEN || standing == STANDING_NA ||
           standing == STANDING_WAIVED;
}

/* The line's own text, its first empty box ticked if ${tick}. */
static void add_source(struct buf *buf, const char *line, size_t bytes, bool tick)
{
    const char *box = tick ? memmem(line, bytes, "[ ]", 3) : NULL;
    size_t before = box != NULL ? (size_t)(box - line) : bytes;
    buf_add(buf, line, before);
    if (box == NULL)
        return;
    buf_text(buf, "[x]");
    buf_add(buf, box + 3, bytes - before - 3);
}

static void add_notes(const struct deployment *deployment, struct buf *buf)
{
    if (deployment->note_count > 0)
        buf_text(buf, "\n---\n\n**Notes taken**\n\n");
    for (size_t i = 0; i < deployment->note_count; i++) {
        const struct note_taken *note = &deployment->notes[i];
        buf_text(buf, "- ");
        add_escaped(buf, note->text);
        if (note->node != CHECKLIST_NONE)
            buf_printf(buf, " (on %s)", deployment->checklist->nodes[note->node].id);
        buf_text(buf, " **\\[note");
        add_mark(buf, &note->mark);
        buf_text(buf, "\\]**\n");
    }
}

void filled_add(const struct deployment *deployment, struct buf *buf)
{
    const struct checklist *checklist = deployment->checklist;
    const char *at = checklist != NULL ? checklist->source : NULL;
    const char *end = at != NULL ? at + checklist->source_bytes : NULL;
    size_t first = 0; /* the first node that stands on this line or later */
    for (unsigned number = 1; at < end; number++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline != NULL ? newline + 1 : end;
        const char *stop = newline != NULL ? newline : end;
        size_t past = first;
        if (stop > at && stop[-1] == '\r')
            stop--;
        while (past < checklist->node_count && checklist->nodes[past].line <= number)
            past++;
        bool box = first < past && (checklist->nodes[first].kind == NODE_ITEM ||
                                    checklist->nodes[first].kind == NODE_APPROVAL);
        add_source(buf, at, (size_t)(stop - at), box && ticked(standing_of(deployment, first)));
        for (; first < past; first++) {
            if (checklist->nodes[first].kind != NODE_NOTES && touched(&deployment->nodes[first]))
                add_node(deployment, first, buf);
        }
        buf_add(buf, stop, (size_t)(next - stop));
        at = next;
    }
    if (checklist != NULL)
        add_notes(deployment, buf);
}
