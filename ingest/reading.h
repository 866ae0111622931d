/* reading - threads that read the ledger for the event loop, which never waits for them.
 */
#ifndef INGEST_READING_H
#define INGEST_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"

struct event_base;
struct reading;

typedef void reading_fn(void *ctx);

/* One piece of work; stands inside what ${ctx} points to, which is its owner's. */
struct reading_work {
    struct reading_work *next; /* reading's */
    reading_fn *run;           /* called in one of the threads; sees nothing that others write */
    reading_fn *end;           /* called in the event loop once it has run; may free ctx */
    void *ctx;
};

/**
 * reading_start(base, threads, work_max, ret_reading, ret_why): Start so many threads for the event
 * loop ${base}, in whose thread all of these functions are called, and which runs no more once
 * reading_free was.  At most ${work_max} pieces wait.  Errors: IO (no thread, no descriptor).
 *
 * reading_push(reading, work): Hand over a piece of work; false if too many wait, or the end has
 * come.
 *
 * reading_waiting(reading): How many pieces are not ended yet.
 *
 * reading_free(reading): Let the threads end what they are at, and end everything; what had not run
 * is ended all the same.  NULL is fine.
 */
MUST_CHECK enum err reading_start(struct event_base *base, size_t threads, size_t work_max,
                                  struct reading **ret_reading, struct err_text *ret_why);
MUST_CHECK bool reading_push(struct reading *reading, struct reading_work *work);
size_t reading_waiting(const struct reading *reading);
void reading_free(struct reading *reading);

#endif
