#include "replay/blank.h"

#include <stdlib.h>
#include <string.h>

static size_t blank_run(struct span line, size_t at)
{
    size_t end = at;
    while (end < line.bytes && line.at[end] == '_')
        end++;
    return end - at;
}

/* A bracket or stop of full width. */
static bool blank_wide(struct span rest)
{
    static const char *const signs[] = {"\uff08", "\uff09", "\uff1a", "\uff0c", "\uff1b", "\u3002"};
    bool wide = false;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]) && rest.bytes >= 3; i++)
        wide = wide || memcmp(rest.at, signs[i], 3) == 0;
    return wide;
}

/* Bytes of a word that may be a unit at ${at}: glued or after blanks. */
static size_t blank_token(struct span line, size_t at)
{
    size_t end = at;
    while (end < line.bytes && strchr(" \t()|*_:,;`", line.at[end]) == NULL &&
           span_gap(line, end) == 0 && !blank_wide(span_from(line, end)))
        end++;
    while (end > at && line.at[end - 1] == '.')
        end--;
    return end - at;
}

size_t blank_end(struct span line, size_t at)
{
    size_t end = at + blank_run(line, at);
    while (end + 1 < line.bytes && strchr("/-:.", line.at[end]) != NULL && line.at[end + 1] == '_')
        end += 1 + blank_run(line, end + 1);
    return end;
}

/* Not joined to a word: what is glued behind may be a unit only. */
static bool blank_free_behind(struct span line, size_t end)
{
    size_t behind = end + blank_token(line, end);
    return !span_in_word(line, end) || behind >= line.bytes || line.at[behind] != '_';
}

size_t blank_find(struct span line, size_t start)
{
    for (size_t at = start; at < line.bytes;) {
        size_t link = span_link(line, at);
        if (line.at[at] == '`') {
            at = span_code(line, at);
        } else if (link > at) {
            at = link;
        } else if (line.at[at] != '_') {
            at++;
        } else {
            size_t run = blank_run(line, at);
            bool joined = span_after_word(line, at) || (at > 0 && line.at[at - 1] == '\\');
            if (run >= 3 && !joined && blank_free_behind(line, blank_end(line, at)))
                return at;
            at += run;
        }
    }
    return line.bytes;
}

bool blank_near(struct span line)
{
    static const char *const signs[] = {"\uff3f\uff3f", "\\_\\_\\_"};
    for (size_t at = 0; at < line.bytes;) {
        for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
            if (span_starts(span_from(line, at), signs[i]))
                return true;
        }
        at = line.at[at] == '`' ? span_code(line, at) : at + 1;
    }
    return false;
}

static size_t blank_skip(struct span line, size_t at)
{
    for (size_t gap; (gap = span_gap(line, at)) > 0;)
        at += gap;
    return at;
}

static bool blank_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Whether the word in [at, end) begins the next label rather than being a unit: capitalised, as
 * Phone in `____ Phone number: ____`. */
static bool blank_begins_label(struct span line, size_t at, size_t end)
{
    return end - at > 2 && line.at[at] >= 'A' && line.at[at] <= 'Z' && blank_lower(line.at[at + 1]);
}

/* The unit behind a blank that ends at ${at}, up to the next blank or the end at ${next}. */
static struct span blank_unit(struct span line, size_t at, size_t next)
{
    size_t start = blank_skip(line, at), end = start + blank_token(line, start);
    struct span none = {"", 0}, unit = span_between(line, start, end);
    bool rule = unit.bytes == 1 && strchr("/-", unit.at[0]) != NULL;
    if (unit.bytes == 0 || rule || (end < line.bytes && strchr(":_`", line.at[end]) != NULL))
        return none;
    size_t after = blank_skip(line, end);
    if (start == at || after >= line.bytes || strchr("()|,;.", line.at[after]) != NULL ||
        span_starts(span_from(line, after), "**") || blank_wide(span_from(line, after)))
        return unit;
    bool label = next < line.bytes && after < next && !blank_begins_label(line, start, end);
    return label ? unit : none;
}

/* The text of `(expected: …)` at ${at}; *${ret_end} is behind it. */
static struct span blank_expectation(struct span line, size_t at, size_t *ret_end)
{
    struct span rest = span_from(line, blank_skip(line, at)), none = {"", 0};
    if (!span_starts(rest, "(expected") || blank_skip(rest, 9) >= rest.bytes ||
        rest.at[blank_skip(rest, 9)] != ':')
        return none;
    size_t start = blank_skip(rest, 9) + 1;
    const char *close = memchr(rest.at, ')', rest.bytes);
    if (close == NULL)
        return none;
    size_t end = (size_t)(close - rest.at);
    *ret_end = (size_t)(rest.at - line.at) + end + 1;
    return span_trim(span_between(rest, start, end));
}

/* Whether ${between}, the text from one blank to the next, is one word without a colon. */
static bool blank_one_word(struct span between)
{
    struct span word = span_trim(between);
    size_t bytes = blank_token(word, 0);
    return bytes > 0 && bytes == word.bytes;
}

/* Position of the last colon, in full width too, or the end. */
static size_t blank_colon(struct span label)
{
    for (size_t at = label.bytes; at > 0; at--) {
        if (label.at[at - 1] == ':' || span_starts(span_from(label, at - 1), "\uff1a"))
            return at - 1;
    }
    return label.bytes;
}

/* A label ends at its colon, though signs may stand between that and the blank (`Cost: $____`), and
 * before a bracket that holds the blank. */
static struct span blank_ended(struct span label)
{
    size_t end = blank_colon(label);
    struct span signs = span_from(label, end), word;
    if (span_word(&signs, &word))
        end = label.bytes;
    if (end > 0 && end == label.bytes && label.at[end - 1] == '(')
        end--;
    return end < label.bytes ? span_label(span_to(label, end)) : label;
}

/* Label the blank by the text between it and the one before (NULL: from the line's start). */
static void blank_name(struct blank *blank, struct blank *before, struct span between)
{
    struct span label = span_label(between), text = span_trim(between);
    if (span_starts(label, "(") || span_starts(label, "/ ") || span_starts(label, "- "))
        label = span_label(span_from(label, 1));
    label = blank_ended(label);
    bool bracket =
        span_starts(text, "(") && text.at[text.bytes - 1] == ':' && blank_one_word(label);
    blank->label = label;
    if (before == NULL || before->label.bytes == 0 || !(bracket || blank_one_word(between)))
        return;
    blank->label = before->label;
    blank->suffix_word = label.bytes > 0 ? label : text;
    if (bracket)
        blank->unit = before->unit;
    else if (span_is(label, "to") && before->suffix_word.bytes == 0)
        before->suffix = "from";
}

void blank_parse(struct span line, struct blank_list *ret_list)
{
    *ret_list = (struct blank_list){0};
    size_t cap = 0, from = 0;
    for (size_t at = blank_find(line, 0); at < line.bytes;) {
        size_t end = blank_end(line, at), next = blank_find(line, end);
        struct blank *blank = MEM_PUSH(ret_list->blanks, ret_list->count, cap);
        blank->place = span_between(line, at, end);
        blank_name(blank, ret_list->count > 1 ? blank - 1 : NULL, span_between(line, from, at));
        struct span unit = blank_unit(line, end, next);
        from = end;
        if (unit.bytes > 0) {
            blank->unit = unit;
            from = (size_t)(unit.at - line.at) + unit.bytes;
            blank->place = span_between(line, at, from);
        }
        blank->expectation = blank_expectation(span_to(line, next), from, &from);
        if (from < line.bytes && line.at[from] == ')')
            from++;
        at = next;
    }
}

bool blank_label(const struct blank *blank, char **ret_label)
{
    bool added = blank->suffix != NULL || blank->suffix_word.bytes > 0;
    if (blank->label.bytes == 0 || (added && blank->label.bytes > BLANK_LABEL_BYTES_MAX))
        return false;
    struct buf buf = {0};
    span_add(&buf, blank->label);
    if (added)
        buf_text(&buf, " ");
    if (blank->suffix != NULL)
        buf_text(&buf, blank->suffix);
    else
        span_add(&buf, blank->suffix_word);
    *ret_label = buf_take_text(&buf);
    return true;
}

void blank_free(struct blank_list *list)
{
    free(list->blanks);
    *list = (struct blank_list){0};
}
