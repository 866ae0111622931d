/* binary - an event in binary mode, its attributes beside its data, made a structured one.
 * Bytes:  ledger/FORMAT.md "Binary mode" (CloudEvents 1.0.2: HTTP binding 3.1, JSON format 3.1).
 * Pure.
 */
#ifndef LEDGER_BINARY_H
#define LEDGER_BINARY_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/buf.h"
#include "ledger/err.h"

/* A context attribute as a header carries it. */
struct binary_attribute {
    const char *name; /* behind the prefix, in any case */
    size_t name_bytes;
    const char *value; /* perhaps quoted, percent-encoded */
    size_t value_bytes;
};

/* A message in binary mode, as HTTP or AMQP brings it; all borrowed. */
struct binary_message {
    const struct binary_attribute *attributes; /* in any order */
    size_t count;
    const char *media; /* Content-Type of the body; NULL without one */
    const void *body;
    size_t body_bytes; /* 0: the event has no data */
};

/**
 * binary_header(header, header_bytes, ret_attribute):
 * Whether ${header} begins with `ce-`, in any case; the name of *${ret_attribute} is then what
 * stands behind that, borrowed from ${header}.
 */
MUST_CHECK bool binary_header(const char *header, size_t header_bytes,
                              struct binary_attribute *ret_attribute);

/**
 * binary_event(message, buf, ret_why):
 * Append the event in JSON structured mode: the same bytes for the same message, in whatever order
 * its attributes come.  What event_parse checks is left to it: the values of attributes, and
 * whether a body that says JSON is.  But of a body nothing can get out of `data`: an event that
 * event_parse takes has the message's attributes, its media as datacontenttype, and no others.
 * Cost: one pass over the body, and sorting of the attributes.
 * Errors: INVALID (an attribute twice, a broken percent-escape, not UTF-8, JSON that is no one
 * value), NOT_EVENT (a name that is no attribute's, a mandatory one missing, datacontenttype
 * beside the media), TOO_BIG (over EVENT_BYTES_MAX).
 */
MUST_CHECK enum err binary_event(const struct binary_message *message, struct buf *buf,
                                 struct err_text *ret_why);

#endif
