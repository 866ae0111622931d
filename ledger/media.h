/* media - media types in the headers Content-Type and Accept (RFC 9110 8.3, 12.5.1).  Pure. */
#ifndef LEDGER_MEDIA_H
#define LEDGER_MEDIA_H

#include <stdbool.h>

/**
 * media_is(header, type): Whether a Content-Type (NULL: absent) names ${type}, without regard to
 * case; of parameters a charset must be utf-8, others are ignored.
 * media_begins(header, prefix): Whether the type it names begins with ${prefix}, without regard to
 * case; parameters are not looked at.
 * media_json(header): Whether it says JSON in UTF-8: the subtype is `json` or ends in `+json`
 * (CloudEvents JSON format 3.1), and a charset, if any, is utf-8.
 * media_accepts(header, type): Whether an Accept header (NULL: absent) names ${type} itself, with a
 * weight that is not 0; wildcards do not count, for they ask for nothing special.
 */
bool media_is(const char *header, const char *type);
bool media_begins(const char *header, const char *prefix);
bool media_json(const char *header);
bool media_accepts(const char *header, const char *type);

#endif
