#include "ledger/registry_checklists.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/hash.h"
#include "ledger/mem.h"

const struct registry_checklist *registry_checklist(const struct registry *registry,
                                                    const uint8_t sha256[HASH_BYTES], uint64_t seq)
{
    for (size_t i = 0; i < registry->checklist_count; i++) {
        const struct registry_checklist *checklist = registry->checklists[i];
        if (checklist->seq < seq && memcmp(checklist->sha256, sha256, HASH_BYTES) == 0)
            return checklist;
    }
    return NULL;
}

const struct registry_checklist *const *registry_checklists(const struct registry *registry,
                                                            size_t *ret_count)
{
    *ret_count = registry->checklist_count;
    return (const struct registry_checklist *const *)registry->checklists;
}

void registry_checklists_published(const struct registry_act *act)
{
    struct registry *registry = act->registry;
    const char *name = NULL, *markdown = NULL;
    uint8_t sha256[HASH_BYTES];
    if (!registry_act_text(act, "name", &name) || !registry_act_text(act, "markdown", &markdown))
        return;
    size_t bytes = strlen(markdown);
    if (bytes > CHECKLIST_BYTES_MAX) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`markdown` has %zu bytes, %d is the most",
                       bytes, CHECKLIST_BYTES_MAX);
        return;
    }
    if (!registry_act_by_admin(act))
        return;
    hash_bytes(markdown, bytes, sha256);
    if (registry_checklist(registry, sha256, SEQ_NONE) != NULL)
        return;
    struct registry_checklist *made = mem_zero(1, sizeof(*made));
    memcpy(made->sha256, sha256, HASH_BYTES);
    made->name = mem_text(name);
    made->markdown = mem_text_n(markdown, bytes);
    made->markdown_bytes = bytes;
    made->seq = act->entry->seq;
    struct registry_checklist **slot =
        MEM_PUSH(registry->checklists, registry->checklist_count, registry->checklist_cap);
    *slot = made;
}

void registry_checklists_free(struct registry *registry)
{
    for (size_t i = 0; i < registry->checklist_count; i++) {
        free(registry->checklists[i]->name);
        free(registry->checklists[i]->markdown);
        free(registry->checklists[i]);
    }
    free(registry->checklists);
}
