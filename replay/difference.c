#include "replay/difference.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/names.h"

#define INDENT 4

/* One name over all kinds. */
static const char *key_of(const struct fact *fact, struct buf *key)
{
    buf_clear(key);
    buf_printf(key, "%d %s", (int)fact->kind, fact->name);
    return (const char *)key->data;
}

/* Facts of both sides that stand in [from, to) of their lists. */
struct range {
    const struct facts *facts;
    size_t from, to;
};

static void index_facts(const struct range *range, struct names *names)
{
    struct buf key = {0};
    for (size_t i = range->from; i < range->to; i++)
        names_put(names, key_of(&range->facts->list[i], &key), i);
    buf_free(&key);
}

static bool same_name(const struct fact *a, const struct fact *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0;
}

static bool same_act(const struct mark *a, const struct mark *b)
{
    return a->set == b->set && (!a->set || a->pos == b->pos);
}

static void push(struct differences *differences, const struct fact *before,
                 const struct fact *after)
{
    *(struct difference *)MEM_PUSH(differences->list, differences->count, differences->cap) =
        (struct difference){before, after};
}

/* Pushes a fact that both sides have, if it is not the same in both. */
static void compare(struct differences *differences, const struct fact *was, const struct fact *is,
                    bool acts)
{
    if (strcmp(was->text, is->text) != 0 || (acts && !same_act(&was->by, &is->by)))
        push(differences, was, is);
}

/* Pushes what was there before and is no more, up to the fact ${to} of those before. */
static void push_gone(struct differences *differences, const struct facts *before,
                      const struct names *after, size_t *at, size_t to)
{
    struct buf key = {0};
    size_t found = 0;
    for (; *at < to; ++*at) {
        if (!names_find(after, key_of(&before->list[*at], &key), &found))
            push(differences, &before->list[*at], NULL);
    }
    buf_free(&key);
}

static void find_by_name(const struct range *before, const struct range *after, bool acts,
                         struct differences *differences)
{
    struct names earlier = {0}, later = {0};
    struct buf key = {0};
    size_t gone = before->from;
    index_facts(before, &earlier);
    index_facts(after, &later);
    for (size_t i = after->from; i < after->to; i++) {
        const struct fact *fact = &after->facts->list[i];
        size_t at = 0;
        if (!names_find(&earlier, key_of(fact, &key), &at)) {
            push(differences, NULL, fact);
            continue;
        }
        push_gone(differences, before->facts, &later, &gone, at);
        compare(differences, &before->facts->list[at], fact, acts);
    }
    push_gone(differences, before->facts, &later, &gone, before->to);
    names_free(&earlier);
    names_free(&later);
    buf_free(&key);
}

/* Most of two states that are near each other stands in the same place: only what lies between the
 * first and the last fact that do not is looked up by name. */
void difference_find(const struct facts *before, const struct facts *after, bool acts,
                     struct differences *ret)
{
    struct range was = {before, 0, before->count}, is = {after, 0, after->count};
    *ret = (struct differences){.cap = 0};
    for (; was.from < was.to && is.from < is.to &&
           same_name(&before->list[was.from], &after->list[is.from]);
         was.from++, is.from++)
        compare(ret, &before->list[was.from], &after->list[is.from], acts);
    for (; was.from < was.to && is.from < is.to &&
           same_name(&before->list[was.to - 1], &after->list[is.to - 1]);
         was.to--)
        is.to--;
    find_by_name(&was, &is, acts, ret);
    for (; was.to < before->count; was.to++, is.to++)
        compare(ret, &before->list[was.to], &after->list[is.to], acts);
}

void difference_free(struct differences *differences)
{
    free(differences->list);
    *differences = (struct differences){.cap = 0};
}

static void add_name(const struct fact *fact, struct buf *buf)
{
    struct buf line = {0};
    if (fact->kind != FACT_COURSE && fact->kind != FACT_GATE && fact->kind != FACT_NODE)
        buf_printf(&line, "%s ", facts_kind(fact->kind));
    buf_text(&line, fact->name);
    if (fact->label != NULL)
        buf_printf(&line, " %s", fact->label);
    buf_text(buf, "  ");
    layout_wrap(buf, 2, 2 + INDENT, (const char *)line.data);
    buf_free(&line);
}

static void add_side(const char *sign, const struct fact *fact, struct buf *buf)
{
    struct buf line = {0};
    if (fact == NULL)
        return;
    buf_text(&line, fact->text);
    layout_mark(&line, &fact->by);
    buf_printf(buf, "%*s%s ", INDENT, "", sign);
    layout_wrap(buf, INDENT + 2, INDENT + 2, (const char *)line.data);
    buf_free(&line);
}

void difference_text(const struct differences *differences, struct buf *buf)
{
    for (size_t i = 0; i < differences->count; i++) {
        const struct difference *one = &differences->list[i];
        add_name(one->after != NULL ? one->after : one->before, buf);
        add_side("-", one->before, buf);
        add_side("+", one->after, buf);
    }
}

static json_t *side_json(const struct fact *fact)
{
    if (fact == NULL)
        return json_null();
    json_t *json = json_object();
    ijson_put(json, "text", ijson_text(fact->text));
    layout_mark_json(json, &fact->by);
    return json;
}

json_t *difference_json(const struct differences *differences)
{
    json_t *list = json_array();
    for (size_t i = 0; i < differences->count; i++) {
        const struct difference *one = &differences->list[i];
        const struct fact *fact = one->after != NULL ? one->after : one->before;
        json_t *json = json_object();
        ijson_put(json, "kind", json_string(facts_kind(fact->kind)));
        ijson_put(json, "name", ijson_text(fact->name));
        ijson_put(json, "label", ijson_text(fact->label));
        ijson_put(json, "before", side_json(one->before));
        ijson_put(json, "after", side_json(one->after));
        json_array_append_new(list, json);
    }
    return list;
}
