#include "ledger/media.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* A run of text inside a header. */
struct span {
    const char *text;
    size_t bytes;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* The next piece of *rest up to `stop` or the end, white space around it cut; *rest moves behind.
 */
static struct span next_piece(const char **rest, char stop)
{
    const char ends[] = {stop, '\0'};
    struct span span = {*rest, strcspn(*rest, ends)};
    *rest += span.bytes;
    if (**rest == stop)
        (*rest)++;
    while (span.bytes > 0 && is_space(span.text[0])) {
        span.text++;
        span.bytes--;
    }
    while (span.bytes > 0 && is_space(span.text[span.bytes - 1]))
        span.bytes--;
    return span;
}

static bool span_is(struct span span, const char *text)
{
    return span.bytes == strlen(text) && strncasecmp(span.text, text, span.bytes) == 0;
}

static bool span_begins(struct span span, const char *text)
{
    return span.bytes >= strlen(text) && strncasecmp(span.text, text, strlen(text)) == 0;
}

/* Whether no parameter in ${rest} names another charset. */
static bool is_utf8(const char *rest)
{
    while (*rest != '\0') {
        struct span parameter = next_piece(&rest, ';');
        if (span_begins(parameter, "charset=") && !span_is(parameter, "charset=utf-8") &&
            !span_is(parameter, "charset=\"utf-8\""))
            return false;
    }
    return true;
}

bool media_is(const char *header, const char *type)
{
    const char *rest = header;
    return header != NULL && span_is(next_piece(&rest, ';'), type) && is_utf8(rest);
}

bool media_begins(const char *header, const char *prefix)
{
    return header != NULL && span_begins(next_piece(&header, ';'), prefix);
}

bool media_json(const char *header)
{
    if (header == NULL)
        return false;
    struct span type = next_piece(&header, ';');
    const char *slash = memchr(type.text, '/', type.bytes);
    if (slash == NULL)
        return false;
    struct span subtype = {slash + 1, type.bytes - (size_t)(slash + 1 - type.text)};
    struct span suffix = subtype;
    for (size_t i = 0; i < subtype.bytes; i++)
        if (subtype.text[i] == '+')
            suffix = (struct span){subtype.text + i + 1, subtype.bytes - i - 1};
    return span_is(suffix, "json") && is_utf8(header);
}

/* Whether a parameter is a weight of nothing but zeros: "q=0", "q=0.000". */
static bool is_zero_weight(struct span parameter)
{
    if (!span_begins(parameter, "q="))
        return false;
    for (size_t i = 2; i < parameter.bytes; i++) {
        if (parameter.text[i] != '0' && parameter.text[i] != '.')
            return false;
    }
    return true;
}

bool media_accepts(const char *header, const char *type)
{
    while (header != NULL && *header != '\0') {
        struct span range = next_piece(&header, ',');
        char one[256]; /* longer ones are none of ours */
        if (range.bytes >= sizeof(one))
            continue;
        memcpy(one, range.text, range.bytes);
        one[range.bytes] = '\0';
        const char *rest = one;
        bool same = span_is(next_piece(&rest, ';'), type);
        while (same && *rest != '\0')
            same = !is_zero_weight(next_piece(&rest, ';'));
        if (same)
            return true;
    }
    return false;
}
