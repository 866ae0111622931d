#include "replay/cause.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "replay/layout.h"

#define INDENT 2

__attribute__((format(printf, 3, 0))) static void say(struct cause *cause, const struct mark *by,
                                                      const char *format, va_list args)
{
    struct buf text = {0};
    buf_vprintf(&text, format, args);
    free(cause->what);
    cause->what = buf_take_text(&text);
    if (by != NULL)
        cause->by = *by;
}

void cause_say(struct cause *cause, const struct mark *by, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(cause, by, format, args);
    va_end(args);
}

struct cause *cause_add(struct cause *parent, const struct mark *by, const char *format, ...)
{
    struct cause *cause = MEM_PUSH(parent->list, parent->count, parent->cap);
    va_list args;
    va_start(args, format);
    say(cause, by, format, args);
    va_end(args);
    return cause;
}

void cause_elsewhere(struct cause *cause, uint64_t seq)
{
    cause->by = (struct mark){.seq = seq};
    cause->elsewhere = true;
}

void cause_otherwise(struct cause *cause, const char *format, ...)
{
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    free(cause->otherwise);
    cause->otherwise = buf_take_text(&text);
}

void cause_free(struct cause *cause)
{
    for (size_t i = 0; i < cause->count; i++)
        cause_free(&cause->list[i]);
    free(cause->list);
    free(cause->what);
    free(cause->otherwise);
    *cause = (struct cause){.cap = 0};
}

static void add_text(const struct cause *cause, size_t depth, struct buf *buf)
{
    struct buf line = {0};
    size_t indent = depth * INDENT;
    buf_text(&line, cause->what != NULL ? cause->what : "");
    layout_mark(&line, &cause->by);
    buf_printf(buf, "%*s", (int)indent, "");
    layout_wrap(buf, indent, indent + INDENT + INDENT, (const char *)line.data);
    buf_clear(&line);
    if (cause->otherwise != NULL) {
        buf_printf(&line, "otherwise: %s", cause->otherwise);
        buf_printf(buf, "%*s", (int)(indent + INDENT), "");
        layout_wrap(buf, indent + INDENT, indent + INDENT + INDENT, (const char *)line.data);
    }
    buf_free(&line);
    for (size_t i = 0; i < cause->count; i++)
        add_text(&cause->list[i], depth + 1, buf);
}

void cause_text(const struct cause *cause, struct buf *buf)
{
    add_text(cause, 0, buf);
}

json_t *cause_json(const struct cause *cause)
{
    json_t *json = json_object(), *because = json_array();
    for (size_t i = 0; i < cause->count; i++)
        json_array_append_new(because, cause_json(&cause->list[i]));
    ijson_put(json, "what", ijson_text(cause->what));
    layout_mark_json(json, &cause->by);
    ijson_put(json, "otherwise", ijson_text(cause->otherwise));
    ijson_put(json, "because", because);
    return json;
}
