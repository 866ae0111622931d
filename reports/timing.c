#include "reports/timing.h"

#include <stdlib.h>
#include <string.h>

#include "reports/forms.h"
#include "reports/number.h"

#define MONTH_CHARACTERS 7

void timing_free(struct timing *timing)
{
    for (size_t i = 0; i < timing->phase_count; i++) {
        free(timing->phases[i].title);
        free(timing->phases[i].late_us);
    }
    free(timing->phases);
    free(timing->months);
    *timing = (struct timing){0};
}

static struct timing_phase *phase_of(struct timing *timing, const char *title)
{
    size_t i = 0;
    while (i < timing->phase_count && strcmp(timing->phases[i].title, title) != 0)
        i++;
    if (i < timing->phase_count)
        return &timing->phases[i];
    struct timing_phase *phase = MEM_PUSH(timing->phases, timing->phase_count, timing->phase_cap);
    phase->title = mem_text(title);
    return phase;
}

static struct timing_month *month_of(struct timing *timing, const char *month)
{
    size_t i = timing->month_count;
    while (i > 0 && strcmp(timing->months[i - 1].month, month) != 0)
        i--;
    if (i > 0)
        return &timing->months[i - 1];
    struct timing_month *fresh = MEM_PUSH(timing->months, timing->month_count, timing->month_cap);
    memcpy(fresh->month, month, sizeof(fresh->month));
    return fresh;
}

void timing_month_of(int64_t time_us, char ret[8])
{
    char day[INSTANT_TEXT_BYTES];
    instant_day(time_us, day);
    memcpy(ret, day, MONTH_CHARACTERS);
    ret[MONTH_CHARACTERS] = '\0';
}

void timing_add(struct timing *timing, const char *title, int64_t time_us, int64_t late_us)
{
    struct timing_phase *phase = phase_of(timing, title != NULL ? title : "(none)");
    char month[8];
    phase->acts++;
    if (late_us > 0)
        *(int64_t *)MEM_PUSH(phase->late_us, phase->late_count, phase->late_cap) = late_us;
    timing_month_of(time_us, month);
    struct timing_month *in = month_of(timing, month);
    in->acts++;
    in->late += late_us > 0;
}

static void move_phase(struct timing_phase *from, struct timing_phase *to)
{
    to->deployments++;
    to->acts += from->acts;
    for (size_t i = 0; i < from->late_count; i++)
        *(int64_t *)MEM_PUSH(to->late_us, to->late_count, to->late_cap) = from->late_us[i];
}

void timing_move(struct timing *from, struct timing *to)
{
    for (size_t i = 0; i < from->phase_count; i++)
        move_phase(&from->phases[i], phase_of(to, from->phases[i].title));
    for (size_t i = 0; i < from->month_count; i++) {
        struct timing_month *month = month_of(to, from->months[i].month);
        month->acts += from->months[i].acts;
        month->late += from->months[i].late;
    }
    timing_free(from);
}

struct timing_month timing_in(const struct timing *timing, const char *month)
{
    for (size_t i = 0; i < timing->month_count; i++) {
        if (strcmp(timing->months[i].month, month) == 0)
            return timing->months[i];
    }
    return (struct timing_month){.acts = 0};
}

void timing_fill(struct timing *timing, struct sheet *lateness)
{
    char text[NUMBER_TEXT_BYTES];
    for (size_t i = 0; i < timing->phase_count; i++) {
        struct timing_phase *phase = &timing->phases[i];
        sheet_add(lateness);
        sheet_put_text(lateness, LAT_PHASE, phase->title);
        sheet_put_number(lateness, LAT_DEPLOYMENTS, phase->deployments);
        sheet_put_number(lateness, LAT_ACTS, phase->acts);
        sheet_put_number(lateness, LAT_LATE, phase->late_count);
        number_quotient((int64_t)phase->late_count * 100, (int64_t)phase->acts, 1, text);
        sheet_put_text(lateness, LAT_SHARE, text);
        if (phase->late_count == 0)
            continue;
        number_quotient(number_middle(phase->late_us, phase->late_count), INSTANT_MINUTE_US, 1,
                        text);
        sheet_put_text(lateness, LAT_MEDIAN, text);
        number_quotient(phase->late_us[phase->late_count - 1], INSTANT_MINUTE_US, 1, text);
        sheet_put_text(lateness, LAT_MOST, text); /* number_middle has put them in order */
    }
}
