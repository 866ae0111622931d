/* queue - events between threads: jobs wait in order, bounded in number and in bytes. */
#ifndef INGEST_QUEUE_H
#define INGEST_QUEUE_H

#include "ledger/ledger.h"

/* One admitted event on its way to the appender, and back with what became of it. */
struct job {
    struct job *next;          /* the queue's while it waits; links a list that was taken */
    struct admitted *admitted; /* owned */
    size_t bytes;              /* what it counts against a queue's bound */
    void *owner;               /* borrowed: who waits for it */
    enum err err;              /* of the commit: OK, or DISK_LOW (not appended) */
    struct err_text why;       /* if err is not OK */
    struct receipt receipt;    /* owned; filled if err is OK */
};

/**
 * queue_job_new(admitted, owner), queue_job_free(job): A job around ${admitted}, which is taken
 * over;
 * ${owner} is borrowed.  queue_job_free frees what the job owns; NULL is fine.
 */
struct job *queue_job_new(struct admitted *admitted, void *owner);
void queue_job_free(struct job *job);

struct queue;

/**
 * queue_new(events_max, bytes_max), queue_free(queue):
 * An empty queue that holds at most so many jobs and bytes.  Freed with the jobs still in it, once
 * no other thread uses it; NULL is fine.
 */
struct queue *queue_new(size_t events_max, size_t bytes_max);
void queue_free(struct queue *queue);

/**
 * queue_push(queue, job): Add a job, which is taken over only on success; false if the queue is
 * full (an empty queue takes a job of any size) or closed.  Any thread, never waits.
 * queue_take(queue, events_max, bytes_max): Wait until something is there, then take the oldest
 * jobs, at most so many events and bytes but at least one; NULL once the queue is closed and empty.
 * queue_take_now(queue): Take all that is there without waiting; NULL if that is nothing.
 * queue_close(queue): No more jobs from now on; who waits in queue_take gets the rest, then NULL.
 * queue_events(queue): How many jobs wait now.
 */
MUST_CHECK bool queue_push(struct queue *queue, struct job *job);
struct job *queue_take(struct queue *queue, size_t events_max, size_t bytes_max);
struct job *queue_take_now(struct queue *queue);
void queue_close(struct queue *queue);
size_t queue_events(struct queue *queue);

#endif
