/* unread_kit - a naive second opinion on what the compiler may drop: each line of the source that
 * has a box, a blank, an alternative, a mark or a bold label is in some node, or there is a remark
 * on it; and so is each single box and blank of a line without code, links and escapes.  It looks
 * at the compiled checklist alone, and at the source by its own rules.
 */
#ifndef TESTS_UNIT_UNREAD_KIT_H
#define TESTS_UNIT_UNREAD_KIT_H

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "replay/checklist.h"

#define UNREAD_UNUSED __attribute__((unused))

/* Bytes of a blank of other scripts at ${at}, 0 if there is none. */
static size_t unread_gap(const char *at)
{
    static const char *const gaps[] = {"\u00a0", "\u2007", "\u2009", "\u202f", "\u3000"};
    for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
        if (strncmp(at, gaps[i], strlen(gaps[i])) == 0)
            return strlen(gaps[i]);
    }
    return 0;
}

/* ${text} without blanks, bold marks, what lists, quotes and headings begin with, and the colon
 * that a label ends in. */
static char *unread_core(const char *text, size_t bytes)
{
    struct buf buf = {0};
    size_t at = 0;
    while (at < bytes &&
           (unread_gap(text + at) > 0 || strchr(" \t>-+*#0123456789.),;|", text[at]) != NULL))
        at += unread_gap(text + at) > 0 ? unread_gap(text + at) : 1;
    if (bytes - at >= 9 && strncasecmp(text + at, "expected:", 9) == 0)
        at += 9;
    for (size_t gap; at<bytes; at += gap> 0 ? gap : 1) {
        gap = unread_gap(text + at);
        if (gap == 0 && strchr(" \t*>", text[at]) == NULL)
            buf_add(&buf, text + at, 1);
    }
    while (buf.bytes > 0 && strchr(":,;|", (char)buf.data[buf.bytes - 1]) != NULL)
        buf.bytes--;
    return buf_take_text(&buf);
}

/* Whether ${text}, read without blanks and bold marks, holds ${core}. */
static bool unread_holds(const char *text, const char *core)
{
    struct buf buf = {0};
    if (text == NULL || core[0] == '\0')
        return false;
    for (size_t at = 0, gap; text[at] != '\0'; at += gap > 0 ? gap : 1) {
        gap = unread_gap(text + at);
        if (gap == 0 && strchr(" \t*>", text[at]) == NULL)
            buf_add(&buf, text + at, 1);
    }
    char *whole = buf_take_text(&buf);
    bool holds = strstr(whole, core) != NULL;
    free(whole);
    return holds;
}

static bool unread_has(const char *line, const char *const texts[])
{
    for (size_t i = 0; texts[i] != NULL; i++) {
        if (strstr(line, texts[i]) != NULL)
            return true;
    }
    return false;
}

/* `**Label:**`, `**Label**:` at the front of a line, or `AB / CD` anywhere. */
static bool unread_shaped(const char *line)
{
    const char *bold = line + strspn(line, " \t>-+");
    const char *end = strncmp(bold, "**", 2) == 0 ? strstr(bold + 2, "**") : NULL;
    if (end != NULL && end > bold + 2 && (end[-1] == ':' || end[2] == ':'))
        return true;
    for (const char *at = strstr(line, " / "); at != NULL; at = strstr(at + 3, " / ")) {
        if (at > line && at[-1] >= 'A' && at[-1] <= 'Z' && at[3] >= 'A' && at[3] <= 'Z')
            return true;
    }
    return false;
}

static bool unread_marked(const char *line)
{
    static const char *const marks[] = {"[ ]",    "[x]",    "[X]",    "___",
                                        "\u2713", "\u26a0", "\u2717", NULL};
    return unread_has(line, marks) || unread_shaped(line);
}

/* A line by its number, and where it stands. */
struct unread_line {
    unsigned number;
    size_t from, to;
    char *core;
};

static bool unread_in(struct place place, const struct unread_line *line)
{
    return place.bytes > 0 && place.at < line->to && place.at + place.bytes > line->from;
}

static bool unread_node(const struct node *node, const struct unread_line *line)
{
    bool found = node->line == line->number || unread_in(node->place, line) ||
                 unread_in(node->decided_by, line) || unread_in(node->decided_at, line);
    for (size_t i = 0; i < node->option_count && !found; i++)
        found = unread_in(node->options[i].box, line);
    if (node->line > line->number) /* a line above it: its label, its authority, its condition */
        return found || unread_holds(node->label, line->core) ||
               (node->optional && strncasecmp(line->core, "if", 2) == 0) ||
               (node->authority != NULL && (strcasestr(line->core, "decisionauthority") != NULL ||
                                            strcasecmp(line->core, "decision") == 0));
    return found || unread_holds(node->text, line->core) ||
           unread_holds(node->command, line->core) || unread_holds(node->expected, line->core) ||
           unread_holds(node->line_text, line->core) ||
           (node->authority != NULL && strcasestr(line->core, "decisionauthority") != NULL);
}

static bool unread_remarked(const struct remark_list *list, unsigned line)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->remarks[i].line <= line && line <= list->remarks[i].last)
            return true;
    }
    return false;
}

static bool unread_found(const struct checklist *checklist, const struct unread_line *line)
{
    bool found = unread_remarked(&checklist->warnings, line->number) ||
                 unread_remarked(&checklist->notes, line->number) ||
                 unread_holds(checklist->title, line->core) ||
                 unread_holds(checklist->subtitle, line->core);
    for (size_t i = 0; i < checklist->section_count && !found; i++)
        found = checklist->sections[i].line == line->number ||
                unread_holds(checklist->sections[i].title, line->core);
    for (size_t i = 0; i < checklist->node_count && !found; i++)
        found = unread_node(&checklist->nodes[i], line);
    return found;
}

/* Bytes of a box or a blank at ${at} that stands alone, as anybody would see one; else 0. */
static size_t unread_mark(const char *text, size_t at)
{
    size_t bytes = strspn(text + at, "_");
    if (bytes < 3)
        bytes = text[at] == '[' && text[at + 1] != '\0' && strchr(" xX", text[at + 1]) != NULL &&
                        text[at + 2] == ']'
                    ? 3
                    : 0;
    bool alone =
        (at == 0 || text[at - 1] == ' ') && (text[at + bytes] == '\0' || text[at + bytes] == ' ');
    return alone ? bytes : 0;
}

/* Whether the mark at [from, to) of the source is a node's, or what one rests on: the first box of
 * a decision in a task, the first blank of an approval. */
static bool unread_placed(const struct checklist *checklist, const struct unread_line *mark,
                          bool first)
{
    bool found = false, blank = checklist->source[mark->from] == '_';
    for (size_t i = 0; i < checklist->node_count && !found; i++) {
        const struct node *node = &checklist->nodes[i];
        bool offers = node->option_count > 0;
        found = (first && node->line == mark->number &&
                 node->kind == (blank ? NODE_APPROVAL : NODE_DECISION)) ||
                (!offers && unread_in(node->place, mark)) || unread_in(node->decided_by, mark) ||
                unread_in(node->decided_at, mark) || unread_holds(node->command, mark->core) ||
                unread_holds(node->expected, mark->core);
        for (size_t j = 0; j < node->option_count && !found; j++)
            found = unread_in(node->options[j].box, mark);
    }
    return found;
}

/* Whether each mark of the line is placed, where it can be told naively what a mark is. */
static bool unread_all_placed(const struct checklist *checklist, const struct unread_line *line,
                              const char *text)
{
    bool plain = strpbrk(text, "`\\<|") == NULL && strstr(text, "](") == NULL &&
                 strstr(text, "]:") == NULL && strspn(text, " >_") < strlen(text);
    bool first[2] = {true, true}; /* of boxes, of blanks */
    for (size_t i = 0; i < checklist->section_count && plain;
         i++) /* marks of headings: as a whole */
        plain = !unread_holds(checklist->sections[i].title, line->core);
    if (!plain || unread_remarked(&checklist->warnings, line->number) ||
        unread_remarked(&checklist->notes, line->number))
        return true;
    for (size_t at = 0, bytes; text[at] != '\0'; at += bytes > 0 ? bytes : 1) {
        bytes = unread_mark(text, at);
        struct unread_line mark = {line->number, line->from + at, line->from + at + bytes,
                                   line->core};
        if (bytes > 0 && !unread_placed(checklist, &mark, first[text[at] == '_']))
            return false;
        first[text[at] == '_'] = first[text[at] == '_'] && bytes == 0;
    }
    return true;
}

/* The first line that was dropped in silence, or a mark of which was; or 0. */
UNREAD_UNUSED static unsigned unread_first(const struct checklist *checklist)
{
    const char *source = checklist->source;
    struct unread_line line = {.to = strncmp(source, "\xef\xbb\xbf", 3) == 0 ? 3 : 0};
    while (line.to < checklist->source_bytes) {
        line.number++;
        line.from = line.to;
        size_t bytes = strcspn(source + line.from, "\r\n");
        line.to = line.from + bytes;
        char *text = mem_text_n(source + line.from, bytes);
        line.core = unread_core(text, bytes);
        bool dropped = unread_marked(text) && (!unread_found(checklist, &line) ||
                                               !unread_all_placed(checklist, &line, text));
        free(line.core);
        free(text);
        if (dropped)
            return line.number;
        line.to += strncmp(source + line.to, "\r\n", 2) == 0 ? 2 : 1;
    }
    return 0;
}

#endif
