/* tables - the rows that a report is made of, gathered from one replay and rendered by nobody yet.
 * Every table is a JSON array of objects in order of seq (population: of the first seq), so that
 * each format renders the same rows.  Pure: what it is given decides.
 */
#ifndef REPORTS_TABLES_H
#define REPORTS_TABLES_H

#include <jansson.h>
#include <stdint.h>

#include "replay/replay.h"

/* Half-open, by time_us. */
struct period {
    int64_t from_us;
    int64_t to_us;
};

struct tables {
    struct period period;
    json_t *population; /* all arrays are owned */
    json_t *exceptions;
    json_t *decisions; /* decisions and approvals */
    json_t *metrics;
    json_t *rollbacks;
    json_t *changes;
    json_t *evidence;
    json_t *retention;
    json_t *platform;      /* service.deployed, upgraded and rolledback of CDEvents */
    uint64_t signatures;   /* in all entries read: of admission and of events */
    uint64_t entries;      /* read */
    int64_t clock_step_us; /* the largest step of time_us over admitted_us */
    uint64_t clock_step_seq;
};

/**
 * tables_new(period, ret), tables_free(tables): Empty tables over *${period}; free what they own.
 */
void tables_new(const struct period *period, struct tables *ret);
void tables_free(struct tables *tables);

/**
 * tables_move(from, to): Append all rows of *${from} to *${to}, add its counts, and leave *${from}
 * empty. tables_sort(tables): Order each table but the population and retention by seq; rows of one
 * seq stay in their order.
 */
void tables_move(struct tables *from, struct tables *to);
void tables_sort(struct tables *tables);

/**
 * tables_in(tables, time_us): Whether a moment lies in the period.
 */
bool tables_in(const struct tables *tables, int64_t time_us);

/**
 * tables_count(tables, record): Count an entry and its signatures, and note its clock step.
 */
void tables_count(struct tables *tables, const struct record *record);

/**
 * tables_exception(tables, record, kind, node, text):
 * Add an exception: ${kind} is "refusal:<rule>", "flag:<flag>", or a word of its own; ${node} and
 * ${text} may be NULL.
 */
void tables_exception(struct tables *tables, const struct record *record, const char *kind,
                      const char *node, const char *text);

/**
 * tables_verdict(tables, record, verdict, node): Add an exception for its refusal, and one for each
 * of its flags.
 */
void tables_verdict(struct tables *tables, const struct record *record,
                    const struct verdict *verdict, const char *node);

/**
 * tables_suspect(tables, record, registry, size): Add an exception for each of its signatures by a
 * key that was revoked below ${size} with a `since` at or before it.
 * tables_platform(tables, record, event): Add it, if it is a deploy event of the platform; whether
 * it is one.  Outside the period nothing is added.
 */
void tables_suspect(struct tables *tables, const struct record *record,
                    const struct registry *registry, uint64_t size);
bool tables_platform(struct tables *tables, const struct record *record, const struct event *event);

/**
 * tables_place(record): A new object {deployment, seq, pos, time, principal, leaf}, the beginning
 * of every row.
 */
json_t *tables_place(const struct record *record);

#endif
