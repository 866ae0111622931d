#include "ledger/registry_roles.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next character of a role's name as it compares: lower case, a run of white space as one
 * space, none at either end; '\0' at the end. */
static char next(const char **at, bool first)
{
    const char *from = *at;
    while (is_white(**at))
        (*at)++;
    if (**at == '\0')
        return '\0';
    if (*at != from && !first)
        return ' ';
    char c = *(*at)++;
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool registry_role_same(const char *a, const char *b)
{
    for (bool first = true;; first = false) {
        char from_a = next(&a, first), from_b = next(&b, first);
        if (from_a != from_b)
            return false;
        if (from_a == '\0')
            return true;
    }
}

/* The grant that holds at ${seq}, or NULL. */
static struct registry_grant *find(const struct registry *registry, const char *principal,
                                   const char *role, uint64_t seq)
{
    for (size_t i = 0; i < registry->grant_count; i++) {
        struct registry_grant *grant = &registry->grants[i];
        if (grant->from < seq && seq <= grant->to && strcmp(grant->principal, principal) == 0 &&
            registry_role_same(grant->role, role))
            return grant;
    }
    return NULL;
}

bool registry_holds(const struct registry *registry, const char *principal, const char *role,
                    uint64_t seq)
{
    return find(registry, principal, role, seq) != NULL;
}

void registry_grants(const struct registry *registry, registry_grant_fn *fn, void *ctx)
{
    for (size_t i = 0; i < registry->grant_count; i++) {
        const struct registry_grant *grant = &registry->grants[i];
        fn(ctx, grant->principal, grant->role, grant->from, grant->to);
    }
}

void registry_roles_add(struct registry *registry, const char *principal, const char *role,
                        uint64_t seq)
{
    if (find(registry, principal, role, SEQ_NONE) != NULL)
        return;
    struct registry_grant *grant =
        MEM_PUSH(registry->grants, registry->grant_count, registry->grant_cap);
    memcpy(grant->principal, principal, strlen(principal) + 1);
    grant->role = mem_text(role);
    grant->from = seq;
    grant->to = SEQ_NONE;
}

static bool take_role(const struct registry_act *act, const char **ret_role)
{
    const char *role = NULL;
    if (!registry_act_text(act, "role", &role))
        return false;
    if (registry_role_same(role, "")) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`role` must be more than white space");
        return false;
    }
    *ret_role = role;
    return true;
}

void registry_roles_granted(const struct registry_act *act)
{
    const char *principal = NULL, *role = NULL;
    if (!registry_act_principal(act, &principal) || !take_role(act, &role) ||
        !registry_act_by_admin(act))
        return;
    registry_roles_add(act->registry, principal, role, act->entry->seq);
}

void registry_roles_revoked(const struct registry_act *act)
{
    const char *principal = NULL, *role = NULL;
    if (!registry_act_principal(act, &principal) || !take_role(act, &role))
        return;
    struct registry_grant *grant = find(act->registry, principal, role, act->entry->seq);
    if (grant == NULL)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "%s does not hold the role %s", principal,
                       role);
    else if (registry_act_by_admin(act))
        grant->to = act->entry->seq;
}

void registry_roles_free(struct registry *registry)
{
    for (size_t i = 0; i < registry->grant_count; i++)
        free(registry->grants[i].role);
    free(registry->grants);
}
