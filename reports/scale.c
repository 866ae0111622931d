#include "reports/scale.h"

#include <math.h>

#define STEPS_MAX 6        /* marks above 0 */
#define ONE ((size_t)12)   /* the place of the step 1 among all steps */
#define SCALE_STEPS_MAX 12 /* where values are too large for any step */

double scale_value(const struct chart *chart, size_t series, size_t label)
{
    return chart->values[series * chart->label_count + label];
}

double scale_share(const struct scale *scale, double value)
{
    return isfinite(value) && value > 0 ? fmin(value / scale->top, 1) : 0;
}

static double largest(const struct chart *chart)
{
    double most = 0;
    for (size_t label = 0; label < chart->label_count; label++) {
        double sum = 0;
        for (size_t series = 0; series < chart->series_count; series++) {
            double value = scale_value(chart, series, label);
            if (isfinite(value) && value > 0)
                sum = chart->kind == CHART_STACKED ? sum + value : fmax(sum, value);
        }
        most = fmax(most, sum);
    }
    return most;
}

struct scale scale_of(const struct chart *chart)
{
    /* As constants: sums and powers would not be the same everywhere. */
    static const double tens[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2,
                                  1e3,  1e4,  1e5,  1e6,  1e7, 1e8, 1e9};
    static const double rounds[] = {1, 2, 5};
    const size_t last = sizeof(tens) / sizeof(tens[0]) * 3 - 1;
    double most = largest(chart);
    if (most <= 0)
        most = 1;
    size_t i = chart->whole ? ONE : 0;
    while (i < last && rounds[i % 3] * tens[i / 3] * STEPS_MAX < most)
        i++;
    struct scale scale = {.step = rounds[i % 3] * tens[i / 3]};
    scale.steps = (size_t)ceil(fmin(most / scale.step, SCALE_STEPS_MAX) - 1e-9);
    scale.steps = scale.steps == 0 ? 1 : scale.steps;
    scale.top = (double)scale.steps * scale.step;
    scale.places = i / 3 < 4 ? (unsigned)(4 - i / 3) : 0;
    return scale;
}
