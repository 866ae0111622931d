#include <stdlib.h>
#include <string.h>

#include "reports/platform.h"

/* What a column of the file may be. */
enum told {
    TOLD_TIME,
    TOLD_DEPLOYMENT,
    TOLD_ARTIFACT,
    TOLD_RELEASE,
    TOLD_SERVICE,
    TOLD_ENVIRONMENT,
    TOLD_TYPE,
    TOLD_COUNT
};
static const char *const names[TOLD_COUNT] = {"time",    "deployment",  "artifact", "release",
                                              "service", "environment", "type"};

/* The file while it is read. */
struct reading {
    const char *at, *end;
    uint64_t line; /* of the record that is read, from 1 */
    uint64_t next; /* line that follows it */
    char **fields; /* of the record; owned */
    size_t count, cap;
    size_t columns[TOLD_COUNT]; /* where each stands, or SIZE_MAX */
};

static void clear_fields(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++)
        free(reading->fields[i]);
    reading->count = 0;
}

static bool read_quoted(struct reading *reading, struct buf *field)
{
    for (reading->at++; reading->at < reading->end; reading->at++) {
        if (*reading->at == '"') {
            reading->at++;
            if (reading->at == reading->end || *reading->at != '"')
                return true;
        }
        reading->next += *reading->at == '\n';
        buf_add(field, reading->at, 1);
    }
    return false;
}

static bool ends_field(char c)
{
    return c == ',' || c == '\r' || c == '\n';
}

static bool read_field(struct reading *reading)
{
    struct buf field = {0};
    bool whole = true;
    if (reading->at < reading->end && *reading->at == '"')
        whole = read_quoted(reading, &field);
    else
        for (; reading->at < reading->end && !ends_field(*reading->at); reading->at++)
            buf_add(&field, reading->at, 1);
    *(char **)MEM_PUSH(reading->fields, reading->count, reading->cap) = buf_take_text(&field);
    return whole && (reading->at == reading->end || ends_field(*reading->at));
}

/* The next record's fields; an empty line has one empty field. */
static bool read_record(struct reading *reading)
{
    clear_fields(reading);
    reading->line = reading->next;
    for (;;) {
        if (!read_field(reading))
            return false;
        if (reading->at < reading->end && *reading->at == ',') {
            reading->at++;
            continue;
        }
        reading->at += reading->at < reading->end && *reading->at == '\r';
        if (reading->at < reading->end && *reading->at != '\n')
            return false;
        reading->at += reading->at < reading->end;
        reading->next++;
        return true;
    }
}

static enum err read_head(struct reading *reading, struct err_text *ret_why)
{
    if (!read_record(reading))
        return err_say(ret_why, ERR_INVALID, "line 1 of the platform's file is no CSV");
    for (size_t i = 0; i < TOLD_COUNT; i++) {
        reading->columns[i] = SIZE_MAX;
        for (size_t j = 0; j < reading->count; j++) {
            if (strcmp(reading->fields[j], names[i]) == 0)
                reading->columns[i] = j;
        }
    }
    bool tells = reading->columns[TOLD_DEPLOYMENT] != SIZE_MAX ||
                 reading->columns[TOLD_ARTIFACT] != SIZE_MAX ||
                 reading->columns[TOLD_RELEASE] != SIZE_MAX;
    if (reading->columns[TOLD_TIME] == SIZE_MAX || !tells)
        return err_say(ret_why, ERR_INVALID,
                       "the first line of the platform's file must name the columns: `time`, and "
                       "at least one of `deployment`, `artifact` and `release`");
    return ERR_OK;
}

/* A field's text, or NULL where there is none; given away. */
static char *take(struct reading *reading, enum told told)
{
    size_t column = reading->columns[told];
    if (column >= reading->count || reading->fields[column][0] == '\0')
        return NULL;
    return mem_text(reading->fields[column]);
}

static enum err add_row(struct platform *platform, struct reading *reading,
                        struct err_text *ret_why)
{
    int64_t time_us;
    size_t column = reading->columns[TOLD_TIME];
    if (reading->count == 1 && reading->fields[0][0] == '\0')
        return ERR_OK; /* an empty line */
    if (column >= reading->count || !instant_parse(reading->fields[column], &time_us))
        return err_say(ret_why, ERR_INVALID,
                       "line %llu of the platform's file has no `time` as 2026-03-01T10:00:00Z",
                       (unsigned long long)reading->line);
    struct platform_event *event =
        MEM_PUSH(platform->events, platform->event_count, platform->event_cap);
    event->line = reading->line;
    event->seq = SEQ_NONE;
    event->time_us = time_us;
    event->deployment = take(reading, TOLD_DEPLOYMENT);
    event->artifact = take(reading, TOLD_ARTIFACT);
    event->release = take(reading, TOLD_RELEASE);
    event->service = take(reading, TOLD_SERVICE);
    event->environment = take(reading, TOLD_ENVIRONMENT);
    event->type = take(reading, TOLD_TYPE);
    return ERR_OK;
}

static bool any_but_nul(uint32_t code)
{
    return code != 0;
}

enum err platform_read(struct platform *platform, const char *text, size_t bytes,
                       struct err_text *ret_why)
{
    struct reading reading = {.at = text, .end = text + bytes, .next = 1};
    if (bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        reading.at += 3; /* as spreadsheets write it */
    if (!utf8_all(text, bytes, any_but_nul))
        return err_say(ret_why, ERR_INVALID, "the platform's file is not UTF-8");
    enum err err = read_head(&reading, ret_why);
    while (err == ERR_OK && reading.at < reading.end) {
        if (!read_record(&reading))
            err = err_say(ret_why, ERR_INVALID, "line %llu of the platform's file is no CSV",
                          (unsigned long long)reading.line);
        else
            err = add_row(platform, &reading, ret_why);
    }
    clear_fields(&reading);
    free(reading.fields);
    return err;
}
