#include "replay/criterion.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const prefixes[] = {
    [CRITERION_THRESHOLD] = "threshold", [CRITERION_STATUS] = "status",
    [CRITERION_ITEM] = "item",           [CRITERION_COMMAND] = "command",
    [CRITERION_APPROVAL] = "approval",   [CRITERION_SIGNATURE] = "signature",
    [CRITERION_ISSUE] = "issue",         [CRITERION_ARTIFACT] = "artifact",
};

struct criterion_of criterion_at(const struct deployment *deployment, enum criterion_kind kind,
                                 size_t node)
{
    return (struct criterion_of){
        .kind = kind, .node = node, .section = deployment->checklist->nodes[node].section};
}

static struct names *names_of(struct deployment *deployment, struct criterion_of of)
{
    return of.kind == CRITERION_ISSUE ? &deployment->fold->issues : &deployment->fold->artifacts;
}

/* Index + 1 of the unresolved criterion of this kind and thing, or 0. */
static size_t get_open(struct deployment *deployment, struct criterion_of of)
{
    size_t open = 0;
    if (of.kind < CRITERION_NODE_KINDS)
        return deployment->fold->nodes[of.node].open[of.kind];
    return names_find(names_of(deployment, of), of.name, &open) ? open : 0;
}

static void set_open(struct deployment *deployment, struct criterion_of of, size_t open)
{
    if (of.kind < CRITERION_NODE_KINDS)
        deployment->fold->nodes[of.node].open[of.kind] = open;
    else
        names_put(names_of(deployment, of), of.name, open);
}

static struct criterion *add(struct deployment *deployment, struct criterion_of of,
                             const struct mark *mark)
{
    struct fold *fold = deployment->fold;
    struct criterion *criterion =
        MEM_PUSH(deployment->criteria, deployment->criterion_count, fold->criterion_cap);
    const char *name =
        of.kind < CRITERION_NODE_KINDS ? deployment->checklist->nodes[of.node].id : of.name;
    struct buf id = {0};
    buf_printf(&id, "%s:%s", prefixes[of.kind], name);
    criterion->id = buf_take_text(&id);
    criterion->node = of.node;
    criterion->section = of.section;
    criterion->arose = *mark;
    set_open(deployment, of, deployment->criterion_count);
    size_t *unresolved = MEM_PUSH(fold->unresolved, fold->unresolved_count, fold->unresolved_cap);
    *unresolved = deployment->criterion_count - 1;
    if (of.section != CHECKLIST_NONE) {
        size_t *placed = MEM_PUSH(fold->placed, fold->placed_count, fold->placed_cap);
        *placed = deployment->criterion_count - 1;
    }
    return criterion;
}

void criterion_arise(struct deployment *deployment, struct criterion_of of, const struct mark *mark,
                     const char *format, ...)
{
    struct buf text = {0};
    va_list args;
    size_t open = get_open(deployment, of);
    struct criterion *criterion =
        open > 0 ? &deployment->criteria[open - 1] : add(deployment, of, mark);
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    free(criterion->text);
    criterion->text = buf_take_text(&text);
}

/* Take ${index} out of an ascending list in which it is. */
static void drop(size_t *list, size_t *count, size_t index)
{
    size_t low = 0, high = *count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list[middle] < index)
            low = middle + 1;
        else
            high = middle;
    }
    ASSERT(low < *count && list[low] == index);
    (*count)--;
    memmove(&list[low], &list[low + 1], (*count - low) * sizeof(list[0]));
}

static void close_at(struct deployment *deployment, size_t index, const struct mark *mark)
{
    struct fold *fold = deployment->fold;
    deployment->criteria[index].resolved = *mark;
    fold->resolved_pos = mark->pos;
    drop(fold->unresolved, &fold->unresolved_count, index);
    if (deployment->criteria[index].section != CHECKLIST_NONE)
        drop(fold->placed, &fold->placed_count, index);
}

void criterion_resolve(struct deployment *deployment, struct criterion_of of,
                       const struct mark *mark)
{
    size_t open = get_open(deployment, of);
    if (open == 0)
        return;
    close_at(deployment, open - 1, mark);
    set_open(deployment, of, 0);
}

void criterion_resolve_node(struct deployment *deployment, size_t node, const struct mark *mark)
{
    for (unsigned kind = 0; kind < CRITERION_NODE_KINDS; kind++)
        criterion_resolve(deployment, (struct criterion_of){.kind = kind, .node = node}, mark);
}

void criterion_resolve_id(struct deployment *deployment, const char *id, const struct mark *mark)
{
    const struct fold *fold = deployment->fold;
    for (size_t i = 0; i < fold->unresolved_count; i++) {
        const struct criterion *criterion = &deployment->criteria[fold->unresolved[i]];
        if (strcmp(criterion->id, id) != 0)
            continue;
        size_t prefix = strcspn(id, ":");
        struct criterion_of of = {.node = criterion->node, .name = id + prefix + 1};
        while (strlen(prefixes[of.kind]) != prefix || strncmp(prefixes[of.kind], id, prefix) != 0)
            of.kind++;
        criterion_resolve(deployment, of, mark);
        return;
    }
}
