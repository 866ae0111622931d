/* The summary as text. */
#include "replay/summary.h"

#include <string.h>

#include "replay/layout.h"

#define INDENT 13
#define MISSING_MAX 12     /* lines of what is missing that a terminal gets; the rest is counted */
#define LINES_MAX 24       /* of any other list */
#define REASON_COLUMNS 240 /* of the answer's reason: what it lists stands above */

/* Where the summary goes, and its document. */
struct page {
    const json_t *json;
    struct buf *buf;
};

static void add_row(const struct page *page, const char *name, struct buf *line)
{
    if (line->bytes > 0) {
        buf_printf(page->buf, "  %-*s ", INDENT - 3, name);
        layout_wrap(page->buf, INDENT, INDENT + 2, (const char *)line->data);
    }
    buf_clear(line);
}

/* A list under its name; its first ${most} lines. */
static void add_list(const struct page *page, const char *name, size_t most)
{
    const json_t *list = ijson_get(page->json, name);
    size_t count = json_array_size(list);
    struct buf line = {0};
    for (size_t i = 0; i < count && i < most; i++) {
        buf_text(&line, json_string_value(json_array_get(list, i)));
        add_row(page, i == 0 ? name : "", &line);
    }
    if (count > most) {
        buf_printf(&line, "and %zu more: countersign status LEDGER %s", count - most,
                   ijson_string(page->json, "deployment"));
        add_row(page, "", &line);
    }
    buf_free(&line);
}

static long long number_of(const json_t *json, const char *name)
{
    return (long long)json_integer_value(ijson_get(json, name));
}

static void add_text(struct buf *line, const char *before, const char *text)
{
    if (text != NULL)
        buf_printf(line, "%s%s", before, text);
}

static void add_head(const struct page *page, struct buf *line)
{
    const json_t *json = page->json;
    buf_printf(line, "To be signed for %s", ijson_string(json, "deployment"));
    add_text(line, ", release ", ijson_string(json, "release"));
    add_text(line, ", to ", ijson_string(json, "environment"));
    add_text(line, ", ", ijson_string(json, "title"));
    buf_printf(line, ", in ledger %s%s:", ijson_string(json, "ledger"),
               json_is_true(ijson_get(json, "simulated")) ? " (SIMULATED)" : "");
    layout_wrap(page->buf, 0, 2, (const char *)line->data);
    buf_clear(line);
    const char *label = ijson_string(json, "label");
    buf_printf(line, "%s %s", ijson_string(json, "node"), label != NULL ? label : "");
    if (ijson_get(json, "counts") == NULL)
        buf_text(line, "(no such node)");
    add_text(line, ", as ", ijson_string(json, "role"));
    add_text(line, ": ", ijson_string(json, "text"));
    add_row(page, ijson_string(json, "act"), line);
    const char *principal = ijson_string(json, "principal"), *key = ijson_string(json, "key");
    add_text(line, "", principal);
    add_text(line, principal != NULL ? ", " : "", key);
    if (json_is_true(ijson_get(json, "security_key")))
        buf_text(line, ", a security key, to be touched");
    add_row(page, "signer", line);
    add_text(line, "", ijson_string(json, "gate"));
    add_text(line, ", due ", ijson_string(json, "due"));
    add_row(page, "for", line);
}

static void add_counts(const struct page *page, struct buf *line)
{
    const json_t *counts = ijson_get(page->json, "counts");
    if (counts == NULL)
        return;
    buf_printf(line, "%lld of %lld%s, %lld missing, %lld waived, %lld flagged, %lld refused",
               number_of(counts, "met"), number_of(counts, "steps"),
               ijson_string(page->json, "gate") != NULL ? " steps that the gate needs" : " steps",
               number_of(counts, "missing"), number_of(counts, "waived"),
               number_of(counts, "flagged"), number_of(counts, "refused"));
    add_row(page, "done", line);
}

/* "would be accepted (late), blind: 2 not met: 1.1.1 1.1.2": the flags that the reason does not
 * speak of, and the reason. */
static void add_answer(const json_t *expected, struct buf *line)
{
    const json_t *flags = ijson_get(expected, "flags");
    const char *reason = ijson_string(expected, "reason");
    const char *between = " (";
    buf_printf(line, "would be %s", ijson_string(expected, "verdict"));
    for (size_t i = 0; i < json_array_size(flags); i++) {
        const char *name = json_string_value(json_array_get(flags, i));
        if (reason != NULL && strstr(reason, name) != NULL)
            continue;
        buf_printf(line, "%s%s", between, name);
        between = ", ";
    }
    buf_text(line, between[0] == ',' ? ")" : "");
    if (reason == NULL)
        return;
    size_t bytes = strlen(reason), cut = bytes;
    if (bytes > REASON_COLUMNS) {
        cut = REASON_COLUMNS;
        while (cut > 0 && reason[cut] != ' ')
            cut--;
    }
    buf_printf(line, ": %.*s%s", (int)cut, reason, cut < bytes ? " ..." : "");
}

static void add_foot(const struct page *page, struct buf *line)
{
    const json_t *basis = ijson_get(page->json, "basis"), *event = ijson_get(page->json, "event");
    const json_t *expected = ijson_get(page->json, "expected");
    buf_printf(line, "position #%lld, leaf %s", number_of(basis, "pos"),
               ijson_string(basis, "leaf"));
    add_row(page, "basis", line);
    buf_printf(line, "up to seq %lld: %s, %.19sZ", number_of(basis, "seq"),
               ijson_string(basis, "principal"), ijson_string(basis, "time"));
    add_row(page, "seen", line);
    buf_printf(line, "%lld bytes, SHA-256 %s", number_of(event, "bytes"),
               ijson_string(event, "sha256"));
    add_row(page, "event", line);
    if (expected == NULL)
        return;
    add_answer(expected, line);
    add_row(page, "answer", line);
}

void summary_text(const json_t *json, struct buf *buf)
{
    const struct page page = {json, buf};
    struct buf line = {0};
    add_head(&page, &line);
    add_counts(&page, &line);
    add_list(&page, "missing", MISSING_MAX);
    add_list(&page, "waived", LINES_MAX);
    add_list(&page, "flagged", LINES_MAX);
    add_list(&page, "thresholds", LINES_MAX);
    add_list(&page, "approved", LINES_MAX);
    add_list(&page, "against", LINES_MAX);
    add_list(&page, "criteria", LINES_MAX);
    add_list(&page, "issues", LINES_MAX);
    add_foot(&page, &line);
    buf_free(&line);
}
