/* counters - what security keys have counted, in the order of one stream.  A counter that does not
 * grow may be that of a copy of the key.
 */
#ifndef LEDGER_COUNTERS_H
#define LEDGER_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/buf.h"
#include "ledger/entry.h"

/* The highest of each key so far.  Zero-initialised is empty. */
struct counters {
    struct counter_seen *keys; /* owned; in order of first use */
    size_t count, cap;
};

/**
 * counters_note(counters, entry, why):
 * Take in the signatures of the stream's next entry, and tell whether the counter of one of them is
 * not above all that its key signed here before; then ${why} (may be NULL) gets which.  A key that
 * has only ever said 0 counts nothing, and is not told of.
 * counters_free(counters): Empty it.
 */
bool counters_note(struct counters *counters, const struct entry *entry, struct buf *why);
void counters_free(struct counters *counters);

#endif
