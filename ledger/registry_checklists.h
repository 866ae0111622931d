/* registry_checklists - published checklists: checklist.published.  Private to registry*.c. */
#ifndef LEDGER_REGISTRY_CHECKLISTS_H
#define LEDGER_REGISTRY_CHECKLISTS_H

#include "ledger/registry_act.h"

/**
 * registry_checklists_published(act): Judge and fold checklist.published.  The same text again is
 * accepted and changes nothing.
 * registry_checklists_free(registry): Free the checklists.
 */
void registry_checklists_published(const struct registry_act *act);
void registry_checklists_free(struct registry *registry);

#endif
