#include "replay/span.h"

#include <string.h>
#include <strings.h>

#define SPAN_TICKS_MAX 80 /* of a run that opens a code span, as in cmark: it bounds the time */
#define SPAN_NESTED_MAX 8 /* brackets in a link's destination: it bounds the time */

struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

struct span span_from(struct span span, size_t start)
{
    size_t from = start < span.bytes ? start : span.bytes;
    return (struct span){span.at + from, span.bytes - from};
}

struct span span_to(struct span span, size_t end)
{
    return (struct span){span.at, end < span.bytes ? end : span.bytes};
}

struct span span_between(struct span span, size_t start, size_t end)
{
    return span_from(span_to(span, end), start);
}

static bool span_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Bytes of one of ${texts} (NULL ends them) at the front, or at the end. */
static size_t span_one_of(struct span span, const char *const texts[], bool behind)
{
    for (size_t i = 0; texts[i] != NULL; i++) {
        size_t bytes = strlen(texts[i]);
        if (bytes <= span.bytes &&
            memcmp(behind ? span.at + span.bytes - bytes : span.at, texts[i], bytes) == 0)
            return bytes;
    }
    return 0;
}

static const char *const span_gaps[] = {"\u00a0", "\u2007", "\u2009", "\u202f", "\u3000", NULL};
static const char *const span_stops[] = {"\uff1a", "\uff1b", "\uff0c", "\uff5c",
                                         NULL}; /* ：；，｜ */

size_t span_gap(struct span span, size_t at)
{
    if (at >= span.bytes)
        return 0;
    if ((unsigned char)span.at[at] < 0x80)
        return span_blank(span.at[at]);
    return span_one_of(span_from(span, at), span_gaps, false);
}

/* Bytes of the blank that ends the span. */
static size_t span_gap_behind(struct span span)
{
    if (span.bytes == 0)
        return 0;
    if ((unsigned char)span.at[span.bytes - 1] < 0x80)
        return span_blank(span.at[span.bytes - 1]);
    return span_one_of(span, span_gaps, true);
}

struct span span_trim(struct span span)
{
    for (size_t gap; (gap = span_gap(span, 0)) > 0;)
        span = span_from(span, gap);
    for (size_t gap; (gap = span_gap_behind(span)) > 0;)
        span.bytes -= gap;
    return span;
}

static bool span_bold_end(struct span span)
{
    return span.bytes >= 2 && memcmp(span.at + span.bytes - 2, "**", 2) == 0;
}

struct span span_label(struct span span)
{
    for (;;) {
        size_t front = span_gap(span, 0);
        if (front == 0 && span.bytes > 0 && strchr("|,;", span.at[0]) != NULL)
            front = 1;
        if (front == 0 && span_starts(span, "**"))
            front = 2;
        if (front == 0)
            front = span_one_of(span, span_stops, false);
        if (front == 0)
            break;
        span = span_from(span, front);
    }
    for (;;) {
        char last = span.bytes > 0 ? span.at[span.bytes - 1] : 'x';
        size_t end = strchr("|,;:", last) != NULL ? 1 : span_gap_behind(span);
        if (end == 0 && span_bold_end(span))
            end = 2;
        if (end == 0)
            end = span_one_of(span, span_stops, true);
        if (end == 0)
            return span;
        span.bytes -= end;
    }
}

void span_add(struct buf *buf, struct span span)
{
    size_t start = 0;
    while (start < span.bytes) {
        size_t bold = span_find(span, start, "**");
        buf_add(buf, span.at + start, bold - start);
        start = bold + 2;
    }
}

char *span_text(struct span span)
{
    struct buf buf = {0};
    span_add(&buf, span);
    return buf_take_text(&buf);
}

bool span_is(struct span span, const char *text)
{
    return span.bytes == strlen(text) && strncasecmp(span.at, text, span.bytes) == 0;
}

bool span_starts(struct span span, const char *text)
{
    size_t bytes = strlen(text);
    return span.bytes >= bytes && strncasecmp(span.at, text, bytes) == 0;
}

size_t span_find(struct span span, size_t start, const char *text)
{
    struct span rest = span_from(span, start);
    const char *found = rest.bytes == 0 ? NULL : memmem(rest.at, rest.bytes, text, strlen(text));
    return found == NULL ? span.bytes : (size_t)(found - span.at);
}

/* Letters beyond ASCII, by exclusion: what Unicode's blocks of signs, punctuation, private use and
 * pictures hold is none. */
static bool span_letter(uint32_t code)
{
    static const uint32_t signs[][2] = {
        {0x0080, 0x00a9}, {0x00ab, 0x00b4}, {0x00b6, 0x00b9},   {0x00bb, 0x00bf}, {0x00d7, 0x00d7},
        {0x00f7, 0x00f7}, {0x2000, 0x206f}, {0x2070, 0x2bff},   {0x2e00, 0x2e7f}, {0x3000, 0x303f},
        {0xe000, 0xf8ff}, {0xfe00, 0xfe6f}, {0xff00, 0xff0f},   {0xff1a, 0xff20}, {0xff3b, 0xff40},
        {0xff5b, 0xff65}, {0xfff0, 0xffff}, {0x1f000, 0x1fbff},
    };
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (code >= signs[i][0] && code <= signs[i][1])
            return false;
    }
    return true;
}

/* Bytes of the letter or digit at the start of the span, 0 if there is none. */
static size_t span_letter_bytes(struct span span)
{
    if (span.bytes == 0)
        return 0;
    char c = span.at[0];
    if ((unsigned char)c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    uint32_t code = 0;
    size_t bytes = utf8_decode((const uint8_t *)span.at, span.bytes, &code);
    return bytes > 0 && span_letter(code) ? bytes : 0;
}

bool span_word(struct span *rest, struct span *ret_word)
{
    while (rest->bytes > 0 && span_letter_bytes(*rest) == 0)
        *rest = span_from(*rest, 1);
    struct span word = span_to(*rest, 0);
    for (size_t bytes; (bytes = span_letter_bytes(*rest)) > 0; word.bytes += bytes)
        *rest = span_from(*rest, bytes);
    if (word.bytes > 0)
        *ret_word = word;
    return word.bytes > 0;
}

bool span_has_word(struct span span, const char *word)
{
    struct span found;
    while (span_word(&span, &found)) {
        if (span_is(found, word))
            return true;
    }
    return false;
}

bool span_has_stem(struct span span, const char *stem)
{
    struct span found;
    while (span_word(&span, &found)) {
        if (span_starts(found, stem))
            return true;
    }
    return false;
}

void span_add_words(struct buf *buf, struct span span)
{
    struct span word;
    for (bool more = false; span_word(&span, &word); more = true) {
        if (more)
            buf_text(buf, " ");
        for (size_t i = 0; i < word.bytes; i++) {
            char c = word.at[i];
            char lower = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
            buf_add(buf, &lower, 1);
        }
    }
}

bool span_in_word(struct span span, size_t at)
{
    return span_letter_bytes(span_from(span, at)) > 0;
}

bool span_after_word(struct span span, size_t at)
{
    if (at == 0 || at > span.bytes)
        return false;
    size_t start = at - 1;
    while (start > 0 && at - start < 4 && ((unsigned char)span.at[start] & 0xc0) == 0x80)
        start--;
    return span_letter_bytes(span_between(span, start, at)) > 0;
}

static size_t span_ticks(struct span span, size_t at)
{
    size_t end = at;
    while (end < span.bytes && span.at[end] == '`')
        end++;
    return end - at;
}

size_t span_code(struct span span, size_t at)
{
    size_t ticks = span_ticks(span, at);
    if (ticks == 0)
        return at;
    for (size_t i = at + ticks; i < span.bytes && ticks <= SPAN_TICKS_MAX;) {
        const char *next = memchr(span.at + i, '`', span.bytes - i);
        if (next == NULL)
            break;
        i = (size_t)(next - span.at);
        size_t run = span_ticks(span, i);
        i += run;
        if (run == ticks)
            return i;
    }
    return at + ticks;
}

/* The end of the link's destination at ${at}, if it is one. */
static bool span_destination(struct span span, size_t at, size_t *ret_end)
{
    size_t nested = 0, end = at;
    for (; end < span.bytes && span_gap(span, end) == 0; end++) {
        if (span.at[end] == ')' && nested-- == 0)
            break;
        nested += span.at[end] == '(';
        if (nested > SPAN_NESTED_MAX)
            return false;
    }
    *ret_end = end;
    return end > at && span.at[at] != '_';
}

/* Whether ${rest}, from behind a destination, is closed by ${close}, or by a title and it. */
static bool span_link_ends(struct span rest, const char *close)
{
    struct span after = span_trim(rest);
    bool titled = after.bytes < rest.bytes && (span_starts(after, "\"") || span_starts(after, "'"));
    return titled || (close[0] == '\0' ? after.bytes == 0 : span_starts(after, close));
}

/* Where the destination of `[a]: b`, whose bracket opens at ${at}, begins; 0 if it is none. */
static size_t span_definition(struct span span, size_t at)
{
    size_t front = at, close = at + 1;
    while (front > 0 && strchr(" \t>-+*.)0123456789", span.at[front - 1]) != NULL)
        front--;
    while (front == 0 && close < span.bytes && strchr("[]", span.at[close]) == NULL)
        close++;
    if (front > 0 || !span_starts(span_from(span, close), "]:"))
        return 0;
    for (size_t gap = 2; gap > 0; gap = span_gap(span, close))
        close += gap;
    return close;
}

size_t span_link(struct span span, size_t at)
{
    size_t start = 0, end = at;
    if (span_starts(span_from(span, at), "]("))
        start = at + 2;
    else if (at < span.bytes && span.at[at] == '[')
        start = span_definition(span, at);
    if (start == 0 || !span_destination(span, start, &end))
        return at;
    bool defined = span.at[at] == '[';
    return span_link_ends(span_from(span, end), defined ? "" : ")") ? end : at;
}
