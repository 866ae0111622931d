#include "reports/charts.h"

#include <math.h>
#include <stdlib.h>

#include "reports/forms.h"

#define SERIES_MAX 5

/* A chart over the months. */
struct plan {
    enum chart_kind kind;
    const char *title, *unit;
    size_t columns[SERIES_MAX];
    size_t count;
};

static const struct plan plans[] = {
    {CHART_STACKED,
     "Deployments opened, by outcome",
     "deployments",
     {TRE_SUCCESSFUL, TRE_BACK, TRE_FAILED, TRE_ABANDONED, TRE_OPEN},
     5},
    {CHART_LINES, "Lead time", "hours", {TRE_LEAD}, 1},
    {CHART_BARS, "Change failure rate", "%", {TRE_FAILURE}, 1},
    {CHART_LINES, "Waiting at gates", "minutes", {TRE_WAITING}, 1},
    {CHART_BARS, "Late acts", "acts", {TRE_LATE}, 1},
};

static double value_of(const struct sheet *trend, size_t row, size_t column)
{
    if (!sheet_has(trend, row, column))
        return NAN;
    if (sheet_form(trend)->columns[column].cell == CELL_NUMBER)
        return strtod(sheet_text(trend, row, column), NULL);
    return (double)sheet_number(trend, row, column);
}

/* The chart in words: each month with its values. */
static char *words(const struct sheet *trend, const struct plan *plan)
{
    const struct column *columns = sheet_form(trend)->columns;
    struct buf text = {0};
    buf_printf(&text, "%s by month, in %s. ", plan->title, plan->unit);
    for (size_t row = 0; row < sheet_rows(trend); row++) {
        buf_printf(&text, "%s%s: ", row > 0 ? "; " : "", sheet_text(trend, row, TRE_MONTH));
        for (size_t i = 0; i < plan->count; i++) {
            buf_text(&text, i > 0 ? ", " : "");
            if (!sheet_has(trend, row, plan->columns[i]))
                buf_text(&text, "none");
            sheet_print(trend, row, plan->columns[i], &text);
            if (plan->count > 1)
                buf_printf(&text, " %s", columns[plan->columns[i]].title);
        }
    }
    buf_text(&text, ".");
    return buf_take_text(&text);
}

static void add_chart(struct document *document, const struct sheet *trend, const struct plan *plan)
{
    size_t months = sheet_rows(trend);
    struct chart chart = {.kind = plan->kind,
                          .title = mem_text(plan->title),
                          .unit = mem_text(plan->unit),
                          .text = words(trend, plan),
                          .whole = sheet_form(trend)->columns[plan->columns[0]].cell == CELL_COUNT,
                          .label_count = months,
                          .series_count = plan->count};
    chart.labels = mem_zero(months, sizeof(*chart.labels));
    chart.series = mem_zero(plan->count, sizeof(*chart.series));
    chart.values = mem_zero(months * plan->count, sizeof(*chart.values));
    for (size_t row = 0; row < months; row++)
        chart.labels[row] = mem_text(sheet_text(trend, row, TRE_MONTH));
    for (size_t i = 0; i < plan->count; i++) {
        chart.series[i] = mem_text(sheet_form(trend)->columns[plan->columns[i]].title);
        for (size_t row = 0; row < months; row++)
            chart.values[i * months + row] = value_of(trend, row, plan->columns[i]);
    }
    document_chart(document, &chart);
}

void charts_trend(struct document *document, const struct sheet *trend)
{
    for (size_t i = 0; sheet_rows(trend) > 0 && i < sizeof(plans) / sizeof(plans[0]); i++)
        add_chart(document, trend, &plans[i]);
}
