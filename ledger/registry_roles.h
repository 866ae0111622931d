/* registry_roles - who was granted which role: role.granted and role.revoked.  Private to
 * registry*.c. */
#ifndef LEDGER_REGISTRY_ROLES_H
#define LEDGER_REGISTRY_ROLES_H

#include "ledger/registry_act.h"

/**
 * registry_roles_granted(act), registry_roles_revoked(act): Judge and fold these acts.
 * registry_roles_add(registry, principal, role, seq): The new fact that entry ${seq} grants
 * ${role}; none where ${principal} holds it already.
 * registry_roles_free(registry): Free the grants.
 */
void registry_roles_granted(const struct registry_act *act);
void registry_roles_revoked(const struct registry_act *act);
void registry_roles_add(struct registry *registry, const char *principal, const char *role,
                        uint64_t seq);
void registry_roles_free(struct registry *registry);

#endif
