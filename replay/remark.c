#include "replay/remark.h"

#include <stdlib.h>

static const struct {
    const char *name;
    bool warning;
    const char *advice;
} remark_rules[] = {
#define X(rule, name, warning, advice) {name, warning, advice},
    REMARK_TABLE(X)
#undef X
};

void remark_add(struct remark_list *list, enum remark_rule rule, unsigned line, unsigned last,
                const char *text)
{
    struct remark *remark = MEM_PUSH(list->remarks, list->count, list->cap);
    remark->rule = rule;
    remark->line = line;
    remark->last = last < line ? line : last;
    remark->text = mem_text(text);
}

void remark_free(struct remark_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->remarks[i].text);
    free(list->remarks);
    *list = (struct remark_list){0};
}

/* A merge sort: stable, and never quadratic. */
static void remark_merge(struct remark *remarks, struct remark *room, size_t count)
{
    if (count < 2)
        return;
    size_t half = count / 2;
    remark_merge(remarks, room, half);
    remark_merge(remarks + half, room, count - half);
    for (size_t i = 0; i < count; i++)
        room[i] = remarks[i];
    for (size_t i = 0, a = 0, b = half; i < count; i++) {
        bool second = a == half || (b < count && room[b].line < room[a].line);
        remarks[i] = room[second ? b++ : a++];
    }
}

void remark_sort(struct remark_list *list)
{
    struct remark *room = mem_zero(list->count, sizeof(*room));
    remark_merge(list->remarks, room, list->count);
    free(room);
}

const char *remark_name(enum remark_rule rule)
{
    return remark_rules[rule].name;
}

const char *remark_advice(enum remark_rule rule)
{
    return remark_rules[rule].advice;
}

bool remark_warns(enum remark_rule rule)
{
    return remark_rules[rule].warning;
}

size_t remark_warnings(const struct remark_list *list)
{
    size_t warnings = 0;
    for (size_t i = 0; i < list->count; i++)
        warnings += remark_warns(list->remarks[i].rule);
    return warnings;
}

void remark_print(const struct remark_list *list, const char *path, struct buf *buf)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct remark *remark = &list->remarks[i];
        printable_add(buf, path);
        buf_printf(buf, ":%u: %s%s: ", remark->line, remark_name(remark->rule),
                   remark_warns(remark->rule) ? "" : " (note)");
        printable_add(buf, remark->text);
        buf_printf(buf, "; %s\n", remark_advice(remark->rule));
    }
}

json_t *remark_json(const struct remark_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct remark *remark = &list->remarks[i];
        json_array_append_new(
            array, json_pack("{s:I, s:I, s:s, s:s, s:o, s:s}", "line", (json_int_t)remark->line,
                             "last", (json_int_t)remark->last, "rule", remark_name(remark->rule),
                             "severity", remark_warns(remark->rule) ? "warning" : "note", "text",
                             ijson_text(remark->text), "advice", remark_advice(remark->rule)));
    }
    return array;
}
