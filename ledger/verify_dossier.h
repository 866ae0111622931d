/* verify_dossier - `verify` of an evidence bundle: checked, and told to people and programs. */
#ifndef LEDGER_VERIFY_DOSSIER_H
#define LEDGER_VERIFY_DOSSIER_H

#include <stdbool.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/note.h"

/**
 * verify_dossier_tell(bundle, key, json, text, ret_why):
 * Check the bundle by ${key} (NULL: by the key that it names itself, which is said) and append what
 * it shows, for people or with ${json} as one object.  Errors: PROOF (it does not hold, with the
 * reason, or what it holds does not count; then what it shows is appended all the same).
 */
MUST_CHECK enum err verify_dossier_tell(const struct buf *bundle, const struct note_key *key,
                                        bool json, struct buf *text, struct err_text *ret_why);

#endif
