#include "ingest/media.h"

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

bool media_is(const char *header, const char *type)
{
    if (header == NULL)
        return false;
    const char *rest = header;
    if (!span_is(next_piece(&rest, ';'), type))
        return false;
    while (*rest != '\0') {
        struct span parameter = next_piece(&rest, ';');
        if (span_begins(parameter, "charset=") && !span_is(parameter, "charset=utf-8") &&
            !span_is(parameter, "charset=\"utf-8\""))
            return false;
    }
    return true;
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
