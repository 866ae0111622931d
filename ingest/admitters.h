/* admitters - the threads that admit, one for each core: they take jobs from the queue in any
 * order, and finish those that were decided.
 */
#ifndef INGEST_ADMITTERS_H
#define INGEST_ADMITTERS_H

#include "ingest/queue.h"
#include "ingest/screen.h"

struct admitters;

/**
 * admitters_start(queue, screen, ret_admitters, ret_why): Start them; both are borrowed.  Errors:
 * IO (no thread at all).
 * admitters_join(admitters): Wait until the queue has ended and all is finished, then free.  NULL
 * is fine.
 */
MUST_CHECK enum err admitters_start(struct queue *queue, struct screen *screen,
                                    struct admitters **ret_admitters, struct err_text *ret_why);
void admitters_join(struct admitters *admitters);

#endif
