#include "replay/alternative.h"

#include <stdlib.h>
#include <string.h>

#include "replay/blank.h"

#define ALTERNATIVE_PRESENTATION "\xef\xb8\x8f" /* U+FE0F: the mark before it as a picture */

bool alternative_capitals(struct span text)
{
    bool capital = false;
    for (size_t i = 0; i < text.bytes; i++) {
        if (text.at[i] >= 'a' && text.at[i] <= 'z')
            return false;
        capital = capital || (text.at[i] >= 'A' && text.at[i] <= 'Z');
    }
    return capital;
}

bool alternative_all_capitals(const struct alternative_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!alternative_capitals(list->options[i].label))
            return false;
    }
    return list->count > 0;
}

bool alternative_headed(struct span text, struct span *ret_label)
{
    struct span label = span_to(text, span_find(text, 0, " - "));
    size_t word = 0;
    while (word < label.bytes && label.at[word] != ' ')
        word++;
    if (label.bytes == text.bytes || !alternative_capitals(span_to(label, word)))
        return false;
    *ret_label = span_label(label);
    return true;
}

static bool alternative_is_box(struct span line, size_t at)
{
    if (at + 3 > line.bytes || line.at[at] != '[' || line.at[at + 2] != ']' ||
        strchr(" xX", line.at[at + 1]) == NULL)
        return false;
    bool escaped = at > 0 && line.at[at - 1] == '\\';
    bool link = at + 3 < line.bytes && strchr("([:", line.at[at + 3]) != NULL;
    return !escaped && !link && !span_after_word(line, at) && !span_in_word(line, at + 3);
}

size_t alternative_find_box(struct span line, size_t start)
{
    for (size_t at = start; at < line.bytes;) {
        size_t link = span_link(line, at);
        if (line.at[at] == '`')
            at = span_code(line, at);
        else if (link > at)
            at = link;
        else if (alternative_is_box(line, at))
            return at;
        else
            at++;
    }
    return line.bytes;
}

/* Bytes of one sign at the front of the text that may stand in a box: none, a blank, a tick. */
static size_t alternative_tick(struct span text)
{
    static const char *const ticks[] = {"\u2713", "\u2714", "\u2705", "\u2717", "\u2718", "\u274c",
                                        "\u00a0", "\u3000", "\u2007", "x",      "X",      "v",
                                        "V",      "o",      "O",      "-",      "~",      "*",
                                        "+",      "/",      ".",      "?",      "!",      "_"};
    for (size_t i = 0; i < sizeof(ticks) / sizeof(ticks[0]); i++) {
        if (span_starts(text, ticks[i]))
            return strlen(ticks[i]);
    }
    return 0;
}

/* Whether what stands behind the bracket at ${end} makes it a link's. */
static bool alternative_link_behind(struct span text, size_t end)
{
    return end < text.bytes && strchr("([:", text.at[end]) != NULL;
}

bool alternative_near_box(struct span text)
{
    static const char *const signs[] = {"\u2610", "\u2611",     "\u2612",     "\u2b1c", "\u2b1b",
                                        "\u25a1", "\U0001f532", "\U0001f5f9", "\uff3b"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (span_starts(text, signs[i]))
            return true;
    }
    if (!span_starts(text, "[") || alternative_is_box(text, 0))
        return false;
    size_t end = 1;
    while (end < text.bytes && end < 4 && text.at[end] == ' ')
        end++;
    end += alternative_tick(span_from(text, end));
    while (end < text.bytes && end < 8 && text.at[end] == ' ')
        end++;
    return end < text.bytes && text.at[end] == ']' && !alternative_link_behind(text, end + 1);
}

bool alternative_box_sign(struct span text)
{
    static const char *const signs[] = {"\u2610", "\u2b1c", "\u25a1", "\U0001f532"};
    for (size_t at = 0; at < text.bytes;) {
        for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
            if (span_starts(span_from(text, at), signs[i]))
                return true;
        }
        at = text.at[at] == '`' ? span_code(text, at) : at + 1;
    }
    return false;
}

static bool alternative_is_answer(struct span word)
{
    static const char *const answers[] = {
        "pass", "fail", "passed", "failed",  "yes",          "no",           "go",     "no-go",
        "ok",   "nok",  "done",   "success", "ja",           "nein",         "oui",    "non",
        "si",   "n/a",  "good",   "failure", "\u901a\u8fc7", "\u5931\u8d25", "\u662f", "\u5426"};
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        if (span_is(word, answers[i]))
            return true;
    }
    return false;
}

bool alternative_near_words(struct span text)
{
    size_t answers = 0, end = text.bytes;
    for (size_t at = text.bytes; at > 0 && answers < 2; at--) {
        bool bar = strchr("/|:", text.at[at - 1]) != NULL;
        if (!bar && at > 1)
            continue;
        struct span word = span_label(span_between(text, bar ? at : at - 1, end));
        while (word.bytes > 0 && strchr(".)?", word.at[word.bytes - 1]) != NULL)
            word.bytes--;
        if (!alternative_is_answer(word))
            return false;
        answers++;
        end = at - 1;
    }
    return answers > 1;
}

bool alternative_near_mark(struct span text)
{
    static const char *const signs[] = {"\u2714", "\u2705", "\u2718", "\u274c", "\u2611"};
    bool found = false;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        found = found || span_find(text, 0, signs[i]) < text.bytes;
    return found;
}

/* Set an alternative's text: without what divides it from the next. */
static void alternative_set(struct alternative *option, struct span text)
{
    option->text = span_label(text);
    while (option->text.bytes > 0 && option->text.at[option->text.bytes - 1] == '/')
        option->text = span_label(span_to(option->text, option->text.bytes - 1));
    option->label = span_label(span_to(option->text, blank_find(option->text, 0)));
}

void alternative_boxes(struct span line, struct alternative_list *ret_list)
{
    size_t cap = 0, at = alternative_find_box(line, 0);
    *ret_list = (struct alternative_list){.text = line, .label = span_label(span_to(line, at))};
    while (at < line.bytes) {
        size_t next = alternative_find_box(line, at + 3);
        struct alternative *option = MEM_PUSH(ret_list->options, ret_list->count, cap);
        alternative_set(option, span_between(line, at + 3, next));
        option->box = span_between(line, at, at + 3);
        at = next;
    }
}

/* Bytes of a mark at ${at}, 0 if there is none. */
static size_t alternative_mark(struct span line, size_t at, enum option_mark *ret_mark)
{
    for (enum option_mark mark = MARK_GOOD; mark <= MARK_BAD; mark++) {
        const char *text = option_mark_text(mark);
        if (!span_starts(span_from(line, at), text))
            continue;
        size_t bytes = strlen(text);
        *ret_mark = mark;
        if (span_starts(span_from(line, at + bytes), ALTERNATIVE_PRESENTATION))
            bytes += strlen(ALTERNATIVE_PRESENTATION);
        return bytes;
    }
    return 0;
}

void alternative_marks(struct span line, struct alternative_list *ret_list)
{
    size_t cap = 0, start = 0;
    *ret_list = (struct alternative_list){.text = line};
    for (size_t at = 0; at < line.bytes;) {
        enum option_mark mark = MARK_NONE;
        size_t bytes = alternative_mark(line, at, &mark);
        if (bytes == 0) {
            at = line.at[at] == '`' ? span_code(line, at) : at + 1;
            continue;
        }
        struct span before = span_between(line, start, at);
        if (ret_list->count == 0)
            ret_list->label = span_label(before);
        else
            alternative_set(&ret_list->options[ret_list->count - 1], before);
        struct alternative *option = MEM_PUSH(ret_list->options, ret_list->count, cap);
        option->mark = mark;
        at += bytes;
        start = at;
    }
    if (ret_list->count > 0)
        alternative_set(&ret_list->options[ret_list->count - 1], span_from(line, start));
}

void alternative_words(struct span line, struct alternative_list *ret_list)
{
    *ret_list = (struct alternative_list){.text = line};
    size_t colon = span_find(line, 0, ":"), at = colon + 1, cap = 0;
    if (colon == line.bytes || span_find(line, at, " / ") == line.bytes)
        return;
    ret_list->label = span_label(span_to(line, colon));
    while (at < line.bytes) {
        size_t next = span_find(line, at, " / ");
        struct alternative *option = MEM_PUSH(ret_list->options, ret_list->count, cap);
        alternative_set(option, span_between(line, at, next));
        at = next + 3;
    }
    if (!alternative_all_capitals(ret_list) || ret_list->count < 2)
        alternative_free(ret_list);
}

void alternative_free(struct alternative_list *list)
{
    free(list->options);
    *list = (struct alternative_list){0};
}

struct node_option *alternative_nodes(const struct alternative_list *list)
{
    struct node_option *options = mem_zero(list->count, sizeof(*options));
    for (size_t i = 0; i < list->count; i++) {
        options[i].label = span_text(list->options[i].label);
        options[i].mark = list->options[i].mark;
    }
    return options;
}

const char *option_mark_text(enum option_mark mark)
{
    static const char *const texts[] = {"", "\u2713", "\u26a0", "\u2717"};
    return texts[mark];
}
