/* rehearsal - an event of a deployment as it is played again: marked, and without what made it
 * binding.  Pure.
 */
#ifndef INGEST_REHEARSAL_H
#define INGEST_REHEARSAL_H

#include "ledger/ledger.h"

/* What is the same for all events of one; borrowed. */
struct rehearsal {
    const char *ledger; /* id of the ledger that they are from, hex */
    const char *as;     /* the deployment that they are to belong to */
};

/**
 * rehearsal_event(rehearsal, record, buf, ret_why):
 * Append the event of ${record}, which is not erased, as it is played again: the extensions
 * `replayed` (true), `replayof` (the ledger that it is from, which will never take it) and
 * `deployment`; no `ledger`, so that it says nothing of the one that it comes to; for its id
 * rehearsal_id.  Everything else, data above all, is its source text.  The same record always gives
 * the same bytes.  Errors: INVALID, NOT_EVENT (it is no event), TOO_BIG (over EVENT_BYTES_MAX with
 * its marks).
 *
 * rehearsal_id(rehearsal, pos, id, buf): Append "replay:AS:POS:ID", of an ID that would make that
 * over ID_BYTES_MAX its SHA-256: never the name of what really happened, and never twice the same,
 * whoever the actors were.
 */
MUST_CHECK enum err rehearsal_event(const struct rehearsal *rehearsal, const struct record *record,
                                    struct buf *buf, struct err_text *ret_why);
void rehearsal_id(const struct rehearsal *rehearsal, uint64_t pos, const char *id, struct buf *buf);

#endif
