#include "replay/blameless.h"

#include <stdlib.h>
#include <string.h>

#include "replay/names.h"
#include "replay/timeline_lanes.h"

struct aliases {
    char **list; /* owned: what stands for each name */
    size_t count, cap;
    struct names names; /* name in lower case > index */
    struct names taken; /* what stands for somebody already > how often */
};

/* Free texts have names with a capital. */
static char *folded(const char *text, size_t bytes)
{
    char *copy = mem_text_n(text, bytes);
    for (size_t i = 0; i < bytes; i++) {
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] - 'A' + 'a');
    }
    return copy;
}

/* "Security Lead"; for the second of them "Security Lead 2"; ${without} for who has no role. */
static void add(struct aliases *aliases, const struct timeline *timeline, const char *name,
                const char *without)
{
    struct buf as = {0};
    size_t at = 0, count = 0;
    if (name == NULL)
        return;
    char *key = folded(name, strlen(name));
    if (!names_find(&aliases->names, key, &at)) {
        timeline_lanes_roles(timeline, name, &as);
        if (as.bytes == 0)
            buf_text(&as, without);
        const char *role = names_keep(&aliases->taken, (const char *)as.data);
        (void)names_find(&aliases->taken, role, &count);
        names_put(&aliases->taken, role, ++count);
        if (count > 1)
            buf_printf(&as, " %zu", count);
        names_put(&aliases->names, key, aliases->count);
        *(char **)MEM_PUSH(aliases->list, aliases->count, aliases->cap) = buf_take_text(&as);
    }
    free(key);
}

/* All who are of the deployment: who was assigned a role, or acted; its lead, its authors. */
static void gather(struct aliases *aliases, const struct timeline *timeline)
{
    const struct deployment *deployment = timeline->deployment;
    for (size_t i = 0; i < deployment->assignment_count; i++)
        add(aliases, timeline, deployment->assignments[i].principal, "person");
    for (size_t i = 0; i < timeline->row_count; i++) {
        if (timeline->rows[i].has_key)
            add(aliases, timeline, timeline->rows[i].principal, "person");
    }
    for (size_t i = 0; i < deployment->author_count; i++)
        add(aliases, timeline, deployment->authors[i], "person");
    add(aliases, timeline, deployment->lead, "person");
    for (size_t i = 0; i < timeline->row_count; i++)
        add(aliases, timeline, timeline->rows[i].principal, "pipeline");
}

/* And whom texts may name besides: everybody who has a key on the ledger. */
static void gather_others(struct aliases *aliases, const struct timeline *timeline)
{
    size_t count = 0;
    const struct registry_key *const *keys = registry_keys(timeline->deployment->registry, &count);
    for (size_t i = 0; i < count; i++)
        add(aliases, timeline, keys[i]->principal, "person");
}

static bool is_alphanumeric(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

/* Bytes that a principal may be made of. */
static bool of_name(char byte)
{
    return is_alphanumeric(byte) || (byte != '\0' && strchr("._@+:-", byte) != NULL);
}

/* What stands for the name at ${text}, and that name's bytes; a point or colon behind a name ends a
 * sentence. */
static const char *name_at(const struct aliases *aliases, const char *text, size_t *bytes)
{
    size_t at = 0, length = 0;
    while (of_name(text[length]))
        length++;
    for (; length > 0; length--) {
        char *word = folded(text, length);
        bool found = names_find(&aliases->names, word, &at);
        free(word);
        if (found) {
            ASSERT(aliases->list != NULL && at < aliases->count);
            *bytes = length;
            return aliases->list[at];
        }
        if (is_alphanumeric(text[length - 1]))
            break;
    }
    return NULL;
}

static void rename_in(const struct aliases *aliases, char **text)
{
    struct buf out = {0};
    if (*text == NULL)
        return;
    for (const char *at = *text; *at != '\0';) {
        size_t bytes = 0;
        bool begins = at == *text || !of_name(at[-1]);
        const char *as = begins ? name_at(aliases, at, &bytes) : NULL;
        if (as != NULL) {
            buf_text(&out, as);
            at += bytes;
        } else {
            buf_add(&out, at++, 1);
        }
    }
    free(*text);
    *text = out.bytes > 0 ? buf_take_text(&out) : mem_text("");
}

/* A reading stays as it was measured. */
static void rename_texts(const struct aliases *aliases, struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->row_count; i++) {
        struct timeline_row *row = &timeline->rows[i];
        if (!row->has_number)
            rename_in(aliases, &row->said.value);
        rename_in(aliases, &row->said.text);
    }
    rename_in(aliases, &timeline->deployment->title);
}

void blameless_apply(struct timeline *timeline)
{
    struct aliases aliases = {.cap = 0};
    gather(&aliases, timeline);
    for (size_t i = 0; i < timeline->row_count; i++) {
        rename_in(&aliases, &timeline->rows[i].principal);
        rename_in(&aliases, &timeline->rows[i].verdict.reason);
    }
    gather_others(&aliases, timeline);
    rename_texts(&aliases, timeline);
    for (size_t i = 0; i < timeline->lane_count; i++) {
        free(timeline->lanes[i].who);
        timeline->lanes[i].who = NULL;
    }
    timeline->blameless = true;
    for (size_t i = 0; i < aliases.count; i++)
        free(aliases.list[i]);
    free(aliases.list);
    names_free(&aliases.names);
    names_free(&aliases.taken);
}
