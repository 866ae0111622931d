#include "replay/line.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "replay/blank.h"
#include "replay/outline.h"

size_t line_parent(const struct draft *draft, size_t block)
{
    size_t entry = draft->markdown->blocks[block].entry;
    return entry == MARKDOWN_NONE ? CHECKLIST_NONE : draft->entry_node[entry];
}

void line_optional(struct draft *draft, size_t first, struct span text, size_t block)
{
    struct checklist *out = draft->out;
    size_t entry = draft->markdown->blocks[block].kind == BLOCK_ENTRY
                       ? block
                       : draft->markdown->blocks[block].entry;
    bool listed = entry != MARKDOWN_NONE && draft->entry_optional[entry];
    bool optional = first < out->node_count && (listed || outline_conditional(text));
    for (size_t i = first; optional && i < out->node_count; i++)
        out->nodes[i].optional = true;
}

/* In a gate two blanks belong to its decision: where to remember their places, or NULL. */
static struct place *line_gates_place(struct draft *draft, const char *label)
{
    struct draft_section *section = &draft->sections[draft->section];
    if (section->authority.bytes == 0)
        return NULL;
    return strcasecmp(label, "decided by") == 0  ? &section->decided_by
           : strcasecmp(label, "date/time") == 0 ? &section->decided_at
                                                 : NULL;
}

static void line_field(struct draft *draft, const struct blank *blank, unsigned line, size_t parent)
{
    char *label = NULL;
    if (!blank_label(blank, &label)) {
        draft_warn(draft, line, "%s",
                   blank->label.bytes == 0 ? "a blank without a label"
                                           : "the label of this blank is too long");
        return;
    }
    struct place *gates = line_gates_place(draft, label);
    size_t index = gates != NULL ? CHECKLIST_NONE : draft_node(draft, NODE_FIELD, line, parent);
    if (gates != NULL)
        *gates = draft_place(draft, blank->place);
    if (index == CHECKLIST_NONE) {
        free(label);
        return;
    }
    struct node *node = &draft->out->nodes[index];
    node->label = label;
    node->place = draft_place(draft, blank->place);
    if (blank->unit.bytes > 0)
        node->unit = span_text(blank->unit);
    if (blank->expectation.bytes > 0)
        node->expectation = span_text(blank->expectation);
}

void line_fields(struct draft *draft, struct span text, unsigned line, size_t parent)
{
    struct blank_list list;
    blank_parse(text, &list);
    for (size_t i = 0; i < list.count && !draft->too_big; i++)
        line_field(draft, &list.blanks[i], line, parent);
    blank_free(&list);
}

static void line_check_options(struct draft *draft, const struct node *node)
{
    for (size_t i = 0; i < node->option_count; i++) {
        const char *label = node->options[i].label;
        if (label[0] == '\0')
            draft_warn(draft, node->line, "an alternative without a name");
        else if (i > 0 && strcmp(node->options[i - 1].label, label) == 0)
            draft_warn(draft, node->line, "two alternatives of the same name");
    }
}

size_t line_options(struct draft *draft, enum node_kind kind, const struct alternative_list *list,
                    unsigned line, size_t parent)
{
    if (list->count < 2) {
        draft_warn(draft, line, "a box or mark that is no task and no choice of two or more");
        return CHECKLIST_NONE;
    }
    size_t index = draft_node(draft, kind, line, parent);
    if (index == CHECKLIST_NONE)
        return index;
    struct node *node = &draft->out->nodes[index];
    const char *title = draft->out->sections[node->section].title;
    node->label = list->label.bytes > 0 ? span_text(list->label) : mem_text(title);
    node->option_count = list->count;
    node->options = alternative_nodes(list);
    if (list->text.bytes > 0)
        node->place = draft_place(draft, list->text);
    for (size_t i = 0; i < list->count; i++) {
        if (list->options[i].box.bytes > 0)
            node->options[i].box = draft_place(draft, list->options[i].box);
    }
    line_check_options(draft, node);
    for (size_t i = 0; i < list->count; i++)
        line_fields(draft, list->options[i].text, line, parent);
    return index;
}

/* ✓ ⚠ ✗ in a bold line: a status.  Elsewhere they are text, but two look as if they were meant. */
static bool line_status(struct draft *draft, struct span text, unsigned line, size_t parent)
{
    struct alternative_list list;
    alternative_marks(text, &list);
    bool bold = span_starts(text, "**"), found = list.count > 0 && (bold || list.count > 1);
    if (list.count > 0 && bold)
        line_options(draft, NODE_STATUS, &list, line, parent);
    else if (list.count > 1)
        draft_warn(draft, line, "marked alternatives outside a bold line are no status");
    alternative_free(&list);
    return found;
}

static bool line_boxes(struct draft *draft, struct span text, unsigned line, size_t parent)
{
    struct alternative_list list;
    alternative_boxes(text, &list);
    bool found = list.count > 0;
    enum node_kind kind = alternative_all_capitals(&list) ? NODE_DECISION : NODE_CHOICE;
    if (found)
        line_options(draft, kind, &list, line, parent);
    alternative_free(&list);
    return found;
}

static bool line_words(struct draft *draft, struct span text, unsigned line, size_t parent)
{
    struct alternative_list list;
    alternative_words(text, &list);
    bool found = list.count > 0;
    if (found)
        line_options(draft, NODE_CHOICE, &list, line, parent);
    alternative_free(&list);
    return found;
}

bool line_is_plain(struct span text)
{
    struct alternative_list list;
    alternative_words(text, &list);
    bool words = list.count > 0;
    alternative_free(&list);
    return !words && blank_find(text, 0) == text.bytes &&
           alternative_find_box(text, 0) == text.bytes;
}

/* A `Decision Authority:` line that names its section's authority is no node. */
static bool line_is_authority(const struct draft *draft, struct span text)
{
    struct span authority = draft->sections[draft->section].authority;
    return authority.bytes > 0 && authority.at >= text.at && authority.at < text.at + text.bytes;
}

/* Text without marks belongs to the item it is in. */
static void line_plain(struct draft *draft, struct span line, size_t parent)
{
    if (parent == CHECKLIST_NONE || draft->out->nodes[parent].kind != NODE_ITEM)
        return;
    struct buf *text = &draft->nodes[parent].text;
    span_add(text, line);
    buf_text(text, "\n");
}

/* A bold line that begins with `If ` makes the list under it optional, whatever else it holds. */
static void line_condition(struct draft *draft, size_t block)
{
    const struct markdown *markdown = draft->markdown;
    const struct block *line = &markdown->blocks[block];
    bool conditional = span_starts(line->text, "**if ") && line->kind == BLOCK_LINE;
    if (conditional && block + 1 < markdown->block_count) {
        const struct block *next = &markdown->blocks[block + 1];
        if (next->kind == BLOCK_ENTRY && markdown->lists[next->list].first == block + 1)
            draft->list_optional[next->list] = true;
    }
}

void line_place(struct draft *draft, size_t block)
{
    const struct block *line = &draft->markdown->blocks[block];
    size_t parent = line_parent(draft, block), first = draft->out->node_count;
    struct span text = line->text;
    if (line_is_authority(draft, text))
        return;
    line_condition(draft, block);
    if (line_status(draft, text, line->line, parent) ||
        line_boxes(draft, text, line->line, parent) ||
        line_words(draft, text, line->line, parent)) {
        line_optional(draft, first, text, block);
    } else if (blank_find(text, 0) < text.bytes) {
        line_fields(draft, text, line->line, parent);
        line_optional(draft, first, text, block);
    } else {
        line_plain(draft, text, parent);
    }
}

/* `Time: ____ Note: ____` */
static bool line_is_note(struct span line)
{
    struct blank_list list;
    blank_parse(line, &list);
    bool note = list.count == 2 && span_is(list.blanks[0].label, "time") &&
                span_is(list.blanks[1].label, "note");
    blank_free(&list);
    return note;
}

/* Take the first line of ${rest}. */
static bool line_next(struct span *rest, struct span *ret_line)
{
    if (rest->bytes == 0)
        return false;
    *ret_line = span_to(*rest, span_find(*rest, 0, "\n"));
    *rest = span_from(*rest, ret_line->bytes + 1);
    return true;
}

static bool line_is_notes(struct span content)
{
    struct span line;
    while (line_next(&content, &line)) {
        if (line_is_note(line))
            return true;
    }
    return false;
}

/* `# Expected: …` */
static bool line_expected(struct span line, struct span *ret_expected)
{
    struct span text = span_trim(line);
    if (!span_starts(text, "#"))
        return false;
    text = span_trim(span_from(text, 1));
    if (!span_starts(text, "expected:"))
        return false;
    *ret_expected = span_trim(span_from(text, 9));
    return true;
}

static void line_command(struct draft_node *item, struct span content)
{
    struct span line, expected;
    while (line_next(&content, &line)) {
        bool expects = line_expected(line, &expected);
        struct buf *buf = expects ? &item->expected : &item->command;
        struct span text = expects ? expected : line;
        buf_add(buf, text.at, text.bytes);
        buf_text(buf, "\n");
    }
}

/* Notes: they go where the lines within the fence are. */
static void line_notes(struct draft *draft, const struct block *fence, size_t parent)
{
    const struct markdown *markdown = draft->markdown;
    size_t index = draft_node(draft, NODE_NOTES, fence->line, parent), last = fence->line;
    if (index == CHECKLIST_NONE)
        return;
    for (const char *at = strchr(fence->fence, '\n'); at != NULL; at = strchr(at + 1, '\n'))
        last += last + 1 < markdown->line_count;
    const char *from = markdown->lines[fence->line].at;
    const struct span *end = &markdown->lines[last];
    struct span inside = {from, (size_t)(end->at + end->bytes - from)};
    struct node *node = &draft->out->nodes[index];
    node->place = draft_place(draft, inside);
    node->label = mem_text(draft->out->sections[node->section].title);
}

void line_fence(struct draft *draft, size_t block)
{
    const struct block *fence = &draft->markdown->blocks[block];
    struct span content = span_of(fence->fence);
    size_t parent = line_parent(draft, block), first = draft->out->node_count;
    if (line_is_notes(content)) {
        line_notes(draft, fence, parent);
        line_optional(draft, first, (struct span){"", 0}, block);
    } else if (parent != CHECKLIST_NONE && draft->out->nodes[parent].kind == NODE_ITEM) {
        line_command(&draft->nodes[parent], content);
    }
}

void line_other(struct draft *draft, size_t block)
{
    const struct block *other = &draft->markdown->blocks[block];
    const struct span *lines = draft->markdown->lines + other->line - 1;
    bool comment = span_starts(span_trim(lines[0]), "<!--"), closed = false, plain = true;
    for (unsigned i = 0; i < other->lines && other->line + i <= draft->markdown->line_count; i++) {
        closed = closed || span_find(lines[i], 0, "-->") < lines[i].bytes;
        plain = plain && line_is_plain(lines[i]);
    }
    if (comment && !closed)
        draft_warn(draft, other->line, "a comment that is not closed hides the rest");
    else if (!comment && !plain)
        draft_warn(draft, other->line, "%s is no part of the checklist",
                   other->kind == BLOCK_HTML ? "HTML" : "indented code");
}
