/* verify_mark - the signed mark of a verifier: how far a ledger was checked, and found good.
 * A mark is the checkpoint that was checked, with a cosignature (C2SP cosignature/v1) by the
 * verifier's own key: so whoever may write the mark's file cannot make one.
 * Bytes: ledger/FORMAT.md "Mark".
 */
#ifndef LEDGER_VERIFY_MARK_H
#define LEDGER_VERIFY_MARK_H

#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/check.h"
#include "ledger/checkpoint.h"
#include "ledger/err.h"

/**
 * verify_mark_write(path, key_path, note, time_s, ret_why):
 * Write the mark over the checkpoint ${note} to ${path}, in the place of one that may be there.
 * ${key_path}: the verifier's key, made if there is none; NULL: verifier.key in
 * $XDG_STATE_HOME/countersign, or in ~/.local/state/countersign.
 * Errors: IO, DAMAGED (the key's file holds no key), INVALID (${note} is no checkpoint).
 */
MUST_CHECK enum err verify_mark_write(const char *path, const char *key_path,
                                      const struct buf *note, uint64_t time_s,
                                      struct err_text *ret_why);

/**
 * verify_mark_read(path, key_path, ret, ret_time_s, ret_why):
 * Read a mark back: what was checked, and when.
 * Errors: PROOF (not by this verifier's key; also: it has none), INVALID (no mark), IO (it cannot
 * be read), DAMAGED (the key's file holds no key).
 */
MUST_CHECK enum err verify_mark_read(const char *path, const char *key_path, struct checkpoint *ret,
                                     uint64_t *ret_time_s, struct err_text *ret_why);

#endif
