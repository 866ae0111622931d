/* page_table - a document's table as HTML.  Private to page*.c.  Pure.
 */
#ifndef REPORTS_PAGE_TABLE_H
#define REPORTS_PAGE_TABLE_H

#include "reports/page_links.h"

/**
 * page_table_add(buf, excerpt, links): Append a table, or what stands where there is no row.
 */
void page_table_add(struct buf *buf, const struct excerpt *excerpt, const struct page_links *links);

#endif
