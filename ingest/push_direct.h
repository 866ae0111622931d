/* push_direct - lines delivered as they are read: what is not delivered is still the sender's. */
#ifndef INGEST_PUSH_DIRECT_H
#define INGEST_PUSH_DIRECT_H

#include "ingest/push.h"

/**
 * push_direct_run(push, ret_code, ret_why): Deliver the file's lines, one after the other; the exit
 * code: 0 all are in the ledger, 1 one was refused, 3 it could not go on.  Errors: NOT_FOUND, IO
 * (the input).
 */
MUST_CHECK enum err push_direct_run(struct push *push, int *ret_code, struct err_text *ret_why);

#endif
