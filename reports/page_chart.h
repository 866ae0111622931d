/* page_chart - a document's chart as SVG.  Private to page*.c.  Pure.
 */
#ifndef REPORTS_PAGE_CHART_H
#define REPORTS_PAGE_CHART_H

#include "reports/document.h"

/**
 * page_chart_add(buf, chart): Append a figure: the chart, and what it shows in words.
 */
void page_chart_add(struct buf *buf, const struct chart *chart);

#endif
