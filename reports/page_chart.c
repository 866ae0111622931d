#include "reports/page_chart.h"

#include <math.h>

#include "reports/number.h"
#include "reports/scale.h"

/* The drawing, in units of the SVG. */
enum {
    WIDTH = 960,
    HEIGHT = 300,
    LEFT = 70,
    RIGHT = 950,
    TOP = 40,
    BOTTOM = 260,
    SERIES_COLOURS = 6
};

struct plot {
    const struct chart *chart;
    struct scale scale;
    struct buf *buf;
};

static int height_of(const struct plot *plot, double value)
{
    return (int)lround(scale_share(&plot->scale, value) * (BOTTOM - TOP));
}

/* The left edge of a label's place; of `label_count` the right edge of all. */
static int place(const struct plot *plot, size_t label)
{
    size_t labels = plot->chart->label_count;
    return LEFT + (int)((size_t)(RIGHT - LEFT) * label / (labels > 0 ? labels : 1));
}

static void add_axes(const struct plot *plot)
{
    for (size_t i = 0; i <= plot->scale.steps; i++) {
        double value = (double)i * plot->scale.step;
        int y = BOTTOM - height_of(plot, value);
        buf_printf(plot->buf,
                   "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>"
                   "<text class=\"soft end\" x=\"%d\" y=\"%d\">",
                   LEFT, y, RIGHT, y, LEFT - 8, y + 4);
        number_add(plot->buf, value, plot->scale.places);
        buf_text(plot->buf, "</text>\n");
    }
    size_t every = plot->chart->label_count / 16 + 1;
    for (size_t i = 0; i < plot->chart->label_count; i += every) {
        buf_printf(plot->buf, "<text class=\"soft mid\" x=\"%d\" y=\"%d\">",
                   (place(plot, i) + place(plot, i + 1)) / 2, BOTTOM + 18);
        printable_html(plot->buf, plot->chart->labels[i]);
        buf_text(plot->buf, "</text>\n");
    }
}

static void add_legend(const struct plot *plot)
{
    int x = LEFT;
    for (size_t i = 0; i < plot->chart->series_count; i++) {
        buf_printf(plot->buf,
                   "<rect class=\"s%zu\" x=\"%d\" y=\"10\" width=\"12\" height=\"12\"/>"
                   "<text x=\"%d\" y=\"20\">",
                   i % SERIES_COLOURS, x, x + 18);
        printable_html(plot->buf, plot->chart->series[i]);
        buf_text(plot->buf, "</text>\n");
        x += 150;
    }
    buf_printf(plot->buf, "<text class=\"soft end\" x=\"%d\" y=\"20\">", RIGHT);
    printable_html(plot->buf, plot->chart->unit);
    buf_text(plot->buf, "</text>\n");
}

static void add_bar(const struct plot *plot, size_t series, int x, int width, const int span[2])
{
    if (span[1] > span[0])
        buf_printf(plot->buf,
                   "<rect class=\"s%zu\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
                   series % SERIES_COLOURS, x, BOTTOM - span[1], width, span[1] - span[0]);
}

static void add_bars(const struct plot *plot)
{
    bool stacked = plot->chart->kind == CHART_STACKED;
    size_t beside = stacked ? 1 : plot->chart->series_count;
    for (size_t label = 0; label < plot->chart->label_count; label++) {
        int room = (place(plot, label + 1) - place(plot, label)) * 7 / 10;
        int width = room / (int)(beside > 0 ? beside : 1);
        int x = place(plot, label) + room * 3 / 14, base = 0;
        for (size_t series = 0; series < plot->chart->series_count; series++) {
            int span[2] = {base, base + height_of(plot, scale_value(plot->chart, series, label))};
            add_bar(plot, series, x, width > 0 ? width : 1, span);
            base = stacked ? span[1] : 0;
            x += stacked ? 0 : width;
        }
    }
}

/* A line breaks where a value is not known; a value alone is a dot. */
static void add_line(const struct plot *plot, size_t series)
{
    bool drawing = false;
    buf_printf(plot->buf, "<path class=\"l%zu\" d=\"", series % SERIES_COLOURS);
    for (size_t label = 0; label < plot->chart->label_count; label++) {
        double value = scale_value(plot->chart, series, label);
        if (isfinite(value))
            buf_printf(plot->buf, "%s%d %d", drawing ? "L" : "M",
                       (place(plot, label) + place(plot, label + 1)) / 2,
                       BOTTOM - height_of(plot, value));
        drawing = isfinite(value);
    }
    buf_text(plot->buf, "\"/>\n");
    for (size_t label = 0; label < plot->chart->label_count; label++) {
        double value = scale_value(plot->chart, series, label);
        if (isfinite(value))
            buf_printf(plot->buf, "<circle class=\"s%zu\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n",
                       series % SERIES_COLOURS, (place(plot, label) + place(plot, label + 1)) / 2,
                       BOTTOM - height_of(plot, value));
    }
}

void page_chart_add(struct buf *buf, const struct chart *chart)
{
    const struct plot plot = {chart, scale_of(chart), buf};
    buf_text(buf, "<figure><h3>");
    printable_html(buf, chart->title);
    buf_text(buf, "</h3>\n<div class=\"plot\" tabindex=\"0\" role=\"region\" aria-label=\"Chart: ");
    printable_html(buf, chart->title);
    buf_printf(buf, "\"><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
    printable_html(buf, chart->title);
    buf_text(buf, ": ");
    printable_html(buf, chart->text);
    buf_text(buf, "\">\n");
    add_axes(&plot);
    if (chart->kind == CHART_LINES) {
        for (size_t series = 0; series < chart->series_count; series++)
            add_line(&plot, series);
    } else {
        add_bars(&plot);
    }
    add_legend(&plot);
    buf_text(buf, "</svg></div>\n<figcaption>");
    printable_html(buf, chart->text);
    buf_text(buf, "</figcaption></figure>\n");
}
