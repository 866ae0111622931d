#include "replay/shape.h"

#include <string.h>

static bool shape_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Bytes of a list or quote mark at ${at}: `>`, `-`, `*`, `+`, `1.`, `1)`; 0 if there is none. */
static size_t shape_mark(struct span line, size_t at)
{
    if (at >= line.bytes)
        return 0;
    if (line.at[at] == '>')
        return 1;
    size_t end = at;
    while (end < line.bytes && end - at < 9 && line.at[end] >= '0' && line.at[end] <= '9')
        end++;
    if (end > at ? end < line.bytes && strchr(".)", line.at[end]) != NULL
                 : strchr("-*+", line.at[at]) != NULL)
        end++;
    else
        return 0;
    return end == line.bytes || shape_blank(line.at[end]) ? end - at : 0;
}

/* A line of one of `-`, `*`, `_` alone, or of `=`: a rule or the underline of a heading. */
static bool shape_ruled(struct span rest)
{
    char mark = rest.bytes > 0 ? rest.at[0] : 'x';
    if (strchr("-*_=", mark) == NULL)
        return false;
    for (size_t i = 0; i < rest.bytes; i++) {
        if (rest.at[i] != mark && !shape_blank(rest.at[i]))
            return false;
    }
    return true;
}

/* Marks with blanks between them could be read as lists in lists: three are enough for a rule. */
static void shape_rule(struct span rest, struct buf *buf)
{
    bool spaced = memchr(rest.at, ' ', rest.bytes) != NULL || memchr(rest.at, '\t', rest.bytes);
    for (size_t i = 0, marks = 0; i < rest.bytes; i++) {
        marks += !shape_blank(rest.at[i]);
        buf_add(buf, spaced && marks > 3 ? " " : rest.at + i, 1);
    }
}

/* Whether a byte of a line that begins with `<` may matter to where an HTML block begins or ends.
 */
static bool shape_html(struct span rest, size_t at)
{
    char c = rest.at[at], next = at + 1 < rest.bytes ? rest.at[at + 1] : ' ';
    if (c == '<' && next == '!')
        return at == 0 && at + 3 < rest.bytes && memcmp(rest.at + at, "<!--", 4) == 0;
    if (c == '<')
        return next != '?' && (at == 0 || next == '/');
    return strchr("[]*_`&\\~", c) == NULL;
}

/* Bytes at ${at} that end an HTML block wherever they stand: `-->`, `</pre>` and their like. */
static size_t shape_html_end(struct span rest, size_t at)
{
    static const char *const ends[] = {"-->", "</pre>", "</script>", "</style>"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (span_starts(span_from(rest, at), ends[i]))
            return strlen(ends[i]);
    }
    return 0;
}

/* The running text of a line: its first byte may open a heading, a fence or HTML. */
static void shape_text(struct span rest, struct buf *buf)
{
    char first = rest.bytes > 0 ? rest.at[0] : 'x';
    bool head = true;
    for (size_t i = 0, end = 0; i < rest.bytes; i++) {
        char c = rest.at[i];
        head = head && c == '#';
        if ((c == '-' || c == '<') && i >= end)
            end = i + shape_html_end(rest, i);
        bool keep = shape_blank(c) || head || i < end ||
                    (strchr("`~", first) != NULL && c == first) ||
                    (first == '<' && shape_html(rest, i));
        buf_add(buf, keep ? &c : "x", 1);
    }
}

bool shape_line(struct span line, struct buf *buf)
{
    while (line.bytes > 0 && shape_blank(line.at[line.bytes - 1]))
        line.bytes--;
    size_t at = 0;
    bool seen = true;
    for (;;) {
        while (at < line.bytes && shape_blank(line.at[at]))
            at++;
        if (shape_ruled(span_from(line, at)) || at >= line.bytes)
            break;
        size_t mark = shape_mark(line, at);
        if (mark == 0)
            break;
        seen = at + mark <= SHAPE_PREFIX_BYTES_MAX;
        if (!seen)
            break;
        at += mark;
    }
    buf_add(buf, line.at, at);
    struct span rest = span_from(line, at);
    if (!seen)
        buf_text(buf, "x");
    if (shape_ruled(rest))
        shape_rule(rest, buf);
    else
        shape_text(span_from(rest, seen ? 0 : 1), buf);
    buf_text(buf, "\n");
    return seen;
}
