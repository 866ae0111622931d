#include "replay/shell.h"

#include <string.h>

/* A command while it is read. */
struct shell {
    struct span text;
    size_t at;
    struct span documents[SHELL_DOCUMENTS_MAX]; /* ends of here-documents that begin on this line */
    size_t document_count;
    unsigned depth, cases; /* open loops, conditions and groups; `case` among them */
    bool waits;            /* it has a `wait` */
    bool pipefail, errexit;
    bool command;         /* the next word is a command's name */
    bool anyway;          /* the simple command stands behind `||` */
    bool fails;           /* the list so far has a command that may fail */
    bool lost;            /* a list before this one had */
    bool begun;           /* the simple command has a word */
    bool setting;         /* the simple command is `set` */
    bool off;             /* the option is taken back: `set +e` */
    struct span name;     /* of the simple command; empty: none yet */
    struct span argument; /* its first argument */
    unsigned found;
};

static bool shell_is_one(struct span word, const char *const words[])
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (word.bytes == strlen(words[i]) && memcmp(word.at, words[i], word.bytes) == 0)
            return true;
    }
    return false;
}

static char shell_char(const struct shell *shell, size_t ahead)
{
    size_t at = shell->at + ahead;
    return at < shell->text.bytes ? shell->text.at[at] : '\0';
}

/* The position behind what is quoted or substituted at ${at}, or ${at} if nothing is. */
static size_t shell_quoted(struct span text, size_t at, unsigned nested);

/* The position behind the first ${end} at or behind ${at} that is not quoted itself. */
static size_t shell_closed(struct span text, size_t at, char end, unsigned nested)
{
    while (at < text.bytes && text.at[at] != end) {
        bool whole = end == '"' && text.at[at] == '\'';
        size_t behind = whole ? at : shell_quoted(text, at, nested + 1);
        at = behind > at ? behind : at + 1;
    }
    return at < text.bytes ? at + 1 : text.bytes;
}

static size_t shell_quoted(struct span text, size_t at, unsigned nested)
{
    char c = text.at[at], next = at + 1 < text.bytes ? text.at[at + 1] : '\0';
    if (c == '\\')
        return at + 2 < text.bytes ? at + 2 : text.bytes;
    if (nested > SHELL_NESTED_MAX)
        return at;
    if (c == '\'') {
        const char *end = memchr(text.at + at + 1, c, text.bytes - at - 1);
        return end == NULL ? text.bytes : (size_t)(end - text.at) + 1;
    }
    if (c == '"' || c == '`')
        return shell_closed(text, at + 1, c, nested);
    if (strchr("$<>", c) != NULL && next == '(')
        return shell_closed(text, at + 2, ')', nested);
    if (c == '$' && next == '{')
        return shell_closed(text, at + 2, '}', nested);
    return at;
}

/* Whether a simple command of this name cannot fail, or its failing says nothing. */
static bool shell_harmless(struct span name)
{
    static const char *const names[] = {"set",   "export",  "umask", "trap",     "shopt", "unset",
                                        "alias", "declare", "local", "readonly", "echo",  "printf",
                                        "true",  ":",       "sleep", "wait",     NULL};
    return name.bytes == 0 || shell_is_one(name, names);
}

/* Whether the simple command always succeeds: what stands behind `||` then hides a failure. */
static bool shell_succeeds(const struct shell *shell)
{
    static const char *const names[] = {"true", ":", "echo", "printf", "/bin/true", NULL};
    static const char *const leaves[] = {"exit", "return", NULL};
    static const char *const zero[] = {"0", NULL};
    return shell_is_one(shell->name, names) ||
           (shell_is_one(shell->name, leaves) && shell_is_one(shell->argument, zero));
}

/* A simple command is over. */
static void shell_end_simple(struct shell *shell)
{
    shell->fails = shell->fails || !shell_harmless(shell->name);
    shell->name = shell->argument = span_to(shell->text, 0);
    shell->anyway = shell->setting = shell->begun = false;
    shell->command = true;
}

/* A list of commands joined by `&&`, `||` and `|` is over. */
static void shell_end_list(struct shell *shell)
{
    if (shell->anyway && shell_succeeds(shell))
        shell->found |= SHELL_ANYWAY;
    shell_end_simple(shell);
    if (shell->depth > 0)
        return;
    shell->lost = shell->lost || (shell->fails && !shell->errexit);
    shell->fails = false;
}

static void shell_option(struct shell *shell, struct span word)
{
    static const char *const pipefail[] = {"pipefail", NULL}, *const errexit[] = {"errexit", NULL};
    char sign = word.bytes > 1 ? word.at[0] : '\0';
    if (sign == '-' || sign == '+')
        shell->off = sign == '+';
    if (shell_is_one(word, pipefail))
        shell->pipefail = !shell->off;
    if (shell_is_one(word, errexit) ||
        ((sign == '-' || sign == '+') && memchr(word.at, 'e', word.bytes) != NULL))
        shell->errexit = !shell->off;
}

/* `name=value` without a substitution, whose failing would be the assignment's. */
static bool shell_assigns(struct span word, bool *ret_fails)
{
    size_t equals = span_find(word, 0, "=");
    bool name = equals > 0 && equals < word.bytes && !(word.at[0] >= '0' && word.at[0] <= '9');
    for (size_t i = 0; i < equals && name; i++)
        name = span_in_word(word, i) || word.at[i] == '_';
    *ret_fails = name && (span_find(word, equals, "$(") < word.bytes ||
                          span_find(word, equals, "`") < word.bytes);
    return name;
}

/* A word where a command's name stands. */
static void shell_name(struct shell *shell, struct span word)
{
    static const char *const opens[] = {"if", "while", "until", "for", "case", "select", "{", NULL};
    static const char *const closes[] = {"fi", "done", "esac", "}", NULL};
    static const char *const between[] = {"then", "do", "else", "elif", "!", "time", NULL};
    static const char *const heads[] = {"for", "case", "select", NULL};
    static const char *const set[] = {"set", NULL}, *const cases[] = {"case", NULL};
    static const char *const ends[] = {"esac", NULL};
    bool fails;
    if (shell->lost && !shell_is_one(word, closes))
        shell->found |= SHELL_SEQUENCE;
    if (shell_is_one(word, opens)) {
        shell->depth++;
        shell->cases += shell_is_one(word, cases);
        shell->command = !shell_is_one(word, heads);
        shell->anyway = false;
    } else if (shell_is_one(word, closes)) {
        shell->depth -= shell->depth > 0;
        shell->cases -= shell->cases > 0 && shell_is_one(word, ends);
        shell->name = word;
        shell->command = false;
    } else if (shell_assigns(word, &fails)) {
        shell->fails = shell->fails || fails;
    } else if (!shell_is_one(word, between)) {
        shell->name = word;
        shell->setting = shell_is_one(word, set);
        shell->off = false;
        shell->command = false;
    }
}

static void shell_word(struct shell *shell)
{
    size_t start = shell->at;
    while (shell->at < shell->text.bytes &&
           strchr(" \t\n;&|()<>", shell->text.at[shell->at]) == NULL) {
        size_t behind = shell_quoted(shell->text, shell->at, 0);
        shell->at = behind > shell->at ? behind : shell->at + 1;
    }
    struct span word = span_between(shell->text, start, shell->at);
    static const char *const test[] = {"[[", NULL};
    shell->begun = true;
    if (shell->command)
        shell_name(shell, word);
    else if (shell->setting)
        shell_option(shell, word);
    else if (shell->argument.bytes == 0)
        shell->argument = word;
    if (shell_is_one(word, test))
        shell->at = span_find(shell->text, shell->at, "]]");
}

/* `<<END`: remember what ends the document. */
static void shell_document(struct shell *shell)
{
    shell->at += shell_char(shell, 2) == '-' ? 3 : 2;
    while (shell_char(shell, 0) == ' ')
        shell->at++;
    size_t start = shell->at;
    while (shell->at < shell->text.bytes && strchr(" \t\n;&|<>", shell->text.at[shell->at]) == NULL)
        shell->at++;
    struct span word = span_between(shell->text, start, shell->at);
    while (word.bytes > 0 && strchr("'\"\\", word.at[0]) != NULL)
        word = span_from(word, 1);
    while (word.bytes > 0 && strchr("'\"", word.at[word.bytes - 1]) != NULL)
        word.bytes--;
    if (shell->document_count < SHELL_DOCUMENTS_MAX && word.bytes > 0)
        shell->documents[shell->document_count++] = word;
}

/* Pass over the here-documents that begin behind the line's end. */
static void shell_documents(struct shell *shell)
{
    for (size_t i = 0; i < shell->document_count; i++) {
        bool over = false;
        while (!over && shell->at < shell->text.bytes) {
            size_t end = span_find(shell->text, shell->at, "\n");
            struct span line = span_trim(span_between(shell->text, shell->at, end));
            over = line.bytes == shell->documents[i].bytes &&
                   memcmp(line.at, shell->documents[i].at, line.bytes) == 0;
            shell->at = end + 1;
        }
    }
    shell->document_count = 0;
}

/* `>`, `<`, `<<END`, `2>&1`, `&>file`: no operators between commands. */
static bool shell_redirects(struct shell *shell)
{
    char c = shell_char(shell, 0), next = shell_char(shell, 1);
    if (c == '&' && next == '>') {
        shell->at += 2;
    } else if (c == '<' && next == '<' && shell_char(shell, 2) != '<') {
        shell_document(shell);
    } else if (c == '<' || c == '>') {
        size_t behind = shell_quoted(shell->text, shell->at, 0);
        shell->at = behind > shell->at ? behind : shell->at + 1;
        while (behind <= shell->at && strchr("<>&", shell_char(shell, 0)) != NULL &&
               shell_char(shell, 0) != '\0')
            shell->at++;
    } else {
        return false;
    }
    return true;
}

static void shell_pipe(struct shell *shell)
{
    static const char *const prints[] = {"echo", "printf", NULL}, *const cat[] = {"cat", NULL};
    bool document = shell->document_count > 0 && shell_is_one(shell->name, cat);
    bool hides = !document && !shell_is_one(shell->name, prints) && shell->name.bytes > 0;
    if (hides && !shell->pipefail)
        shell->found |= SHELL_PIPE;
    shell_end_simple(shell);
    shell->at += shell_char(shell, 1) == '&' ? 2 : 1;
}

/* `|`, `||`, `&&`, `&`, `;`, the end of a line, and brackets. */
static void shell_operator(struct shell *shell)
{
    char c = shell_char(shell, 0), next = shell_char(shell, 1);
    if (c == '|' && next != '|') {
        shell_pipe(shell);
    } else if (c == '|' || (c == '&' && next == '&')) {
        shell_end_simple(shell);
        shell->anyway = c == '|';
        shell->at += 2;
    } else if (c == '(') {
        shell->depth += next != ')'; /* `name()` opens nothing */
        shell->command = true;
        shell->anyway = false;
        shell->name = span_to(shell->text, 0);
        shell->at += next == ')' ? 2 : 1;
    } else if (c == ')') {
        shell_end_list(shell);
        shell->depth -= shell->depth > 0 && shell->cases == 0;
        shell->at++;
    } else {
        if (c == '&' && !shell->waits)
            shell->found |= SHELL_BACKGROUND;
        bool goes_on = c == '\n' && !shell->begun;
        if (!goes_on)
            shell_end_list(shell);
        shell->at++;
        if (c == '\n')
            shell_documents(shell);
    }
}

unsigned shell_hidings(struct span command)
{
    struct shell shell = {.text = command, .command = true};
    shell.name = shell.argument = span_to(command, 0);
    shell.waits = span_find(command, 0, "wait") < command.bytes;
    bool apart = true; /* a comment may begin here */
    while (shell.at < command.bytes) {
        char c = shell_char(&shell, 0);
        if (c == '#' && apart) {
            shell.at = span_find(command, shell.at, "\n");
        } else if (c == ' ' || c == '\t' || (c == '\\' && shell_char(&shell, 1) == '\n')) {
            shell.at += c == '\\' ? 2 : 1;
        } else if (shell_redirects(&shell)) {
            ;
        } else if (strchr(";&|()\n", c) != NULL) {
            shell_operator(&shell);
        } else {
            shell_word(&shell);
        }
        apart = shell.at == 0 || strchr(" \t\n;&|()", command.at[shell.at - 1]) != NULL;
    }
    shell_end_list(&shell);
    bool asked = span_find(command, 0, "$?") < command.bytes ||
                 span_find(command, 0, "PIPESTATUS") < command.bytes;
    return asked ? shell.found & SHELL_BACKGROUND : shell.found;
}

const char *shell_hiding_text(enum shell_hiding hiding)
{
    switch (hiding) {
    case SHELL_PIPE:
        return "only the last part of the command's pipe decides (`set -o pipefail`)";
    case SHELL_ANYWAY:
        return "the command succeeds whatever happens before its `||`";
    case SHELL_SEQUENCE:
        return "only the last of the commands decides (`&&` between them, or `set -e`)";
    case SHELL_BACKGROUND:
        return "a command in the background (`&`) is not waited for";
    case SHELL_HIDINGS:
        break;
    }
    return "";
}
