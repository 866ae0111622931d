/* room - LEDGER/recovery: where a new environment is made and checked before it takes the place of
 * the ledger's own.  Its maker holds the ledger alone (STORE_ALONE, STORE_SALVAGE).
 */
#ifndef LEDGER_ROOM_H
#define LEDGER_ROOM_H

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/verify.h"

#define ROOM_NAME "recovery"

/**
 * room_make(dir, ret_path, ret_why): An empty room in the ledger ${dir}, without what an earlier
 * try has left in it; free(*${ret_path}).  Errors: IO.
 * room_clear(dir): Remove it, if it is there.
 */
MUST_CHECK enum err room_make(const char *dir, char **ret_path, struct err_text *ret_why);
void room_clear(const char *dir);

/**
 * room_verify(dir, options, ret_why): Check the environment in the room.  Errors: those of
 * verify_ledger; DAMAGED (it does not hold: what is wrong is in ${ret_why}), BUSY (also: it was
 * stopped).
 */
MUST_CHECK enum err room_verify(const char *dir, const struct verify_options *options,
                                struct err_text *ret_why);

/**
 * room_swap(dir, kept, ret_why):
 * Put the room's data.mdb, which is synced, in the place of the ledger's, which stays as the file
 * ${kept} of the ledger's directory (NULL: it goes).  A crash leaves the one or the other.
 * Errors: CONFLICT (there is such a file), IO.
 */
MUST_CHECK enum err room_swap(const char *dir, const char *kept, struct err_text *ret_why);

#endif
