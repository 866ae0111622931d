/* rekey - the change from one pair of the ledger's own keys to the next: the new files beside the
 * old, the secrets in use, and the end of the old files.
 *
 * The new pair is on disk and synced before any event names it.  From the commit of that event
 * (ledger.rekeyed) on, new events are admitted by the new key; checkpoints carry both signatures
 * until the overlap ends, and then the new files take the place of the old.  What broke off is
 * taken up again: files that no event names yet by the next `key rotate`, the end by the next
 * opening.
 */
#ifndef LEDGER_REKEY_H
#define LEDGER_REKEY_H

#include "ledger/inside.h"

/**
 * rekey_load(ledger, ret_why):
 * Load the secrets that the ledger's head needs, of a ledger with a registry and admission, and
 * settle the files of a change that is over.  Errors: NOT_FOUND, DAMAGED (a key that the ledger
 * names is not there), IO.
 * rekey_due(ledger): Whether the registry, or the time of the last entry, has made that necessary
 * since.
 */
MUST_CHECK enum err rekey_load(struct ledger *ledger, struct err_text *ret_why);
bool rekey_due(const struct ledger *ledger);

/**
 * rekey_prepare(ledger, at_once, ret_pair, ret_why):
 * Make the two new key pairs, or take those that a change which broke off has left; they are on
 * disk, and no event names them.  Of *${ret_pair} the keys are filled.  ${at_once}: the change will
 * have no overlap, and so may end that of the one before.
 * Errors: CONFLICT (the last change is not over yet, and it is not ${at_once}), IO, DAMAGED, BUSY.
 *
 * rekey_take(ledger, pair, ret_checkpoint_key):
 * The new checkpoint key of a pair that is about to be recorded; false if its two secrets are not
 * here.
 */
MUST_CHECK enum err rekey_prepare(struct ledger *ledger, bool at_once,
                                  struct registry_pair *ret_pair, struct err_text *ret_why);
MUST_CHECK bool rekey_take(const struct ledger *ledger, const struct registry_pair *pair,
                           struct secret **ret_checkpoint_key);

#endif
