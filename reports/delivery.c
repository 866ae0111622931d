#include "reports/delivery.h"

#include <stdlib.h>
#include <string.h>

#define HOURS_US (60.0 * INSTANT_MINUTE_US)

static json_t *figure(double value, const char *unit, const char *formula, size_t computable,
                      size_t of)
{
    return json_pack("{s:o, s:s, s:s, s:I, s:I}", "value",
                     computable > 0 ? json_real(value) : json_null(), "unit", unit, "formula",
                     formula, "computable", (json_int_t)computable, "of", (json_int_t)of);
}

static int number_order(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* The middle of sorted numbers; of an even count the mean of the two. */
static double median(double *numbers, size_t count)
{
    if (count == 0)
        return 0;
    qsort(numbers, count, sizeof(*numbers), number_order);
    return count % 2 == 1 ? numbers[count / 2] : (numbers[count / 2 - 1] + numbers[count / 2]) / 2;
}

static bool row_instant(const json_t *row, const char *name, int64_t *ret_us)
{
    const char *text = ijson_string(row, name);
    return text != NULL && instant_parse(text, ret_us);
}

/* Hours between two members of each counted row that has both. */
static json_t *median_hours(const json_t *rows, const char *from, const char *to,
                            const char *formula)
{
    double *hours = mem_zero(json_array_size(rows), sizeof(*hours));
    size_t count = 0, of = 0, i;
    json_t *row;
    json_array_foreach (rows, i, row) {
        int64_t from_us, to_us;
        if (!json_is_true(ijson_get(row, "counted")) || !row_instant(row, from, &from_us))
            continue;
        of++;
        if (row_instant(row, to, &to_us))
            hours[count++] = (double)(to_us - from_us) / HOURS_US;
    }
    json_t *result = figure(median(hours, count), "hours", formula, count, of);
    free(hours);
    return result;
}

json_t *delivery_json(const struct tables *tables)
{
    size_t counted = 0, delivered = 0, failed = 0, i;
    json_t *row;
    json_array_foreach (tables->population, i, row) {
        const char *outcome = ijson_string(row, "outcome");
        if (!json_is_true(ijson_get(row, "counted")))
            continue;
        counted++;
        if (outcome == NULL)
            continue;
        delivered += strcmp(outcome, "successful") == 0;
        failed += strcmp(outcome, "rolled-back") == 0 || strcmp(outcome, "failed") == 0;
    }
    size_t ended = delivered + failed;
    double weeks = (double)(tables->period.to_us - tables->period.from_us) / (7.0 * INSTANT_DAY_US);
    json_t *delivery = json_object();
    json_object_set_new(delivery, "frequency",
                        figure(weeks > 0 ? (double)delivered / weeks : 0, "a week",
                               "deployments closed as successful / weeks of the period", counted,
                               counted));
    json_object_set_new(
        delivery, "lead_time",
        median_hours(tables->population, "opened", "closed",
                     "median of closing - opening, of deployments opened in the period"));
    json_object_set_new(
        delivery, "change_failure_rate",
        figure(ended > 0 ? (double)failed / (double)ended : 0, "of 1",
               "closed as rolled-back or failed / closed as any of successful, rolled-back, failed",
               ended, counted));
    json_object_set_new(delivery, "time_to_restore",
                        median_hours(tables->population, "rollback_started", "rollback_finished",
                                     "median of rollback finished - rollback started"));
    return delivery;
}
