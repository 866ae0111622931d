/* registry_pairs - the ledger's own key pairs: ledger.created and ledger.rekeyed.  Private to
 * registry*.c.
 */
#ifndef LEDGER_REGISTRY_PAIRS_H
#define LEDGER_REGISTRY_PAIRS_H

#include "ledger/registry_act.h"

/**
 * registry_pairs_created(act): The first pair, of a `ledger.created` that is accepted.
 * registry_pairs_rekeyed(act): Judge and fold ledger.rekeyed.
 * registry_pairs_free(registry): Free the pairs.
 */
void registry_pairs_created(const struct registry_act *act);
void registry_pairs_rekeyed(const struct registry_act *act);
void registry_pairs_free(struct registry *registry);

#endif
