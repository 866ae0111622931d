/* registry_policies - the policy that new deployments take: policy.set.  Private to registry*.c. */
#ifndef LEDGER_REGISTRY_POLICIES_H
#define LEDGER_REGISTRY_POLICIES_H

#include "ledger/registry_act.h"

/**
 * registry_policies_set(act): Judge and fold policy.set.  Each is whole: what it does not name has
 * its default.
 * registry_policies_free(registry): Free the policies.
 */
void registry_policies_set(const struct registry_act *act);
void registry_policies_free(struct registry *registry);

#endif
