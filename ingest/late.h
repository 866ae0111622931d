/* late - an event that was kept back, so marked: the extension `spooled` (RULES.md "Events"). Pure.
 */
#ifndef INGEST_LATE_H
#define INGEST_LATE_H

#include "ledger/ledger.h"

/**
 * late_mark(line, buf): Append the bare event of ${line} with the member `"spooled":true` put in
 * behind its `{`, everything else as it stands.  False, and nothing appended, where it cannot be
 * marked: it is an envelope, malformed, says `spooled` itself, or would be over EVENT_BYTES_MAX.
 * The same line always gives the same bytes.
 * late_event(line): The line without the white space around it, which is none of the event's.
 */
MUST_CHECK bool late_mark(const struct piece *line, struct buf *buf);
struct piece late_event(const struct piece *line);

#endif
