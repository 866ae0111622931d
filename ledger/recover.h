/* recover - what follows a failed commit: pages may be clean in memory and gone on disk.
 * The process that saw it leaves a marker beside the environment and ends; the next start for
 * writing copies the environment to a new synced file, verifies it, and puts it in its place.
 */
#ifndef LEDGER_RECOVER_H
#define LEDGER_RECOVER_H

#include <stdbool.h>

#include "ledger/check.h"
#include "ledger/err.h"

/**
 * recover_mark(dir): Leave the synced marker, as well as it can be done.
 * recover_marked(dir): Whether there is one.
 */
void recover_mark(const char *dir);
bool recover_marked(const char *dir);

/**
 * recover_enter(dir, ret_fd, ret_why):
 * Of one who has the environment's write transaction, which another has ended: wait until that one
 * has left the marker, if its commit failed.  To be followed by recover_leave, with *${ret_fd} in
 * any case (-1 to begin with).  Errors: IO (there is the marker), BUSY (it cannot be seen).
 * recover_leave(fd): The commit is over, and if it failed, marked.
 */
MUST_CHECK enum err recover_enter(const char *dir, int *ret_fd, struct err_text *ret_why);
void recover_leave(int fd);

/**
 * recover_ledger(dir, ret_why):
 * Nothing without a marker; with it recover, and take it away.  Nobody may have the ledger open.
 * Errors: NOT_FOUND, BUSY (it is open), IO, DISK_LOW, DAMAGED (the copy does not verify: nothing
 * was changed).
 */
MUST_CHECK enum err recover_ledger(const char *dir, struct err_text *ret_why);

#endif
