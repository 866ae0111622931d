/* inlet - the one way in for all fronts: jobs are admitted on all cores, appended in the order in
 * which they came, many a commit, and come back through the sink of their front.
 *
 * A front makes one sink for itself, and of each message a job (job_new, then its fields), which it
 * hands to inlet_push.  It gets every job back from sink_take, exactly once, in the order in which
 * it pushed them (those with `finish` later, perhaps): with err OK and receipts once the commit
 * that holds all its events is on disk; else with what it was refused for, and then nothing of it
 * was appended.  Then it frees it.
 */
#ifndef INGEST_INLET_H
#define INGEST_INLET_H

#include "ingest/appender.h"
#include "ingest/sink.h"

struct inlet;

/* All borrowed for its life. */
struct inlet_config {
    struct ledger *ledger;     /* opened for writing */
    const struct judge *judge; /* NULL: only the stream `ledger` is judged */
    struct rate *rate;         /* limits who sends over HTTP; NULL: nobody */
    appender_fatal_fn *fatal;  /* or NULL */
    void *ctx;                 /* of fatal */
};

/**
 * inlet_start(config, ret_inlet, ret_why): Start its threads, which take no
 * signals.  Errors: IO (no threads).
 * inlet_stop(inlet): Take no more, append what was taken in, and end the threads; every job is in
 * its sink then.  The fronts may still live, and inlet_push gives all back.
 * inlet_free(inlet): Stops it first.  NULL is fine.
 */
MUST_CHECK enum err inlet_start(const struct inlet_config *config, struct inlet **ret_inlet,
                                struct err_text *ret_why);
void inlet_stop(struct inlet *inlet);
void inlet_free(struct inlet *inlet);

/**
 * inlet_push(inlet, jobs): Hand over jobs, linked by next; gives back those for which there is no
 * room (QUEUE_EVENTS_MAX, QUEUE_BYTES_MAX; jobs over AMQP and those of nobody get half of it), or
 * all if the inlet is stopped: they stay the caller's.  Who found no room is woken through its sink
 * once there may be some.  Any thread; never waits.
 */
MUST_CHECK struct job *inlet_push(struct inlet *inlet, struct job *jobs);

/**
 * inlet_waiting(inlet): How many events wait for a commit that has not begun.
 * inlet_counts(inlet), inlet_times(inlet): What the appender has done so far.
 * inlet_watch(inlet, bell): Ring ${bell} after each commit from now on (appender_watch).
 * inlet_clock_leapt(inlet): Whether the clock has leapt (screen_clock_leapt).
 */
size_t inlet_waiting(struct inlet *inlet);
struct appender_counts inlet_counts(struct inlet *inlet);
const struct appender_times *inlet_times(const struct inlet *inlet);
void inlet_watch(struct inlet *inlet, int bell);
bool inlet_clock_leapt(struct inlet *inlet);

#endif
