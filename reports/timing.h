/* timing - acts on nodes that have a window, against its end: by phase and by month. */
#ifndef REPORTS_TIMING_H
#define REPORTS_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reports/sheet.h"

/* A section (##) of checklists. */
struct timing_phase {
    char *title;
    uint64_t deployments;
    uint64_t acts;
    int64_t *late_us; /* how late each late act was */
    size_t late_count, late_cap;
};

struct timing_month {
    char month[8]; /* "2026-01" */
    uint64_t acts, late;
};

/* Zero-initialised is empty. */
struct timing {
    struct timing_phase *phases; /* as they came up */
    size_t phase_count, phase_cap;
    struct timing_month *months;
    size_t month_count, month_cap;
};

/**
 * timing_free(timing): Free what it owns; it is empty again.
 * timing_add(timing, title, time_us, late_us): An act in the phase ${title} (NULL: none) at a
 * moment, so late; 0 or less: in time.
 * timing_move(from, to): Add the acts of one deployment to those of all, and leave *${from} empty.
 *
 * timing_month_of(time_us, ret): The month of a moment, "2026-01".
 * timing_in(timing, month): What it counted in a month; zeros if nothing.
 * timing_fill(timing, lateness): Fill the sheet of FORM_LATENESS.
 */
void timing_free(struct timing *timing);
void timing_add(struct timing *timing, const char *title, int64_t time_us, int64_t late_us);
void timing_move(struct timing *from, struct timing *to);
void timing_month_of(int64_t time_us, char ret[8]);
struct timing_month timing_in(const struct timing *timing, const char *month);
void timing_fill(struct timing *timing, struct sheet *lateness);

#endif
