/* appender - the one thread that writes: takes all that is admitted, appends it in one commit, and
 * gives the jobs to their sinks.  Group commit: while one commit syncs, the next jobs collect;
 * there is no timer.  Each job meets the ledger as if it came alone, after those before it.
 */
#ifndef INGEST_APPENDER_H
#define INGEST_APPENDER_H

#include "ingest/histogram.h"
#include "ingest/queue.h"
#include "ingest/screen.h"

struct appender;

/**
 * An appender_fatal_fn is called in the appender's thread when the ledger can no longer be written
 * (IO, DAMAGED): what the commit held is unknown, so nothing of it may be answered.  It ends the
 * process; where it returns, every job from then on comes back with that error.
 */
typedef void appender_fatal_fn(void *ctx, enum err err, const struct err_text *why);

/* All borrowed for its life. */
struct appender_config {
    struct ledger *ledger;     /* opened for writing */
    const struct judge *judge; /* NULL: only the stream `ledger` is judged */
    struct queue *queue;
    struct screen *screen;
    appender_fatal_fn *fatal; /* NULL: the jobs that come back tell of it */
    void *ctx;
};

/* What it has done so far. */
struct appender_counts {
    uint64_t commits;
    uint64_t events;  /* that were in them; custody knows what became of each */
    uint64_t refused; /* events that were given back, for want of room or for now */
    size_t batch_max; /* events of the largest commit */
};

/* How long it took. */
struct appender_times {
    struct histogram commit; /* to append and commit */
    struct histogram
        intake[CUSTODY_WAYS]; /* of jobs by way: from being handed in to being decided */
};

/**
 * appender_start(config, ret_appender, ret_why): Start the thread.  Errors: IO (no thread).
 * appender_join(appender): Wait until the queue is closed and all in it is appended or refused and
 * given back.
 * appender_free(appender): After appender_join.  NULL is fine.
 * appender_watch(appender, bell): From now on ring ${bell} (bell.h) after each commit, before its
 * jobs are given back; -1: none.  Once it has returned the one before is not rung any more.
 * appender_counts(appender), appender_times(appender): What it has done so far.
 */
MUST_CHECK enum err appender_start(const struct appender_config *config,
                                   struct appender **ret_appender, struct err_text *ret_why);
void appender_join(struct appender *appender);
void appender_free(struct appender *appender);
void appender_watch(struct appender *appender, int bell);
struct appender_counts appender_counts(struct appender *appender);
const struct appender_times *appender_times(const struct appender *appender);

#endif
