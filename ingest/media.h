/* media - media types in the headers Content-Type and Accept (RFC 9110 8.3, 12.5.1).  Pure. */
#ifndef INGEST_MEDIA_H
#define INGEST_MEDIA_H

#include <stdbool.h>

/**
 * media_is(header, type): Whether a Content-Type (NULL: absent) names ${type}, without regard to
 * case; of parameters a charset must be utf-8, others are ignored.
 * media_accepts(header, type): Whether an Accept header (NULL: absent) names ${type} itself, with a
 * weight that is not 0; wildcards do not count, for they ask for nothing special.
 */
bool media_is(const char *header, const char *type);
bool media_accepts(const char *header, const char *type);

#endif
