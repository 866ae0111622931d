/* bell - a descriptor by which one thread wakes another that polls. */
#ifndef INGEST_BELL_H
#define INGEST_BELL_H

#include "ledger/ledger.h"

/**
 * bell_new(ret_fd, ret_why): A bell, to be polled for reading; closed with close().  Errors: IO (no
 * descriptors).
 * bell_ring(fd): From any thread, also in a signal's handler; it can be read from now on.
 * bell_hush(fd): It has been heard, however often it was rung; nothing if it was not.
 */
MUST_CHECK enum err bell_new(int *ret_fd, struct err_text *ret_why);
void bell_ring(int fd);
void bell_hush(int fd);

#endif
