/* thread - a thread that takes no signals but for its own faults: they are for those that were
 * there before.
 */
#ifndef LEDGER_THREAD_H
#define LEDGER_THREAD_H

#include <pthread.h>
#include <stddef.h>

#include "ledger/check.h"

typedef void *thread_fn(void *ctx);

/**
 * thread_start(run, ctx, stack_bytes, ret_thread):
 * Run ${run} in a thread of its own, with a stack of ${stack_bytes} (0: the system's default).  Its
 * owner joins it.  0, or the error number of the system that gives no thread.
 */
MUST_CHECK int thread_start(thread_fn *run, void *ctx, size_t stack_bytes, pthread_t *ret_thread);

#endif
