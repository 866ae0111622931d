/* row - the row of a table that holds one box, as the item that it is.  Pure. */
#ifndef REPLAY_ROW_H
#define REPLAY_ROW_H

#include "replay/draft.h"

/**
 * row_place(draft, block):
 * Place the line at block index ${block} if it is a table's row with one box that begins a cell:
 * an item, whose text are the cells without a blank, joined by ` | ` (and each escaped bar as a
 * bar); a blank becomes a field nested in it, labelled by its own text or else by its column's
 * header.  False if it is none.
 */
bool row_place(struct draft *draft, size_t block);

#endif
