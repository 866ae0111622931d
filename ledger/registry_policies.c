#include "ledger/registry_policies.h"

#include <stdlib.h>

#include "ledger/ijson.h"
#include "ledger/instant.h"
#include "ledger/mem.h"

#define HOUR_US (60 * INSTANT_MINUTE_US)
/* A century: sums with any time fit in 64 bits. */
#define SPAN_US_MAX (36600 * INSTANT_DAY_US)

static const struct registry_policy by_default = {
    .seq = 0,
    .separation = true,
    .retroactive_us = 72 * HOUR_US,
    .skew_us = 300 * INSTANT_SECOND_US,
    .late_refuses = false,
    .json = NULL,
};

const struct registry_policy *registry_policy(const struct registry *registry, uint64_t seq)
{
    for (size_t i = registry->rules_count; i > 0; i--) {
        if (registry->rules[i - 1]->policy.seq < seq)
            return &registry->rules[i - 1]->policy;
    }
    return &by_default;
}

bool registry_policy_weaker(const struct registry_policy *policy)
{
    return !policy->separation || policy->retroactive_us > by_default.retroactive_us ||
           policy->skew_us > by_default.skew_us;
}

/* Take an optional boolean; *${ret} is left as it is where there is none. */
static bool take_bool(const struct registry_act *act, const char *name, bool *ret)
{
    const json_t *value = ijson_get(act->data, name);
    if (value == NULL)
        return true;
    if (!json_is_boolean(value)) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`%s` must be true or false", name);
        return false;
    }
    *ret = json_is_true(value);
    return true;
}

/* Take an optional span of time, a whole number of ${unit_us}. */
static bool take_span(const struct registry_act *act, const char *name, int64_t unit_us,
                      int64_t *ret_us)
{
    const json_t *value = ijson_get(act->data, name);
    if (value == NULL)
        return true;
    json_int_t units = json_integer_value(value);
    if (!json_is_integer(value) || units < 0 || units > SPAN_US_MAX / unit_us) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`%s` must be a whole number, 0 to %lld", name,
                       (long long)(SPAN_US_MAX / unit_us));
        return false;
    }
    *ret_us = units * unit_us;
    return true;
}

/* Check an optional list of roles. */
static bool check_roles(const struct registry_act *act, const char *name)
{
    const json_t *roles = ijson_get(act->data, name);
    bool good = roles == NULL || json_is_array(roles);
    for (size_t i = 0; good && i < json_array_size(roles); i++)
        good = json_string_length(json_array_get(roles, i)) > 0;
    if (!good)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`%s` must be a list of roles", name);
    return good;
}

static bool check_quorum(const struct registry_act *act)
{
    const json_t *quorum = ijson_get(act->data, "quorum");
    bool good = quorum == NULL || json_is_object(quorum);
    void *at = good && quorum != NULL ? json_object_iter(ijson_get(act->data, "quorum")) : NULL;
    for (; good && at != NULL; at = json_object_iter_next(ijson_get(act->data, "quorum"), at))
        good = json_integer_value(json_object_iter_value(at)) > 0;
    if (!good)
        verdict_refuse(act->verdict, RULE_BAD_VALUE,
                       "`quorum` must give each of its roles a number of persons, at least 1");
    return good;
}

void registry_policies_set(const struct registry_act *act)
{
    struct registry_policy policy = by_default;
    policy.seq = act->entry->seq;
    if (!take_bool(act, "separation", &policy.separation) ||
        !take_bool(act, "late_refuses", &policy.late_refuses) ||
        !take_span(act, "retroactive_hours", HOUR_US, &policy.retroactive_us) ||
        !take_span(act, "skew_seconds", INSTANT_SECOND_US, &policy.skew_us) ||
        !check_roles(act, "touch") || !check_roles(act, "pin") || !check_quorum(act) ||
        !registry_act_by_admin(act))
        return;
    struct registry *registry = act->registry;
    struct registry_rules *rules = mem_zero(1, sizeof(*rules));
    rules->json = json_deep_copy(act->data);
    rules->policy = policy;
    rules->policy.json = rules->json;
    struct registry_rules **slot =
        MEM_PUSH(registry->rules, registry->rules_count, registry->rules_cap);
    *slot = rules;
}

void registry_policies_free(struct registry *registry)
{
    for (size_t i = 0; i < registry->rules_count; i++) {
        json_decref(registry->rules[i]->json);
        free(registry->rules[i]);
    }
    free(registry->rules);
}
