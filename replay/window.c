#include "replay/window.h"

#include <string.h>

/* One end of a window. */
struct moment {
    long amount;
    long unit_min; /* minutes of its unit, 0 without one */
};

/* Take the sign `+`, `-`, or one of Unicode's minus signs and dashes; 0 if there is none. */
static int window_sign(struct span *rest)
{
    static const struct {
        const char *text;
        int sign;
    } signs[] = {{"+", 1}, {"-", -1}, {"\u2212", -1}, {"\u2013", -1}, {"\u2014", -1}};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (span_starts(*rest, signs[i].text)) {
            *rest = span_from(*rest, strlen(signs[i].text));
            return signs[i].sign;
        }
    }
    return 0;
}

static bool window_number(struct span *rest, long *ret_number)
{
    size_t digits = 0;
    long number = 0;
    for (; digits < rest->bytes && rest->at[digits] >= '0' && rest->at[digits] <= '9'; digits++)
        number = number > WINDOW_MINUTES_MAX ? number : number * 10 + (rest->at[digits] - '0');
    bool whole = digits > 0 && !(digits + 1 < rest->bytes && strchr(".,", rest->at[digits]) &&
                                 span_in_word(*rest, digits + 1));
    *rest = span_from(*rest, digits);
    *ret_number = number;
    return whole;
}

/* Take a unit of time, glued or behind blanks; 0 if the next word is none. */
static long window_unit(struct span *rest)
{
    static const struct {
        const char *word;
        long minutes;
    } units[] = {{"m", 1},       {"min", 1},    {"mins", 1},     {"minute", 1},
                 {"minutes", 1}, {"h", 60},     {"hr", 60},      {"hrs", 60},
                 {"hour", 60},   {"hours", 60}, {"d", 1440},     {"day", 1440},
                 {"days", 1440}, {"w", 10080},  {"week", 10080}, {"weeks", 10080}};
    struct span after = span_trim(*rest), word;
    if (!span_in_word(after, 0) || !span_word(&after, &word))
        return 0;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (span_is(word, units[i].word)) {
            *rest = after;
            return units[i].minutes;
        }
    }
    return 0;
}

/* `T0` */
static bool window_is_t0(struct span rest)
{
    return rest.bytes > 1 && memcmp(rest.at, "T0", 2) == 0 && !span_in_word(rest, 2);
}

/* Take `T+5 min`, `T-0`, `T0`: what follows the T. */
static bool window_moment(struct span *rest, struct moment *ret)
{
    bool zero = window_is_t0(*rest);
    *rest = span_from(*rest, zero ? 2 : 1);
    if (zero) {
        *ret = (struct moment){0};
        return true;
    }
    int sign = window_sign(rest);
    if (sign == 0 || !window_number(rest, &ret->amount))
        return false;
    ret->amount *= sign;
    ret->unit_min = window_unit(rest);
    return true;
}

/* Take `to` or a dash between two ends. */
static bool window_joint(struct span *rest)
{
    struct span after = span_trim(*rest);
    if (span_starts(after, "to") && !span_in_word(after, 2))
        after = span_from(after, 2);
    else if (span_starts(after, "+") || window_sign(&after) == 0)
        return false;
    *rest = span_trim(after);
    return true;
}

static bool window_starts_moment(struct span rest)
{
    struct span after = span_from(rest, 1);
    if (window_is_t0(rest))
        return true;
    return rest.bytes > 0 && rest.at[0] == 'T' && window_sign(&after) != 0 && after.bytes > 0 &&
           after.at[0] >= '0' && after.at[0] <= '9';
}

/* `T0` that only names the moment, as in `What follows T0`: no end of a range, no bracket. */
static bool window_names_t0(struct span heading, size_t at)
{
    struct span after = span_from(heading, at + 2);
    bool bracket = at > 0 && heading.at[at - 1] == '(' && span_starts(after, ")");
    bool range = window_joint(&after) && window_starts_moment(after);
    return window_is_t0(span_from(heading, at)) && !bracket && !range;
}

static enum window_found window_make(struct moment from, struct moment to, struct window *ret)
{
    long unit_from = from.unit_min > 0 ? from.unit_min : to.unit_min > 0 ? to.unit_min : 1;
    long unit_to = to.unit_min > 0 ? to.unit_min : unit_from;
    long from_min = from.amount * unit_from, to_min = to.amount * unit_to;
    if (from_min > to_min || from_min < -WINDOW_MINUTES_MAX || to_min > WINDOW_MINUTES_MAX)
        return WINDOW_ODD;
    *ret = (struct window){true, (int)from_min, (int)to_min};
    return WINDOW_READ;
}

/* What stands behind a time that was read. */
struct behind {
    struct span rest;
    bool bare; /* right behind a number without a unit */
};

/* Take a window off the front of ${behind}. */
static enum window_found window_from_t0(struct behind *behind, struct window *ret)
{
    struct span *rest = &behind->rest;
    struct moment from = {0}, to;
    if (!window_moment(rest, &from))
        return WINDOW_ODD;
    to = from;
    struct span after = *rest;
    if (window_joint(&after)) {
        bool moment = window_starts_moment(after);
        bool number = after.bytes > 0 && after.at[0] >= '0' && after.at[0] <= '9';
        if (number || (moment && !window_moment(&after, &to)))
            return WINDOW_ODD;
        if (moment)
            *rest = after;
    }
    behind->bare = to.amount != 0 && to.unit_min == 0;
    return window_make(from, to, ret);
}

/* `Hour 6-12`, behind the word. */
static enum window_found window_from_hours(struct span *rest, struct window *ret)
{
    struct moment from = {0, 60}, to = {0, 60};
    *rest = span_trim(*rest);
    if (rest->bytes == 0 || rest->at[0] < '0' || rest->at[0] > '9')
        return WINDOW_NONE;
    if (!window_number(rest, &from.amount))
        return WINDOW_ODD;
    if (!window_joint(rest))
        return WINDOW_NONE;
    return window_number(rest, &to.amount) ? window_make(from, to, ret) : WINDOW_ODD;
}

/* The first time of a heading, and what stands behind it. */
static enum window_found window_first(struct span heading, struct window *ret_window,
                                      struct behind *ret_behind)
{
    for (size_t at = 0; at < heading.bytes; at++) {
        struct span rest = span_from(heading, at);
        if (span_after_word(heading, at) || window_names_t0(heading, at))
            continue;
        if (window_starts_moment(rest)) {
            *ret_behind = (struct behind){rest, false};
            return window_from_t0(ret_behind, ret_window);
        }
        size_t word = span_starts(rest, "hours") ? 5 : span_starts(rest, "hour") ? 4 : 0;
        if (word == 0 || span_in_word(rest, word))
            continue;
        *ret_behind = (struct behind){span_from(rest, word), false};
        enum window_found found = window_from_hours(&ret_behind->rest, ret_window);
        if (found != WINDOW_NONE)
            return found;
    }
    return WINDOW_NONE;
}

enum window_found window_parse(struct span heading, struct window *ret_window)
{
    struct behind behind;
    return window_first(heading, ret_window, &behind);
}

static bool window_digit(struct span rest)
{
    return rest.bytes > 0 && rest.at[0] >= '0' && rest.at[0] <= '9';
}

/* `T - 5`, `t-5`: what looks like a moment at the front, and is none; in brackets `H-24`, too. */
static bool window_near_moment(struct span rest, bool bracket)
{
    if (rest.bytes == 0 || strchr(bracket ? "TtHhDd" : "Tt", rest.at[0]) == NULL)
        return false;
    struct span after = span_trim(span_from(rest, 1));
    return window_sign(&after) != 0 && window_digit(span_trim(after));
}

/* `10:30`, `30 minutes` at the front. */
static bool window_near_time(struct span rest)
{
    long number = 0;
    if (!window_digit(rest))
        return false;
    window_number(&rest, &number);
    return (span_starts(rest, ":") && window_digit(span_from(rest, 1))) || window_unit(&rest) > 0;
}

/* Whether there is what looks like a time: anywhere, or only in brackets, where one belongs. */
static bool window_near(struct span heading)
{
    bool bracket = false;
    for (size_t at = 0; at < heading.bytes; at++) {
        struct span rest = span_from(heading, at);
        bracket = heading.at[at] == '(' || (bracket && heading.at[at] != ')');
        if (!span_after_word(heading, at) &&
            (window_near_moment(rest, bracket) || (bracket && window_near_time(rest))))
            return true;
    }
    return false;
}

enum window_doubt window_doubt(struct span heading)
{
    struct window window, more;
    struct behind behind, last;
    enum window_found found = window_first(heading, &window, &behind);
    if (found == WINDOW_NONE && window_near(heading))
        return WINDOW_UNREAD;
    if (found != WINDOW_READ)
        return WINDOW_SURE;
    if (window_first(behind.rest, &more, &last) != WINDOW_NONE)
        return WINDOW_MORE;
    bool word = span_in_word(span_trim(behind.rest), 0);
    return behind.bare && word ? WINDOW_FOREIGN : WINDOW_SURE;
}
