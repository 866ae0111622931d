#include "ledger/registry_heads.h"

#include <stdlib.h>

#include "ledger/mem.h"

void registry_heads_said(const struct registry_act *act)
{
    struct registry *registry = act->registry;
    struct registry_heads heads = {.seq = act->entry->seq, .time_us = act->entry->time_us};
    if (!registry_act_seq(act, "size", &heads.size) ||
        !registry_act_hash(act, "root", heads.root) || !registry_act_by_ledger(act))
        return;
    *(struct registry_heads *)MEM_PUSH(registry->heads, registry->heads_count,
                                       registry->heads_cap) = heads;
}

void registry_heads_free(struct registry *registry)
{
    free(registry->heads);
}

const struct registry_heads *registry_heads(const struct registry *registry, size_t *ret_count)
{
    *ret_count = registry->heads_count;
    return registry->heads;
}
