/* registry_heads - where all streams stood, as the ledger itself has said: ledger.heads.  Private
 * to registry*.c. */
#ifndef LEDGER_REGISTRY_HEADS_H
#define LEDGER_REGISTRY_HEADS_H

#include "ledger/registry_act.h"

/**
 * registry_heads_said(act): Judge and fold ledger.heads.  Its root is not made again here.
 * registry_heads_free(registry): Free the facts.
 */
void registry_heads_said(const struct registry_act *act);
void registry_heads_free(struct registry *registry);

#endif
