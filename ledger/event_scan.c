#include "ledger/event_scan.h"

#include <stdint.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/limits.h"

#define NAMES_MAX 24  /* members of one object */
#define DEPTH_MAX 6   /* of values in values */
#define DIGITS_MAX 15 /* of a number: below 2^53 */

struct span {
    const char *text;
    size_t bytes;
};

/* The text from `at` to `end`. */
struct scan {
    const char *at, *end;
    struct event_scan *ret;
};

static void pass_space(struct scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
        scan->at++;
}

static bool take(struct scan *scan, char c)
{
    if (scan->at == scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

/* A string of printable ASCII without escapes. */
static bool take_string(struct scan *scan, struct span *ret)
{
    if (!take(scan, '"'))
        return false;
    const char *from = scan->at;
    while (scan->at < scan->end && *scan->at >= 0x20 && *scan->at < 0x7f && *scan->at != '"' &&
           *scan->at != '\\')
        scan->at++;
    *ret = (struct span){from, (size_t)(scan->at - from)};
    return take(scan, '"');
}

static size_t take_digits(struct scan *scan)
{
    const char *from = scan->at;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
        scan->at++;
    return (size_t)(scan->at - from);
}

/* A number without an exponent. */
static bool take_number(struct scan *scan, bool *ret_integer)
{
    take(scan, '-');
    const char *from = scan->at;
    size_t whole = take_digits(scan), part = 0;
    if (whole == 0 || (whole > 1 && *from == '0'))
        return false;
    *ret_integer = !take(scan, '.');
    if (!*ret_integer)
        part = take_digits(scan);
    bool goes_on = scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E');
    return (*ret_integer || part > 0) && whole + part <= DIGITS_MAX && !goes_on;
}

static bool take_word(struct scan *scan, const char *word)
{
    size_t bytes = strlen(word);
    if ((size_t)(scan->end - scan->at) < bytes || memcmp(scan->at, word, bytes) != 0)
        return false;
    scan->at += bytes;
    return true;
}

static bool same(const struct span *a, const struct span *b)
{
    return a->bytes == b->bytes && memcmp(a->text, b->text, a->bytes) == 0;
}

/* The names of an object so far: none may come twice. */
struct names {
    size_t count;
    struct span spans[NAMES_MAX];
};

/* Takes a member's name and its colon. */
static bool take_name(struct scan *scan, struct names *names, struct span *ret)
{
    pass_space(scan);
    if (names->count == NAMES_MAX || !take_string(scan, ret))
        return false;
    for (size_t i = 0; i < names->count; i++) {
        if (same(&names->spans[i], ret))
            return false;
    }
    names->spans[names->count++] = *ret;
    pass_space(scan);
    if (!take(scan, ':'))
        return false;
    pass_space(scan);
    return true;
}

/* Behind a member or an element: whether there is another one; false in *${good} if neither that
 * nor the end follows. */
static bool take_more(struct scan *scan, char close, bool *good)
{
    pass_space(scan);
    if (take(scan, ','))
        return true;
    *good = take(scan, close);
    return false;
}

static bool take_value(struct scan *scan, unsigned depth);

static bool take_object(struct scan *scan, unsigned depth)
{
    struct names names = {.count = 0};
    struct span name;
    bool good = true;
    pass_space(scan);
    if (take(scan, '}'))
        return true;
    do {
        if (!take_name(scan, &names, &name) || !take_value(scan, depth + 1))
            return false;
    } while (take_more(scan, '}', &good));
    return good;
}

static bool take_array(struct scan *scan, unsigned depth)
{
    bool good = true;
    pass_space(scan);
    if (take(scan, ']'))
        return true;
    do {
        pass_space(scan);
        if (!take_value(scan, depth + 1))
            return false;
    } while (take_more(scan, ']', &good));
    return good;
}

static bool take_value(struct scan *scan, unsigned depth)
{
    struct span text;
    bool integer;
    if (depth > DEPTH_MAX || scan->at == scan->end)
        return false;
    switch (*scan->at) {
    case '"':
        return take_string(scan, &text);
    case '{':
        scan->at++;
        return take_object(scan, depth);
    case '[':
        scan->at++;
        return take_array(scan, depth);
    case 't':
        return take_word(scan, "true");
    case 'f':
        return take_word(scan, "false");
    case 'n':
        return take_word(scan, "null");
    default:
        return take_number(scan, &integer);
    }
}

static bool is(const struct span *name, const char *text)
{
    return name->bytes == strlen(text) && memcmp(name->text, text, name->bytes) == 0;
}

/* Keeps a text that is not empty as a string. */
static bool keep(struct event_scan *ret, const struct span *text, const char **ret_string)
{
    if (text->bytes == 0 || text->bytes >= sizeof(ret->room) - ret->used)
        return false;
    char *string = ret->room + ret->used;
    memcpy(string, text->text, text->bytes);
    string[text->bytes] = '\0';
    ret->used += text->bytes + 1;
    *ret_string = string;
    return true;
}

static bool take_attribute(struct scan *scan, const struct span *name)
{
    struct event_scan *ret = scan->ret;
    struct event *event = &ret->event;
    struct span text;
    const char *string = NULL;
    for (size_t i = 0; i < name->bytes; i++) {
        char c = name->text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return false;
    }
    /* Only strings are plain: what else an attribute may be is event_parse's to say. */
    if (name->bytes == 0 || !take_string(scan, &text))
        return false;
    if (is(name, "id"))
        return keep(ret, &text, &event->id);
    if (is(name, "source"))
        return keep(ret, &text, &event->source);
    if (is(name, "type"))
        return keep(ret, &text, &event->type);
    if (is(name, "ledger"))
        return keep(ret, &text, &event->ledger);
    if (is(name, "specversion"))
        return is(&text, "1.0");
    if (is(name, "spooled") || is(name, "replayed"))
        return false; /* they say what only event_parse does */
    if (is(name, "deployment"))
        return keep(ret, &text, &event->deployment) && event_stream_ok(event->deployment);
    if (is(name, "time")) {
        event->has_time = true;
        return keep(ret, &text, &string) && instant_parse(string, &event->time_us);
    }
    return text.bytes > 0;
}

/* Whether `specversion` is among the names. */
static bool has_version(const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        if (is(&names->spans[i], "specversion"))
            return true;
    }
    return false;
}

bool event_scan_read(const void *bytes, size_t event_bytes, struct event_scan *ret)
{
    struct scan scan = {.at = bytes, .end = (const char *)bytes + event_bytes, .ret = ret};
    struct names names = {.count = 0};
    struct span name;
    bool good = true;
    ret->event = (struct event){0};
    ret->used = 0;
    if (event_bytes > EVENT_BYTES_MAX || !take(&scan, '{'))
        return false;
    do {
        if (!take_name(&scan, &names, &name) ||
            !(is(&name, "data") ? take_value(&scan, 1) : take_attribute(&scan, &name)))
            return false;
    } while (take_more(&scan, '}', &good));
    return good && scan.at == scan.end && has_version(&names) && ret->event.id != NULL &&
           ret->event.source != NULL && ret->event.type != NULL;
}
