/* pdf_columns - how wide the columns of a table are: by what stands in them.  Private to pdf*.c. */
#ifndef REPORTS_PDF_COLUMNS_H
#define REPORTS_PDF_COLUMNS_H

#include "reports/canvas.h"
#include "reports/document.h"

#define PDF_COLUMNS_PAD 3.5 /* on either side of a cell, in points */

struct pdf_column {
    size_t column; /* of the sheet */
    enum canvas_style style;
    bool right;                 /* numbers stand on the right */
    double x, width;            /* of its text, without the room on either side */
    double whole, least;        /* in one line; without breaking its words */
    double head;                /* the widest word of its head */
    double narrow, wants, wide; /* that it may be, should be, and need not be more than */
    double sum;                 /* of the widths of all its cells, */
    size_t filled;              /* of which so many are filled in */
};

struct pdf_columns {
    struct pdf_column *at; /* the brief ones; all if none is */
    size_t count;
    double width; /* of the table */
};

/**
 * pdf_columns_new(canvas, table, width, ret): Find the columns' widths for a table no wider than
 * ${width}, from all its rows, or all of its sheet if it is a part.  Free with pdf_columns_free.
 * pdf_columns_free(columns): Free what it owns.
 * pdf_columns_text(sheet, row, column, buf): Put the text that a cell is shown as in place of what
 * ${buf} has.
 */
void pdf_columns_new(struct canvas *canvas, const struct excerpt *table, double width,
                     struct pdf_columns *ret);
void pdf_columns_free(struct pdf_columns *columns);
const char *pdf_columns_text(const struct sheet *sheet, size_t row, size_t column, struct buf *buf);

#endif
