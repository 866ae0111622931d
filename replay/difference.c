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

static void index_facts(const struct facts *facts, struct names *names)
{
    struct buf key = {0};
    for (size_t i = 0; i < facts->count; i++)
        names_put(names, key_of(&facts->list[i], &key), i);
    buf_free(&key);
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

void difference_find(const struct facts *before, const struct facts *after, bool acts,
                     struct differences *ret)
{
    struct names earlier = {0}, later = {0};
    struct buf key = {0};
    size_t gone = 0;
    *ret = (struct differences){.cap = 0};
    index_facts(before, &earlier);
    index_facts(after, &later);
    for (size_t i = 0; i < after->count; i++) {
        const struct fact *fact = &after->list[i];
        size_t at = 0;
        if (!names_find(&earlier, key_of(fact, &key), &at)) {
            push(ret, NULL, fact);
            continue;
        }
        const struct fact *was = &before->list[at];
        push_gone(ret, before, &later, &gone, at);
        if (strcmp(was->text, fact->text) != 0 || (acts && !same_act(&was->by, &fact->by)))
            push(ret, was, fact);
    }
    push_gone(ret, before, &later, &gone, before->count);
    names_free(&earlier);
    names_free(&later);
    buf_free(&key);
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
    char time[INSTANT_TEXT_BYTES];
    if (fact == NULL)
        return;
    buf_text(&line, fact->text);
    if (fact->by.set) {
        instant_short(fact->by.time_us, time);
        buf_printf(&line, " (%s, seq %" PRIu64 ", %s)", fact->by.principal, fact->by.seq, time);
    }
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
    if (fact->by.set) {
        ijson_put(json, "seq", json_integer((json_int_t)fact->by.seq));
        ijson_put(json, "pos", json_integer((json_int_t)fact->by.pos));
        ijson_put(json, "by", ijson_text(fact->by.principal));
        ijson_put(json, "time", ijson_instant(fact->by.time_us));
    }
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
