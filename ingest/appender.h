/* appender - the one thread that writes: takes all that waits, appends it in one commit, and hands
 * the jobs back with their receipts.  Group commit: while one commit syncs, the next batch
 * collects; there is no timer.
 */
#ifndef INGEST_APPENDER_H
#define INGEST_APPENDER_H

#include "ingest/queue.h"

struct appender;

/* Where the appender writes, and whom it tells; all borrowed for its life. */
struct appender_config {
    struct ledger *ledger;     /* opened for writing */
    const struct judge *judge; /* NULL: only the stream `ledger` is judged */
    /* Called in the appender's thread after each commit: jobs are ready (appender_done). */
    void (*wake)(void *ctx);
    /* Called in the appender's thread when the ledger can no longer be written (IO, DAMAGED): what
     * the commit held is unknown, so nothing of it may be answered.  Must end the process. */
    void (*fatal)(void *ctx, enum err err, const struct err_text *why);
    void *ctx;
};

/* What it has done so far. */
struct appender_counts {
    uint64_t commits;
    uint64_t events;     /* that were in them: the sum of the next three */
    uint64_t appended;   /* as entries */
    uint64_t duplicates; /* were there already */
    uint64_t conflicts;  /* their names were taken by others */
    uint64_t refused;    /* events that were given back, for want of room or for now */
    size_t batch_max;    /* events of the largest commit */
};

/**
 * appender_start(config, ret_appender, ret_why): Start the thread.  Errors: IO (no thread).
 * appender_push(appender, job): Hand over a job; false if the queue is full (QUEUE_EVENTS_MAX,
 * QUEUE_BYTES_MAX) or stopped, and then the job stays the caller's.  Never waits.
 * appender_done(appender): The jobs that are finished, oldest first, linked by `next`; NULL if
 * none.  The caller owns them.
 * appender_waiting(appender): How many jobs wait for a commit that has not begun.
 * appender_stop(appender): Append what was handed over, then end the thread; appender_done has the
 * rest. appender_free(appender): Stops it first.  NULL is fine.
 * appender_counts(appender): What it has done so far.
 */
MUST_CHECK enum err appender_start(const struct appender_config *config,
                                   struct appender **ret_appender, struct err_text *ret_why);
MUST_CHECK bool appender_push(struct appender *appender, struct job *job);
struct job *appender_done(struct appender *appender);
size_t appender_waiting(struct appender *appender);
void appender_stop(struct appender *appender);
void appender_free(struct appender *appender);
struct appender_counts appender_counts(struct appender *appender);

#endif
