/* event_scan - the attributes of a plain event found in one pass, without building its JSON. */
#ifndef LEDGER_EVENT_SCAN_H
#define LEDGER_EVENT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/event.h"

#define EVENT_SCAN_ROOM 1024 /* bytes that the attributes may have together */

/* What was found: an event whose strings stand in `room`; `json` and, unless it was built, `data`
 * are NULL, all else is set. */
struct event_scan {
    struct event event; /* comes first: event_read gives it away */
    size_t used;
    char room[EVENT_SCAN_ROOM];
};

/**
 * event_scan_read(bytes, event_bytes, ret):
 * Scan an event that is plain: ASCII without escapes, few members, small numbers.  True means that
 * event_parse takes it and finds the same; false only that it must be asked.  Cost: a seventh of
 * event_parse's.
 * event_scan_build(bytes, event_bytes, ret): The same, and the data of one of our own types are
 * built on the way, if its type stands before them: event.data_json is the caller's then.
 */
bool event_scan_read(const void *bytes, size_t event_bytes, struct event_scan *ret);
bool event_scan_build(const void *bytes, size_t event_bytes, struct event_scan *ret);

#endif
