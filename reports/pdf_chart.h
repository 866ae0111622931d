/* pdf_chart - a chart on paper, as lines and boxes: axes, legend, and what it shows in words.
 * Private to pdf*.c.
 */
#ifndef REPORTS_PDF_CHART_H
#define REPORTS_PDF_CHART_H

#include "reports/canvas.h"
#include "reports/document.h"

/**
 * pdf_chart_height(canvas, chart, width): How high it is at that width.
 * pdf_chart_draw(canvas, chart, x, y, width): Draw it with its upper left corner there.
 */
double pdf_chart_height(struct canvas *canvas, const struct chart *chart, double width);
void pdf_chart_draw(struct canvas *canvas, const struct chart *chart, double x, double y,
                    double width);

#endif
