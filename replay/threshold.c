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
    while (at < line.bytes && (line.at[at] == ' ' || line.at[at] == '\t'))
        at++;
    return at;
}

/* Bytes of a comparison at ${at}; 0 if there is none.  Arrows are none. */
static size_t threshold_op_at(struct span line, size_t at, enum threshold_op *ret_op)
{
    static const struct {
        const char *text;
        enum threshold_op op;
    } ops[] = {{"<=", OP_LESS_EQUAL},        {">=", OP_GREATER_EQUAL}, {"\u2264", OP_LESS_EQUAL},
               {"\u2265", OP_GREATER_EQUAL}, {"<", OP_LESS},           {">", OP_GREATER}};
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

/* The number at ${at}, `1,000` and `0.1` among them; empty if there is none. */
static struct span threshold_number(struct span line, size_t at)
{
    size_t end = at;
    while (threshold_digit(line, end))
        end++;
    while (end > at && end < line.bytes && line.at[end] == ',' && threshold_digit(line, end + 1) &&
           threshold_digit(line, end + 2) && threshold_digit(line, end + 3) &&
           !threshold_digit(line, end + 4))
        end += 4;
    if (end > at && end < line.bytes && line.at[end] == '.' && threshold_digit(line, end + 1)) {
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
    while (end < line.bytes && strchr(" \t()|*,;:`", line.at[end]) == NULL)
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
    span_add_words(&metric, figure->metric);
    threshold->metric = buf_take_text(&metric);
    threshold->op = figure->op;
    threshold->value_text = mem_text_n(figure->number.at, figure->number.bytes);
    threshold->unit = mem_text_n(figure->unit.at, figure->unit.bytes);
    for (size_t i = 0; i < figure->number.bytes; i++) {
        if (figure->number.at[i] != ',')
            buf_add(&digits, figure->number.at + i, 1);
    }
    char *number = buf_take_text(&digits);
    threshold->value = strtod(number, NULL);
    free(number);
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
