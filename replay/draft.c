#include "replay/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct draft *draft_new(struct checklist *out, const struct markdown *markdown)
{
    struct draft *draft = mem_zero(1, sizeof(*draft));
    draft->out = out;
    draft->markdown = markdown;
    draft->section_group = CHECKLIST_NONE;
    draft->entry_node = mem_zero(markdown->block_count, sizeof(*draft->entry_node));
    draft->entry_optional = mem_zero(markdown->block_count, sizeof(*draft->entry_optional));
    draft->list_optional = mem_zero(markdown->list_count, sizeof(*draft->list_optional));
    draft->list_condition = mem_zero(markdown->list_count, sizeof(*draft->list_condition));
    draft->list_node = mem_zero(markdown->list_count, sizeof(*draft->list_node));
    draft->read = mem_zero(markdown->line_count, sizeof(*draft->read));
    for (size_t i = 0; i < markdown->list_count; i++)
        draft->list_node[i] = CHECKLIST_NONE;
    draft_section(draft, 0, (struct span){"", 0}, 0);
    return draft;
}

void draft_free(struct draft *draft)
{
    if (draft == NULL)
        return;
    for (size_t i = 0; i < draft->out->node_count; i++) {
        buf_free(&draft->nodes[i].text);
        buf_free(&draft->nodes[i].command);
        buf_free(&draft->nodes[i].expected);
    }
    free(draft->nodes);
    free(draft->sections);
    free(draft->entry_node);
    free(draft->entry_optional);
    free(draft->list_optional);
    free(draft->list_condition);
    free(draft->list_node);
    free(draft->read);
    free(draft);
}

size_t draft_section(struct draft *draft, unsigned level, struct span title, unsigned line)
{
    struct checklist *out = draft->out;
    size_t index = out->section_count, own = index;
    struct section *section = MEM_PUSH(out->sections, out->section_count, draft->section_cap);
    struct draft_section *drafted = MEM_PUSH(draft->sections, own, draft->section_cap_own);
    drafted->line = line;
    struct buf id = {0};
    section->parent = CHECKLIST_NONE;
    if (level == 3) {
        section->parent = draft->section_group;
        size_t ordinal = ++draft->sections[section->parent].sections;
        buf_printf(&id, "%zu.%zu", draft->groups, ordinal);
    } else if (level == 2) {
        draft->section_group = index;
        buf_printf(&id, "%zu", ++draft->groups);
    } else {
        buf_text(&id, "0");
    }
    section->id = buf_take_text(&id);
    section->title = span_text(title);
    section->level = level;
    section->line = line;
    section->gate = CHECKLIST_NONE;
    section->guarded_by = CHECKLIST_NONE;
    draft->section = index;
    return index;
}

static char *draft_id(struct draft *draft, size_t parent)
{
    const struct checklist *out = draft->out;
    struct buf id = {0};
    if (parent != CHECKLIST_NONE) {
        buf_printf(&id, "%s.%zu", out->nodes[parent].id, ++draft->nodes[parent].children);
    } else {
        const struct section *section = &out->sections[draft->section];
        size_t ordinal = ++draft->sections[draft->section].nodes;
        buf_printf(&id, "%s%s.%zu", section->id, section->level == 3 ? "" : ".0", ordinal);
    }
    return buf_take_text(&id);
}

size_t draft_node(struct draft *draft, enum node_kind kind, unsigned line, size_t parent)
{
    struct checklist *out = draft->out;
    unsigned depth = parent == CHECKLIST_NONE ? 1 : draft->nodes[parent].depth + 1;
    if (out->node_count >= CHECKLIST_NODES_MAX || depth > CHECKLIST_DEPTH_MAX) {
        draft->too_big = true;
        return CHECKLIST_NONE;
    }
    char *id = draft_id(draft, parent);
    size_t index = out->node_count, own = index;
    struct node *node = MEM_PUSH(out->nodes, out->node_count, draft->node_cap);
    struct draft_node *drafted = MEM_PUSH(draft->nodes, own, draft->node_cap_own);
    const struct section *section = &out->sections[draft->section];
    draft_read(draft, line, 1);
    drafted->depth = depth;
    node->id = id;
    node->kind = kind;
    node->line = line;
    node->section = draft->section;
    node->parent = parent;
    node->window = section->window;
    node->optional = section->optional || (parent != CHECKLIST_NONE && out->nodes[parent].optional);
    node->rollback = section->rollback && kind != NODE_DECISION;
    node->guarded_by = CHECKLIST_NONE;
    node->twin_of = CHECKLIST_NONE;
    return index;
}

static void draft_add(struct draft *draft, enum remark_rule rule, unsigned line, unsigned last,
                      const char *text)
{
    struct checklist *out = draft->out;
    remark_add(remark_warns(rule) ? &out->warnings : &out->notes, rule, line, last, text);
    draft_read(draft, line, last - line + 1);
}

void draft_remark(struct draft *draft, enum remark_rule rule, unsigned line, const char *format,
                  ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    draft_add(draft, rule, line, line, text);
}

void draft_remark_block(struct draft *draft, enum remark_rule rule, const struct block *block,
                        const char *text)
{
    draft_add(draft, rule, block->line, block->line + (block->lines > 0 ? block->lines - 1 : 0),
              text);
}

void draft_read(struct draft *draft, unsigned line, unsigned lines)
{
    for (size_t i = line; i < (size_t)line + lines; i++) {
        if (i >= 1 && i <= draft->markdown->line_count)
            draft->read[i - 1] = true;
    }
}

struct place draft_place(const struct draft *draft, struct span span)
{
    return (struct place){(size_t)(span.at - draft->out->source), span.bytes};
}

static char *draft_take(struct buf *buf)
{
    while (buf->bytes > 0 &&
           (buf->data[buf->bytes - 1] == '\n' || buf->data[buf->bytes - 1] == ' '))
        buf->data[--buf->bytes] = 0;
    return buf->bytes > 0 ? buf_take_text(buf) : NULL;
}

void draft_finish(struct draft *draft)
{
    struct checklist *out = draft->out;
    remark_sort(&out->warnings);
    remark_sort(&out->notes);
    for (size_t i = 0; i < out->node_count; i++) {
        out->nodes[i].text = draft_take(&draft->nodes[i].text);
        out->nodes[i].command = draft_take(&draft->nodes[i].command);
        out->nodes[i].expected = draft_take(&draft->nodes[i].expected);
    }
    if (draft->sections[0].nodes > 0)
        return;
    free(out->sections[0].id);
    free(out->sections[0].title);
    memmove(out->sections, out->sections + 1, --out->section_count * sizeof(*out->sections));
    for (size_t i = 0; i < out->node_count; i++)
        out->nodes[i].section--;
    for (size_t i = 0; i < out->section_count; i++)
        out->sections[i].parent -= out->sections[i].parent != CHECKLIST_NONE;
}
