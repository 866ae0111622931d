/* tables - what a report is made of, while it is gathered: sheets, and sums over entries.
 * Of a deployment first, then of all, in the order of the population, so that the result is the
 * same however many gather.  Pure: what it is given decides.
 */
#ifndef REPORTS_TABLES_H
#define REPORTS_TABLES_H

#include "replay/replay.h"
#include "reports/forms.h"
#include "reports/params.h"
#include "reports/platform.h"
#include "reports/repair.h"
#include "reports/retention.h"
#include "reports/timing.h"

#define TABLES_STEPS_MAX 5 /* clock steps that are told */

/* time_us was held at the entry before. */
struct clock_step {
    uint64_t seq;
    int64_t time_us;
    int64_t admitted_us;
};

/* Where a row belongs; all borrowed. */
struct row_place {
    uint64_t seq; /* SEQ_NONE: it is no entry, and has no more than what follows says */
    uint64_t pos; /* SEQ_NONE: it is told of a deployment in whose stream it does not stand */
    int64_t time_us;
    const char *stream;    /* or NULL */
    const char *principal; /* or NULL */
    const uint8_t *leaf;
};

struct tables {
    const struct params *params;      /* borrowed */
    struct sheet *sheets[FORM_COUNT]; /* owned */
    struct platform platform;         /* deploy events, and the deployments to match them to */
    struct repair_list repairs;       /* of all deployments, listed or not */
    struct timing timing;
    struct retention_ledger kept;              /* of deployments that are not in the population */
    int64_t ledger_us, inbox_us;               /* last entry of these streams; 0: none */
    uint64_t signatures;                       /* in all entries read: of admission and of events */
    uint64_t entries;                          /* read */
    struct clock_step steps[TABLES_STEPS_MAX]; /* largest first, of equal ones the first */
    size_t step_count;
};

/**
 * tables_new(params, ret), tables_free(tables): Empty tables for ${params}, borrowed; free what
 * they own.
 */
void tables_new(const struct params *params, struct tables *ret);
void tables_free(struct tables *tables);

/**
 * tables_move(from, to): Append all rows of *${from} to *${to}, add its sums, and leave *${from}
 * empty.
 * tables_move_sums(from, to): Its sums over entries, its deploy events, repairs and how long it is
 * kept alone; the rest is dropped.
 * tables_sort(tables): Put the rows in the order that forms.h tells.
 */
void tables_move(struct tables *from, struct tables *to);
void tables_move_sums(struct tables *from, struct tables *to);
void tables_sort(struct tables *tables);

/**
 * tables_in(tables, time_us): Whether a moment lies in the period.
 * tables_count(tables, record): Count an entry and its signatures, and note its clock step.
 */
bool tables_in(const struct tables *tables, int64_t time_us);
void tables_count(struct tables *tables, const struct record *record);

/**
 * tables_at(record): The place of an entry.
 * tables_place(tables, form, place): A new row of ${form}, which begins with a place, all of it or
 * the short one; gives the sheet.
 * tables_judged(sheet, column, verdict): Fill in the four VERDICT_COLUMNS that begin with
 * ${column}.
 * tables_flags(sheet, column, verdict): Fill in the flags alone.
 */
struct row_place tables_at(const struct record *record);
struct sheet *tables_place(struct tables *tables, enum form form, const struct row_place *place);
void tables_judged(struct sheet *sheet, size_t column, const struct verdict *verdict);
void tables_flags(struct sheet *sheet, size_t column, const struct verdict *verdict);

/**
 * tables_exception(tables, place, kind, node, text):
 * Add an exception: ${kind} is "refusal:<rule>", "flag:<flag>", or a word of its own; ${node} and
 * ${text} may be NULL.
 * tables_verdict(tables, place, verdict, node): Add an exception for its refusal, and one for each
 * of its flags.
 * tables_suspect(tables, record, registry): Add an exception for each of its signatures by a key
 * that was revoked below the report's size with a `since` at or before it.
 */
void tables_exception(struct tables *tables, const struct row_place *place, const char *kind,
                      const char *node, const char *text);
void tables_verdict(struct tables *tables, const struct row_place *place,
                    const struct verdict *verdict, const char *node);
void tables_suspect(struct tables *tables, const struct record *record,
                    const struct registry *registry);

#endif
