/* queue - jobs between the fronts, the threads that admit them and the one that appends them:
 * admitted in any order, appended in the order in which they came; bounded in events and bytes.
 */
#ifndef INGEST_QUEUE_H
#define INGEST_QUEUE_H

#include "ingest/job.h"

struct queue;

/**
 * queue_new(events_max, bytes_max), queue_free(queue):
 * An empty queue that holds at most so many events and bytes.  Freed with the jobs still in it,
 * once no thread uses it any more; NULL is fine.
 */
struct queue *queue_new(size_t events_max, size_t bytes_max);
void queue_free(struct queue *queue);

/**
 * queue_push(queue, jobs): Add jobs, linked by next, that wait to be admitted (or are refused
 * already), in order; gives back those that found the queue full (an empty queue takes a job of any
 * size) or closed: they stay the caller's.  Half of it is for those who can not wait and are known:
 * a job over AMQP, or one that nobody authenticated brings, finds it full sooner.  A sink whose job
 * found no room is woken once there is some.  Any thread; never waits.
 * queue_close(queue): No more jobs from now on.
 * queue_events(queue): How many events wait for a commit that has not begun.
 */
MUST_CHECK struct job *queue_push(struct queue *queue, struct job *jobs);
void queue_close(struct queue *queue);
size_t queue_events(struct queue *queue);

/**
 * queue_next(queue): Wait for a job that was decided and is to be finished, which is the caller's
 * then; or for the oldest that waits to be admitted, which stays in the queue.  NULL once the queue
 * has ended.
 * queue_ready(queue, job): It was admitted, or refused.
 */
struct job *queue_next(struct queue *queue);
void queue_ready(struct queue *queue, struct job *job);

/**
 * queue_wait(queue, wait_us): Wait, at most so long, until queue_take finds a job, or that there
 * will be none, or queue_help one; false where both would still wait for one.
 * queue_help(queue): The oldest job that waits to be admitted, where queue_take would wait and it
 * is admitted quickly: whoever appends admits it (queue_ready) rather than wait; else NULL.
 * queue_take(queue, events_max, bytes_max): Wait until the oldest job is admitted or refused, and
 * so are those that came by then, up to GROUP_JOBS_MAX: a sync costs more than to wait for them.
 * Take what is ready from the oldest on, in order: at most so many events and bytes, but at least
 * one job; NULL once the queue is closed and empty.  One thread.
 * queue_finish(queue, job): Hand over a job that was decided, to be finished.
 * queue_end(queue): There will be no more of those: what is left is finished.
 */
MUST_CHECK bool queue_wait(struct queue *queue, int64_t wait_us);
struct job *queue_help(struct queue *queue);
struct job *queue_take(struct queue *queue, size_t events_max, size_t bytes_max);
void queue_finish(struct queue *queue, struct job *job);
void queue_end(struct queue *queue);

#endif
