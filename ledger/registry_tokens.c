#include "ledger/registry_tokens.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ijson.h"
#include "ledger/instant.h"
#include "ledger/mem.h"
#include "ledger/registry_keys.h"

/* Looks at all of them, whichever it is and whether it is there. */
static struct registry_token *find(const struct registry *registry,
                                   const uint8_t sha256[HASH_BYTES])
{
    struct registry_token *found = NULL;
    for (size_t i = 0; i < registry->token_count; i++) {
        if (sodium_memcmp(registry->tokens[i]->sha256, sha256, HASH_BYTES) == 0)
            found = registry->tokens[i];
    }
    return found;
}

const struct registry_token *registry_token(const struct registry *registry,
                                            const uint8_t sha256[HASH_BYTES])
{
    return find(registry, sha256);
}

bool registry_token_valid(const struct registry_token *token, uint64_t seq, int64_t admitted_us)
{
    return token->issued_seq < seq && seq <= token->revoked_seq && admitted_us < token->expires_us;
}

const struct registry_token *const *registry_tokens(const struct registry *registry,
                                                    size_t *ret_count)
{
    *ret_count = registry->token_count;
    return (const struct registry_token *const *)registry->tokens;
}

bool registry_tokens_any(const struct registry *registry, const char *principal)
{
    for (size_t i = 0; i < registry->token_count; i++) {
        if (strcmp(registry->tokens[i]->principal, principal) == 0)
            return true;
    }
    return false;
}

/* Take `scopes`: an array that is not empty, of "write" and "read". */
static bool take_scopes(const struct registry_act *act, unsigned *ret_scopes)
{
    const json_t *scopes = ijson_get(act->data, "scopes");
    unsigned taken = 0;
    for (size_t i = 0; i < json_array_size(scopes); i++) {
        const char *name = json_string_value(json_array_get(scopes, i));
        unsigned scope = name == NULL                 ? 0
                         : strcmp(name, "write") == 0 ? SCOPE_WRITE
                         : strcmp(name, "read") == 0  ? SCOPE_READ
                                                      : 0;
        if (scope == 0) {
            taken = 0;
            break;
        }
        taken |= scope;
    }
    if (taken == 0)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`scopes` must name write, read or both");
    else
        *ret_scopes = taken;
    return taken != 0;
}

/* Take `expires`: a time, or nothing for a token without an end. */
static bool take_expires(const struct registry_act *act, int64_t *ret_us)
{
    const json_t *expires = ijson_get(act->data, "expires");
    if (expires == NULL || json_is_null(expires)) {
        *ret_us = INT64_MAX;
        return true;
    }
    if (json_is_string(expires) && instant_parse(json_string_value(expires), ret_us))
        return true;
    verdict_refuse(act->verdict, RULE_BAD_VALUE, "`expires` must be an RFC 3339 time");
    return false;
}

void registry_tokens_issued(const struct registry_act *act)
{
    struct registry_token token = {.issued_seq = act->entry->seq, .revoked_seq = SEQ_NONE};
    const char *principal = NULL;
    if (!registry_act_principal(act, &principal) ||
        !registry_act_hash(act, "sha256", token.sha256) || !take_scopes(act, &token.scopes) ||
        !take_expires(act, &token.expires_us))
        return;
    if (registry_keys_outside(principal))
        verdict_refuse(act->verdict, RULE_BAD_VALUE,
                       "%s is a broker user or a certificate, which cannot have tokens", principal);
    else if (find(act->registry, token.sha256) != NULL)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "the token was issued already");
    else if (registry_keys_any(act->registry, principal))
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "%s has keys, and so cannot have tokens",
                       principal);
    else if (registry_act_by_admin(act)) {
        struct registry *registry = act->registry;
        memcpy(token.principal, principal, strlen(principal) + 1);
        struct registry_token **slot =
            MEM_PUSH(registry->tokens, registry->token_count, registry->token_cap);
        *slot = mem_copy(&token, sizeof(token));
    }
}

void registry_tokens_revoked(const struct registry_act *act)
{
    uint8_t sha256[HASH_BYTES];
    if (!registry_act_hash(act, "sha256", sha256))
        return;
    struct registry_token *token = find(act->registry, sha256);
    if (token == NULL)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`sha256` names no token that was issued");
    else if (token->revoked_seq != SEQ_NONE)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "the token is revoked already");
    else if (registry_act_by_admin(act))
        token->revoked_seq = act->entry->seq;
}

void registry_tokens_free(struct registry *registry)
{
    for (size_t i = 0; i < registry->token_count; i++)
        free(registry->tokens[i]);
    free(registry->tokens);
}
