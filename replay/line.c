#include "replay/line.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "replay/blank.h"
#include "replay/leftover.h"
#include "replay/outline.h"
#include "replay/row.h"

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
    for (size_t at = entry; optional && at != MARKDOWN_NONE && draft->entry_optional[at];
         at = draft->markdown->blocks[at].entry)
        draft_read(draft, draft->list_condition[draft->markdown->blocks[at].list], 1);
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
        draft_remark(draft, REMARK_NO_LABEL, line, "%s",
                     blank->label.bytes == 0 ? "a blank without a label"
                                             : "the label of this blank is too long");
        return;
    }
    struct place *gates = line_gates_place(draft, label);
    size_t index = gates != NULL ? CHECKLIST_NONE : draft_node(draft, NODE_FIELD, line, parent);
    if (gates != NULL && gates->bytes > 0) {
        draft_remark(draft, REMARK_SECOND_DECISION, line,
                     "a second blank of this label in a gate's section belongs to nothing");
    } else if (gates != NULL) {
        *gates = draft_place(draft, blank->place);
        draft_read(draft, line, 1);
    }
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

void line_fields_named(struct draft *draft, const struct line_text *text, size_t parent)
{
    struct blank_list list;
    blank_parse(text->text, &list);
    if (list.count > 0 && list.blanks[0].label.bytes == 0)
        list.blanks[0].label = span_label(text->label);
    for (size_t i = 0; i < list.count && !draft->too_big; i++)
        line_field(draft, &list.blanks[i], text->line, parent);
    blank_free(&list);
}

void line_fields(struct draft *draft, struct span text, unsigned line, size_t parent)
{
    struct line_text unnamed = {text, {"", 0}, line};
    line_fields_named(draft, &unnamed, parent);
}

static void line_check_options(struct draft *draft, const struct node *node)
{
    for (size_t i = 0; i < node->option_count; i++) {
        const char *label = node->options[i].label;
        if (label[0] == '\0')
            draft_remark(draft, REMARK_NO_NAME, node->line, "an alternative without a name");
        else if (i > 0 && strcmp(node->options[i - 1].label, label) == 0)
            draft_remark(draft, REMARK_SAME_NAME, node->line, "two alternatives of the same name");
    }
}

/* What the text of an alternative holds besides its name. */
static void line_option(struct draft *draft, const struct alternative *option, unsigned line,
                        size_t parent)
{
    unsigned own = option->line > 0 ? option->line : line;
    if (alternative_find_box(option->text, 0) < option->text.bytes)
        draft_remark(draft, REMARK_UNREAD, own, "a box in an alternative has come into no node");
    line_fields(draft, option->text, own, parent);
}

size_t line_options(struct draft *draft, enum node_kind kind, const struct alternative_list *list,
                    unsigned line, size_t parent)
{
    if (list->count < 2) {
        draft_remark(draft, REMARK_LONE_BOX, line,
                     "a box or mark that is no task and no choice of two or more");
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
    if (list->text.bytes > 0 && blank_find(list->label, 0) < list->label.bytes)
        draft_remark(draft, REMARK_UNREAD, line,
                     "a blank before alternatives has come into no node");
    if (list->text.bytes > 0 && alternative_find_box(list->label, 0) < list->label.bytes)
        draft_remark(draft, REMARK_UNREAD, line, "a box before alternatives has come into no node");
    for (size_t i = 0; i < list->count; i++)
        line_option(draft, &list->options[i], line, parent);
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
        draft_remark(draft, REMARK_LOOSE_MARKS, line,
                     "marked alternatives outside a bold line are no status");
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
    if (found && alternative_near_mark(text))
        draft_remark(draft, REMARK_LOOSE_MARKS, line,
                     "only \u2713 \u26a0 \u2717 make a status; this is read as a choice");
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
static void line_plain(struct draft *draft, const struct block *line, size_t parent)
{
    if (parent == CHECKLIST_NONE || draft->out->nodes[parent].kind != NODE_ITEM ||
        line->text.bytes == 0)
        return;
    struct buf *text = &draft->nodes[parent].text;
    span_add(text, line->text);
    buf_text(text, "\n");
    draft_read(draft, line->line, 1);
}

/* A bold line that begins with `If ` makes the list under it optional, whatever else it holds. */
static void line_condition(struct draft *draft, size_t block)
{
    const struct markdown *markdown = draft->markdown;
    const struct block *line = &markdown->blocks[block];
    bool conditional = span_starts(line->text, "**if ") && line->kind == BLOCK_LINE;
    if (conditional && block + 1 < markdown->block_count) {
        const struct block *next = &markdown->blocks[block + 1];
        if (next->kind == BLOCK_ENTRY && markdown->lists[next->list].first == block + 1) {
            draft->list_optional[next->list] = true;
            draft->list_condition[next->list] = line->line;
        }
    }
}

void line_place(struct draft *draft, size_t block)
{
    const struct block *line = &draft->markdown->blocks[block];
    size_t parent = line_parent(draft, block), first = draft->out->node_count;
    struct span text = line->text;
    if (line->kind == BLOCK_LINE && row_place(draft, block))
        return;
    if (line_is_authority(draft, text)) {
        draft_read(draft, line->line, 1);
        return;
    }
    line_condition(draft, block);
    if (alternative_near_box(text))
        draft_remark(draft, REMARK_NOT_A_BOX, line->line, "not a box");
    if (line_status(draft, text, line->line, parent) ||
        line_boxes(draft, text, line->line, parent) ||
        line_words(draft, text, line->line, parent)) {
        line_optional(draft, first, text, block);
    } else if (blank_find(text, 0) < text.bytes) {
        line_fields(draft, text, line->line, parent);
        line_optional(draft, first, text, block);
    } else {
        line_plain(draft, line, parent);
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

/* The word behind the fence that a command stands in; of several fences the first. */
static void line_language(const struct draft *draft, const struct block *fence, struct node *item)
{
    struct span line = draft->markdown->lines[fence->line - 1];
    size_t back = span_find(line, 0, "```"), wave = span_find(line, 0, "~~~");
    size_t at = back < wave ? back : wave, end;
    while (at < line.bytes && strchr("`~", line.at[at]) != NULL)
        at++;
    struct span word = span_trim(span_from(line, at));
    for (end = 0; end < word.bytes && strchr(" \t{,", word.at[end]) == NULL;)
        end++;
    if (item->language == NULL)
        item->language = span_text(span_to(word, end));
}

/* Notes: they go where the lines within the fence are. */
static void line_notes(struct draft *draft, const struct block *fence, size_t parent)
{
    const struct markdown *markdown = draft->markdown;
    struct block opening = *fence;
    opening.lines = 1;
    leftover_block(draft, &opening, "what stands on the line that opens a fence is not read");
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

/* Whether an item ends right before the fence at ${block}, which is not in it. */
static bool line_is_loose(const struct draft *draft, size_t block)
{
    const struct markdown *markdown = draft->markdown;
    const struct block *fence = &markdown->blocks[block];
    if (block == 0 || fence->entry != MARKDOWN_NONE || fence->line < 2 ||
        span_trim(markdown->lines[fence->line - 2]).bytes == 0)
        return false;
    const struct block *above = &markdown->blocks[block - 1];
    size_t entry = above->kind == BLOCK_ENTRY ? block - 1 : above->entry;
    return entry != MARKDOWN_NONE && draft->entry_node[entry] != CHECKLIST_NONE &&
           draft->out->nodes[draft->entry_node[entry]].kind == NODE_ITEM;
}

void line_fence(struct draft *draft, size_t block)
{
    const struct block *fence = &draft->markdown->blocks[block];
    struct span content = span_of(fence->fence);
    size_t parent = line_parent(draft, block), first = draft->out->node_count;
    if (line_is_notes(content)) {
        line_notes(draft, fence, parent);
        line_optional(draft, first, (struct span){"", 0}, block);
        draft_read(draft, fence->line + 1, fence->lines - 1);
    } else if (parent != CHECKLIST_NONE && draft->out->nodes[parent].kind == NODE_ITEM) {
        line_command(&draft->nodes[parent], content);
        line_language(draft, fence, &draft->out->nodes[parent]);
        draft_read(draft, fence->line + 1, fence->lines - 1);
    } else if (line_is_loose(draft, block)) {
        draft_remark(draft, REMARK_LOOSE_FENCE, fence->line,
                     "a fence behind an item, but not indented to it, is no command");
    } else if (fence->entry != MARKDOWN_NONE) {
        draft_remark(draft, REMARK_REFERENCE, fence->line,
                     "a fence in a list entry that is no item is no command");
    }
    leftover_block(draft, fence, "what is in a fence is not read");
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
        draft_remark_block(draft, REMARK_OPEN_COMMENT, other,
                           "a comment that is not closed hides the rest");
    else if (comment && !plain)
        draft_remark_block(draft, REMARK_COMMENT, other, "what is in a comment is not read");
    else if (!plain && other->kind == BLOCK_HTML)
        draft_remark_block(draft, REMARK_HTML, other, "HTML is no part of the checklist");
    else if (!plain)
        draft_remark_block(draft, REMARK_INDENTED_CODE, other,
                           "indented code is no part of the checklist");
    leftover_block(draft, other, "what is in HTML or indented code is not read");
}
