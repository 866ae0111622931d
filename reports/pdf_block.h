/* pdf_block - the blocks of a document on paper: paragraphs, facts, lists, code, tables, charts.
 * Private to pdf*.c.
 */
#ifndef REPORTS_PDF_BLOCK_H
#define REPORTS_PDF_BLOCK_H

#include "reports/paper.h"
#include "reports/pdf_links.h"
#include "reports/pdf_table.h"

/* A document while it is set, once quietly and once for good. */
struct pdf_flow {
    struct paper *paper;
    const struct pdf_links *links;
    struct pdf_table **tables; /* [table_count] as the quiet time has found them */
    size_t table_count, table_cap;
    size_t table;    /* the next one, */
    size_t headings; /* and how many headings were set, this time */
    int outline;     /* the section's entry */
};

/**
 * pdf_block_add(flow, blocks, count): Set the first of ${count} blocks, or as many as stand beside
 * each other; how many that were.
 * pdf_block_least(block): The height that its beginning needs, so that a heading stands with it;
 * NULL: none.
 */
size_t pdf_block_add(struct pdf_flow *flow, const struct block *blocks, size_t count);
double pdf_block_least(const struct block *block);

#endif
