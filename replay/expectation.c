#include "replay/expectation.h"

#include <stdlib.h>
#include <string.h>

#include "replay/span.h"

#define STATUS_MIN 100
#define STATUS_MAX 599

/* What a command did, and one line of what was expected. */
struct trial {
    struct span expected;
    struct span output;
    int exit_code;
};

typedef bool fits_fn(struct span expected);
typedef enum held holds_fn(const struct trial *trial);

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The next line of ${rest}, trimmed; false at its end. */
static bool take_line(struct span *rest, struct span *ret_line)
{
    if (rest->bytes == 0)
        return false;
    const char *end = memchr(rest->at, '\n', rest->bytes);
    size_t bytes = end != NULL ? (size_t)(end - rest->at) : rest->bytes;
    *ret_line = span_trim(span_to(*rest, bytes));
    *rest = span_from(*rest, end != NULL ? bytes + 1 : bytes);
    return true;
}

/* The digits that ${span} begins with, as a number; how many there are, or 0. */
static size_t number_at(struct span span, long *ret)
{
    size_t digits = 0;
    long value = 0;
    while (digits < span.bytes && digits < 9 && is_digit(span.at[digits]))
        value = 10 * value + (span.at[digits++] - '0');
    if (digits < span.bytes && is_digit(span.at[digits]))
        return 0;
    *ret = value;
    return digits;
}

static bool same(struct span a, struct span b)
{
    return a.bytes == b.bytes && memcmp(a.at, b.at, a.bytes) == 0;
}

static bool same_caseless(struct span a, struct span b)
{
    return a.bytes == b.bytes && strncasecmp(a.at, b.at, a.bytes) == 0;
}

/* exit status N */
static bool fits_exit(struct span expected)
{
    long status;
    struct span rest = span_trim(span_from(expected, strlen("exit status")));
    size_t digits = number_at(rest, &status);
    return span_starts(expected, "exit status ") && digits > 0 && digits == rest.bytes;
}

static enum held holds_exit(const struct trial *trial)
{
    long status = -1;
    number_at(span_trim(span_from(trial->expected, strlen("exit status"))), &status);
    return status == trial->exit_code ? HELD_YES : HELD_NO;
}

/* Empty output */
static bool fits_empty(struct span expected)
{
    return span_is(expected, "empty output") || span_is(expected, "no output") ||
           span_is(expected, "empty");
}

static enum held holds_empty(const struct trial *trial)
{
    return span_trim(trial->output).bytes == 0 ? HELD_YES : HELD_NO;
}

/* A bare value: a number, true, false, or what stands in quotes. */
static bool is_value(struct span value)
{
    char *text = span_text(value), *end = NULL;
    bool quoted = value.bytes >= 2 && value.at[0] == '"' &&
                  memchr(value.at + 1, '"', value.bytes - 1) == value.at + value.bytes - 1;
    bool bare = span_is(value, "true") || span_is(value, "false");
    strtod(text, &end);
    bool number = text[0] != '\0' && *end == '\0' && !is_letter(text[0]);
    free(text);
    return quoted || bare || number;
}

/* One `NAME = VALUE` of a list joined by commas; false if the next thing is none. */
static bool take_pair(struct span *rest, struct span *ret_name, struct span *ret_value)
{
    size_t at = 0;
    while (at < rest->bytes && (is_letter(rest->at[at]) || is_digit(rest->at[at]) ||
                                rest->at[at] == '_' || rest->at[at] == '.'))
        at++;
    struct span name = span_to(*rest, at), after = span_trim(span_from(*rest, at));
    if (at == 0 || after.bytes == 0 || after.at[0] != '=')
        return false;
    after = span_trim(span_from(after, 1));
    bool quoted = after.bytes > 0 && after.at[0] == '"';
    size_t end = quoted ? span_find(after, 1, "\"") + 1 : span_find(after, 0, ",");
    struct span value = span_trim(span_to(after, end));
    after = span_trim(span_from(after, end));
    if (!is_value(value) || (after.bytes > 0 && after.at[0] != ','))
        return false;
    *ret_name = name;
    *ret_value = value;
    *rest = span_trim(span_from(after, 1));
    return true;
}

static bool fits_members(struct span expected)
{
    struct span name, value;
    while (expected.bytes > 0) {
        if (!take_pair(&expected, &name, &value))
            return false;
    }
    return true;
}

/* The member of this name, `a.b` being b of a; borrowed, NULL without it. */
static const json_t *member(const json_t *json, struct span name)
{
    char *text = span_text(name), *rest = text;
    while (json != NULL && rest != NULL) {
        char *dot = strchr(rest, '.');
        if (dot != NULL)
            *dot = '\0';
        json = ijson_get(json, rest);
        rest = dot != NULL ? dot + 1 : NULL;
    }
    free(text);
    return json;
}

static bool member_is(const json_t *found, struct span value)
{
    if (json_is_boolean(found))
        return span_is(value, json_is_true(found) ? "true" : "false");
    if (json_is_number(found)) {
        char *text = span_text(value);
        double number = strtod(text, NULL), difference = number - json_number_value(found);
        free(text);
        return is_value(value) && value.at[0] != '"' && difference >= 0 && difference <= 0;
    }
    const char *text = json_string_value(found);
    if (text == NULL || value.at[0] != '"')
        return false;
    return same(span_of(text), span_between(value, 1, value.bytes - 1));
}

static enum held holds_members(const struct trial *trial)
{
    json_t *json = NULL;
    struct span rest = trial->expected, name, value;
    enum held held = HELD_YES;
    if (ijson_parse(trial->output.at, trial->output.bytes, &json, NULL) != ERR_OK)
        return HELD_NO;
    while (held == HELD_YES && rest.bytes > 0 && take_pair(&rest, &name, &value)) {
        const json_t *found = member(json, name);
        held = found != NULL && member_is(found, value) ? HELD_YES : HELD_NO;
    }
    json_decref(json);
    return held;
}

/* The number of an HTTP status: "HTTP 200", "202 Accepted"; 0 for anything else. */
static long status_of(struct span expected)
{
    long status = 0;
    bool named = span_starts(expected, "http ");
    struct span rest = named ? span_trim(span_from(expected, 5)) : expected;
    size_t digits = number_at(rest, &status);
    bool alone = digits == rest.bytes;
    bool reason = !alone && rest.at[digits] == ' ' && rest.at[digits + 1] >= 'A' &&
                  rest.at[digits + 1] <= 'Z';
    if (digits != 3 || status < STATUS_MIN || status > STATUS_MAX || (alone && !named))
        return 0;
    return alone || reason ? status : 0;
}

static bool fits_status(struct span expected)
{
    return status_of(expected) != 0;
}

/* Whether a line shows an HTTP status, and which: "HTTP/1.1 200 OK", "< HTTP/2 200", "200". */
static bool shows_status(struct span line, long *ret)
{
    if (span_starts(line, "< "))
        line = span_trim(span_from(line, 2));
    bool head = span_starts(line, "http/");
    if (head)
        line = span_trim(span_from(line, span_find(line, 0, " ")));
    size_t digits = number_at(line, ret);
    return digits == 3 && (head || digits == line.bytes);
}

static enum held holds_status(const struct trial *trial)
{
    struct span rest = trial->output, line;
    long wanted = status_of(trial->expected), shown;
    enum held held = HELD_UNKNOWN;
    while (take_line(&rest, &line)) {
        if (shows_status(line, &shown))
            held = shown == wanted ? HELD_YES : HELD_NO; /* the last counts: redirects go before */
    }
    return held;
}

/* One word, or something in quotes. */
static struct span literal_of(struct span expected)
{
    bool quoted =
        expected.bytes >= 2 && expected.at[0] == '"' &&
        memchr(expected.at + 1, '"', expected.bytes - 1) == expected.at + expected.bytes - 1;
    return quoted ? span_between(expected, 1, expected.bytes - 1) : expected;
}

static bool fits_literal(struct span expected)
{
    return literal_of(expected).bytes < expected.bytes ||
           (expected.bytes > 0 && span_find(expected, 0, " ") == expected.bytes);
}

static enum held holds_literal(const struct trial *trial)
{
    struct span rest = trial->output, line, wanted = literal_of(trial->expected);
    while (take_line(&rest, &line)) {
        if (same(line, wanted) || same(line, trial->expected))
            return HELD_YES;
    }
    return HELD_NO;
}

/* N WORDS */
static bool fits_count(struct span expected)
{
    long count;
    size_t digits = number_at(expected, &count);
    if (digits == 0 || digits + 1 >= expected.bytes || expected.at[digits] != ' ')
        return false;
    for (size_t i = digits + 1; i < expected.bytes; i++) {
        if (!is_letter(expected.at[i]) && expected.at[i] != ' ' && expected.at[i] != '-')
            return false;
    }
    return true;
}

/* The number that stands before ${at}; false if none does. */
static bool number_before(struct span text, size_t at, long *ret)
{
    size_t from = at;
    while (from > 0 && is_digit(text.at[from - 1]))
        from--;
    bool joined = from > 0 && (is_letter(text.at[from - 1]) || text.at[from - 1] == '.' ||
                               text.at[from - 1] == '-');
    return !joined && from < at && number_at(span_between(text, from, at), ret) > 0;
}

static enum held holds_count(const struct trial *trial)
{
    long wanted = 0, found;
    struct span words = span_from(trial->expected, number_at(trial->expected, &wanted));
    enum held held = HELD_UNKNOWN; /* ${words} begins with its blank */
    for (size_t at = 1; at + words.bytes <= trial->output.bytes && held != HELD_NO; at++) {
        size_t end = at + words.bytes;
        bool whole = end == trial->output.bytes || !is_letter(trial->output.at[end]);
        if (whole && same_caseless(span_between(trial->output, at, end), words) &&
            number_before(trial->output, at, &found))
            held = found == wanted ? HELD_YES : HELD_NO;
    }
    return held;
}

static bool fits_words(struct span expected)
{
    (void)expected;
    return true;
}

/* Without the full stop or the exclamation mark at its end. */
static struct span unstopped(struct span line)
{
    while (line.bytes > 0 && (line.at[line.bytes - 1] == '.' || line.at[line.bytes - 1] == '!'))
        line.bytes--;
    return line;
}

static enum held holds_words(const struct trial *trial)
{
    struct span rest = trial->output, line;
    while (take_line(&rest, &line)) {
        if (same_caseless(unstopped(line), unstopped(trial->expected)))
            return HELD_YES;
    }
    return HELD_UNKNOWN;
}

static const struct kind {
    fits_fn *fits;
    holds_fn *holds;
} kinds[] = {
    {fits_exit, holds_exit},     {fits_empty, holds_empty},     {fits_members, holds_members},
    {fits_status, holds_status}, {fits_literal, holds_literal}, {fits_count, holds_count},
    {fits_words, holds_words},
};

static const struct kind *kind_of(struct span expected)
{
    size_t i = 0;
    while (!kinds[i].fits(expected))
        i++;
    return &kinds[i];
}

enum held expectation_judge(const char *expected, int exit_code, const struct buf *output)
{
    const char *text = output->bytes > 0 ? (const char *)output->data : "";
    struct span rest = span_of(expected), line;
    enum held all = HELD_YES;
    while (take_line(&rest, &line)) {
        const struct trial trial = {line, {text, output->bytes}, exit_code};
        if (line.bytes == 0)
            continue;
        enum held held = kind_of(line)->holds(&trial);
        if (held == HELD_NO)
            return HELD_NO;
        all = held == HELD_UNKNOWN ? HELD_UNKNOWN : all;
    }
    return all;
}

bool expectation_by_words(const char *expected)
{
    struct span rest = span_of(expected), line;
    while (take_line(&rest, &line)) {
        if (line.bytes > 0 && kind_of(line)->fits == fits_words)
            return true;
    }
    return false;
}
