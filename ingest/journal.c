#include "ingest/journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINES_A_SECOND 20

/* A value is plain if it needs no quotes: letters, digits and what stands in names, URLs, times. */
static bool plain(const char *value)
{
    size_t bytes = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789-_.:/@+%[]?&,");
    return bytes > 0 && value[bytes] == '\0';
}

static void add_value(struct buf *line, const char *value)
{
    if (plain(value)) {
        buf_text(line, value);
        return;
    }
    struct buf harmless = {0};
    printable_add(&harmless, value);
    buf_text(line, "\"");
    for (size_t i = 0; i < harmless.bytes; i++) {
        if (harmless.data[i] == '"')
            buf_text(line, "\\");
        buf_add(line, &harmless.data[i], 1);
    }
    buf_text(line, "\"");
    buf_free(&harmless);
}

void journal_line(const char *what, ...)
{
    struct buf line = {0};
    char time_text[INSTANT_TEXT_BYTES];
    instant_format(clock_real_us(), time_text);
    buf_printf(&line, "time=%s what=%s", time_text, what);
    va_list pairs;
    va_start(pairs, what);
    const char *key;
    while ((key = va_arg(pairs, const char *)) != NULL) {
        const char *value = va_arg(pairs, const char *);
        buf_printf(&line, " %s=", key);
        add_value(&line, value != NULL ? value : "");
    }
    va_end(pairs);
    buf_text(&line, "\n");
    /* A log that cannot be written must not stop the daemon: there is nobody left to tell. */
    ssize_t written = write(STDERR_FILENO, line.data, line.bytes);
    (void)written;
    buf_free(&line);
}

bool journal_allows(struct journal_limit *limit)
{
    int64_t second = clock_real_us() / INSTANT_SECOND_US;
    if (second != limit->second) {
        char number[24];
        snprintf(number, sizeof(number), "%lu", limit->held_back);
        if (limit->held_back > 0)
            journal_line("held-back", "lines", number, NULL);
        *limit = (struct journal_limit){.second = second};
    }
    if (limit->lines < LINES_A_SECOND) {
        limit->lines++;
        return true;
    }
    limit->held_back++;
    return false;
}
