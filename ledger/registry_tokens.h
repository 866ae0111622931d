/* registry_tokens - bearer tokens: token.issued and token.revoked.  Private to registry*.c. */
#ifndef LEDGER_REGISTRY_TOKENS_H
#define LEDGER_REGISTRY_TOKENS_H

#include "ledger/registry_act.h"

/**
 * registry_tokens_issued(act), registry_tokens_revoked(act): Judge and fold these acts.
 * registry_tokens_any(registry, principal): Whether ${principal} ever had a token.
 * registry_tokens_free(registry): Free the tokens.
 */
void registry_tokens_issued(const struct registry_act *act);
void registry_tokens_revoked(const struct registry_act *act);
bool registry_tokens_any(const struct registry *registry, const char *principal);
void registry_tokens_free(struct registry *registry);

#endif
