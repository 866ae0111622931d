/* line - one line or fence of a checklist as the nodes that it makes.  Pure. */
#ifndef REPLAY_LINE_H
#define REPLAY_LINE_H

#include "replay/alternative.h"
#include "replay/draft.h"

/* A cell of a table, and what its column is called. */
struct line_text {
    struct span text, label;
    unsigned line;
};

/**
 * line_place(draft, block):
 * Place a line of text, or a list entry without a box: authority, status, boxes, fields,
 * alternatives in capitals; the list under a bold line that begins with `If ` becomes optional.
 * line_fence(draft, block): Place a fence: an item's command, notes, or reference text.
 * line_other(draft, block): Warn of HTML or indented code that holds marks, and of a comment
 * without an end.
 */
void line_place(struct draft *draft, size_t block);
void line_fence(struct draft *draft, size_t block);
void line_other(struct draft *draft, size_t block);

/**
 * line_fields(draft, text, line, parent): Make the fields of a text nested in ${parent}.
 * line_fields_named(draft, text, parent): The same of a cell: a first blank without a label has
 * that of the column.
 * line_options(draft, kind, list, line, parent):
 * Make a node of two or more alternatives and, behind it, the fields in their texts; its index, or
 * CHECKLIST_NONE (with a warning, if there is one alternative only).
 * line_optional(draft, first, text, block): Make the nodes from index ${first} on optional if the
 * text or the list of the block says so.
 * line_parent(draft, block): The node that the block is in, or CHECKLIST_NONE.
 * line_is_plain(text): Whether it has neither blank nor box, nor alternatives in capitals.
 */
void line_fields_named(struct draft *draft, const struct line_text *text, size_t parent);
void line_fields(struct draft *draft, struct span text, unsigned line, size_t parent);
size_t line_options(struct draft *draft, enum node_kind kind, const struct alternative_list *list,
                    unsigned line, size_t parent);
void line_optional(struct draft *draft, size_t first, struct span text, size_t block);
size_t line_parent(const struct draft *draft, size_t block);
bool line_is_plain(struct span text);

#endif
