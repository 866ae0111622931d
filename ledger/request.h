/* request - an event that is to be signed elsewhere, also where there is no countersign: its exact
 * bytes in a file, and beside it, in FILE.txt, what is signed, how, and what to do then.
 */
#ifndef LEDGER_REQUEST_H
#define LEDGER_REQUEST_H

#include <jansson.h>

#include "ledger/buf.h"
#include "ledger/err.h"

/* What is to be signed, where. */
struct request {
    const char *file;    /* to be made */
    const char *dir;     /* the ledger's, as typed */
    const char *summary; /* what the signer should know; "" */
    const struct buf *event;
};

/**
 * request_write(request, ret_answer, ret_why):
 * Write both files (mode 0600, synced); none of them may be there.  The answer is {request, text,
 * event_sha256, sign, submit}: the files, and the two commands.  Errors: CONFLICT, IO.
 *
 * request_describe(answer, buf): Append the same as lines for a person, without the last newline.
 *
 * request_event(file, event, ret_why):
 * Append the event in ${file} ("-": standard input) to ${event}.  White space around it, as an
 * editor leaves it, is taken away.  Errors: NOT_FOUND, IO, TOO_BIG, INVALID, NOT_EVENT.
 *
 * request_read(file, signatures, count, buf, ret_why):
 * Put the event in ${file} and its signatures, 1..ENTRY_SIGS_MAX armored files as `ssh-keygen -Y
 * sign` makes them, the actor's first, into an envelope, appended to ${buf}.  Each is checked.
 * Errors: as request_event; UNAUTHENTICATED (a signature is not of these bytes, or of a key that
 * cannot be enrolled).
 */
MUST_CHECK enum err request_write(const struct request *request, json_t **ret_answer,
                                  struct err_text *ret_why);
void request_describe(const json_t *answer, struct buf *buf);
MUST_CHECK enum err request_event(const char *file, struct buf *event, struct err_text *ret_why);
MUST_CHECK enum err request_read(const char *file, const char *const *signatures, size_t count,
                                 struct buf *buf, struct err_text *ret_why);

#endif
