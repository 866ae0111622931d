#include "replay/role.h"

#include <stdlib.h>
#include <string.h>

#include "replay/span.h"

/* A role as its words in lower case, and as the checklist writes it. */
struct role {
    char *words;      /* owned */
    const char *name; /* borrowed from the node */
};

static int role_compare(const void *a, const void *b)
{
    const struct role *left = a, *right = b;
    return strcmp(left->words, right->words);
}

static void role_add(struct role *roles, size_t *count, const char *name)
{
    struct buf words = {0};
    span_add_words(&words, span_of(name));
    roles[*count] = (struct role){buf_take_text(&words), name};
    (*count)++;
}

/* All roles, sorted by their words. */
static struct role *role_collect(const struct checklist *checklist, size_t *ret_count)
{
    struct role *roles = mem_zero(checklist->node_count, sizeof(*roles));
    size_t count = 0;
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        const char *name = node->kind == NODE_APPROVAL ? node->role : node->authority;
        if (name != NULL)
            role_add(roles, &count, name);
    }
    qsort(roles, count, sizeof(*roles), role_compare);
    *ret_count = count;
    return roles;
}

/* The longest role that the text begins with, or NULL. */
static const char *role_at(const struct role *roles, size_t count, struct span text)
{
    const char *name = NULL;
    struct buf words = {0};
    struct span word;
    for (size_t i = 0; i < ROLE_WORDS_MAX && span_word(&text, &word); i++) {
        if (i > 0)
            buf_text(&words, " ");
        span_add_words(&words, word);
        struct role key = {(char *)words.data, NULL};
        const struct role *found = bsearch(&key, roles, count, sizeof(*roles), role_compare);
        if (found != NULL)
            name = found->name;
    }
    buf_free(&words);
    return name;
}

static const char *role_in(const struct role *roles, size_t count, const char *text)
{
    struct span rest = span_of(text), word;
    while (span_word(&rest, &word)) {
        struct span from = {word.at, word.bytes + rest.bytes};
        const char *name = role_at(roles, count, from);
        if (name != NULL)
            return name;
    }
    return NULL;
}

static bool role_speaks(const char *text)
{
    return text != NULL &&
           (span_has_stem(span_of(text), "approv") || strcasestr(text, "sign-off") != NULL);
}

void role_find(struct checklist *checklist)
{
    size_t count;
    struct role *roles = role_collect(checklist, &count);
    for (size_t i = 0; i < checklist->node_count && count > 0; i++) {
        struct node *node = &checklist->nodes[i];
        if (node->kind != NODE_ITEM || !(role_speaks(node->line_text) || role_speaks(node->text)))
            continue;
        const char *name = role_in(roles, count, node->line_text);
        if (name == NULL && node->text != NULL)
            name = role_in(roles, count, node->text);
        node->role = mem_text(name);
    }
    for (size_t i = 0; i < count; i++)
        free(roles[i].words);
    free(roles);
}
