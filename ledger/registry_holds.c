#include "ledger/registry_holds.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/ijson.h"
#include "ledger/mem.h"

static bool take_deployment(const struct registry_act *act, const char **ret)
{
    const char *name = NULL;
    if (!registry_act_text(act, "deployment", &name))
        return false;
    if (!event_stream_ok(name) || strcmp(name, "ledger") == 0 || strcmp(name, "inbox") == 0) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "'%s' cannot name a deployment", name);
        return false;
    }
    *ret = name;
    return true;
}

void registry_holds_placed(const struct registry_act *act)
{
    struct registry *registry = act->registry;
    const char *deployment = NULL, *reason = NULL;
    if (!take_deployment(act, &deployment) || !registry_act_text(act, "reason", &reason) ||
        !registry_act_by_admin(act))
        return;
    struct registry_hold *hold = mem_zero(1, sizeof(*hold));
    memcpy(hold->deployment, deployment, strlen(deployment) + 1);
    memcpy(hold->placed_by, act->entry->part.principal, sizeof(hold->placed_by));
    hold->reason = mem_text(reason);
    hold->placed_seq = act->entry->seq;
    hold->placed_us = act->entry->time_us;
    hold->released_seq = SEQ_NONE;
    hold->released_us = -1;
    *(struct registry_hold **)MEM_PUSH(registry->holds, registry->hold_count, registry->hold_cap) =
        hold;
}

/* The hold that is released; NULL, and the act is refused, if that is none, or any of several. */
static struct registry_hold *take_hold(const struct registry_act *act, const char *deployment)
{
    const struct registry *registry = act->registry;
    const json_t *named = ijson_get(act->data, "hold");
    struct registry_hold *found = NULL;
    uint64_t seq = 0;
    size_t count = 0;
    if (named != NULL && !registry_act_seq(act, "hold", &seq))
        return NULL;
    for (size_t i = 0; i < registry->hold_count; i++) {
        struct registry_hold *hold = registry->holds[i];
        if (hold->released_seq != SEQ_NONE || strcmp(hold->deployment, deployment) != 0 ||
            (named != NULL && hold->placed_seq != seq))
            continue;
        found = hold;
        count++;
    }
    if (count == 1)
        return found;
    if (count > 1)
        verdict_refuse(act->verdict, RULE_BAD_VALUE,
                       "%zu holds are on %s: name one by `hold`, the position where it was placed",
                       count, deployment);
    else if (named != NULL)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "entry %llu has placed no hold that is on %s",
                       (unsigned long long)seq, deployment);
    else
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "there is no hold on %s", deployment);
    return NULL;
}

void registry_holds_released(const struct registry_act *act)
{
    const char *deployment = NULL, *reason = NULL;
    if (!take_deployment(act, &deployment) || !registry_act_text(act, "reason", &reason))
        return;
    struct registry_hold *hold = take_hold(act, deployment);
    if (hold == NULL || !registry_act_by_admin(act))
        return;
    memcpy(hold->released_by, act->entry->part.principal, sizeof(hold->released_by));
    hold->release_reason = mem_text(reason);
    hold->released_seq = act->entry->seq;
    hold->released_us = act->entry->time_us;
}

void registry_holds_free(struct registry *registry)
{
    for (size_t i = 0; i < registry->hold_count; i++) {
        free(registry->holds[i]->reason);
        free(registry->holds[i]->release_reason);
        free(registry->holds[i]);
    }
    free(registry->holds);
}

const struct registry_hold *const *registry_hold_list(const struct registry *registry,
                                                      size_t *ret_count)
{
    *ret_count = registry->hold_count;
    return (const struct registry_hold *const *)registry->holds;
}

const struct registry_hold *registry_hold_on(const struct registry *registry,
                                             const char *deployment, uint64_t seq,
                                             size_t *ret_count)
{
    const struct registry_hold *first = NULL;
    *ret_count = 0;
    for (size_t i = 0; i < registry->hold_count; i++) {
        const struct registry_hold *hold = registry->holds[i];
        if (hold->placed_seq >= seq || hold->released_seq < seq ||
            strcmp(hold->deployment, deployment) != 0)
            continue;
        if (first == NULL)
            first = hold;
        ++*ret_count;
    }
    return first;
}
