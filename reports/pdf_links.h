/* pdf_links - where links of a PDF lead: rows of the population, and blocks with an anchor.
 * Private to pdf*.c.  Pure.
 */
#ifndef REPORTS_PDF_LINKS_H
#define REPORTS_PDF_LINKS_H

#include "reports/canvas.h"
#include "reports/document.h"

struct pdf_links;

/**
 * pdf_links_new(document): What may be linked to; the document must stay.
 * pdf_links_free(links): NULL is fine.
 * pdf_links_are(sheet): Whether links to deployments lead to the rows of this sheet.
 */
struct pdf_links *pdf_links_new(const struct document *document);
void pdf_links_free(struct pdf_links *links);
bool pdf_links_are(const struct sheet *sheet);

/**
 * pdf_links_cell(links, sheet, row, column, ret_name): Where a cell leads to, if anywhere.
 */
MUST_CHECK bool pdf_links_cell(const struct pdf_links *links, const struct sheet *sheet, size_t row,
                               size_t column, char ret_name[CANVAS_NAME_BYTES]);

/**
 * pdf_links_row(sheet, row, ret_name): What leads to a row; false if nothing does.
 */
MUST_CHECK bool pdf_links_row(const struct sheet *sheet, size_t row,
                              char ret_name[CANVAS_NAME_BYTES]);

/**
 * pdf_links_first(links, block): Whether it is the first block of the document with its anchor, so
 * that the anchor is its place.
 */
bool pdf_links_first(const struct pdf_links *links, const struct block *block);

#endif
