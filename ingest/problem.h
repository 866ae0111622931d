/* problem - errors as RFC 9457 problem details.  Pure. */
#ifndef INGEST_PROBLEM_H
#define INGEST_PROBLEM_H

#include "ledger/ledger.h"

#define PROBLEM_MEDIA_TYPE "application/problem+json"

/**
 * problem_json(err, why): {type, title, status, detail}: type is "urn:countersign:problem:" and the
 * error's name in lower case, title and status the error's own, detail ${why} (NULL or empty:
 * absent).  A new reference.
 */
json_t *problem_json(enum err err, const struct err_text *why);

/**
 * problem_text(err, why, buf): Append it as text, without a newline.
 */
void problem_text(enum err err, const struct err_text *why, struct buf *buf);

#endif
