/* job - one message on its way in: from its front through admission and the appender to its sink.
 * It has one owner at a time: the front that makes it, the inlet from inlet_push to sink_take, and
 * the front again.
 */
#ifndef INGEST_JOB_H
#define INGEST_JOB_H

#include "ledger/ledger.h"

#define JOB_MAGIC MAGIC('J', 'o', 'b', ' ')

struct sink;

enum job_state {
    JOB_WAITS,  /* for a thread that admits it */
    JOB_BEGUN,  /* one is admitting it */
    JOB_READY,  /* admitted or refused; it waits for its turn to be appended */
    JOB_DECIDED /* appended or refused */
};

struct job;

/**
 * A job_finish_fn does what is left to do for a job that is decided, before its sink gets it: it
 * runs in a thread that admits, beside others, so that no front has to do it.
 */
typedef void job_finish_fn(struct job *job);

struct job {
    uint32_t magic;
    struct job *next; /* of the queue or list that it is in */
    enum job_state state;

    /* What the front says. */
    struct courier courier; /* as the front authenticated it; principal "": nobody */
    struct buf message;     /* owned: the bytes as they came */
    const char *media;      /* EVENT_MEDIA_TYPE, DSSE_MEDIA_TYPE or BATCH_MEDIA_TYPE; static */
    char *deployment;       /* owned: that the transport names; NULL: none */
    job_finish_fn *finish;  /* NULL: there is nothing left to do; else it may come back later */
    struct buf reply;       /* owned: what `finish` makes */
    bool proven;            /* the same: it has proofs */
    struct sink *sink;      /* borrowed: where it comes back */
    void *owner;            /* borrowed: the front's own */
    uint64_t number;        /* the front's own */

    /* What admission says. */
    bool settled;               /* by its front: admission has no word in it */
    bool accepts_clock;         /* its event, if it is accepted, accepts a leap of the clock */
    uint64_t known;             /* registry_size when it was admitted */
    struct admitted **admitted; /* owned: `count` of them, once it is admitted; else NULL */
    size_t count;               /* events: 1, or those of a batch, once it is admitted */

    /* What became of it. */
    bool counted;             /* custody knows of it by its commit */
    enum err err;             /* OK: it is on disk; else nothing of it was appended */
    struct err_text why;      /* if err is not OK */
    struct receipt *receipts; /* owned: `count`, if err is OK; each one's own err is OK then.  All
                                 events of a batch were appended, or none */

    /* The queue's. */
    size_t events, bytes; /* what it counts against the bounds */
    uint64_t ticket;      /* its number in the order in which jobs came */
    int64_t pushed_us;    /* monotonic: when it was handed in */
};

/**
 * job_new(sink, owner): A job of one empty structured event that nobody brings; the front fills in
 * the rest.
 *
 * job_refuse(job, err, why): Settle what is no message to begin with: it takes its turn, is not
 * looked at, and comes back with that error.
 *
 * job_own(job, admitted): Make it the job of an event that the ledger itself says, and its front
 * has admitted (admit_own); ${admitted} is taken over.
 *
 * job_free(job): NULL is fine.
 */
struct job *job_new(struct sink *sink, void *owner);
void job_refuse(struct job *job, enum err err, const struct err_text *why);
void job_own(struct job *job, struct admitted *admitted);
void job_free(struct job *job);

/**
 * job_clear(job): Forget what admission and the appender have said.
 * job_is_let_in(job): Whether it was admitted, and waits to be appended.
 * job_is_batch(job): Whether its media type is a batch's.
 * job_acts(job): Whether it was admitted and writes to the stream `ledger`, after which others may
 * be admitted or refused.
 */
void job_clear(struct job *job);
bool job_is_let_in(const struct job *job);
bool job_is_batch(const struct job *job);
bool job_acts(const struct job *job);

#endif
