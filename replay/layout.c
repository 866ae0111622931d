#include "replay/layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Whether the bytes at ${at} go on what stands before: continuation bytes, variation selectors
 * (U+FE0x) and combining marks (U+0300 to U+036F). */
static bool goes_on(const unsigned char *at)
{
    return (at[0] & 0xc0) == 0x80 || (at[0] == 0xef && at[1] == 0xb8 && at[2] < 0x90) ||
           at[0] == 0xcc || (at[0] == 0xcd && at[1] < 0xb0);
}

size_t layout_columns(const char *text)
{
    size_t columns = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        columns += !goes_on(at);
    return columns;
}

void layout_pad(struct buf *buf, const char *text, size_t columns)
{
    struct buf fair = {0};
    printable_add(&fair, text);
    size_t used = fair.bytes > 0 ? layout_columns((const char *)fair.data) : 0;
    buf_add(buf, fair.data, fair.bytes);
    buf_printf(buf, "%*s", used < columns ? (int)(columns - used) : 1, "");
    buf_free(&fair);
}

/* Bytes of the longest head of ${text} that takes at most ${columns} columns. */
static size_t head_bytes(const char *text, size_t columns)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t used = 0;
    while (*at != '\0') {
        used += !goes_on(at);
        if (used > columns)
            break;
        at++;
    }
    return (size_t)(at - (const unsigned char *)text);
}

/* Where to break ${text}, which is longer than ${columns}: at the last blank that fits; within a
 * word only on a fresh line. */
static size_t break_at(const char *text, size_t columns, bool fresh)
{
    size_t fits = head_bytes(text, columns);
    if (text[fits] == ' ')
        return fits;
    for (size_t i = fits; i > 0; i--) {
        if (text[i - 1] == ' ')
            return i - 1;
    }
    return fresh ? fits : 0;
}

void layout_wrap(struct buf *buf, size_t used, size_t indent, const char *text)
{
    struct buf fair = {0};
    printable_add(&fair, text);
    buf_text(&fair, "");
    const char *rest = fair.bytes > 0 ? (const char *)fair.data : "";
    bool fresh = false;
    for (;;) {
        size_t room = used < LAYOUT_COLUMNS ? LAYOUT_COLUMNS - used : 0;
        if (layout_columns(rest) <= room)
            break;
        size_t bytes = break_at(rest, room, fresh);
        buf_add(buf, rest, bytes);
        buf_printf(buf, "\n%*s", (int)indent, "");
        rest += bytes;
        rest += strspn(rest, " ");
        used = indent;
        fresh = true;
    }
    buf_printf(buf, "%s\n", rest);
    buf_free(&fair);
}

void layout_flags(struct buf *buf, uint32_t flags)
{
    const char *between = "";
    for (unsigned i = 0; i < FLAG_COUNT; i++) {
        if ((flags & 1u << i) == 0)
            continue;
        buf_printf(buf, "%s%s", between, flag_name((enum flag)i));
        between = ", ";
    }
}

void layout_explained(struct buf *buf, uint32_t flags, const char *reason)
{
    uint32_t bare = flags;
    for (unsigned i = 0; reason != NULL && i < FLAG_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%s:", flag_name((enum flag)i));
        if (strstr(reason, name) != NULL)
            bare &= ~(1u << i);
    }
    layout_flags(buf, bare);
    buf_text(buf, bare != 0 && reason != NULL ? "; " : "");
    buf_text(buf, reason != NULL ? reason : "");
}

void layout_verdict(struct buf *buf, const struct verdict *verdict)
{
    buf_text(buf, verdict->rule == RULE_NONE ? "accepted" : "refused");
    if (verdict->rule != RULE_NONE)
        buf_printf(buf, ", %s", rule_name(verdict->rule));
    if (verdict->flags != 0 || verdict->reason != NULL) {
        buf_text(buf, ": ");
        layout_explained(buf, verdict->flags, verdict->reason);
    }
}

json_t *layout_flags_json(uint32_t flags)
{
    json_t *names = json_array();
    for (unsigned i = 0; i < FLAG_COUNT; i++) {
        if ((flags & 1u << i) != 0)
            json_array_append_new(names, json_string(flag_name((enum flag)i)));
    }
    return names;
}

void layout_mark(struct buf *buf, const struct mark *mark)
{
    char time[INSTANT_TEXT_BYTES];
    if (!mark->set)
        return;
    instant_short(mark->time_us, time);
    buf_printf(buf, " (%s, seq %" PRIu64 ", %s)", mark->principal, mark->seq, time);
}

void layout_mark_json(json_t *object, const struct mark *mark)
{
    if (!mark->set)
        return;
    ijson_put(object, "seq", json_integer((json_int_t)mark->seq));
    ijson_put(object, "pos", json_integer((json_int_t)mark->pos));
    ijson_put(object, "by", ijson_text(mark->principal));
    ijson_put(object, "time", ijson_instant(mark->time_us));
}
