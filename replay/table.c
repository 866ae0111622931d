#include "replay/table.h"

#include <string.h>

/* Position of the next `|` that divides cells, or the end of the line. */
static size_t table_bar(struct span line, size_t start)
{
    size_t at = start;
    while (at < line.bytes && line.at[at] != '|')
        at += line.at[at] == '\\' && at + 1 < line.bytes ? 2 : 1;
    return at < line.bytes ? at : line.bytes;
}

size_t table_cells(struct span line, struct span ret_cells[TABLE_COLUMNS_MAX])
{
    struct span row = span_trim(line);
    size_t count = 0, at = span_starts(row, "|") ? 1 : 0;
    if (table_bar(row, 0) == row.bytes)
        return 0;
    for (bool more = true; more;) {
        size_t bar = table_bar(row, at);
        struct span cell = span_trim(span_between(row, at, bar));
        more = bar < row.bytes;
        if (!more && cell.bytes == 0)
            break;
        if (count == TABLE_COLUMNS_MAX)
            return 0;
        ret_cells[count++] = cell;
        at = bar + 1;
    }
    return count;
}

/* `---`, `:--`, `:-:` */
static bool table_is_rule_cell(struct span cell)
{
    size_t at = span_starts(cell, ":") ? 1 : 0, dashes = 0;
    while (at < cell.bytes && cell.at[at] == '-') {
        at++;
        dashes++;
    }
    at += at < cell.bytes && cell.at[at] == ':';
    return dashes > 0 && at == cell.bytes;
}

/* How many columns the line under a table's header has; 0 if it is none. */
static size_t table_rule(struct span line)
{
    struct span cells[TABLE_COLUMNS_MAX];
    size_t count = table_cells(line, cells);
    for (size_t i = 0; i < count; i++) {
        if (!table_is_rule_cell(cells[i]))
            return 0;
    }
    return count;
}

/* Whether the line at ${block} goes on in the paragraph of the one before it. */
static bool table_goes_on(const struct markdown *markdown, size_t block)
{
    return block < markdown->block_count && markdown->blocks[block].kind == BLOCK_LINE &&
           markdown->blocks[block].continues;
}

enum table_part table_part(struct table *table, const struct markdown *markdown, size_t block)
{
    struct span line = markdown->blocks[block].text;
    if (table->column_count > 0 && table->next == block && table_goes_on(markdown, block)) {
        table->next = block + 1;
        return block == table->header + 1 ? TABLE_RULE : TABLE_ROW;
    }
    table->column_count = 0;
    if (!table_goes_on(markdown, block + 1))
        return TABLE_NONE;
    size_t columns = table_rule(markdown->blocks[block + 1].text);
    if (columns == 0 || table_cells(line, table->columns) != columns)
        return TABLE_NONE;
    table->header = block;
    table->next = block + 1;
    table->column_count = columns;
    return TABLE_HEADER;
}
