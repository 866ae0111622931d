/* demo_scribe - writes a made-up year into its ledger: each act as an event, signed, let in by
 * admission as any other, appended in large commits.  The entries are the same whatever the number
 * of threads.
 */
#ifndef REPORTS_DEMO_SCRIBE_H
#define REPORTS_DEMO_SCRIBE_H

#include "reports/demo_act.h"
#include "reports/demo_world.h"

struct demo_scribe;

/**
 * demo_scribe_new(world, ledger, pool): A scribe of that ledger, which is simulated, open for
 * writing, and has entry 0 alone.  All three are borrowed.
 * demo_scribe_free(scribe): NULL is fine.  What was not flushed is lost.
 */
struct demo_scribe *demo_scribe_new(const struct demo_world *world, struct ledger *ledger,
                                    struct pool *pool);
void demo_scribe_free(struct demo_scribe *scribe);

/**
 * demo_scribe_put(scribe, act, ret_why): The next act, which is taken; written sooner or later.
 * demo_scribe_flush(scribe, ret_why): Write all that is not written yet.
 * demo_scribe_heads(scribe, ret_why): The same, and have the ledger say where its streams stand.
 * demo_scribe_written(scribe): So many acts are written.
 * Errors: as admit_event and ledger_append.
 */
MUST_CHECK enum err demo_scribe_put(struct demo_scribe *scribe, struct demo_act *act,
                                    struct err_text *ret_why);
MUST_CHECK enum err demo_scribe_flush(struct demo_scribe *scribe, struct err_text *ret_why);
MUST_CHECK enum err demo_scribe_heads(struct demo_scribe *scribe, struct err_text *ret_why);
uint64_t demo_scribe_written(const struct demo_scribe *scribe);

#endif
