/* verify_tiles - verify's source of entries in a directory of tiles (C2SP tlog-tiles), by whatever
 * program it was written.
 */
#ifndef LEDGER_VERIFY_TILES_H
#define LEDGER_VERIFY_TILES_H

#include <stdbool.h>

#include "ledger/check.h"
#include "ledger/err.h"

struct verify_state;

/**
 * verify_tiles_is(dir): Whether ${dir} is to be read as tiles: it has `checkpoint` and `tile`, and
 * no data.mdb.
 * verify_tiles_check(state, dir):
 * Check the log in directory ${dir}: all that state->options ask for.  Entries of another program
 * are opaque: then, and where entry 0's event is not shown, options->vkey must be given.
 * Errors: USAGE (no vkey), INVALID (there is no checkpoint), IO, BUSY (stopped), DAMAGED
 * (verify_state_bad).
 */
bool verify_tiles_is(const char *dir);
MUST_CHECK enum err verify_tiles_check(struct verify_state *state, const char *dir);

#endif
