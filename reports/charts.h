/* charts - the trend by month as charts of a document. */
#ifndef REPORTS_CHARTS_H
#define REPORTS_CHARTS_H

#include "reports/document.h"

/**
 * charts_trend(document, trend): Add the charts of the sheet of FORM_TREND: deployments by outcome,
 * lead time, change failure rate, waiting at gates, late acts; none where there is no month.
 */
void charts_trend(struct document *document, const struct sheet *trend);

#endif
