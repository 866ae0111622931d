#include "replay/slot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64
#define NAME_BYTES_MAX 64

/* Where the scan stands: how quotes and parentheses are nested, the innermost last. */
enum place { PLACE_BARE, PLACE_DOUBLE };

struct scan {
    const char *text;
    size_t at;
    enum place places[DEPTH_MAX];
    size_t depth;
    size_t numbered; /* blanks without a name so far */
    struct slots *slots;
};

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9');
}

static bool is_space(char c)
{
    return c == '\0' || strchr(" \t\r\n", c) != NULL;
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

static size_t name_bytes(const char *at)
{
    size_t bytes = 0;
    while (is_name_start(at[0]) && is_name(at[bytes]))
        bytes++;
    return bytes;
}

bool slot_is_variable_name(const char *name)
{
    return name[0] != '\0' && name[name_bytes(name)] == '\0' && strlen(name) <= NAME_BYTES_MAX;
}

bool slot_name_ok(const char *name)
{
    size_t bytes = 0;
    while (is_name(name[bytes]) || (bytes > 0 && name[bytes] == '-'))
        bytes++;
    return bytes > 0 && bytes <= NAME_BYTES_MAX && name[bytes] == '\0';
}

static char before(const struct scan *scan)
{
    return scan->at > 0 ? scan->text[scan->at - 1] : '\0';
}

static void add(struct scan *scan, const char *name, size_t name_length, size_t bytes)
{
    struct slot *slot = MEM_PUSH(scan->slots->all, scan->slots->count, scan->slots->cap);
    char number[24];
    snprintf(number, sizeof(number), "%zu", name == NULL ? ++scan->numbered : 0);
    slot->name = name != NULL ? mem_text_n(name, name_length) : mem_text(number);
    slot->at = scan->at;
    slot->bytes = bytes;
    scan->at += bytes;
}

/* ____ */
static bool take_underscores(struct scan *scan)
{
    size_t bytes = strspn(scan->text + scan->at, "_");
    if (bytes < 3 || is_name(before(scan)) || is_name(scan->text[scan->at + bytes]))
        return false;
    add(scan, NULL, 0, bytes);
    return true;
}

/* ... and ...word... */
static bool take_dots(struct scan *scan)
{
    const char *at = scan->text + scan->at;
    char left = before(scan);
    if (strspn(at, ".") != 3 || !(is_space(left) || is_quote(left)))
        return false;
    size_t word = 0;
    while (is_name(at[3 + word]) || at[3 + word] == '-')
        word++;
    bool named = word > 0 && strspn(at + 3 + word, ".") == 3;
    char right = at[named ? 6 + word : 3];
    if (!is_space(right) && !is_quote(right))
        return false;
    add(scan, named ? at + 3 : NULL, word, named ? 6 + word : 3);
    return true;
}

/* <word> */
static bool take_angle(struct scan *scan)
{
    const char *at = scan->text + scan->at;
    size_t word = 0;
    while (at[0] == '<' && (is_name(at[1 + word]) || (word > 0 && at[1 + word] == '-')))
        word++;
    if (word == 0 || at[1 + word] != '>' || before(scan) == '<')
        return false;
    add(scan, at + 1, word, word + 2);
    return true;
}

/* Whether the command sets ${name} itself, anywhere: NAME=, for NAME, read ... NAME. */
static bool is_set(const char *text, const char *name, size_t bytes)
{
    for (const char *at = text; (at = strstr(at, name)) != NULL; at++) {
        char left = at > text ? at[-1] : '\n';
        bool begins = is_space(left) || strchr(";&|({`", left) != NULL;
        if (!begins || strncmp(at, name, bytes) != 0 || is_name(at[bytes]))
            continue;
        if (at[bytes] == '=' || (at[bytes] == '+' && at[bytes + 1] == '='))
            return true;
        const char *line = at;
        while (line > text && strchr("\n;|&", line[-1]) == NULL)
            line--;
        line += strspn(line, " \t");
        if (strncmp(line, "for ", 4) == 0 || strncmp(line, "read ", 5) == 0 ||
            strncmp(line, "while read ", 11) == 0 || strncmp(line, "do read ", 8) == 0)
            return true;
    }
    return false;
}

/* What the shell sets for itself. */
static bool is_shells(const char *name)
{
    static const char *const names[] = {"PWD",    "OLDPWD", "IFS",     "PPID",    "OPTARG",
                                        "OPTIND", "RANDOM", "SECONDS", "LINENO",  "UID",
                                        "EUID",   "REPLY",  "PS4",     "HOSTNAME"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return strncmp(name, "BASH", 4) == 0;
}

static bool is_there(const struct slots *slots, const char *name)
{
    for (size_t i = 0; i < slots->count; i++) {
        if (slots->all[i].variable && strcmp(slots->all[i].name, name) == 0)
            return true;
    }
    return false;
}

/* $NAME, ${NAME}: behind it, whatever it is. */
static void take_variable(struct scan *scan)
{
    const char *at = scan->text + scan->at + 1;
    bool braced = *at == '{';
    at += braced;
    at += braced && *at == '#';
    size_t bytes = name_bytes(at);
    const char *rest = at + bytes;
    bool settled = braced && (*rest == '-' || *rest == '+' || *rest == '=' ||
                              (*rest == ':' && rest[1] != '\0' && strchr("-+=", rest[1]) != NULL));
    scan->at = (size_t)(rest - scan->text);
    if (bytes == 0 || bytes > NAME_BYTES_MAX || settled)
        return;
    char *name = mem_text_n(at, bytes);
    if (is_set(scan->text, name, bytes) || is_shells(name) || is_there(scan->slots, name)) {
        free(name);
        return;
    }
    struct slot *slot = MEM_PUSH(scan->slots->all, scan->slots->count, scan->slots->cap);
    *slot = (struct slot){.name = name, .variable = true};
}

static void push(struct scan *scan, enum place place)
{
    if (scan->depth + 1 < DEPTH_MAX)
        scan->places[++scan->depth] = place;
}

/* What stands in single quotes has blanks alone. */
static void take_single(struct scan *scan)
{
    scan->at++;
    while (scan->text[scan->at] != '\0' && scan->text[scan->at] != '\'') {
        if (!take_underscores(scan) && !take_dots(scan))
            scan->at++;
    }
    scan->at += scan->text[scan->at] != '\0';
}

static void take_comment(struct scan *scan)
{
    scan->at += strcspn(scan->text + scan->at, "\n");
}

static void step(struct scan *scan)
{
    char here = scan->text[scan->at];
    bool bare = scan->places[scan->depth] == PLACE_BARE;
    if (take_underscores(scan) || take_dots(scan) || (bare && take_angle(scan)))
        return;
    if (here == '\\' && scan->text[scan->at + 1] != '\0') {
        scan->at += 2;
    } else if (here == '$' && scan->text[scan->at + 1] == '(') {
        push(scan, PLACE_BARE);
        scan->at += 2;
    } else if (here == '$') {
        take_variable(scan);
    } else if (here == '"') {
        if (bare)
            push(scan, PLACE_DOUBLE);
        else
            scan->depth--;
        scan->at++;
    } else if (bare && here == '\'') {
        take_single(scan);
    } else if (bare && here == '#' && is_space(before(scan))) {
        take_comment(scan);
    } else {
        if (bare && here == '(')
            push(scan, PLACE_BARE);
        else if (bare && here == ')' && scan->depth > 0)
            scan->depth--;
        scan->at++;
    }
}

void slot_find(const char *command, struct slots *ret_slots)
{
    struct scan scan = {.text = command, .slots = ret_slots};
    *ret_slots = (struct slots){0};
    while (scan.text[scan.at] != '\0')
        step(&scan);
}

void slot_free(struct slots *slots)
{
    for (size_t i = 0; i < slots->count; i++)
        free(slots->all[i].name);
    free(slots->all);
    *slots = (struct slots){0};
}

void slot_fill(const char *command, const struct slots *slots, slot_value_fn *value, void *ctx,
               struct buf *buf)
{
    size_t at = 0;
    for (size_t i = 0; i < slots->count; i++) {
        const struct slot *slot = &slots->all[i];
        const char *with = slot->variable ? NULL : value(ctx, slot->name);
        if (with == NULL)
            continue;
        buf_add(buf, command + at, slot->at - at);
        buf_text(buf, with);
        at = slot->at + slot->bytes;
    }
    buf_text(buf, command + at);
}

bool slot_expand(const char *text, slot_value_fn *value, void *ctx, struct buf *buf)
{
    while (*text != '\0') {
        bool braced = text[0] == '$' && text[1] == '{';
        const char *at = text + 1 + braced;
        size_t bytes = text[0] == '$' ? name_bytes(at) : 0;
        if (bytes == 0 || (braced && at[bytes] != '}')) {
            buf_add(buf, text++, 1);
            continue;
        }
        char *name = mem_text_n(at, bytes);
        const char *with = value(ctx, name);
        free(name);
        if (with == NULL)
            return false;
        buf_text(buf, with);
        text = at + bytes + braced;
    }
    return true;
}
