#include "replay/task.h"

#include <stdlib.h>
#include <string.h>

#include "replay/alternative.h"
#include "replay/blank.h"
#include "replay/line.h"
#include "replay/threshold.h"

#define TASK_SIGNATURE "(signature)"

/* A list of two or more boxes, each of which begins with a word in capitals and ` - `: its options,
 * or none. */
static void task_list_options(const struct markdown *markdown, size_t list,
                              struct alternative_list *ret_list)
{
    *ret_list = (struct alternative_list){0};
    size_t cap = 0, count = markdown->lists[list].count;
    for (size_t i = markdown->lists[list].first; i < markdown->block_count && count > 1; i++) {
        const struct block *entry = &markdown->blocks[i];
        if (entry->kind != BLOCK_ENTRY || entry->list != list)
            continue;
        struct span label;
        if (entry->box == BOX_NONE || !alternative_headed(entry->text, &label)) {
            alternative_free(ret_list);
            return;
        }
        struct alternative *option = MEM_PUSH(ret_list->options, ret_list->count, cap);
        option->label = label;
        option->text = entry->text;
        option->box = entry->box_span;
        option->line = entry->line;
        if (ret_list->count == count)
            return;
    }
}

/* A gate's decision bears its section's title: of another name than `Decision` nothing is left. */
static bool task_is_renamed(const struct draft *draft, struct span label)
{
    return draft->sections[draft->section].authority.bytes > 0 && !span_is(label, "decision");
}

/* If the list that begins at ${block} is a decision, make it. */
static void task_list(struct draft *draft, size_t block)
{
    const struct markdown *markdown = draft->markdown;
    const struct block *entry = &markdown->blocks[block];
    struct alternative_list list;
    task_list_options(markdown, entry->list, &list);
    if (list.count > 0) {
        const struct block *above = block > 0 ? &markdown->blocks[block - 1] : entry;
        bool within = above->kind == BLOCK_ENTRY && entry->entry == block - 1;
        if (within || (above->kind == BLOCK_LINE && above->entry == entry->entry)) {
            list.label = span_label(above->text);
            if (!task_is_renamed(draft, list.label))
                draft_read(draft, above->line, 1);
        }
        size_t first = draft->out->node_count;
        draft->list_node[entry->list] =
            line_options(draft, NODE_DECISION, &list, entry->line, line_parent(draft, block));
        line_optional(draft, first, list.label, block);
    }
    alternative_free(&list);
}

/* The text of a task: its first line and the plain lines of the same paragraph behind it. */
static void task_text(struct draft *draft, size_t block, struct buf *buf)
{
    const struct markdown *markdown = draft->markdown;
    struct span head = markdown->blocks[block].text;
    buf_add(buf, head.at, head.bytes);
    size_t next = block + 1;
    while (line_is_plain(head) && next < markdown->block_count &&
           markdown->blocks[next].kind == BLOCK_LINE && markdown->blocks[next].continues &&
           markdown->blocks[next].entry == block && line_is_plain(markdown->blocks[next].text)) {
        draft_read(draft, markdown->blocks[next].line, 1);
        struct span more = markdown->blocks[next++].text;
        buf_text(buf, " ");
        buf_add(buf, more.at, more.bytes);
    }
    draft->joined_to = next;
}

static bool task_ends_in_signature(struct span text)
{
    struct span label = span_label(text);
    size_t bytes = strlen(TASK_SIGNATURE);
    return label.bytes >= bytes && span_is(span_from(label, label.bytes - bytes), TASK_SIGNATURE);
}

bool task_speaks_of_signature(const struct block *block)
{
    if (block->box != BOX_NONE && task_ends_in_signature(block->text))
        return false;
    for (size_t at = 0; at < block->text.bytes;) {
        if (span_starts(span_from(block->text, at), TASK_SIGNATURE))
            return true;
        at = block->text.at[at] == '`' ? span_code(block->text, at) : at + 1;
    }
    return false;
}

/* Whether a node is nested in an item that speaks of approvals. */
static bool task_under_approvals(const struct draft *draft, size_t parent)
{
    const struct node *nodes = draft->out->nodes;
    for (size_t i = parent; i != CHECKLIST_NONE; i = nodes[i].parent) {
        if (nodes[i].kind == NODE_ITEM && span_has_stem(span_of(nodes[i].line_text), "approv"))
            return true;
    }
    return false;
}

/* `Role: ____`, a sign-off or nested under approvals; CHECKLIST_NONE if the task is none. */
static size_t task_approval(struct draft *draft, const struct block *entry, size_t parent)
{
    struct span text = entry->text;
    bool signature = task_ends_in_signature(text);
    size_t blank = blank_find(text, 0);
    struct span role = span_label(span_to(text, blank));
    if (!signature && (blank == text.bytes || !task_under_approvals(draft, parent)))
        return CHECKLIST_NONE;
    if (blank == text.bytes)
        role = span_label(span_to(role, role.bytes - strlen(TASK_SIGNATURE)));
    if (role.bytes == 0) {
        draft_remark(draft, REMARK_NO_ROLE, entry->line, "an approval that names no role");
        return CHECKLIST_NONE;
    }
    size_t index = draft_node(draft, NODE_APPROVAL, entry->line, parent);
    if (index == CHECKLIST_NONE)
        return index;
    struct node *node = &draft->out->nodes[index];
    node->label = span_text(role);
    node->role = span_text(role);
    node->signature = signature;
    if (blank < text.bytes)
        line_fields(draft, span_from(text, blank_end(text, blank)), entry->line, index);
    if (alternative_find_box(text, 0) < text.bytes)
        draft_remark(draft, REMARK_UNREAD, entry->line,
                     "a box in the line of an approval has come into no node");
    return index;
}

/* `Go/No-Go: [ ] GO [ ] NO-GO` behind a task's own box: a decision. */
static size_t task_decision(struct draft *draft, const struct block *entry, size_t parent)
{
    struct alternative_list list;
    size_t index = CHECKLIST_NONE;
    alternative_boxes(entry->text, &list);
    if (list.count > 1 && alternative_all_capitals(&list))
        index = line_options(draft, NODE_DECISION, &list, entry->line, parent);
    alternative_free(&list);
    return index;
}

/* What the item's own line holds beside its label: fields, or a choice. */
static void task_nested(struct draft *draft, struct span text, unsigned line, size_t item)
{
    struct alternative_list boxes, words;
    alternative_boxes(text, &boxes);
    alternative_words(text, &words);
    if (boxes.count > 0)
        line_options(draft, NODE_CHOICE, &boxes, line, item);
    else if (words.count > 0)
        line_options(draft, NODE_CHOICE, &words, line, item);
    else
        line_fields(draft, text, line, item);
    alternative_free(&boxes);
    alternative_free(&words);
}

/* The item's label: its text up to the first mark of its own line. */
static struct span task_label(struct span text)
{
    size_t blank = blank_find(text, 0), box = alternative_find_box(text, 0);
    struct span label = span_label(span_to(text, blank < box ? blank : box));
    return label.bytes > 0 ? label : span_label(text);
}

static size_t task_item(struct draft *draft, size_t block, size_t parent)
{
    const struct block *entry = &draft->markdown->blocks[block];
    size_t index = draft_node(draft, NODE_ITEM, entry->line, parent);
    if (index == CHECKLIST_NONE)
        return index;
    struct buf joined = {0};
    task_text(draft, block, &joined);
    struct node *node = &draft->out->nodes[index];
    size_t bytes = joined.bytes;
    node->line_text = buf_take_text(&joined);
    struct span text = {node->line_text, bytes};
    node->label = span_text(task_label(text));
    node->threshold = threshold_parse(text);
    task_nested(draft, entry->text, entry->line, index);
    return index;
}

static void task_box(struct draft *draft, size_t block)
{
    const struct block *entry = &draft->markdown->blocks[block];
    size_t parent = line_parent(draft, block), first = draft->out->node_count;
    if (entry->text.bytes == 0) {
        draft_remark(draft, REMARK_EMPTY_BOX, entry->line, "a box without a text");
        draft->entry_node[block] = parent;
        return;
    }
    size_t index = task_decision(draft, entry, parent);
    if (index == CHECKLIST_NONE)
        index = task_approval(draft, entry, parent);
    if (index == CHECKLIST_NONE)
        index = task_item(draft, block, parent);
    draft->entry_node[block] = index == CHECKLIST_NONE ? parent : index;
    if (index == CHECKLIST_NONE)
        return;
    draft->out->nodes[index].place = draft_place(draft, entry->box_span);
    line_optional(draft, first, entry->text, block);
}

void task_place(struct draft *draft, size_t block)
{
    const struct markdown *markdown = draft->markdown;
    const struct block *entry = &markdown->blocks[block];
    bool inherited = entry->entry != MARKDOWN_NONE && draft->entry_optional[entry->entry];
    draft->entry_optional[block] = inherited || draft->list_optional[entry->list];
    draft->entry_node[block] = line_parent(draft, block);
    if (markdown->lists[entry->list].first == block)
        task_list(draft, block);
    size_t decision = draft->list_node[entry->list];
    if (decision != CHECKLIST_NONE) {
        draft->entry_node[block] = decision;
        draft_read(draft, entry->line, 1);
    } else if (entry->box != BOX_NONE) {
        task_box(draft, block);
    } else {
        line_place(draft, block);
    }
}
