#include "replay/mask.h"

#include <regex.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_BYTES_MIN 4
#define GROUPS ((size_t)8)
#define PATTERN_BYTES_MAX 1000
#define REPEATS_MAX 1000   /* counts in braces of one pattern, multiplied */
#define OWN_GROUP SIZE_MAX /* the first group if there is one, else all */
#define REPLACEMENT "\xef\xbf\xbd"

struct pattern {
    regex_t regex;
    size_t group; /* that is covered; 0: all */
};

struct mask {
    struct pattern *patterns; /* owned */
    size_t pattern_count, pattern_cap;
    char **values; /* owned, each */
    size_t value_count, value_cap;
};

/* A secret by its shape: its group, and whether what stands in a command so is one in its output.
 */
static const struct form {
    const char *regex;
    size_t group;
    bool output, command;
} shapes[] = {
    {"(pass(word|wd|phrase)?|secret|token|(api|access|private)[_-]?key|credentials?|authorization)"
     "[\"']?[[:blank:]]*[:=][[:blank:]]*[\"']?((bearer|basic|token)[[:blank:]]+)?"
     "([^][:space:]\"',;&<>]+)",
     6, true, true},
    {"(bearer|basic)[[:blank:]]+([A-Za-z0-9._~+/=-]{8,})", 2, true, true},
    {"://[^/@:[:space:]]*:([^/@[:space:]]+)@", 1, true, true},
    {"(^|[[:blank:]])(-u|--user)[=[:blank:]]*[\"']?[^:[:space:]]+:([^[:space:]\"']+)", 3, false,
     true},
    {"(AKIA|ASIA)[0-9A-Z]{16}", 0, true, false},
    {"gh[pousr]_[A-Za-z0-9]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}", 0, true,
     false},
    {"eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*", 0, true, false},
};

static enum err add_pattern(struct mask *mask, const char *regex, size_t group,
                            struct err_text *ret_why)
{
    regex_t compiled;
    char said[128];
    int code = regcomp(&compiled, regex, REG_EXTENDED | REG_ICASE);
    if (code != 0) {
        regerror(code, &compiled, said, sizeof(said));
        return err_say(ret_why, ERR_INVALID,
                       "the node's `# Mask: %.100s` is no regular expression: %s", regex, said);
    }
    struct pattern *pattern = MEM_PUSH(mask->patterns, mask->pattern_count, mask->pattern_cap);
    bool groups = compiled.re_nsub > 0;
    *pattern = (struct pattern){compiled, group != OWN_GROUP ? group : groups ? 1 : 0};
    return ERR_OK;
}

void mask_value(struct mask *mask, const char *value)
{
    if (strlen(value) < VALUE_BYTES_MIN)
        return;
    char **added = MEM_PUSH(mask->values, mask->value_count, mask->value_cap);
    *added = mem_text(value);
}

/* Cover what the command's own text gives away, if it stands there itself and not as a variable. */
static void take_literals(struct mask *mask, const struct pattern *pattern, const char *command)
{
    regmatch_t found[GROUPS];
    while (regexec(&pattern->regex, command, GROUPS, found, 0) == 0) {
        const regmatch_t *group = &found[pattern->group];
        char *value = mem_text_n(command + group->rm_so, (size_t)(group->rm_eo - group->rm_so));
        if (strchr(value, '$') == NULL)
            mask_value(mask, value);
        sodium_memzero(value, strlen(value));
        free(value);
        command += found[0].rm_eo > 0 ? found[0].rm_eo : 1;
    }
}

/* The pattern of a line `# Mask: REGEX` as a string; NULL for any other line. */
static char *own_pattern(const char *line, size_t bytes)
{
    static const char word[] = "mask:";
    size_t at = 0;
    while (at < bytes && strchr(" \t#", line[at]) != NULL)
        at++;
    bool comment = memchr(line, '#', at) != NULL;
    if (!comment || bytes - at < sizeof(word) - 1 ||
        strncasecmp(line + at, word, sizeof(word) - 1) != 0)
        return NULL;
    at += sizeof(word) - 1;
    while (at < bytes && strchr(" \t", line[at]) != NULL)
        at++;
    while (bytes > at && strchr(" \t\r", line[bytes - 1]) != NULL)
        bytes--;
    return mem_text_n(line + at, bytes - at);
}

/* Whether a pattern is one that is tried in time and memory that can be told: no back references,
 * and no counts that multiply without bound. */
static bool is_tame(const char *regex)
{
    long repeats = 1;
    for (const char *at = regex; *at != '\0'; at++) {
        if (at[0] == '\\' && at[1] >= '0' && at[1] <= '9')
            return false;
        if (at[0] == '\\' && at[1] != '\0') {
            at++;
            continue;
        }
        long most = 1;
        for (const char *digit = at + 1; *at == '{' && *digit != '\0' && *digit != '}'; digit++) {
            char *end = NULL;
            long count = strtol(digit, &end, 10);
            most = end > digit && count > most ? count : most;
            digit = end > digit ? end - 1 : digit;
        }
        repeats = most > REPEATS_MAX ? most : repeats * most;
        if (repeats > REPEATS_MAX)
            return false;
    }
    return true;
}

static enum err add_own(struct mask *mask, const char *command, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    for (const char *line = command; err == ERR_OK && *line != '\0';) {
        size_t bytes = strcspn(line, "\n");
        char *regex = own_pattern(line, bytes);
        if (regex != NULL && (regex[0] == '\0' || strlen(regex) > PATTERN_BYTES_MAX))
            err = err_say(ret_why, ERR_INVALID, "a `# Mask:` of the node has 1 to %d bytes",
                          PATTERN_BYTES_MAX);
        else if (regex != NULL && !is_tame(regex))
            err = err_say(ret_why, ERR_INVALID,
                          "the node's `# Mask: %.100s` refers back, or repeats more than %d times",
                          regex, REPEATS_MAX);
        else if (regex != NULL)
            err = add_pattern(mask, regex, OWN_GROUP, ret_why);
        free(regex);
        line += bytes + (line[bytes] == '\n');
    }
    return err;
}

enum err mask_new(const char *command, struct mask **ret_mask, struct err_text *ret_why)
{
    struct mask *mask = mem_zero(1, sizeof(*mask));
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        ASSERT(add_pattern(mask, shapes[i].regex, shapes[i].group, NULL) == ERR_OK);
        struct pattern *pattern = &mask->patterns[mask->pattern_count - 1];
        if (shapes[i].command)
            take_literals(mask, pattern, command);
        if (!shapes[i].output) {
            regfree(&pattern->regex);
            mask->pattern_count--;
        }
    }
    enum err err = add_own(mask, command, ret_why);
    if (err == ERR_OK)
        *ret_mask = mask;
    else
        mask_free(mask);
    return err;
}

void mask_free(struct mask *mask)
{
    if (mask == NULL)
        return;
    for (size_t i = 0; i < mask->pattern_count; i++)
        regfree(&mask->patterns[i].regex);
    for (size_t i = 0; i < mask->value_count; i++) {
        sodium_memzero(mask->values[i], strlen(mask->values[i]));
        free(mask->values[i]);
    }
    free(mask->patterns);
    free(mask->values);
    free(mask);
}

bool mask_is_secret(const char *name)
{
    static const char *const within[] = {"PASSWORD", "PASSWD", "PASSPHRASE", "SECRET",
                                         "TOKEN",    "APIKEY", "CREDENTIAL"};
    static const char *const words[] = {"PASS", "KEY", "AUTH", "PAT", "PWD", "COOKIE"};
    if (strcasecmp(name, "PWD") == 0 || strcasecmp(name, "OLDPWD") == 0)
        return false;
    for (size_t i = 0; i < sizeof(within) / sizeof(within[0]); i++) {
        if (strcasestr(name, within[i]) != NULL)
            return true;
    }
    for (const char *word = name; word != NULL;) {
        size_t bytes = strcspn(word, "_");
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            if (strlen(words[i]) == bytes && strncasecmp(word, words[i], bytes) == 0)
                return true;
        }
        word = word[bytes] == '_' ? word + bytes + 1 : NULL;
    }
    return false;
}

/* The text as UTF-8 without U+0000. */
static void add_utf8(const uint8_t *text, size_t bytes, struct buf *buf)
{
    for (size_t at = 0; at < bytes;) {
        uint32_t code = 0;
        size_t length = utf8_decode(text + at, bytes - at, &code);
        if (length == 0 || code == 0)
            buf_text(buf, REPLACEMENT);
        else
            buf_add(buf, text + at, length);
        at += length > 0 ? length : 1;
    }
    buf_add(buf, "", 0);
}

/* Mark what one pattern covers of one line; ${line} ends in NUL. */
static void mark_line(const struct pattern *pattern, const char *line, bool *marks)
{
    regmatch_t found[GROUPS];
    size_t at = 0;
    while (regexec(&pattern->regex, line + at, GROUPS, found, at > 0 ? REG_NOTBOL : 0) == 0) {
        const regmatch_t *group = &found[pattern->group];
        for (regoff_t i = group->rm_so; group->rm_so >= 0 && i < group->rm_eo; i++)
            marks[at + (size_t)i] = true;
        at += found[0].rm_eo > 0 ? (size_t)found[0].rm_eo : 1;
        if (at > strlen(line) || line[at] == '\0')
            break;
    }
}

/* Mark by the patterns, line by line, and private keys from their first line to their last. */
static void mark_lines(const struct mask *mask, struct buf *text, bool *marks)
{
    bool key = false;
    for (size_t at = 0; at < text->bytes;) {
        char *line = (char *)text->data + at;
        size_t bytes = strcspn(line, "\n");
        char end = line[bytes];
        line[bytes] = '\0';
        key = key || (strstr(line, "-----BEGIN ") != NULL && strstr(line, "PRIVATE KEY") != NULL);
        for (size_t i = 0; i < bytes && key; i++)
            marks[at + i] = true;
        if (strstr(line, "-----END ") != NULL)
            key = false;
        for (size_t i = 0; i < mask->pattern_count; i++)
            mark_line(&mask->patterns[i], line, marks + at);
        line[bytes] = end;
        at += bytes + (end == '\n');
    }
}

static void mark_value(const char *value, const struct buf *text, bool *marks)
{
    size_t bytes = strlen(value), at = 0;
    const uint8_t *found;
    while (at < text->bytes &&
           (found = memmem(text->data + at, text->bytes - at, value, bytes)) != NULL) {
        at = (size_t)(found - text->data);
        memset(marks + at, true, bytes * sizeof(*marks));
        at++;
    }
}

size_t mask_add(const struct mask *mask, const void *text, size_t bytes, struct buf *buf)
{
    struct buf plain = {0};
    size_t covered = 0;
    add_utf8(text, bytes, &plain);
    bool *marks = mem_zero(plain.bytes + 1, sizeof(*marks));
    mark_lines(mask, &plain, marks);
    for (size_t i = 0; i < mask->value_count; i++)
        mark_value(mask->values[i], &plain, marks);
    for (size_t at = 0; at < plain.bytes;) {
        size_t from = at;
        bool marked = marks[from];
        while (at < plain.bytes && marks[at] == marked)
            at++;
        if (marked)
            buf_text(buf, MASK_TEXT);
        else
            buf_add(buf, plain.data + from, at - from);
        covered += marked;
    }
    buf_add(buf, "", 0);
    if (plain.bytes > 0)
        sodium_memzero(plain.data, plain.bytes);
    free(marks);
    buf_free(&plain);
    return covered;
}
