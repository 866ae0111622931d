#include "reports/page_table.h"

#include <string.h>

#include "reports/page_text.h"

#define HASH_CHARACTERS 24 /* code as long as that may be broken anywhere */
#define WIDE_BYTES 28      /* a text that is longer makes its column a wide one */

static const char *cell_class(enum cell cell)
{
    switch (cell) {
    case CELL_EVENT:
    case CELL_COUNT:
    case CELL_NUMBER:
        return " class=\"n\"";
    case CELL_TIME:
        return " class=\"t\"";
    case CELL_CODE:
        return " class=\"c\"";
    default:
        return "";
    }
}

/* Whether a column has texts that should not be squeezed; of a part by the whole sheet. */
static bool is_wide(const struct excerpt *table, size_t column)
{
    size_t rows = table->part != NULL ? sheet_rows(table->sheet) : table->rows;
    if (sheet_form(table->sheet)->columns[column].cell != CELL_TEXT)
        return false;
    for (size_t row = 0; row < rows; row++) {
        const char *text = sheet_text(table->sheet, row, column);
        if (text != NULL && strlen(text) > WIDE_BYTES)
            return true;
    }
    return false;
}

static void add_head(struct buf *buf, const struct excerpt *table)
{
    const struct sheet_form *form = sheet_form(table->sheet);
    buf_text(buf, "<thead><tr>");
    for (size_t column = 0; column < form->column_count; column++) {
        if (!form->columns[column].brief)
            continue;
        buf_printf(buf, "<th scope=\"col\"%s>",
                   is_wide(table, column) ? " class=\"w\""
                                          : cell_class(form->columns[column].cell));
        printable_html(buf, form->columns[column].title);
        buf_text(buf, "</th>");
    }
    buf_text(buf, "</tr></thead><tbody>\n");
}

static void add_cell(struct buf *buf, const struct excerpt *table, const struct page_links *links,
                     size_t row, size_t column)
{
    const struct sheet *sheet = table->sheet;
    enum cell cell = sheet_form(sheet)->columns[column].cell;
    char exact[INSTANT_TEXT_BYTES], time[INSTANT_TEXT_BYTES];
    bool hash = cell == CELL_CODE && sheet_has(sheet, row, column) &&
                strlen(sheet_text(sheet, row, column)) >= HASH_CHARACTERS;
    buf_printf(buf, "<td%s>", hash ? " class=\"c h\"" : cell_class(cell));
    if (!sheet_has(sheet, row, column)) {
        /* left empty */
    } else if (cell == CELL_DEPLOYMENT) {
        page_links_deployment(links, sheet, sheet_text(sheet, row, column), buf);
    } else if (cell == CELL_EVENT) {
        page_links_event(links, sheet_number(sheet, row, column), buf);
    } else if (cell == CELL_TIME) {
        instant_format((int64_t)sheet_number(sheet, row, column), exact);
        instant_short((int64_t)sheet_number(sheet, row, column), time);
        buf_printf(buf, "<time datetime=\"%s\">%s</time>", exact, time);
    } else if (cell == CELL_YES) {
        buf_text(buf, sheet_yes(sheet, row, column) ? "yes" : "no");
    } else if (cell == CELL_COUNT) {
        buf_printf(buf, "%llu", (unsigned long long)sheet_number(sheet, row, column));
    } else {
        page_text_add(buf, sheet_text(sheet, row, column));
    }
    buf_text(buf, "</td>");
}

static void add_caption(struct buf *buf, const struct excerpt *table)
{
    buf_text(buf, "<caption>");
    if (table->rows < table->of)
        buf_printf(buf, "the first %zu of ", table->rows);
    buf_printf(buf, "%zu row%s", table->of, table->of == 1 ? "" : "s");
    if (table->rows < table->of && table->rest != NULL) {
        buf_text(buf, "; all of them: ");
        printable_html(buf, table->rest);
    }
    buf_text(buf, "</caption>");
}

void page_table_add(struct buf *buf, const struct excerpt *excerpt, const struct page_links *links)
{
    const struct sheet_form *form = sheet_form(excerpt->sheet);
    if (form->intro != NULL && !excerpt->bare) {
        buf_text(buf, "<p class=\"soft\">");
        printable_html(buf, form->intro);
        buf_text(buf, "</p>\n");
    }
    if (sheet_rows(excerpt->sheet) == 0) {
        buf_text(buf, "<p>");
        printable_html(buf, form->none);
        buf_text(buf, "</p>\n");
        return;
    }
    buf_text(buf, "<div class=\"wrap\" tabindex=\"0\" role=\"region\" aria-label=\"");
    printable_html(buf, excerpt->part != NULL ? excerpt->part : form->title);
    buf_printf(buf, "\"><table class=\"rows%s\">", excerpt->part != NULL ? " same" : "");
    add_caption(buf, excerpt);
    add_head(buf, excerpt);
    for (size_t row = excerpt->first; row < excerpt->first + excerpt->rows; row++) {
        buf_text(buf, "<tr>");
        for (size_t column = 0; column < form->column_count; column++) {
            if (form->columns[column].brief)
                add_cell(buf, excerpt, links, row, column);
        }
        buf_text(buf, "</tr>\n");
    }
    buf_text(buf, "</tbody></table></div>\n");
}
