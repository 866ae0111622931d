/* batch - a batch of CloudEvents (a JSON array of them) taken apart: where each event stands.
 * Source: CloudEvents 1.0.2, JSON format 4.  Pure.
 */
#ifndef LEDGER_BATCH_H
#define LEDGER_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/err.h"
#include "ledger/hash.h"

#define BATCH_MEDIA_TYPE "application/cloudevents-batch+json"

/* A batch while it is read; `at` and `end` are set by who reads it, the rest is 0. */
struct batch_reader {
    const char *at;  /* borrowed: what is not read yet */
    const char *end; /* behind the last byte */
    size_t count;    /* events found so far */
    bool over;       /* the closing bracket was read */
};

/**
 * batch_next(reader, ret_event, ret_found, ret_why):
 * Find the next event: its bytes from `{` to `}` (borrowed), or that there is none left.  Where all
 * are found and each is JSON (event_parse), so is the batch.  At most BATCH_EVENTS_MAX.
 * Errors: INVALID (no array, something between the events or behind them), NOT_EVENT (an element is
 * no object), TOO_BIG.
 */
MUST_CHECK enum err batch_next(struct batch_reader *reader, struct piece *ret_event,
                               bool *ret_found, struct err_text *ret_why);

#endif
