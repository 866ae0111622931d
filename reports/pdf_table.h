/* pdf_table - a table on paper: heads on every page, rows whole where they fit a page.
 * Private to pdf*.c.
 */
#ifndef REPORTS_PDF_TABLE_H
#define REPORTS_PDF_TABLE_H

#include "reports/paper.h"
#include "reports/pdf_links.h"

/* How a table is laid out, found the first time that it is. */
struct pdf_table;

/**
 * pdf_table_add(paper, links, excerpt, plan): Set a table.  *${plan} is NULL the first time, when
 * the paper should be quiet, and the table's from then on (pdf_table_free): no cell that takes one
 * line is laid out before it is drawn.
 * Memory: 4 bytes a row.
 * pdf_table_least(): The height that its beginning needs.
 */
void pdf_table_add(struct paper *paper, const struct pdf_links *links,
                   const struct excerpt *excerpt, struct pdf_table **plan);
void pdf_table_free(struct pdf_table *plan);
double pdf_table_least(void);

#endif
