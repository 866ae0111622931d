/* registry_keys - who holds which key: key.enrolled and key.revoked.  Private to registry*.c. */
#ifndef LEDGER_REGISTRY_KEYS_H
#define LEDGER_REGISTRY_KEYS_H

#include "ledger/registry_act.h"

/**
 * registry_keys_enrolled(act), registry_keys_revoked(act): Judge and fold these acts.
 * registry_keys_add(registry, entry, principal, key): The new fact that ${entry} enrols ${key}.
 * registry_keys_any(registry, principal): Whether ${principal} ever had a key.
 * registry_keys_outside(principal): Whether the name is a broker user's or a certificate's, which
 * cannot have keys or tokens.
 * registry_keys_free(registry): Free the keys.
 */
void registry_keys_enrolled(const struct registry_act *act);
void registry_keys_revoked(const struct registry_act *act);
struct registry_key *registry_keys_add(struct registry *registry, const struct entry *entry,
                                       const char *principal, const struct sshkey *key);
bool registry_keys_any(const struct registry *registry, const char *principal);
bool registry_keys_outside(const char *principal);
void registry_keys_free(struct registry *registry);

#endif
