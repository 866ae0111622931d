#include "replay/markdown.h"

#define CMARK_NO_SHORT_NAMES
#include <cmark-gfm.h>
#include <stdlib.h>
#include <string.h>

#include "replay/shape.h"

/* What the parser needs while it walks. */
struct walk {
    struct markdown *out;
    const struct buf *shape;
    size_t *shape_at; /* by line number - 1: where its shape begins */
    size_t block_cap, list_cap;
    size_t *entries; /* open list entries, innermost last */
    size_t *lists;   /* open lists, innermost last */
    size_t entry_count, entry_cap, list_count, list_open_cap;
    size_t quotes; /* open block quotes */
};

static void markdown_split(struct span source, struct markdown *out)
{
    size_t cap = 0, at = span_starts(source, "\xef\xbb\xbf") ? 3 : 0;
    while (at < source.bytes) {
        size_t end = at;
        while (end < source.bytes && source.at[end] != '\n' && source.at[end] != '\r')
            end++;
        struct span *line = MEM_PUSH(out->lines, out->line_count, cap);
        *line = span_between(source, at, end);
        bool pair = end + 1 < source.bytes && source.at[end] == '\r' && source.at[end + 1] == '\n';
        at = end + (pair ? 2 : 1);
    }
}

/* Whether a line of front matter has something that a checklist would read. */
static bool markdown_marked(struct span line)
{
    return span_find(line, 0, "___") < line.bytes || span_find(line, 0, "[ ]") < line.bytes ||
           span_starts(span_trim(line), "#") || span_starts(span_trim(line), "**");
}

/* Lines of the front matter: from a `---` that is the first line to the next one, if there is a
 * `key:` between them and nothing that a checklist would read. */
static size_t markdown_front(const struct markdown *out)
{
    bool key = false;
    if (out->line_count == 0 || !span_is(out->lines[0], "---"))
        return 0;
    for (size_t i = 1; i < out->line_count; i++) {
        struct span line = out->lines[i];
        if (span_is(line, "---") || span_is(line, "..."))
            return key ? i + 1 : 0;
        if (markdown_marked(line))
            return 0;
        size_t colon = span_find(line, 0, ":");
        key = key || (colon > 0 && colon < line.bytes && span_in_word(line, 0));
    }
    return 0;
}

static struct block *markdown_block(struct walk *walk, enum block_kind kind, cmark_node *node)
{
    struct markdown *out = walk->out;
    struct block *block = MEM_PUSH(out->blocks, out->block_count, walk->block_cap);
    block->kind = kind;
    block->line = (unsigned)cmark_node_get_start_line(node);
    block->entry = walk->entry_count > 0 ? walk->entries[walk->entry_count - 1] : MARKDOWN_NONE;
    return block;
}

static struct span markdown_line(const struct walk *walk, unsigned number)
{
    const struct markdown *out = walk->out;
    return number >= 1 && number <= out->line_count ? out->lines[number - 1] : (struct span){"", 0};
}

/* A further line of a paragraph, without the marks of the quotes around it. */
static struct span markdown_inner(const struct walk *walk, unsigned number)
{
    struct span line = span_trim(markdown_line(walk, number));
    for (size_t i = 0; i < walk->quotes && span_starts(line, ">"); i++)
        line = span_trim(span_from(line, 1));
    return line;
}

/* The text of `## text ##`; false if the line is no such heading. */
static bool markdown_hashes(struct span line, struct span *ret_text)
{
    size_t start = 0, end = line.bytes;
    while (start < end && line.at[start] == '#')
        start++;
    if (start == 0 || start > 6 || (start < end && line.at[start] != ' ' && line.at[start] != '\t'))
        return false;
    while (end > start && line.at[end - 1] == '#')
        end--;
    bool closed = end == start || line.at[end - 1] == ' ' || line.at[end - 1] == '\t';
    *ret_text = span_trim(span_between(line, start, closed ? end : line.bytes));
    return true;
}

static bool markdown_underline(struct span line)
{
    size_t marks = 0;
    while (marks < line.bytes && line.at[marks] == line.at[0])
        marks++;
    return marks > 0 && marks == line.bytes && (line.at[0] == '=' || line.at[0] == '-');
}

static void markdown_heading(struct walk *walk, cmark_node *node)
{
    struct block *block = markdown_block(walk, BLOCK_HEADING, node);
    block->level = (unsigned)cmark_node_get_heading_level(node);
    size_t column = (size_t)cmark_node_get_start_column(node);
    struct span text = span_trim(span_from(markdown_line(walk, block->line), column - 1));
    block->lines = 1;
    if (markdown_hashes(text, &block->text))
        return;
    struct buf joined = {0}; /* underlined, perhaps of several lines */
    buf_add(&joined, text.at, text.bytes);
    for (unsigned i = block->line + 1; i <= walk->out->line_count; i++) {
        struct span more = markdown_inner(walk, i);
        block->lines++;
        if (markdown_underline(more))
            break;
        buf_text(&joined, " ");
        buf_add(&joined, more.at, more.bytes);
    }
    block->text_joined = true;
    size_t bytes = joined.bytes;
    block->text = (struct span){buf_take_text(&joined), bytes};
}

/* The box that a task's text begins with. */
static void markdown_box(struct block *entry)
{
    struct span text = entry->text;
    bool box = text.bytes >= 3 && text.at[0] == '[' && text.at[2] == ']' &&
               strchr(" xX", text.at[1]) != NULL &&
               (text.bytes == 3 || text.at[3] == ' ' || text.at[3] == '\t');
    if (!box)
        return;
    entry->box = text.at[1] == ' ' ? BOX_EMPTY : BOX_CHECKED;
    entry->box_span = span_to(text, 3);
    entry->text = span_trim(span_from(text, 3));
}

/* The first paragraph of an entry gives it its text; any other line is a block. */
static void markdown_paragraph(struct walk *walk, cmark_node *node)
{
    unsigned first = (unsigned)cmark_node_get_start_line(node);
    unsigned last = (unsigned)cmark_node_get_end_line(node);
    size_t column = (size_t)cmark_node_get_start_column(node);
    cmark_node *parent = cmark_node_parent(node);
    bool head = cmark_node_get_type(parent) == CMARK_NODE_ITEM && cmark_node_previous(node) == NULL;
    for (unsigned i = first; i <= last && i <= walk->out->line_count; i++) {
        struct span text = i == first ? span_trim(span_from(markdown_line(walk, i), column - 1))
                                      : markdown_inner(walk, i);
        if (head && i == first && walk->entries != NULL) {
            struct block *entry = &walk->out->blocks[walk->entries[walk->entry_count - 1]];
            entry->line = first;
            entry->text = text;
            markdown_box(entry);
            continue;
        }
        struct block *block = markdown_block(walk, BLOCK_LINE, node);
        block->line = i;
        block->text = text;
        block->continues = i > first;
    }
}

static size_t markdown_shape_bytes(const struct walk *walk, unsigned number)
{
    const struct markdown *out = walk->out;
    size_t end = number < out->line_count ? walk->shape_at[number] : walk->shape->bytes;
    return end - walk->shape_at[number - 1] - 1;
}

/* The parser gives a fence's lines without their indentation, but of the shape: each is the end of
 * its line in the source. */
static void markdown_fence(struct walk *walk, cmark_node *node)
{
    struct block *block = markdown_block(walk, BLOCK_FENCE, node);
    struct buf content = {0};
    const char *at = cmark_node_get_literal(node);
    block->lines = 1;
    for (unsigned number = block->line + 1; *at != '\0' && number <= walk->out->line_count;
         number++) {
        size_t bytes = strcspn(at, "\n");
        size_t shape = markdown_shape_bytes(walk, number);
        struct span line =
            span_from(markdown_line(walk, number), bytes < shape ? shape - bytes : 0);
        if (number > block->line + 1)
            buf_text(&content, "\n");
        buf_add(&content, line.at, line.bytes);
        at += bytes + (at[bytes] == '\n');
        block->lines++;
    }
    block->fence = buf_take_text(&content);
}

static void markdown_other(struct walk *walk, enum block_kind kind, cmark_node *node)
{
    struct block *block = markdown_block(walk, kind, node);
    for (const char *at = cmark_node_get_literal(node); *at != '\0'; at++)
        block->lines += *at == '\n';
}

static void markdown_enter(struct walk *walk, cmark_node *node)
{
    struct markdown *out = walk->out;
    cmark_node_type type = cmark_node_get_type(node);
    if (type == CMARK_NODE_BLOCK_QUOTE) {
        walk->quotes++;
    } else if (type == CMARK_NODE_LIST) {
        size_t *open = MEM_PUSH(walk->lists, walk->list_count, walk->list_open_cap);
        *open = out->list_count;
        struct markdown_list *list = MEM_PUSH(out->lists, out->list_count, walk->list_cap);
        list->first = out->block_count;
    } else if (type == CMARK_NODE_ITEM) {
        struct block *block = markdown_block(walk, BLOCK_ENTRY, node);
        block->text = (struct span){"", 0};
        block->list = walk->lists[walk->list_count - 1];
        out->lists[block->list].count++;
        size_t *open = MEM_PUSH(walk->entries, walk->entry_count, walk->entry_cap);
        *open = out->block_count - 1;
    } else if (type == CMARK_NODE_HEADING) {
        markdown_heading(walk, node);
    } else if (type == CMARK_NODE_THEMATIC_BREAK) {
        markdown_block(walk, BLOCK_RULE, node);
    } else if (type == CMARK_NODE_PARAGRAPH) {
        markdown_paragraph(walk, node);
    } else if (type == CMARK_NODE_CODE_BLOCK) {
        int length, offset;
        char mark;
        if (cmark_node_get_fenced(node, &length, &offset, &mark))
            markdown_fence(walk, node);
        else
            markdown_other(walk, BLOCK_CODE, node);
    } else if (type == CMARK_NODE_HTML_BLOCK) {
        markdown_other(walk, BLOCK_HTML, node);
    }
}

static void markdown_leave(struct walk *walk, cmark_node *node)
{
    cmark_node_type type = cmark_node_get_type(node);
    walk->quotes -= type == CMARK_NODE_BLOCK_QUOTE;
    walk->list_count -= type == CMARK_NODE_LIST;
    walk->entry_count -= type == CMARK_NODE_ITEM;
}

static void markdown_walk(struct walk *walk, cmark_node *document)
{
    cmark_iter *iter = cmark_iter_new(document);
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *node = cmark_iter_get_node(iter);
        if (event == CMARK_EVENT_ENTER)
            markdown_enter(walk, node);
        else
            markdown_leave(walk, node);
    }
    cmark_iter_free(iter);
}

void markdown_parse(struct span source, struct markdown *ret_markdown)
{
    *ret_markdown = (struct markdown){0};
    markdown_split(source, ret_markdown);
    struct buf shape = {0};
    size_t *shape_at = mem_zero(ret_markdown->line_count, sizeof(*shape_at));
    size_t front = markdown_front(ret_markdown);
    for (size_t i = 0; i < ret_markdown->line_count; i++) {
        shape_at[i] = shape.bytes;
        if (i < front)
            buf_text(&shape, "\n");
        else if (!shape_line(ret_markdown->lines[i], &shape) && ret_markdown->too_deep == 0)
            ret_markdown->too_deep = (unsigned)i + 1;
    }
    struct walk walk = {.out = ret_markdown, .shape = &shape, .shape_at = shape_at};
    cmark_node *document =
        cmark_parse_document(shape.bytes > 0 ? (const char *)shape.data : "", shape.bytes, 0);
    markdown_walk(&walk, document);
    cmark_node_free(document);
    free(walk.entries);
    free(walk.lists);
    free(shape_at);
    buf_free(&shape);
}

void markdown_free(struct markdown *markdown)
{
    if (markdown == NULL)
        return;
    for (size_t i = 0; i < markdown->block_count; i++) {
        struct block *block = &markdown->blocks[i];
        free(block->fence);
        if (block->text_joined) {
            void *owned;
            memcpy(&owned, &block->text.at, sizeof(owned));
            free(owned);
        }
    }
    free(markdown->lines);
    free(markdown->blocks);
    free(markdown->lists);
    *markdown = (struct markdown){0};
}
