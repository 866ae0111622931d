#include "reports/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "reports/number.h"

#define HOUR_US (60 * INSTANT_MINUTE_US)
/* Months of a period that are all listed; of a longer one those in which something was counted. */
#define MONTHS_MAX 24LL

/* Durations, and of how many they could be told. */
struct durations {
    int64_t *list;
    size_t count, cap;
    uint64_t of;
};

/* Sums over the whole period, or over a month of it. */
struct sums {
    char month[8];
    uint64_t opened, successful, back, failed, abandoned, open, emergencies;
    struct durations lead, restore, waiting;
};

struct sums_list {
    struct sums whole;
    struct sums *months;
    size_t count, cap;
};

static struct sums *month_of(struct sums_list *list, int64_t time_us)
{
    char month[8];
    timing_month_of(time_us, month);
    for (size_t i = list->count; i > 0; i--) {
        if (strcmp(list->months[i - 1].month, month) == 0)
            return &list->months[i - 1];
    }
    struct sums *fresh = MEM_PUSH(list->months, list->count, list->cap);
    memcpy(fresh->month, month, sizeof(month));
    return fresh;
}

static void sums_free(struct sums *sums)
{
    free(sums->lead.list);
    free(sums->restore.list);
    free(sums->waiting.list);
}

static void add_duration(struct durations *durations, bool told, int64_t us)
{
    durations->of++;
    if (told)
        *(int64_t *)MEM_PUSH(durations->list, durations->count, durations->cap) = us;
}

static bool is(const struct sheet *sheet, size_t row, size_t column, const char *text)
{
    const char *has = sheet_text(sheet, row, column);
    return has != NULL && strcmp(has, text) == 0;
}

static int64_t us_of(const struct sheet *sheet, size_t row, size_t column)
{
    return (int64_t)sheet_number(sheet, row, column);
}

/* From its first change to T+0, or to the closing of one that was successful without a clock. */
static void add_lead(struct sums *sums, const struct sheet *population, size_t row)
{
    bool clock = sheet_has(population, row, POP_CLOCK);
    bool there = clock || is(population, row, POP_OUTCOME, "successful");
    int64_t end_us = us_of(population, row, clock ? POP_CLOCK : POP_CLOSED);
    bool told = there && sheet_has(population, row, POP_CHANGED);
    add_duration(&sums->lead, told, end_us - us_of(population, row, POP_CHANGED));
}

static void add_deployment(struct sums *sums, const struct sheet *population, size_t row)
{
    sums->opened++;
    sums->successful += is(population, row, POP_OUTCOME, "successful");
    sums->back += is(population, row, POP_OUTCOME, "rolled-back");
    sums->failed += is(population, row, POP_OUTCOME, "failed");
    sums->abandoned += is(population, row, POP_OUTCOME, "abandoned");
    sums->open += !sheet_has(population, row, POP_OUTCOME);
    sums->emergencies += sheet_yes(population, row, POP_EMERGENCY);
    add_lead(sums, population, row);
}

static void add_failures(struct tables *tables)
{
    const struct sheet *population = tables->sheets[FORM_POPULATION];
    struct sheet *restores = tables->sheets[FORM_RESTORES];
    char hours[NUMBER_TEXT_BYTES];
    for (size_t row = 0; row < sheet_rows(population); row++) {
        int64_t closed_us = us_of(population, row, POP_CLOSED);
        if (!is(population, row, POP_OUTCOME, "failed") || !tables_in(tables, closed_us))
            continue;
        const char *id = sheet_text(population, row, POP_DEPLOYMENT);
        const struct repair *repair = repair_first(&tables->repairs, id, closed_us);
        sheet_add(restores);
        sheet_put_text(restores, RES_KIND, "failed");
        sheet_put_text(restores, RES_DEPLOYMENT, id);
        sheet_put_number(restores, RES_BEGAN, (uint64_t)closed_us);
        if (repair == NULL)
            continue;
        number_quotient(repair->closed_us - closed_us, HOUR_US, 2, hours);
        sheet_put_number(restores, RES_RESTORED, (uint64_t)repair->closed_us);
        sheet_put_text(restores, RES_BY, repair->by);
        sheet_put_text(restores, RES_HOURS, hours);
    }
    sheet_sort(restores, RES_BEGAN);
}

static void add_all(const struct tables *tables, struct sums_list *list)
{
    const struct sheet *population = tables->sheets[FORM_POPULATION];
    const struct sheet *waiting = tables->sheets[FORM_WAITING];
    const struct sheet *restores = tables->sheets[FORM_RESTORES];
    for (size_t row = 0; row < sheet_rows(population); row++) {
        if (!sheet_yes(population, row, POP_COUNTED))
            continue;
        add_deployment(&list->whole, population, row);
        add_deployment(month_of(list, us_of(population, row, POP_OPENED)), population, row);
    }
    for (size_t row = 0; row < sheet_rows(waiting); row++) {
        int64_t time_us = us_of(waiting, row, PLACE_TIME);
        int64_t waited_us = time_us - us_of(waiting, row, WAI_READY);
        bool told = sheet_has(waiting, row, WAI_READY);
        add_duration(&list->whole.waiting, told, waited_us);
        add_duration(&month_of(list, time_us)->waiting, told, waited_us);
    }
    for (size_t row = 0; row < sheet_rows(restores); row++) {
        int64_t began_us = us_of(restores, row, RES_BEGAN);
        int64_t length_us = us_of(restores, row, RES_RESTORED) - began_us;
        bool told = sheet_has(restores, row, RES_RESTORED);
        add_duration(&list->whole.restore, told, length_us);
        add_duration(&month_of(list, began_us)->restore, told, length_us);
    }
}

/* What a figure of delivery is called, and how it is made. */
struct figure {
    const char *name, *title, *unit, *formula;
};

/* The value ${of} / ${by}, if it is computable of any. */
static void add_figure(struct sheet *sheet, const struct figure *figure, int64_t of, int64_t by,
                       uint64_t computable, uint64_t all)
{
    char text[NUMBER_TEXT_BYTES];
    sheet_add(sheet);
    sheet_put_text(sheet, DEL_FIGURE, figure->name);
    sheet_put_text(sheet, DEL_TITLE, figure->title);
    sheet_put_text(sheet, DEL_UNIT, figure->unit);
    sheet_put_text(sheet, DEL_FORMULA, figure->formula);
    sheet_put_number(sheet, DEL_COMPUTABLE, computable);
    sheet_put_number(sheet, DEL_OF, all);
    if (computable == 0)
        return;
    number_quotient(of, by, 2, text);
    sheet_put_text(sheet, DEL_VALUE, text);
}

static void add_middle(struct sheet *sheet, const struct figure *figure,
                       struct durations *durations, int64_t unit_us)
{
    int64_t middle = number_middle(durations->list, durations->count);
    add_figure(sheet, figure, middle, unit_us, durations->count, durations->of);
}

static void fill_figures(struct tables *tables, struct sums *sums, int64_t as_of_us)
{
    static const struct figure frequency = {"frequency", "Deployment frequency", "a week",
                                            "closed as successful / weeks of the period, up to "
                                            "the moment that the report is as of"};
    static const struct figure lead = {
        "lead_time", "Lead time", "hours",
        "median of T+0 confirmed (without it: closed as successful) - the earliest time of the "
        "changes that the opening names"};
    static const struct figure failure = {
        "change_failure_rate", "Change failure rate", "%",
        "closed as rolled-back or failed / closed as successful, rolled-back or failed"};
    static const struct figure restore = {
        "time_to_restore", "Time to restore", "hours",
        "median over rollbacks (started to finished as good), issues of severity 1 (started to "
        "resolved) and deployments closed as failed (to the closing of the first successful one "
        "that repairs it), by when they began"};
    static const struct figure waiting = {
        "gate_waiting", "Waiting at gates", "minutes",
        "median of the decision that opened a gate - the last act of those that it needed"};
    static const struct figure late = {"late_acts", "Late acts", "%",
                                       "late acts / accepted acts on nodes that have a window"};
    static const struct figure emergency = {"emergency_share", "Emergencies", "%",
                                            "deployments that were emergencies / all opened"};
    struct sheet *sheet = tables->sheets[FORM_DELIVERY];
    const struct period *period = &tables->params->period;
    uint64_t ended = sums->successful + sums->back + sums->failed, acts = 0, lates = 0;
    for (size_t i = 0; i < tables->timing.month_count; i++) {
        acts += tables->timing.months[i].acts;
        lates += tables->timing.months[i].late;
    }
    const int64_t past_us = as_of_us - period->from_us;
    add_figure(sheet, &frequency, (int64_t)sums->successful * 7 * INSTANT_DAY_US, past_us,
               past_us > 0 ? sums->opened : 0, sums->opened);
    add_middle(sheet, &lead, &sums->lead, HOUR_US);
    add_figure(sheet, &failure, (int64_t)(sums->back + sums->failed) * 100, (int64_t)ended, ended,
               sums->opened);
    add_middle(sheet, &restore, &sums->restore, HOUR_US);
    add_middle(sheet, &waiting, &sums->waiting, INSTANT_MINUTE_US);
    add_figure(sheet, &late, (int64_t)lates * 100, (int64_t)acts, acts, acts);
    add_figure(sheet, &emergency, (int64_t)sums->emergencies * 100, (int64_t)sums->opened,
               sums->opened, sums->opened);
}

static void put_quotient(struct sheet *sheet, size_t column, bool computable, int64_t of,
                         int64_t by)
{
    char text[NUMBER_TEXT_BYTES];
    if (!computable)
        return;
    number_quotient(of, by, 2, text);
    sheet_put_text(sheet, column, text);
}

static void put_middle(struct sheet *sheet, size_t column, struct durations *durations,
                       int64_t unit_us)
{
    put_quotient(sheet, column, durations->count > 0,
                 number_middle(durations->list, durations->count), unit_us);
}

static void add_month(struct tables *tables, struct sums *sums)
{
    struct sheet *sheet = tables->sheets[FORM_TREND];
    uint64_t ended = sums->successful + sums->back + sums->failed;
    struct timing_month timed = timing_in(&tables->timing, sums->month);
    sheet_add(sheet);
    sheet_put_text(sheet, TRE_MONTH, sums->month);
    sheet_put_number(sheet, TRE_OPENED, sums->opened);
    sheet_put_number(sheet, TRE_SUCCESSFUL, sums->successful);
    sheet_put_number(sheet, TRE_BACK, sums->back);
    sheet_put_number(sheet, TRE_FAILED, sums->failed);
    sheet_put_number(sheet, TRE_ABANDONED, sums->abandoned);
    sheet_put_number(sheet, TRE_OPEN, sums->open);
    sheet_put_number(sheet, TRE_EMERGENCIES, sums->emergencies);
    put_middle(sheet, TRE_LEAD, &sums->lead, HOUR_US);
    put_quotient(sheet, TRE_FAILURE, ended > 0, (int64_t)(sums->back + sums->failed) * 100,
                 (int64_t)ended);
    put_middle(sheet, TRE_RESTORE, &sums->restore, HOUR_US);
    put_middle(sheet, TRE_WAITING, &sums->waiting, INSTANT_MINUTE_US);
    sheet_put_number(sheet, TRE_ACTS, timed.acts);
    sheet_put_number(sheet, TRE_LATE, timed.late);
}

static int month_order(const void *left, const void *right)
{
    const struct sums *a = left, *b = right;
    return strcmp(a->month, b->month);
}

/* All months of a period that has not too many, so that one without anything shows. */
static void list_months(const struct tables *tables, struct sums_list *list)
{
    const struct period *period = &tables->params->period;
    if (period->to_us - period->from_us <= MONTHS_MAX * 31 * INSTANT_DAY_US) {
        /* no month is shorter than such a step, and the last one is asked for too */
        for (int64_t at_us = period->from_us; at_us < period->to_us; at_us += 28 * INSTANT_DAY_US)
            month_of(list, at_us);
        month_of(list, period->to_us - 1);
    }
    for (size_t i = 0; i < tables->timing.month_count; i++) {
        int64_t from_us;
        char day[INSTANT_TEXT_BYTES] = "";
        memcpy(day, tables->timing.months[i].month, 7);
        memcpy(day + 7, "-01", 4);
        if (instant_parse_day(day, &from_us))
            month_of(list, from_us);
    }
    if (list->count > 0)
        qsort(list->months, list->count, sizeof(*list->months), month_order);
}

void delivery_fill(struct tables *tables, int64_t as_of_us)
{
    struct sums_list list = {.count = 0};
    add_failures(tables);
    add_all(tables, &list);
    list_months(tables, &list);
    fill_figures(tables, &list.whole, as_of_us);
    for (size_t i = 0; i < list.count; i++) {
        add_month(tables, &list.months[i]);
        sums_free(&list.months[i]);
    }
    sums_free(&list.whole);
    free(list.months);
}
