#include <stdlib.h>
#include <string.h>

#include "replay/replay.h"

/* One compiled checklist; NULL if it was published but does not compile. */
struct compiled {
    uint8_t sha256[HASH_BYTES];
    struct checklist *checklist;
};

struct catalog {
    const struct registry *registry;
    struct compiled *list;
    size_t count, cap;
};

struct catalog *catalog_new(const struct registry *registry)
{
    struct catalog *catalog = mem_zero(1, sizeof(*catalog));
    catalog->registry = registry;
    return catalog;
}

void catalog_free(struct catalog *catalog)
{
    if (catalog == NULL)
        return;
    for (size_t i = 0; i < catalog->count; i++)
        checklist_free(catalog->list[i].checklist);
    free(catalog->list);
    free(catalog);
}

const struct checklist *catalog_find(struct catalog *catalog, const uint8_t sha256[HASH_BYTES],
                                     uint64_t seq)
{
    const struct registry_checklist *published = registry_checklist(catalog->registry, sha256, seq);
    if (published == NULL)
        return NULL;
    for (size_t i = 0; i < catalog->count; i++) {
        if (memcmp(catalog->list[i].sha256, sha256, HASH_BYTES) == 0)
            return catalog->list[i].checklist;
    }
    struct compiled *compiled = MEM_PUSH(catalog->list, catalog->count, catalog->cap);
    memcpy(compiled->sha256, sha256, HASH_BYTES);
    if (checklist_compile(published->markdown, published->markdown_bytes, &compiled->checklist,
                          NULL) != ERR_OK)
        compiled->checklist = NULL;
    return compiled->checklist;
}
