/* push_spool - lines delivered by way of a spool: they are on disk before they are sent, and wait
 * there while the ledger cannot be reached.
 */
#ifndef INGEST_PUSH_SPOOL_H
#define INGEST_PUSH_SPOOL_H

#include "ingest/push.h"

/**
 * push_spool_run(push, ret_code, ret_why): Take the file's lines in, if one is read, and deliver
 * what the spool has; the exit code: 0 all that was read is in the ledger or safe in the spool (and
 * with no file: the spool is empty), 1 one was refused, 3 it could not go on.  Errors: NOT_FOUND,
 * IO, USAGE, INVALID (input or spool).
 */
MUST_CHECK enum err push_spool_run(struct push *push, int *ret_code, struct err_text *ret_why);

#endif
