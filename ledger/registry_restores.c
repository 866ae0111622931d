#include "ledger/registry_restores.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/checkpoint.h"
#include "ledger/ijson.h"
#include "ledger/mem.h"

void registry_restores_recorded(const struct registry_act *act)
{
    struct registry *registry = act->registry;
    struct registry_restore restore = {.seq = act->entry->seq};
    struct checkpoint given_up;
    const json_t *size = ijson_get(act->data, "size");
    const char *note = NULL;
    if (!registry_act_hash(act, "root", restore.root) || !registry_act_text(act, "note", &note))
        return;
    if (!json_is_integer(size) || json_integer_value(size) < 1 ||
        checkpoint_parse(note, strlen(note), &given_up) != ERR_OK ||
        given_up.size != (uint64_t)json_integer_value(size) ||
        memcmp(given_up.root, restore.root, HASH_BYTES) != 0) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE,
                       "`size` and `root` must be those of the checkpoint in `note`");
        return;
    }
    if (!registry_act_by_ledger(act))
        return;
    restore.size = given_up.size;
    *(struct registry_restore *)MEM_PUSH(registry->restores, registry->restore_count,
                                         registry->restore_cap) = restore;
}

void registry_restores_free(struct registry *registry)
{
    free(registry->restores);
}

bool registry_gave_up(const struct registry *registry, uint64_t size,
                      const uint8_t root[HASH_BYTES])
{
    for (size_t i = 0; i < registry->restore_count; i++) {
        const struct registry_restore *restore = &registry->restores[i];
        if (restore->size == size && memcmp(restore->root, root, HASH_BYTES) == 0)
            return true;
    }
    return false;
}

const struct registry_restore *registry_restore_of(const struct registry *registry, uint64_t size)
{
    for (size_t i = 0; i < registry->restore_count; i++) {
        const struct registry_restore *restore = &registry->restores[i];
        if (size > restore->seq && size <= restore->size)
            return restore;
    }
    return NULL;
}
