#include "reports/tally.h"

#include <stdlib.h>
#include <string.h>

#include "replay/replay.h"
#include "reports/forms.h"
#include "reports/kinds.h"

#define NAMES_MAX 4

/* A row by what it is grouped by: texts of one sheet, where the same text is the same pointer, so
 * that groups fall together, in any order. */
struct member {
    const char *names[NAMES_MAX];
    const char *deployment;
    double value;
    size_t row;
};

static int pointer_order(const char *a, const char *b)
{
    return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

static int same_group(const struct member *a, const struct member *b)
{
    int order = 0;
    for (size_t i = 0; order == 0 && i < NAMES_MAX; i++)
        order = pointer_order(a->names[i], b->names[i]);
    return order;
}

static int member_order(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order = same_group(a, b);
    return order != 0 ? order : pointer_order(a->deployment, b->deployment);
}

static int value_order(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    if (a->value < b->value || a->value > b->value)
        return a->value < b->value ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* Rows of one kind or threshold: members[from, to). */
struct group {
    size_t from, to;
    uint64_t deployments, outside;
    const struct member *members;
};

struct groups {
    struct group *list;
    size_t count, cap;
};

/* Group the members, which are put in order. */
static void group(struct member *members, size_t count, struct groups *ret)
{
    if (count > 0)
        qsort(members, count, sizeof(*members), member_order);
    for (size_t i = 0; i < count; i++) {
        bool fresh = i == 0 || same_group(&members[i], &members[i - 1]) != 0;
        if (fresh)
            *(struct group *)MEM_PUSH(ret->list, ret->count, ret->cap) =
                (struct group){.from = i, .members = members};
        struct group *last = &ret->list[ret->count - 1];
        last->to = i + 1;
        last->deployments += members[i].deployment != NULL &&
                             (fresh || members[i].deployment != members[i - 1].deployment);
    }
}

static int text_order(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int group_order(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    const struct member *one = &a->members[a->from], *other = &b->members[b->from];
    size_t some = a->to - a->from, others = b->to - b->from;
    int order = 0;
    if (a->outside != b->outside)
        return a->outside > b->outside ? -1 : 1;
    if (some != others)
        return some > others ? -1 : 1;
    for (size_t i = 0; order == 0 && i < NAMES_MAX; i++)
        order = text_order(one->names[i], other->names[i]);
    return order;
}

static int kind_order(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    unsigned one = kinds_gravity(a->members[a->from].names[0]);
    unsigned other = kinds_gravity(b->members[b->from].names[0]);
    return one != other ? (one > other) - (one < other) : group_order(left, right);
}

void tally_kinds(const struct sheet *exceptions, struct sheet *kinds)
{
    size_t count = sheet_rows(exceptions);
    struct member *members = mem_zero(count, sizeof(*members));
    struct groups groups = {0};
    for (size_t row = 0; row < count; row++) {
        members[row].names[0] = sheet_text(exceptions, row, EXC_KIND);
        const char *stream = sheet_text(exceptions, row, PLACE_DEPLOYMENT);
        members[row].deployment = stream != NULL && replay_is_deployment(stream) ? stream : NULL;
    }
    group(members, count, &groups);
    if (groups.count > 0)
        qsort(groups.list, groups.count, sizeof(*groups.list), kind_order);
    for (size_t i = 0; i < groups.count; i++) {
        const struct group *of = &groups.list[i];
        const char *kind = members[of->from].names[0];
        sheet_add(kinds);
        sheet_put_text(kinds, KIND_KIND, kind);
        sheet_put_number(kinds, KIND_ROWS, of->to - of->from);
        sheet_put_number(kinds, KIND_DEPLOYMENTS, of->deployments);
        sheet_put_number(kinds, KIND_GRAVITY, kinds_gravity(kind));
        sheet_put_text(kinds, KIND_MEANS, kinds_means(kind));
    }
    free(groups.list);
    free(members);
}

static void add_threshold(const struct sheet *metrics, const struct group *of,
                          struct sheet *thresholds)
{
    const struct member *first = &of->members[of->from], *last = &of->members[of->to - 1];
    const struct member *middle = &of->members[of->from + (of->to - of->from - 1) / 2];
    uint64_t measured = of->to - of->from;
    sheet_add(thresholds);
    sheet_put_text(thresholds, THR_ITEM, first->names[0]);
    sheet_put_text(thresholds, THR_OP, first->names[1]);
    sheet_put_text(thresholds, THR_BOUND, first->names[2]);
    sheet_put_text(thresholds, THR_UNIT, first->names[3]);
    sheet_put_number(thresholds, THR_DEPLOYMENTS, of->deployments);
    sheet_put_number(thresholds, THR_MEASURED, measured);
    sheet_put_number(thresholds, THR_WITHIN, measured - of->outside);
    sheet_put_number(thresholds, THR_OUTSIDE, of->outside);
    sheet_put_text(thresholds, THR_LEAST, sheet_text(metrics, first->row, MET_VALUE));
    sheet_put_text(thresholds, THR_MEDIAN, sheet_text(metrics, middle->row, MET_VALUE));
    sheet_put_text(thresholds, THR_MOST, sheet_text(metrics, last->row, MET_VALUE));
}

void tally_thresholds(const struct sheet *metrics, struct sheet *thresholds)
{
    size_t count = sheet_rows(metrics);
    struct member *members = mem_zero(count, sizeof(*members));
    struct groups groups = {0};
    for (size_t row = 0; row < count; row++) {
        const char *value = sheet_text(metrics, row, MET_VALUE);
        members[row] = (struct member){.names = {sheet_text(metrics, row, MET_LABEL),
                                                 sheet_text(metrics, row, MET_OP),
                                                 sheet_text(metrics, row, MET_BOUND),
                                                 sheet_text(metrics, row, MET_BOUND_UNIT)},
                                       .deployment = sheet_text(metrics, row, PLACE_DEPLOYMENT),
                                       .value = value == NULL ? 0 : strtod(value, NULL),
                                       .row = row};
    }
    group(members, count, &groups);
    for (size_t i = 0; i < groups.count; i++) {
        struct group *of = &groups.list[i];
        qsort(&members[of->from], of->to - of->from, sizeof(*members), value_order);
        for (size_t j = of->from; j < of->to; j++)
            of->outside += !sheet_yes(metrics, members[j].row, MET_HOLDS);
    }
    if (groups.count > 0)
        qsort(groups.list, groups.count, sizeof(*groups.list), group_order);
    for (size_t i = 0; i < groups.count; i++)
        add_threshold(metrics, &groups.list[i], thresholds);
    free(groups.list);
    free(members);
}
