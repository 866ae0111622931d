/* sink - where a front gets its jobs back: a list of its own, and a call that wakes it. */
#ifndef INGEST_SINK_H
#define INGEST_SINK_H

#include "ingest/job.h"

struct sink;

/**
 * A sink_wake_fn is called in some other thread when the sink is no longer empty, or when the inlet
 * that was full has room again.  It must not wait, and not call the sink or the inlet.
 */
typedef void sink_wake_fn(void *ctx);

/**
 * sink_new(wake, ctx), sink_free(sink): An empty sink.  It must outlive every inlet that was handed
 * its jobs; jobs still in it are freed.  NULL is fine.
 * sink_take(sink): The jobs that came back, in the order in which they were handed in, linked by
 * `next`; NULL if there are none.  The caller owns them.  Never waits.
 */
struct sink *sink_new(sink_wake_fn *wake, void *ctx);
void sink_free(struct sink *sink);
struct job *sink_take(struct sink *sink);

/**
 * sink_give(jobs): Give each job of a list to its own sink, in order.  The inlet's to call.
 * sink_wake(sink): Call its front.
 */
void sink_give(struct job *jobs);
void sink_wake(struct sink *sink);

#endif
