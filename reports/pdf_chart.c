#include "reports/pdf_chart.h"

#include <math.h>
#include <stdlib.h>

#include "reports/number.h"
#include "reports/scale.h"

#define PLOT_HEIGHT 130.0
#define KEY 7.0        /* of a legend's box */
#define GAP 4.0        /* between one part and the next */
#define BAR_SHARE 0.72 /* of a label's place */
#define VALUES_MAX 14  /* bars that have their value above them */
#define LABEL_GAP 5.0  /* between labels of the axis */

/* A chart while it is drawn; `plot` is within the axes. */
struct drawing {
    struct canvas *canvas;
    const struct chart *chart;
    struct scale scale;
    struct canvas_box plot;
    double line; /* height of a small text */
};

static double height_of(const struct drawing *drawing, double value)
{
    return scale_share(&drawing->scale, value) * drawing->plot.height;
}

/* The left edge of a label's place; of label_count the right edge of all. */
static double place(const struct drawing *drawing, size_t label)
{
    size_t labels = drawing->chart->label_count;
    return drawing->plot.x +
           drawing->plot.width * (double)label / (double)(labels > 0 ? labels : 1);
}

static enum canvas_ink series_ink(size_t series)
{
    return (enum canvas_ink)(CANVAS_SERIES + (int)(series % CANVAS_SERIES_INKS));
}

/* Solid, and from the second on every other one hatched, too: told apart without colours. */
static void fill_series(const struct drawing *drawing, struct canvas_box box, size_t series)
{
    canvas_fill(drawing->canvas, box, series_ink(series));
    if (series % 2 == 1)
        canvas_hatch(drawing->canvas, box, CANVAS_WHITE);
}

static void draw_number(const struct drawing *drawing, double value, unsigned places,
                        struct canvas_point at)
{
    struct buf text = {0};
    number_add(&text, value, places);
    buf_text(&text, "");
    canvas_lay(drawing->canvas, CANVAS_CHART, 0, (const char *)text.data);
    canvas_draw(drawing->canvas, at.x - canvas_width(drawing->canvas), at.y, 0, 1, CANVAS_GREY);
    buf_free(&text);
}

static double marks_width(const struct drawing *drawing)
{
    double width = 0;
    for (size_t i = 0; i <= drawing->scale.steps; i++) {
        struct buf text = {0};
        number_add(&text, (double)i * drawing->scale.step, drawing->scale.places);
        buf_text(&text, "");
        canvas_lay(drawing->canvas, CANVAS_CHART, 0, (const char *)text.data);
        width = fmax(width, canvas_width(drawing->canvas));
        buf_free(&text);
    }
    return width;
}

static void draw_marks(const struct drawing *drawing)
{
    const struct canvas_box *plot = &drawing->plot;
    for (size_t i = 0; i <= drawing->scale.steps; i++) {
        double value = (double)i * drawing->scale.step;
        double y = plot->y + plot->height - height_of(drawing, value);
        canvas_rule(drawing->canvas, (struct canvas_point){plot->x, y},
                    (struct canvas_point){plot->x + plot->width, y}, i == 0 ? 0.7 : 0.35,
                    i == 0 ? CANVAS_GREY : CANVAS_RULE);
        draw_number(drawing, value, drawing->scale.places,
                    (struct canvas_point){plot->x - GAP, y - drawing->line / 2});
    }
}

/* As many labels as stand beside each other. */
static void draw_labels(const struct drawing *drawing)
{
    const struct chart *chart = drawing->chart;
    double widest = 1, room = drawing->plot.width;
    for (size_t i = 0; i < chart->label_count; i++) {
        canvas_lay(drawing->canvas, CANVAS_CHART, 0, chart->labels[i]);
        widest = fmax(widest, canvas_width(drawing->canvas) + LABEL_GAP);
    }
    widest = fmin(widest, room / 2);
    size_t every = (size_t)ceil(widest * (double)chart->label_count / room - 1e-9);
    for (size_t i = 0; i<chart->label_count; i += every> 0 ? every : 1) {
        double middle = (place(drawing, i) + place(drawing, i + 1)) / 2;
        canvas_lay(drawing->canvas, CANVAS_CHART, widest, chart->labels[i]);
        canvas_draw(drawing->canvas, middle - canvas_width(drawing->canvas) / 2,
                    drawing->plot.y + drawing->plot.height + GAP, 0, 1, CANVAS_GREY);
    }
}

static void draw_above(const struct drawing *drawing, double value, double middle, double height)
{
    struct buf text = {0};
    unsigned places = value >= 100 || value == floor(value) ? 0 : value >= 10 ? 1 : 2;
    number_add(&text, value, places);
    buf_text(&text, "");
    canvas_lay(drawing->canvas, CANVAS_CHART, 0, (const char *)text.data);
    canvas_draw(drawing->canvas, middle - canvas_width(drawing->canvas) / 2,
                drawing->plot.y + drawing->plot.height - height - drawing->line, 0, 1,
                CANVAS_BLACK);
    buf_free(&text);
}

static void draw_bars_of(const struct drawing *drawing, size_t label)
{
    const struct chart *chart = drawing->chart;
    bool stacked = chart->kind == CHART_STACKED;
    double room = (place(drawing, label + 1) - place(drawing, label)) * BAR_SHARE;
    double width = room / (double)(stacked || chart->series_count == 0 ? 1 : chart->series_count);
    double x = (place(drawing, label) + place(drawing, label + 1) - room) / 2;
    double base = 0, sum = 0;
    for (size_t series = 0; series < chart->series_count; series++) {
        double value = scale_value(drawing->chart, series, label);
        double height = height_of(drawing, value);
        fill_series(drawing,
                    (struct canvas_box){x, drawing->plot.y + drawing->plot.height - base - height,
                                        width, height},
                    series);
        sum += isfinite(value) && value > 0 ? value : 0;
        if (!stacked && chart->series_count == 1 && chart->label_count <= VALUES_MAX &&
            isfinite(value))
            draw_above(drawing, value, x + width / 2, height);
        base = stacked ? base + height : 0;
        x += stacked ? 0 : width;
    }
    if (stacked && chart->label_count <= VALUES_MAX)
        draw_above(drawing, sum, x + width / 2, base);
}

/* A line breaks where a value is not known; a value alone is a dot. */
static void draw_line(const struct drawing *drawing, size_t series)
{
    size_t labels = drawing->chart->label_count, count = 0;
    struct canvas_point *points = mem_alloc((labels + 1) * sizeof(*points));
    for (size_t label = 0; label <= labels; label++) {
        double value = label < labels ? scale_value(drawing->chart, series, label) : NAN;
        if (!isfinite(value)) {
            canvas_path(drawing->canvas, points, count, series, series_ink(series));
            count = 0;
            continue;
        }
        points[count] = (struct canvas_point){
            (place(drawing, label) + place(drawing, label + 1)) / 2,
            drawing->plot.y + drawing->plot.height - height_of(drawing, value)};
        canvas_dot(drawing->canvas, points[count], 2, series_ink(series));
        count++;
    }
    free(points);
}

/* The legend, in as many lines as it takes; where it ends.  A single series that is the title needs
 * none. */
static double draw_legend(const struct drawing *drawing, double x, double y, double width)
{
    const struct chart *chart = drawing->chart;
    double at = x;
    for (size_t i = 0; i < chart->series_count && chart->series_count > 1; i++) {
        canvas_lay(drawing->canvas, CANVAS_CHART, width - KEY - 3 * GAP, chart->series[i]);
        double wide = canvas_width(drawing->canvas) + KEY + 4 * GAP;
        if (at > x && at + wide > x + width) {
            at = x;
            y += drawing->line + 2;
        }
        struct canvas_box key = {at, y + (drawing->line - KEY) / 2, KEY, KEY};
        if (chart->kind == CHART_LINES) {
            const struct canvas_point ends[] = {{at - 3, y + drawing->line / 2},
                                                {at + KEY + 3, y + drawing->line / 2}};
            canvas_path(drawing->canvas, ends, 2, i, series_ink(i));
        } else {
            fill_series(drawing, key, i);
        }
        canvas_draw(drawing->canvas, at + KEY + GAP, y, 0, 1, CANVAS_BLACK);
        at += wide;
    }
    return chart->series_count > 1 ? y + drawing->line + 2 : y;
}

static void draw_plot(const struct drawing *drawing)
{
    draw_marks(drawing);
    draw_labels(drawing);
    for (size_t i = 0; drawing->chart->kind != CHART_LINES && i < drawing->chart->label_count; i++)
        draw_bars_of(drawing, i);
    for (size_t i = 0; drawing->chart->kind == CHART_LINES && i < drawing->chart->series_count; i++)
        draw_line(drawing, i);
}

/* A text of a chart; where it ends. */
static double draw_words(struct canvas *canvas, enum canvas_style style, const char *text,
                         struct canvas_box box, enum canvas_ink ink)
{
    size_t lines = canvas_lay(canvas, style, box.width, text);
    canvas_open(canvas, "P");
    canvas_draw(canvas, box.x, box.y, 0, lines, ink);
    canvas_close(canvas, "P");
    return box.y + canvas_height(canvas, 0, lines);
}

static double draw_all(struct canvas *canvas, const struct chart *chart, struct canvas_box box)
{
    struct drawing drawing = {canvas, chart, scale_of(chart), box, 0};
    drawing.line = canvas_line(canvas, CANVAS_CHART);
    double y = draw_words(canvas, CANVAS_STRONG, chart->title, box, CANVAS_BLACK) + GAP;
    canvas_open(canvas, "Figure");
    canvas_lay(canvas, CANVAS_CHART, box.width, chart->unit);
    canvas_draw(canvas, box.x, y, 0, 1, CANVAS_GREY);
    y += drawing.line + 2 * GAP;
    double left = marks_width(&drawing) + 2 * GAP;
    drawing.plot = (struct canvas_box){box.x + left, y, box.width - left, PLOT_HEIGHT};
    draw_plot(&drawing);
    y += PLOT_HEIGHT + GAP + drawing.line + GAP;
    y = draw_legend(&drawing, box.x + left, y, box.width - left) + GAP;
    canvas_close(canvas, "Figure");
    box.y = y;
    return draw_words(canvas, CANVAS_SMALL, chart->text, box, CANVAS_GREY);
}

double pdf_chart_height(struct canvas *canvas, const struct chart *chart, double width)
{
    struct canvas_box box = {0, 0, width, 0};
    bool was = canvas_quiet(canvas, true);
    double height = draw_all(canvas, chart, box);
    canvas_quiet(canvas, was);
    return height;
}

void pdf_chart_draw(struct canvas *canvas, const struct chart *chart, double x, double y,
                    double width)
{
    struct canvas_box box = {x, y, width, 0};
    (void)draw_all(canvas, chart, box);
}
