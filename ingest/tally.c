#include "ingest/tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ingest/problem.h"

#define SECOND_US INT64_C(1000000)

/* "3 s", "2 min", "5 h", "4 d" */
static void add_span(struct buf *buf, int64_t span_us)
{
    int64_t seconds = span_us / SECOND_US;
    if (seconds < 120)
        buf_printf(buf, "%" PRId64 " s", seconds);
    else if (seconds < 7200)
        buf_printf(buf, "%" PRId64 " min", seconds / 60);
    else if (seconds < 172800)
        buf_printf(buf, "%" PRId64 " h", seconds / 3600);
    else
        buf_printf(buf, "%" PRId64 " d", seconds / 86400);
}

static void show_progress(struct tally *tally)
{
    int64_t now_s = clock_monotonic_us() / SECOND_US;
    if (!tally->progress || now_s == tally->shown_s)
        return;
    tally->shown_s = now_s;
    fprintf(stderr, "\r\033[K%" PRIu64 " delivered, %" PRIu64 " refused", tally->done,
            tally->refused);
}

/* Progress gives way to what is said. */
static void clear_progress(const struct tally *tally)
{
    if (tally->progress && tally->shown_s != 0)
        fputs("\r\033[K", stderr);
}

void tally_note(const struct tally *tally, const char *format, ...)
{
    struct buf text = {0}, line = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    printable_add(&line, (const char *)text.data);
    clear_progress(tally);
    fprintf(stderr, "countersign push: %s\n", (const char *)line.data);
    buf_free(&text);
    buf_free(&line);
}

static void print_json(const json_t *json)
{
    struct buf text = {0};
    ijson_print(json, &text);
    buf_text(&text, "\n");
    fwrite(text.data, 1, text.bytes, stdout);
    buf_free(&text);
}

/* The id of the event of a line, for a person; "" where it has none or is an envelope. */
static void add_id(struct buf *buf, const struct piece *text)
{
    json_t *json = NULL;
    if (text == NULL || ijson_parse(text->data, text->bytes, &json, NULL) != ERR_OK)
        return;
    const char *id = ijson_string(json, "id");
    if (id != NULL)
        buf_printf(buf, " %.100s", id);
    json_decref(json);
}

static void print_late(const struct tally_line *line, const json_t *receipt)
{
    struct buf text = {0}, out = {0};
    buf_printf(&text, "late: seq %lld, %s #%lld:",
               (long long)json_integer_value(ijson_get(receipt, "seq")),
               ijson_string(receipt, "stream") != NULL ? ijson_string(receipt, "stream") : "?",
               (long long)json_integer_value(ijson_get(receipt, "stream_pos")));
    add_id(&text, line->text);
    buf_text(&text, " waited ");
    add_span(&text, line->waited_us);
    printable_add(&out, (const char *)text.data);
    printf("%s\n", (const char *)out.data);
    buf_free(&text);
    buf_free(&out);
}

void tally_done(struct tally *tally, const struct tally_line *line, const json_t *receipt)
{
    const char *verdict = ijson_string(receipt, "verdict");
    const char *reason = ijson_string(receipt, "reason");
    bool late = line->waited_us > tally->late_us;
    bool against = verdict != NULL && strcmp(verdict, "accepted") != 0;
    tally->done++;
    tally->late += late;
    tally->against += against;
    if (late && line->waited_us > tally->waited_us)
        tally->waited_us = line->waited_us;
    if (tally->json) {
        json_t *said = json_copy((json_t *)(uintptr_t)receipt);
        if (late)
            ijson_put(said, "waited_s", json_integer(line->waited_us / SECOND_US));
        print_json(said);
        json_decref(said);
    } else if (late) {
        print_late(line, receipt);
    }
    if (against && !tally->json)
        tally_note(tally, "recorded at seq %lld, and refused by a rule: %s",
                   (long long)json_integer_value(ijson_get(receipt, "seq")),
                   reason != NULL ? reason : "");
    show_progress(tally);
}

void tally_refused(struct tally *tally, const struct tally_line *line, enum err err,
                   const struct err_text *why)
{
    struct buf id = {0};
    tally->refused++;
    add_id(&id, line->text);
    buf_add(&id, "", 0);
    if (tally->json) {
        json_t *problem = problem_json(err, why);
        if (line->number > 0)
            ijson_put(problem, "line", json_integer((json_int_t)line->number));
        if (id.bytes > 0)
            ijson_put(problem, "event", ijson_text((const char *)id.data + 1));
        print_json(problem);
        json_decref(problem);
    } else if (line->number > 0) {
        tally_note(tally, "line %" PRIu64 "%s was refused (%d): %s", line->number,
                   (const char *)id.data, err_http(err), why->s);
    } else {
        tally_note(tally, "event%s was refused (%d): %s", (const char *)id.data, err_http(err),
                   why->s);
    }
    buf_free(&id);
    show_progress(tally);
}

void tally_end(const struct tally *tally, uint64_t waiting)
{
    struct buf text = {0};
    clear_progress(tally);
    buf_printf(&text, "delivered %" PRIu64, tally->done);
    if (tally->late > 0) {
        buf_printf(&text, " (%" PRIu64 " late, kept back up to ", tally->late);
        add_span(&text, tally->waited_us);
        buf_text(&text, ")");
    }
    buf_printf(&text, ", refused %" PRIu64 ", waiting %" PRIu64 "\n", tally->refused, waiting);
    fputs((const char *)text.data, tally->json ? stderr : stdout);
    buf_free(&text);
}
