#include "replay/names.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

/* A node of an AA tree (Arne Andersson, "Balanced search trees made simple", 1993): a name of level
 * n stands above names of level n - 1, and to its right at most one of its own level. */
struct name {
    struct name *left, *right;
    unsigned level; /* 1: a leaf's */
    size_t value;
    char text[];
};

static struct name *seek(const struct names *names, const char *text)
{
    struct name *at = names->root;
    int order = 0;
    while (at != NULL && (order = strcmp(text, at->text)) != 0)
        at = order < 0 ? at->left : at->right;
    return at;
}

/* No name of its own level stands to the left. */
static struct name *skew(struct name *at)
{
    struct name *left = at->left;
    if (left == NULL || left->level != at->level)
        return at;
    at->left = left->right;
    left->right = at;
    return left;
}

/* No two names of its own level stand to the right of each other. */
static struct name *split(struct name *at)
{
    struct name *right = at->right;
    if (right == NULL || right->right == NULL || right->right->level != at->level)
        return at;
    at->right = right->left;
    right->left = at;
    right->level++;
    return right;
}

/* The tree with ${name}, which is not in it yet.  Depth: 2 log2 of its names at most. */
static struct name *insert(struct name *at, struct name *name)
{
    if (at == NULL)
        return name;
    if (strcmp(name->text, at->text) < 0)
        at->left = insert(at->left, name);
    else
        at->right = insert(at->right, name);
    return split(skew(at));
}

static struct name *place(struct names *names, const char *text)
{
    struct name *name = seek(names, text);
    if (name != NULL)
        return name;
    size_t bytes = strlen(text) + 1;
    name = mem_zero(1, sizeof(*name) + bytes);
    memcpy(name->text, text, bytes);
    name->level = 1;
    names->root = insert(names->root, name);
    names->count++;
    return name;
}

bool names_find(const struct names *names, const char *text, size_t *ret_value)
{
    const struct name *name = seek(names, text);
    if (name != NULL)
        *ret_value = name->value;
    return name != NULL;
}

void names_put(struct names *names, const char *text, size_t value)
{
    place(names, text)->value = value;
}

const char *names_keep(struct names *names, const char *text)
{
    return place(names, text)->text;
}

static void free_below(struct name *at)
{
    if (at == NULL)
        return;
    free_below(at->left);
    free_below(at->right);
    free(at);
}

void names_free(struct names *names)
{
    free_below(names->root);
    *names = (struct names){0};
}
