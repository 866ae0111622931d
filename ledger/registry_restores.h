/* registry_restores - older copies of the ledger that were put in its place: ledger.restored.
 * Private to registry*.c.
 */
#ifndef LEDGER_REGISTRY_RESTORES_H
#define LEDGER_REGISTRY_RESTORES_H

#include "ledger/registry_act.h"

/**
 * registry_restores_recorded(act): Judge and fold ledger.restored.
 * registry_restores_free(registry): Free them.
 */
void registry_restores_recorded(const struct registry_act *act);
void registry_restores_free(struct registry *registry);

#endif
