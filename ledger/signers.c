#include "ledger/signers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger/event.h"
#include "ledger/instant.h"
#include "ledger/mem.h"
#include "ledger/sshsig.h"

#define BLANKS " \t"

/* Cut the word off that *${at} begins with, up to the next blank; what is in quotes is one. */
static char *take_principal(char **at, struct err_text *ret_why)
{
    char *word = *at, *end;
    if (word[0] == '"') {
        word++;
        end = strchr(word, '"');
        if (end == NULL || strchr(BLANKS, end[1]) == NULL || end[1] == '\0') {
            err_say(ret_why, ERR_INVALID, "the quotes around the principal do not match");
            return NULL;
        }
        *end++ = '\0';
    } else {
        end = word + strcspn(word, BLANKS);
    }
    if (*end != '\0')
        *end++ = '\0';
    *at = end + strspn(end, BLANKS);
    return word;
}

static enum err check_principal(const char *name, struct err_text *ret_why)
{
    if (strpbrk(name, ",") != NULL)
        return err_say(ret_why, ERR_INVALID,
                       "'%.128s' are several principals: a key belongs to one", name);
    if (strpbrk(name, "*?!") != NULL)
        return err_say(ret_why, ERR_INVALID,
                       "'%.128s' is a pattern: a key belongs to one principal, by name", name);
    if (!event_principal_ok(name))
        return err_say(ret_why, ERR_INVALID,
                       "'%.128s' cannot name a principal: letters, digits and ._@+:- are its "
                       "characters, at most %d",
                       name, PRINCIPAL_BYTES_MAX);
    if (strcmp(name, "ledger") == 0 || strncmp(name, "amqp:", 5) == 0 ||
        strncmp(name, "tls:", 4) == 0)
        return err_say(ret_why, ERR_INVALID, "%.128s is none who can have keys", name);
    return ERR_OK;
}

/* Whether a pattern of OpenSSH's, `*` and `?`, matches the whole of the text. */
static bool pattern_matches(const char *pattern, size_t pattern_bytes, const char *text)
{
    size_t at = 0, star = SIZE_MAX;
    const char *resume = text;
    while (*text != '\0') {
        if (at < pattern_bytes && pattern[at] == '*') {
            star = at++;
            resume = text;
        } else if (at < pattern_bytes && (pattern[at] == '?' || pattern[at] == *text)) {
            at++;
            text++;
        } else if (star != SIZE_MAX) { /* let the last star take one more */
            at = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (at < pattern_bytes && pattern[at] == '*')
        at++;
    return at == pattern_bytes;
}

/* Whether a list of patterns takes a text in: one matches, and none with `!` before it. */
static bool list_matches(const char *list, const char *text)
{
    bool found = false;
    for (const char *at = list; *at != '\0'; at += at[0] == ',') {
        size_t bytes = strcspn(at, ",");
        bool negated = bytes > 0 && at[0] == '!';
        bool matches = pattern_matches(at + negated, bytes - negated, text);
        if (matches && negated)
            return false;
        found = found || matches;
        at += bytes;
    }
    return found;
}

/* Whether an option of that name begins here, at a value or without one. */
static bool is_option(const char *at, const char *name, char behind)
{
    size_t bytes = strlen(name);
    return strncasecmp(at, name, bytes) == 0 && at[bytes] == behind;
}

/* Read a value in quotes into ${value}, and move behind it. */
static enum err take_value(char **at, struct buf *value, struct err_text *ret_why)
{
    char *from = *at;
    if (*from++ != '"')
        return err_say(ret_why, ERR_INVALID, "the value of an option stands in quotes");
    for (; *from != '\0' && *from != '"'; from++) {
        if (from[0] == '\\' && from[1] == '"')
            from++;
        buf_add(value, from, 1);
    }
    if (*from != '"')
        return err_say(ret_why, ERR_INVALID, "a quote among the options is not closed");
    *at = from + 1;
    return ERR_OK;
}

static enum err take_namespaces(char **at, bool *seen, struct err_text *ret_why)
{
    struct buf value = {0};
    if (*seen)
        return err_say(ret_why, ERR_INVALID, "`namespaces` stands there twice");
    *seen = true;
    *at += strlen("namespaces=");
    enum err err = take_value(at, &value, ret_why);
    buf_add(&value, "", 1);
    if (err == ERR_OK && !list_matches((const char *)value.data, SSHSIG_NAMESPACE))
        err = err_say(ret_why, ERR_INVALID,
                      "the key may not sign events: `namespaces` is without " SSHSIG_NAMESPACE);
    buf_free(&value);
    return err;
}

static enum err take_option(char **at, bool *seen, struct err_text *ret_why)
{
    static const char ca[] = "cert-authority";
    if (strncasecmp(*at, ca, sizeof(ca) - 1) == 0 && strchr(", \t", (*at)[sizeof(ca) - 1]) != NULL)
        return err_say(ret_why, ERR_INVALID,
                       "certificates are not supported: enroll each person's own key");
    if (is_option(*at, "valid-after", '=') || is_option(*at, "valid-before", '='))
        return err_say(ret_why, ERR_INVALID,
                       "a ledger knows no times of validity: a key holds from where it is enrolled "
                       "to where it is revoked; take the option out, or the line");
    if (is_option(*at, "namespaces", '='))
        return take_namespaces(at, seen, ret_why);
    return err_say(ret_why, ERR_INVALID, "'%.*s' is no option", (int)strcspn(*at, "=, \t"), *at);
}

/* Read the options that *${at} begins with, and move to the key behind them. */
static enum err take_options(char **at, struct err_text *ret_why)
{
    bool namespaces = false;
    for (;;) {
        enum err err = take_option(at, &namespaces, ret_why);
        if (err != ERR_OK)
            return err;
        if (**at == '\0' || strchr(BLANKS, **at) != NULL)
            break;
        if (**at != ',' || (*at)[1] == '\0')
            return err_say(ret_why, ERR_INVALID, "options are separated by commas alone");
        (*at)++;
    }
    *at += strspn(*at, BLANKS);
    return ERR_OK;
}

/* Options have a value in quotes, or are the one that needs none; types of keys look otherwise. */
static bool begins_options(const char *at)
{
    size_t bytes = strcspn(at, BLANKS);
    return memchr(at, '=', bytes) != NULL || memchr(at, '"', bytes) != NULL ||
           memchr(at, ',', bytes) != NULL || strncasecmp(at, "cert-authority", bytes) == 0;
}

static enum err line_parse(char *line, struct signers_line *ret, struct err_text *ret_why)
{
    char *at = line;
    const char *principal = take_principal(&at, ret_why);
    if (principal == NULL)
        return ERR_INVALID;
    enum err err = check_principal(principal, ret_why);
    if (err == ERR_OK && *at == '\0')
        err = err_say(ret_why, ERR_INVALID, "there is no key behind the principal");
    if (err == ERR_OK && begins_options(at))
        err = take_options(&at, ret_why);
    if (err == ERR_OK && *at == '\0')
        err = err_say(ret_why, ERR_INVALID, "there is no key behind the options");
    if (err == ERR_OK)
        err = sshkey_from_text(at, &ret->key, ret_why);
    if (err == ERR_OK)
        memcpy(ret->principal, principal, strlen(principal) + 1);
    return err;
}

/* A key belongs to one principal. */
static enum err check_others(const struct signers *signers, const struct signers_line *line,
                             struct err_text *ret_why)
{
    for (size_t i = 0; i < signers->count; i++) {
        const struct signers_line *other = &signers->lines[i];
        if (memcmp(other->key.id, line->key.id, KEY_ID_BYTES) == 0 &&
            strcmp(other->principal, line->principal) != 0)
            return err_say(
                ret_why, ERR_INVALID,
                "the key stands beside %.128s in line %zu: a key belongs to one principal",
                other->principal, other->number);
    }
    return signers->count < SIGNERS_LINES_MAX
               ? ERR_OK
               : err_say(ret_why, ERR_TOO_BIG, "there are more than %d keys", SIGNERS_LINES_MAX);
}

/* Take one line of ${bytes} bytes, without its line end. */
static enum err take_line(struct signers *signers, const char *text, size_t bytes, size_t number,
                          struct err_text *ret_why)
{
    struct signers_line line = {.number = number};
    if (bytes > SIGNERS_LINE_BYTES_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "it has more than %d bytes", SIGNERS_LINE_BYTES_MAX);
    for (size_t i = 0; i < bytes; i++) {
        if ((unsigned char)text[i] < 0x20 && text[i] != '\t')
            return err_say(ret_why, ERR_INVALID, "it has a control character (0x%02x)",
                           (unsigned)text[i]);
    }
    char *copy = mem_text_n(text, bytes), *at = copy + strspn(copy, BLANKS);
    enum err err = ERR_OK;
    if (*at != '\0' && *at != '#') {
        err = line_parse(at, &line, ret_why);
        if (err == ERR_OK)
            err = check_others(signers, &line, ret_why);
        if (err == ERR_OK)
            *(struct signers_line *)MEM_PUSH(signers->lines, signers->count, signers->cap) = line;
    }
    free(copy);
    return err;
}

enum err signers_parse(const char *text, size_t text_bytes, struct signers *ret_signers,
                       struct err_text *ret_why)
{
    struct signers signers = {0};
    struct err_text why = {""};
    enum err err = ERR_OK;
    if (text_bytes > SIGNERS_BYTES_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "the file has more than %d bytes", SIGNERS_BYTES_MAX);
    for (size_t at = 0, number = 1; err == ERR_OK && at < text_bytes; number++) {
        const char *end = memchr(text + at, '\n', text_bytes - at);
        size_t bytes = end != NULL ? (size_t)(end - text) - at : text_bytes - at;
        size_t kept = bytes > 0 && end != NULL && text[at + bytes - 1] == '\r' ? bytes - 1 : bytes;
        err = take_line(&signers, text + at, kept, number, &why);
        if (err != ERR_OK)
            err_say(ret_why, err, "line %zu: %s", number, why.s);
        at += bytes + 1;
    }
    if (err == ERR_OK)
        *ret_signers = signers;
    else
        signers_free(&signers);
    return err;
}

void signers_free(struct signers *signers)
{
    free(signers->lines);
    *signers = (struct signers){0};
}

/* Append an option with a moment as OpenSSH reads it: YYYYMMDDHHMMSSZ. */
static void add_moment(const char *name, int64_t seconds, struct buf *buf)
{
    char text[INSTANT_TEXT_BYTES];
    instant_format(seconds * INSTANT_SECOND_US, text);
    buf_printf(buf, ",%s=\"%.4s%.2s%.2s%.2s%.2s%.2sZ\"", name, text, text + 5, text + 8, text + 11,
               text + 14, text + 17);
}

void signers_format(const char *principal, const struct sshkey *key, int64_t from_us, int64_t to_us,
                    struct buf *buf)
{
    int64_t from = from_us < 0 ? 0 : from_us / INSTANT_SECOND_US;
    int64_t to = to_us / INSTANT_SECOND_US;
    buf_printf(buf, "%s namespaces=\"%s\"", principal, SSHSIG_NAMESPACE);
    if (from > 0) /* OpenSSH takes 0 for no time */
        add_moment("valid-after", from, buf);
    if (to_us >= 0) /* and wants the end after the beginning */
        add_moment("valid-before", to > from ? to : from + 1, buf);
    buf_text(buf, " ");
    sshkey_format(key, buf);
    buf_text(buf, "\n");
}
