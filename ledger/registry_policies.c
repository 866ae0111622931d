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
static enum err take_bool(const json_t *data, const char *name, bool *ret, struct err_text *ret_why)
{
    const json_t *value = ijson_get(data, name);
    if (value == NULL)
        return ERR_OK;
    if (!json_is_boolean(value))
        return err_say(ret_why, ERR_INVALID, "`%s` must be true or false", name);
    *ret = json_is_true(value);
    return ERR_OK;
}

/* Take an optional span of time, a whole number of ${unit_us}. */
static enum err take_span(const json_t *data, const char *name, int64_t unit_us, int64_t *ret_us,
                          struct err_text *ret_why)
{
    const json_t *value = ijson_get(data, name);
    if (value == NULL)
        return ERR_OK;
    json_int_t units = json_integer_value(value);
    if (!json_is_integer(value) || units < 0 || units > SPAN_US_MAX / unit_us)
        return err_say(ret_why, ERR_INVALID, "`%s` must be a whole number, 0 to %lld", name,
                       (long long)(SPAN_US_MAX / unit_us));
    *ret_us = units * unit_us;
    return ERR_OK;
}

/* Check an optional list of roles. */
static enum err check_roles(const json_t *data, const char *name, struct err_text *ret_why)
{
    const json_t *roles = ijson_get(data, name);
    bool good = roles == NULL || json_is_array(roles);
    for (size_t i = 0; good && i < json_array_size(roles); i++)
        good = json_string_length(json_array_get(roles, i)) > 0;
    return good ? ERR_OK : err_say(ret_why, ERR_INVALID, "`%s` must be a list of roles", name);
}

static enum err check_quorum(const json_t *data, struct err_text *ret_why)
{
    json_t *quorum = ijson_get(data, "quorum");
    bool good = quorum == NULL || json_is_object(quorum);
    void *at = good && quorum != NULL ? json_object_iter(quorum) : NULL;
    for (; good && at != NULL; at = json_object_iter_next(quorum, at))
        good = json_integer_value(json_object_iter_value(at)) > 0;
    return good ? ERR_OK
                : err_say(ret_why, ERR_INVALID,
                          "`quorum` must give each of its roles a number of persons, at least 1");
}

/* Check an optional map of classes to days. */
static enum err check_retention(const json_t *data, struct err_text *ret_why)
{
    json_t *classes = ijson_get(data, "retention");
    bool good = classes == NULL || json_is_object(classes);
    void *at = good && classes != NULL ? json_object_iter(classes) : NULL;
    for (; good && at != NULL; at = json_object_iter_next(classes, at)) {
        json_int_t days = json_integer_value(json_object_iter_value(at));
        good = days >= RETENTION_DAYS_MIN && days <= RETENTION_DAYS_MAX &&
               !registry_role_same(json_object_iter_key(at), "");
    }
    return good ? ERR_OK
                : err_say(ret_why, ERR_INVALID,
                          "`retention` must give each of its classes a number of days, %d to %d",
                          RETENTION_DAYS_MIN, RETENTION_DAYS_MAX);
}

/* The days of a class that the policy names, the most if it does so twice; 0 if it does not. */
static uint64_t class_days(const struct registry_policy *policy, const char *name,
                           const char **ret_class)
{
    json_t *classes = ijson_get(policy->json, "retention");
    uint64_t most = 0;
    for (void *at = json_object_iter(classes); at != NULL;
         at = json_object_iter_next(classes, at)) {
        uint64_t days = (uint64_t)json_integer_value(json_object_iter_value(at));
        if (!registry_role_same(json_object_iter_key(at), name) || days <= most)
            continue;
        most = days;
        *ret_class = json_object_iter_key(at);
    }
    return most;
}

uint64_t registry_policy_days(const struct registry_policy *policy, const char *name,
                              const char **ret_class)
{
    uint64_t days = name != NULL ? class_days(policy, name, ret_class) : 0;
    if (days == 0)
        days = class_days(policy, "default", ret_class);
    if (days > 0)
        return days;
    *ret_class = "default";
    return RETENTION_DAYS_MIN;
}

enum err registry_policy_read(const json_t *data, struct registry_policy *ret,
                              struct err_text *ret_why)
{
    struct registry_policy policy = by_default;
    if (!json_is_object(data))
        return err_say(ret_why, ERR_INVALID, "a policy is an object");
    enum err err = take_bool(data, "separation", &policy.separation, ret_why);
    if (err == ERR_OK)
        err = take_bool(data, "late_refuses", &policy.late_refuses, ret_why);
    if (err == ERR_OK)
        err = take_span(data, "retroactive_hours", HOUR_US, &policy.retroactive_us, ret_why);
    if (err == ERR_OK)
        err = take_span(data, "skew_seconds", INSTANT_SECOND_US, &policy.skew_us, ret_why);
    if (err == ERR_OK)
        err = check_roles(data, "touch", ret_why);
    if (err == ERR_OK)
        err = check_roles(data, "pin", ret_why);
    if (err == ERR_OK)
        err = check_quorum(data, ret_why);
    if (err == ERR_OK)
        err = check_retention(data, ret_why);
    policy.json = data;
    if (err == ERR_OK)
        *ret = policy;
    return err;
}

void registry_policies_set(const struct registry_act *act)
{
    struct registry_policy policy;
    struct err_text why = {""};
    if (registry_policy_read(act->data, &policy, &why) != ERR_OK) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "%s", why.s);
        return;
    }
    if (!registry_act_by_admin(act))
        return;
    struct registry *registry = act->registry;
    struct registry_rules *rules = mem_zero(1, sizeof(*rules));
    rules->json = json_deep_copy(act->data);
    rules->policy = policy;
    rules->policy.seq = act->entry->seq;
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
