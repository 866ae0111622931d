/* counting - the counters of custody of an open ledger: those that wait to be written, and those
 * that a commit adds.
 */
#ifndef LEDGER_COUNTING_H
#define LEDGER_COUNTING_H

#include <pthread.h>
#include <stdatomic.h>

#include "ledger/custody.h"
#include "ledger/ledger.h"

/* Of an open ledger. */
struct counting {
    pthread_mutex_t mutex;                                      /* guards `waiting` */
    struct custody_counts waiting;                              /* counted, and not written yet */
    atomic_uint_least64_t sums[CUSTODY_WAYS][CUSTODY_OUTCOMES]; /* since the ledger was opened */
};

/* What one commit writes. */
struct counting_commit {
    struct custody_counts events; /* of its own events */
    struct custody_counts waited; /* that waited for it */
};

/**
 * counting_init(counting), counting_end(counting): What waits is dropped with it.
 * counting_events(commit, admitted, receipts, count): Count what became of a commit's messages.
 * counting_take(counting, commit): Take over what waits.
 * counting_settle(counting, commit, written): The commit is done with; what waited for one that
 * was not written waits on.
 */
void counting_init(struct counting *counting);
void counting_end(struct counting *counting);
void counting_events(struct counting_commit *commit, struct admitted *const *admitted,
                     const struct receipt *receipts, size_t count);
void counting_take(struct counting *counting, struct counting_commit *commit);
void counting_settle(struct counting *counting, struct counting_commit *commit, bool written);

#endif
