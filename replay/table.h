/* table - where a line of a checklist stands in a table of GitHub's Markdown, and its cells.  Pure.
 * A table is a line with as many cells as the next one has of `---`; it ends with its paragraph.
 */
#ifndef REPLAY_TABLE_H
#define REPLAY_TABLE_H

#include "replay/markdown.h"

#define TABLE_COLUMNS_MAX 64 /* lines of more cells are no table */

enum table_part { TABLE_NONE, TABLE_HEADER, TABLE_RULE, TABLE_ROW };

/* The table that is being read; zero-initialised is none. */
struct table {
    size_t header;                          /* block index */
    size_t next;                            /* block index that a further line of it has */
    struct span columns[TABLE_COLUMNS_MAX]; /* the cells of its header */
    size_t column_count;                    /* 0: there is no table */
};

/**
 * table_part(table, markdown, block):
 * What the line at ${block} is; ${table} was shown the lines before it, in order.  Cost: one pass
 * over the line and the next.
 *
 * table_cells(line, ret_cells): Take a line apart at each `|` that is not escaped; those at its
 * ends divide nothing.  Gives the number of cells, trimmed, or 0 if there is no `|` or more than
 * TABLE_COLUMNS_MAX cells.
 */
enum table_part table_part(struct table *table, const struct markdown *markdown, size_t block);
size_t table_cells(struct span line, struct span ret_cells[TABLE_COLUMNS_MAX]);

#endif
