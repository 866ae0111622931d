#include "replay/threshold.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define THRESHOLD_DIGITS_MAX 15 /* characters of a number; more are none */

/* A number in a text, and what stands around it. */
struct figure {
    struct span metric; /* all before it */
    enum threshold_op op;
    struct span number;
    struct span unit;
};

static size_t threshold_skip(struct span line, size_t at)
{
    for (size_t gap; (gap = span_gap(line, at)) > 0;)
        at += gap;
    return at;
}

/* Bytes of a comparison at ${at}; 0 if there is none.  Arrows are none. */
static size_t threshold_op_at(struct span line, size_t at, enum threshold_op *ret_op)
{
    static const struct {
        const char *text;
        enum threshold_op op;
    } ops[] = {{"<=", OP_LESS_EQUAL},        {">=", OP_GREATER_EQUAL}, {"\u2264", OP_LESS_EQUAL},
               {"\u2265", OP_GREATER_EQUAL}, {"<", OP_LESS},           {">", OP_GREATER},
               {"\uff1c", OP_LESS},          {"\uff1e", OP_GREATER}};
    if (at > 0 && strchr("-=<>", line.at[at - 1]) != NULL)
        return 0;
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        if (span_starts(span_from(line, at), ops[i].text)) {
            *ret_op = ops[i].op;
            return strlen(ops[i].text);
        }
    }
    return 0;
}

static bool threshold_digit(struct span line, size_t at)
{
    return at < line.bytes && line.at[at] >= '0' && line.at[at] <= '9';
}

/* Whether the comma at ${comma} of a number that begins at ${at} divides thousands: three digits
 * follow, and there is more before it than a lone 0. */
static bool threshold_groups(struct span line, size_t at, size_t comma)
{
    return comma < line.bytes && line.at[comma] == ',' && threshold_digit(line, comma + 1) &&
           threshold_digit(line, comma + 2) && threshold_digit(line, comma + 3) &&
           !threshold_digit(line, comma + 4) && !(comma == at + 1 && line.at[at] == '0');
}

/* The number at ${at}, `1,000`, `0.1` and `0,1` among them; empty if there is none. */
static struct span threshold_number(struct span line, size_t at)
{
    size_t end = at;
    while (threshold_digit(line, end))
        end++;
    while (end > at && threshold_groups(line, at, end))
        end += 4;
    if (end > at && end < line.bytes && strchr(".,", line.at[end]) != NULL &&
        threshold_digit(line, end + 1)) {
        end++;
        while (threshold_digit(line, end))
            end++;
    }
    return span_between(line, at, end - at > THRESHOLD_DIGITS_MAX ? at : end);
}

/* One word or sign, glued or behind blanks. */
static struct span threshold_unit(struct span line, size_t at)
{
    size_t start = threshold_skip(line, at), end = start;
    while (end < line.bytes && strchr(" \t()|*,;:`", line.at[end]) == NULL &&
           span_gap(line, end) == 0 && !span_starts(span_from(line, end), "\uff09") &&
           !span_starts(span_from(line, end), "\uff0c"))
        end++;
    while (end > start && line.at[end - 1] == '.')
        end--;
    return span_between(line, start, end);
}

/* `< 0.1%`, at the comparison. */
static bool threshold_compared(struct span line, size_t at, struct figure *ret)
{
    size_t bytes = threshold_op_at(line, at, &ret->op);
    if (bytes == 0)
        return false;
    ret->number = threshold_number(line, threshold_skip(line, at + bytes));
    if (ret->number.bytes == 0)
        return false;
    ret->metric = span_to(line, at);
    ret->unit = threshold_unit(line, (size_t)(ret->number.at - line.at) + ret->number.bytes);
    return true;
}

static bool threshold_is_time(struct span word)
{
    static const char *const units[] = {"ms",      "s",    "sec",   "secs",   "second",
                                        "seconds", "min",  "mins",  "minute", "minutes",
                                        "h",       "hour", "hours", "day",    "days"};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (span_is(word, units[i]))
            return true;
    }
    return false;
}

/* `0 critical`, at the 0. */
static bool threshold_none_of(struct span line, size_t at, struct figure *ret)
{
    bool alone = at == 0 || strchr(" \t(*", line.at[at - 1]) != NULL;
    if (line.at[at] != '0' || !alone || at + 1 >= line.bytes || line.at[at + 1] != ' ')
        return false;
    size_t word = threshold_skip(line, at + 1);
    struct span unit = threshold_unit(line, at + 1);
    if (!span_in_word(line, word) || threshold_digit(line, word) || threshold_is_time(unit))
        return false;
    *ret = (struct figure){span_to(line, at), OP_EQUAL, span_between(line, at, at + 1), unit};
    return true;
}

/* `(100%)`, at the bracket. */
static bool threshold_whole(struct span line, size_t at, struct figure *ret)
{
    if (line.at[at] != '(')
        return false;
    struct span number = threshold_number(line, threshold_skip(line, at + 1));
    size_t percent = threshold_skip(line, (size_t)(number.at - line.at) + number.bytes);
    if (number.bytes == 0 || percent >= line.bytes || line.at[percent] != '%')
        return false;
    size_t close = threshold_skip(line, percent + 1);
    if (close >= line.bytes || line.at[close] != ')')
        return false;
    *ret = (struct figure){span_to(line, at), OP_EQUAL, number,
                           span_between(line, percent, percent + 1)};
    return true;
}

static struct threshold *threshold_make(const struct figure *figure)
{
    struct threshold *threshold = mem_zero(1, sizeof(*threshold));
    struct buf metric = {0}, digits = {0};
    struct span number = figure->number;
    span_add_words(&metric, figure->metric);
    threshold->metric = buf_take_text(&metric);
    threshold->op = figure->op;
    threshold->value_text = mem_text_n(figure->number.at, figure->number.bytes);
    threshold->unit = mem_text_n(figure->unit.at, figure->unit.bytes);
    for (size_t i = 0; i < number.bytes; i++) {
        if (number.at[i] != ',')
            buf_add(&digits, number.at + i, 1);
        else if (!threshold_groups(number, 0, i))
            buf_text(&digits, ".");
    }
    char *decimal = buf_take_text(&digits);
    threshold->value = strtod(decimal, NULL);
    free(decimal);
    return threshold;
}

struct threshold *threshold_parse(struct span line)
{
    if (span_has_stem(line, "wait") || span_has_word(line, "ttl"))
        return NULL;
    for (size_t at = 0; at < line.bytes;) {
        struct figure figure = {0};
        if (line.at[at] == '`') {
            at = span_code(line, at);
            continue;
        }
        if (threshold_compared(line, at, &figure) || threshold_none_of(line, at, &figure) ||
            threshold_whole(line, at, &figure))
            return threshold_make(&figure);
        at++;
    }
    return NULL;
}

/* Whether a comparison that no number follows is meant as a bound: not a tag, not a path through
 * menus, not a place-holder. */
static bool threshold_is_meant(struct span line, size_t at, size_t bytes, enum threshold_op op)
{
    static const char *const words[] = {"sla",    "slo",    "baseline", "limit",   "threshold",
                                        "target", "normal", "usual",    "before",  "x",
                                        "n",      "tbd",    "max",      "maximum", "minimum"};
    struct span rest = span_from(line, threshold_skip(line, at + bytes)), word;
    bool apart = span_gap(line, at + bytes) > 0;
    bool open = span_starts(rest, "$") || span_starts(rest, "___") || span_starts(rest, "?");
    if (op != OP_GREATER)
        return (apart && span_in_word(rest, 0)) || (open && (apart || op != OP_LESS));
    bool listed = false, found = span_in_word(rest, 0) && span_word(&rest, &word);
    for (size_t i = 0; found && i < sizeof(words) / sizeof(words[0]); i++)
        listed = listed || span_is(word, words[i]);
    return listed || (open && apart);
}

/* Comparisons of a text: how many have a number, and whether one has none. */
static size_t threshold_comparisons(struct span line, bool *ret_numberless)
{
    size_t count = 0;
    for (size_t at = 0; at < line.bytes;) {
        struct figure figure = {0};
        size_t bytes = line.at[at] == '`' ? 0 : threshold_op_at(line, at, &figure.op);
        if (bytes > 0 && threshold_compared(line, at, &figure))
            count++;
        else if (bytes > 0 && threshold_is_meant(line, at, bytes, figure.op))
            *ret_numberless = true;
        if (line.at[at] == '`')
            at = span_code(line, at);
        else
            at += bytes > 0 ? bytes : 1;
    }
    return count;
}

/* `below 200 ms`, `at most 5 %`: a word of comparison, and a number right behind it. */
static bool threshold_is_worded(struct span line)
{
    static const char *const words[] = {
        "below",          "under", "above",      "over", "than", "most",   "least",  "within",
        "h\u00f6chstens", "unter", "mindestens", "max",  "min",  "exceed", "exceeds"};
    struct span word, rest = line;
    while (span_word(&rest, &word)) {
        bool listed = false;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            listed = listed || span_is(word, words[i]);
        if (listed && threshold_digit(rest, threshold_skip(rest, 0)))
            return true;
    }
    return false;
}

enum threshold_doubt threshold_doubt(struct span line)
{
    bool numberless = false;
    bool waits = span_has_stem(line, "wait") || span_has_word(line, "ttl");
    size_t count = threshold_comparisons(line, &numberless);
    if (count > 1 && !waits)
        return THRESHOLD_SECOND;
    if (numberless)
        return THRESHOLD_NUMBERLESS;
    if (count > 0)
        return waits ? THRESHOLD_WAITS : THRESHOLD_SURE;
    if (!waits && threshold_is_worded(line))
        return THRESHOLD_WORDED;
    bool vague = span_has_stem(line, "acceptab") || span_has_word(line, "normal") ||
                 span_has_stem(line, "reasonabl") || span_has_word(line, "nominal") ||
                 (span_has_word(line, "within") &&
                  (span_has_word(line, "baseline") || span_has_word(line, "sla")));
    return vague ? THRESHOLD_VAGUE : THRESHOLD_SURE;
}

void threshold_free(struct threshold *threshold)
{
    if (threshold == NULL)
        return;
    free(threshold->metric);
    free(threshold->value_text);
    free(threshold->unit);
    free(threshold);
}

/* Whether `at N%` stands at the front of ${rest}, and take it. */
static bool threshold_at_percent(struct span *rest)
{
    struct span after = span_trim(*rest);
    if (!span_starts(after, "at "))
        return false;
    after = span_trim(span_from(after, 3));
    struct span number = threshold_number(after, 0);
    size_t percent = threshold_skip(after, number.bytes);
    if (number.bytes == 0 || percent >= after.bytes || after.at[percent] != '%')
        return false;
    *rest = span_from(after, percent + 1);
    return true;
}

/* Take the next word of a label, passing over `at N%`. */
static bool threshold_word(struct span *rest, struct span *ret_word)
{
    while (threshold_at_percent(rest))
        ;
    return span_word(rest, ret_word);
}

static bool threshold_has(struct span line, struct span word)
{
    struct span found;
    while (span_word(&line, &found)) {
        if (found.bytes == word.bytes && strncasecmp(found.at, word.at, word.bytes) == 0)
            return true;
    }
    return false;
}

bool threshold_measured(const struct threshold *threshold, struct span line, const char *label,
                        const char *unit)
{
    if (strcasecmp(threshold->unit, unit == NULL ? "" : unit) != 0)
        return false;
    struct span rest = span_of(label), word;
    bool any = false;
    for (; threshold_word(&rest, &word); any = true) {
        if (!threshold_has(line, word))
            return false;
    }
    return any;
}

uint64_t threshold_signature(struct span text, bool label)
{
    struct span word;
    uint64_t bits = 0;
    while (label ? threshold_word(&text, &word) : span_word(&text, &word)) {
        uint32_t hash = 2166136261U; /* FNV-1a */
        for (size_t i = 0; i < word.bytes; i++) {
            char c = word.at[i];
            hash = (hash ^ (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c)) * 16777619U;
        }
        hash = (hash ^ hash >> 15) * 2246822507U; /* so that its upper bits depend on all */
        bits |= UINT64_C(1) << (hash >> 26);
    }
    return bits;
}

const char *threshold_op_text(enum threshold_op op)
{
    static const char *const texts[] = {"<", "<=", ">", ">=", "="};
    return texts[op];
}
