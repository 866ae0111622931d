#include "replay/blameless.h"

#include <stdlib.h>
#include <string.h>

#include "replay/names.h"
#include "replay/timeline_lanes.h"

/* A person, and what stands for them. */
struct alias {
    const char *name; /* borrowed from the deployment or kept in `names` */
    char *as;         /* owned */
};

struct aliases {
    struct alias *list;
    size_t count, cap;
    struct names names; /* name > index */
    struct names taken; /* what stands for somebody already > how often */
};

/* "Security Lead"; for the second of them "Security Lead 2". */
static void add(struct aliases *aliases, const struct timeline *timeline, const char *name)
{
    struct buf as = {0};
    size_t at = 0, count = 0;
    if (name == NULL || names_find(&aliases->names, name, &at))
        return;
    timeline_lanes_roles(timeline, name, &as);
    if (as.bytes == 0)
        buf_text(&as, "person");
    char *role = mem_text((const char *)as.data);
    (void)names_find(&aliases->taken, role, &count);
    names_put(&aliases->taken, role, ++count);
    if (count > 1)
        buf_printf(&as, " %zu", count);
    free(role);
    struct alias *alias = MEM_PUSH(aliases->list, aliases->count, aliases->cap);
    alias->name = names_keep(&aliases->names, name);
    alias->as = buf_take_text(&as);
    names_put(&aliases->names, name, aliases->count - 1);
}

/* All persons of the deployment: who was assigned a role, or signed; who opened it, its authors. */
static void gather(struct aliases *aliases, const struct timeline *timeline)
{
    const struct deployment *deployment = timeline->deployment;
    for (size_t i = 0; i < deployment->assignment_count; i++)
        add(aliases, timeline, deployment->assignments[i].principal);
    for (size_t i = 0; i < timeline->row_count; i++) {
        if (timeline->rows[i].has_key)
            add(aliases, timeline, timeline->rows[i].principal);
    }
    for (size_t i = 0; i < deployment->author_count; i++)
        add(aliases, timeline, deployment->authors[i]);
    add(aliases, timeline, deployment->lead);
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

/* The bytes of the name that stands at ${text}; a point or colon behind a name ends a sentence. */
static const struct alias *name_at(const struct aliases *aliases, const char *text, size_t *bytes)
{
    size_t at = 0, length = 0;
    while (of_name(text[length]))
        length++;
    for (; length > 0; length--) {
        char *word = mem_text_n(text, length);
        bool found = names_find(&aliases->names, word, &at);
        free(word);
        if (found) {
            *bytes = length;
            return &aliases->list[at];
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
        const struct alias *alias = begins ? name_at(aliases, at, &bytes) : NULL;
        if (alias != NULL) {
            buf_text(&out, alias->as);
            at += bytes;
        } else {
            buf_add(&out, at++, 1);
        }
    }
    free(*text);
    *text = out.bytes > 0 ? buf_take_text(&out) : mem_text("");
}

void blameless_apply(struct timeline *timeline)
{
    struct aliases aliases = {.cap = 0};
    gather(&aliases, timeline);
    for (size_t i = 0; i < timeline->row_count; i++) {
        struct timeline_row *row = &timeline->rows[i];
        rename_in(&aliases, &row->principal);
        rename_in(&aliases, &row->said.value);
        rename_in(&aliases, &row->said.text);
        rename_in(&aliases, &row->verdict.reason);
    }
    for (size_t i = 0; i < timeline->lane_count; i++) {
        if (strcmp(timeline->lanes[i].name, "pipelines") == 0)
            continue;
        free(timeline->lanes[i].who);
        timeline->lanes[i].who = NULL;
    }
    timeline->blameless = true;
    for (size_t i = 0; i < aliases.count; i++)
        free(aliases.list[i].as);
    free(aliases.list);
    names_free(&aliases.names);
    names_free(&aliases.taken);
}
