#include "replay/row.h"

#include <stdlib.h>

#include "replay/alternative.h"
#include "replay/blank.h"
#include "replay/line.h"
#include "replay/threshold.h"

/* A row taken apart. */
struct row {
    struct span cells[TABLE_COLUMNS_MAX];
    size_t count;
    struct span box;
    size_t box_cell;
};

static bool row_parse(struct span text, const struct table *table, struct row *ret_row)
{
    size_t box = alternative_find_box(text, 0);
    if (box == text.bytes || alternative_find_box(text, box + 3) < text.bytes)
        return false;
    ret_row->box = span_between(text, box, box + 3);
    ret_row->count = table_cells(text, ret_row->cells);
    if (ret_row->count > table->column_count)
        return false;
    for (size_t i = 0; i < ret_row->count; i++) {
        ret_row->box_cell = i;
        if (ret_row->cells[i].at == ret_row->box.at) {
            ret_row->cells[i] = span_trim(span_from(ret_row->cells[i], 3));
            return true;
        }
    }
    return false;
}

static bool row_has_blank(struct span cell)
{
    return blank_find(cell, 0) < cell.bytes;
}

/* The text of the item. */
static struct buf row_text(const struct row *row)
{
    struct buf text = {0};
    for (size_t i = 0; i < row->count; i++) {
        struct span cell = row->cells[i];
        if (cell.bytes == 0 || row_has_blank(cell))
            continue;
        buf_text(&text, text.bytes > 0 ? " | " : "");
        for (size_t at = 0; at < cell.bytes; at++) {
            if (!span_starts(span_from(cell, at), "\\|"))
                buf_add(&text, cell.at + at, 1);
        }
    }
    return text;
}

/* The bound that the row sets: its metric is of the cell in which it stands, so that no number of a
 * step is part of it. */
static struct threshold *row_threshold(const struct row *row, struct span text)
{
    struct threshold *threshold = threshold_parse(text), *own = NULL;
    for (size_t i = 0; i < row->count && threshold != NULL && own == NULL; i++)
        own = row_has_blank(row->cells[i]) ? NULL : threshold_parse(row->cells[i]);
    if (own == NULL)
        return threshold;
    threshold_free(threshold);
    return own;
}

static void row_item(struct draft *draft, const struct row *row, struct buf *text, size_t index)
{
    struct node *node = &draft->out->nodes[index];
    size_t bytes = text->bytes;
    node->line_text = buf_take_text(text);
    struct span line = {node->line_text, bytes};
    node->label = span_text(span_label(line));
    node->threshold = row_threshold(row, line);
    node->place = draft_place(draft, row->box);
    for (size_t i = 0; i < row->count; i++) {
        struct line_text cell = {row->cells[i], draft->table.columns[i], node->line};
        if (row_has_blank(row->cells[i]))
            line_fields_named(draft, &cell, index);
        node = &draft->out->nodes[index];
    }
}

bool row_place(struct draft *draft, size_t block)
{
    const struct block *line = &draft->markdown->blocks[block];
    struct row row;
    if (table_part(&draft->table, draft->markdown, block) != TABLE_ROW ||
        !row_parse(line->text, &draft->table, &row))
        return false;
    struct buf text = row_text(&row);
    size_t first = draft->out->node_count, index = CHECKLIST_NONE;
    if (text.bytes == 0)
        draft_remark(draft, REMARK_EMPTY_BOX, line->line, "a box in a row without a text");
    else
        index = draft_node(draft, NODE_ITEM, line->line, line_parent(draft, block));
    if (index != CHECKLIST_NONE) {
        row_item(draft, &row, &text, index);
        line_optional(draft, first, line->text, block);
    }
    buf_free(&text);
    return true;
}
