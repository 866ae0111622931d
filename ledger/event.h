/* event - one CloudEvents 1.0 object in JSON structured mode: parsing and checking, never
 * re-serialising. Source: CloudEvents 1.0.2 and its JSON format; DESIGN.md 2.  Pure.
 */
#ifndef LEDGER_EVENT_H
#define LEDGER_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/err.h"

#define EVENT_MEDIA_TYPE "application/cloudevents+json"
#define EVENT_OWN_PREFIX "dev.countersign."

/* A parsed event.  All strings are borrowed from `json`; NULL where the attribute is absent. */
struct event {
    json_t *json;           /* owned */
    const char *id;         /* 1..ID_BYTES_MAX bytes */
    const char *source;     /* 1..ID_BYTES_MAX bytes */
    const char *type;       /* not empty */
    const char *deployment; /* extension `deployment`: a well-formed stream name, or NULL */
    const char *ledger;     /* extension `ledger`: hex ledger id as the event claims, or NULL */
    bool has_time;
    int64_t time_us;        /* claimed time; 0 without one */
    bool spooled, replayed; /* extensions of these names are true, or "true" (binary mode) */
    const json_t *data;     /* borrowed; NULL if absent */
    /* Of event_read where it did not parse: */
    const char *data_text; /* the source of data, borrowed from what was read; NULL if absent */
    size_t data_bytes;
    json_t *data_json; /* owned: what event_take_data built */
};

/**
 * event_parse(bytes, event_bytes, ret_event, ret_why):
 * Parse and check ${event_bytes} bytes, from `{` to `}` with nothing around, as one CloudEvent.
 * Checked: specversion "1.0"; id, source, type non-empty strings, the first two within
 * ID_BYTES_MAX; attribute names [a-z0-9]+; attributes strings without control characters and
 * noncharacters, booleans or int32 (null counts as absent); datacontenttype, dataschema, subject,
 * ledger, if present, non-empty strings; time RFC 3339; data and data_base64 not both; deployment a
 * stream name (event_stream_ok).  Cost: one parse.
 * Errors: TOO_BIG (over EVENT_BYTES_MAX), INVALID (not I-JSON, or white space around it),
 * NOT_EVENT.
 *
 * event_read(bytes, event_bytes, ret_event, ret_why): The same, but json and data may be NULL, for
 * whoever needs its attributes alone.  Cost: of a plain event a seventh of a parse.  Errors: as
 * event_parse.
 * event_read_own(bytes, event_bytes, ret_event, ret_why): The same; the data of our own types are
 * built in the same pass where that can be, for whoever takes them next.
 * event_take_data(event): Have data also where event_read left json NULL: then data alone is built,
 * as a parse would.  What was read must still be there.  False (damage) if it cannot be: it was
 * changed meanwhile.
 * event_free(event): Free it and its JSON.
 */
MUST_CHECK enum err event_parse(const void *bytes, size_t event_bytes, struct event **ret_event,
                                struct err_text *ret_why);
MUST_CHECK enum err event_read(const void *bytes, size_t event_bytes, struct event **ret_event,
                               struct err_text *ret_why);
MUST_CHECK enum err event_read_own(const void *bytes, size_t event_bytes, struct event **ret_event,
                                   struct err_text *ret_why);
MUST_CHECK bool event_take_data(struct event *event);
void event_free(struct event *event);

/**
 * event_is_own(event): Whether its type is one of ours, dev.countersign.*.
 * event_is_newer(event): Whether its type is one that RULES.md names, in a later version than 1: a
 * newer program wrote it, and this one cannot judge it.
 * event_subject_verb(event): For our own types of version 1, "<subject>.<verb>" ("item.checked"),
 * borrowed from a static list of all that RULES.md names; NULL for any other type.
 */
bool event_is_own(const struct event *event);
bool event_is_newer(const struct event *event);
const char *event_subject_verb(const struct event *event);

/**
 * event_stream_ok(name): [a-z0-9][a-z0-9._-]{0,127}, reserved names included.
 * event_principal_ok(name): [A-Za-z0-9][A-Za-z0-9._@+:-]{0,127}.
 */
bool event_stream_ok(const char *name);
bool event_principal_ok(const char *name);

#endif
