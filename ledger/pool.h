/* pool - threads that do pieces of work in any order, and retire them in their own. */
#ifndef LEDGER_POOL_H
#define LEDGER_POOL_H

#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"

struct pool;

/**
 * A pool_work_fn does piece ${index}, in any thread, beside others.
 * A pool_retire_fn takes in what piece ${index} gave: in order of index, one at a time, in any
 * thread, and sees all that the pieces up to it have written.
 */
typedef enum err pool_work_fn(void *ctx, uint64_t index);
typedef enum err pool_retire_fn(void *ctx, uint64_t index);

/**
 * pool_new(threads): A pool of so many threads, the one that calls pool_each among them; 0: one for
 * each core that this process may use.  At most POOL_THREADS_MAX, and fewer where the system grants
 * no more.  Its threads take no signals.
 * pool_free(pool): End its threads; no pool_each may be under way.  NULL is fine.
 * pool_threads(pool): How many there are, from 1 on.
 * pool_cores(): The cores that this process may use, from 1 on.
 */
struct pool *pool_new(unsigned threads);
void pool_free(struct pool *pool);
unsigned pool_threads(const struct pool *pool);
unsigned pool_cores(void);

/**
 * pool_window(pool):
 * No piece is begun before the one so many places before it has been retired: results in a ring of
 * this many slots are never overwritten.
 */
uint64_t pool_window(const struct pool *pool);

/**
 * pool_each(pool, count, work, retire, ctx):
 * Do pieces 0 to ${count} - 1, and return when all are done; ${retire} may be NULL.  One call at a
 * time, and not from within a piece.  If a piece fails, or cannot be retired, those before it are
 * still done and retired, those behind it are not retired, and its error is returned: the same
 * whatever the number of threads.
 * Errors: those of ${work} and ${retire}.
 */
MUST_CHECK enum err pool_each(struct pool *pool, uint64_t count, pool_work_fn *work,
                              pool_retire_fn *retire, void *ctx);

#endif
