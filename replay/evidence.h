/* evidence - a file as evidence: its digest, and its bytes where they are few. */
#ifndef REPLAY_EVIDENCE_H
#define REPLAY_EVIDENCE_H

#include <jansson.h>

#include "ledger/ledger.h"

#define EVIDENCE_BASE64_MAX ((size_t)716800) /* characters of data_base64, 700 KiB (RULES.md) */

/**
 * evidence_attach(path, whole, data, ret_why):
 * Add sha256 of the file's bytes to the event's ${data}, and with ${whole} the bytes themselves as
 * data_base64, and as media what they are where they are an envelope or a statement and no media is
 * given.  Cost: one pass.  Errors: NOT_FOUND, IO, TOO_BIG (with ${whole}: over
 * EVIDENCE_BASE64_MAX).
 */
MUST_CHECK enum err evidence_attach(const char *path, bool whole, json_t *data,
                                    struct err_text *ret_why);

#endif
