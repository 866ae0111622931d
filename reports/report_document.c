#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/carried.h"
#include "reports/charts.h"
#include "reports/control.h"
#include "reports/kinds.h"
#include "reports/report.h"

#define HEX_TEXT_BYTES (2 * (size_t)HASH_BYTES + 1)

static void hex_text(const uint8_t hash[HASH_BYTES], char ret[HEX_TEXT_BYTES])
{
    struct buf text = {0};
    buf_hex(&text, hash, HASH_BYTES);
    memcpy(ret, text.data, HEX_TEXT_BYTES);
    buf_free(&text);
}

static void number_fact(struct document *document, const char *term, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    document_fact(document, term, text, false);
}

static void time_fact(struct document *document, const char *term, int64_t us)
{
    char text[INSTANT_TEXT_BYTES];
    instant_format(us, text);
    document_fact(document, term, text, false);
}

/* A sheet's first rows, as many as the parameters allow. */
static void table(struct document *document, const struct report *report, enum form form)
{
    const struct sheet *sheet = report->sheets[form];
    bool whole = form == FORM_POPULATION;
    size_t rows = whole ? sheet_rows(sheet) : (size_t)report->params.rows;
    document_table(document, sheet, rows, forms_csv(form));
}

/* The same under a heading within its section. */
static void titled(struct document *document, const struct report *report, enum form form)
{
    document_block(document, BLOCK_HEADING, forms_of(form)->title);
    table(document, report, form);
}

/* A section of one table. */
static void section(struct document *document, const struct report *report, enum form form)
{
    document_section(document, forms_of(form)->name, forms_of(form)->title);
    table(document, report, form);
}

/* How many exceptions there are of each gravity. */
static void gravity_fact(struct document *document, const struct sheet *kinds)
{
    uint64_t counts[KINDS_NOTICE + 1] = {0};
    struct buf text = {0};
    for (size_t row = 0; row < sheet_rows(kinds); row++)
        counts[sheet_number(kinds, row, KIND_GRAVITY)] += sheet_number(kinds, row, KIND_ROWS);
    for (unsigned gravity = KINDS_BROKEN; gravity <= KINDS_NOTICE; gravity++)
        buf_printf(&text, "%s%llu of gravity %u", gravity > KINDS_BROKEN ? ", " : "",
                   (unsigned long long)counts[gravity], gravity);
    document_fact(document, "Exceptions by gravity", (const char *)text.data, false);
    buf_free(&text);
}

static void add_facts(struct document *document, const struct report *report)
{
    const struct report_cover *cover = &report->cover;
    const struct params *params = &report->params;
    char hex[HEX_TEXT_BYTES];
    document_fact(document, "Origin", cover->origin, false);
    document_fact(document, "Ledger", cover->ledger, true);
    time_fact(document, "Period from (UTC)", params->period.from_us);
    time_fact(document, "Period to, not included", params->period.to_us);
    time_fact(document, "As of", cover->as_of_us);
    number_fact(document, "Entries of the ledger (size)", params->size);
    hex_text(cover->root, hex);
    document_fact(document, "Root", hex, true);
    document_fact(document, "Key", cover->key, true);
    number_fact(document, "Deployments in the period", cover->deployments);
    number_fact(document, "Of these opened in it", cover->counted);
    number_fact(document, "Exceptions", cover->exceptions);
    gravity_fact(document, report->sheets[FORM_KINDS]);
    number_fact(document, "Entries read", cover->entries);
    number_fact(document, "Signatures on them", cover->signatures);
    document_fact(document, "Verification", cover->verified, false);
    document_fact(document, "Reconciliation", cover->platform, false);
    if (params->has_platform) {
        hex_text(params->platform_sha256, hex);
        document_fact(document, "SHA-256 of the platform's file", hex, true);
    }
    document_fact(document, "Outside times", cover->outside, false);
    document_fact(document, "Completeness", cover->complete, false);
    document_fact(document, "Disposal", cover->disposal, false);
}

static void add_cover(struct document *document, const struct report *report)
{
    document_section(document, "cover", "Cover");
    if (report->cover.deployments == 0)
        document_block(document, BLOCK_WARNING, "No deployment was open in this period.");
    if (report->params.verify != VERIFY_ALL)
        document_block(document, BLOCK_WARNING,
                       "Not everything was verified before this report was made; see below.");
    add_facts(document, report);
    titled(document, report, FORM_COVERAGE);
    titled(document, report, FORM_CLOCK_STEPS);
    if (sheet_rows(report->sheets[FORM_LEDGER_KEYS]) > 1)
        titled(document, report, FORM_LEDGER_KEYS);
}

static size_t count_result(const struct sheet *reconciliation, const char *result)
{
    size_t count = 0;
    for (size_t row = 0; row < sheet_rows(reconciliation); row++)
        count += strcmp(sheet_text(reconciliation, row, REC_RESULT), result) == 0;
    return count;
}

static void add_reconciliation(struct document *document, const struct report *report)
{
    const struct sheet *sheet = report->sheets[FORM_RECONCILIATION];
    struct buf text = {0};
    document_section(document, forms_of(FORM_RECONCILIATION)->name,
                     forms_of(FORM_RECONCILIATION)->title);
    document_block(document, BLOCK_TEXT, report->cover.platform);
    buf_printf(&text,
               "Deploy events in the period: %zu matched, %zu without a deployment. Deployments "
               "without a deploy event: %zu.",
               count_result(sheet, "matched"), count_result(sheet, "no-deployment"),
               count_result(sheet, "no-event"));
    document_block(document, BLOCK_TEXT, (const char *)text.data);
    table(document, report, FORM_RECONCILIATION);
    buf_free(&text);
}

static void add_exceptions(struct document *document, const struct report *report)
{
    document_section(document, forms_of(FORM_EXCEPTIONS)->name, forms_of(FORM_EXCEPTIONS)->title);
    titled(document, report, FORM_KINDS);
    document_block(document, BLOCK_HEADING, "Each of them");
    table(document, report, FORM_EXCEPTIONS);
}

/* Of the metrics, whose rows outside stand first, these alone. */
static void add_thresholds(struct document *document, const struct report *report)
{
    const struct sheet *metrics = report->sheets[FORM_METRICS];
    struct buf text = {0};
    size_t outside = 0;
    while (outside < sheet_rows(metrics) && !sheet_yes(metrics, outside, MET_HOLDS))
        outside++;
    section(document, report, FORM_THRESHOLDS);
    document_block(document, BLOCK_HEADING, "Values outside their threshold");
    buf_printf(&text, "Values that judged a threshold: %zu, in %s. Outside it: %zu.",
               sheet_rows(metrics), forms_csv(FORM_METRICS), outside);
    document_block(document, BLOCK_TEXT, (const char *)text.data);
    if (outside > 0)
        document_some(document, metrics, (size_t)report->params.rows, outside,
                      forms_csv(FORM_METRICS));
    buf_free(&text);
}

static void add_delivery(struct document *document, const struct report *report)
{
    section(document, report, FORM_DELIVERY);
    charts_trend(document, report->sheets[FORM_TREND]);
    titled(document, report, FORM_TREND);
    titled(document, report, FORM_LATENESS);
    titled(document, report, FORM_WAITING);
    titled(document, report, FORM_RESTORES);
}

/* One signed event: where it is, who signed it, and its bytes. */
static void add_signed(struct document *document, const struct sheet *sheet, size_t row)
{
    static const struct {
        const char *name;
        size_t column;
    } lines[] = {{"deployment", PLACE_DEPLOYMENT},
                 {"time", PLACE_TIME},
                 {"act", SIG_ACT},
                 {"node", SIG_NODE},
                 {"by", PLACE_PRINCIPAL},
                 {"key", SIG_KEY},
                 {"leaf", PLACE_LEAF},
                 {"event", SIG_EVENT}};
    struct buf text = {0}, anchor = {0};
    buf_printf(&anchor, "seq-%llu", (unsigned long long)sheet_number(sheet, row, PLACE_SEQ));
    buf_printf(&text, "seq: %llu", (unsigned long long)sheet_number(sheet, row, PLACE_SEQ));
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (!sheet_has(sheet, row, lines[i].column))
            continue;
        buf_printf(&text, "\n%s: ", lines[i].name);
        sheet_print(sheet, row, lines[i].column, &text);
    }
    if (!sheet_has(sheet, row, SIG_EVENT))
        buf_text(&text, "\nevent: not shown here");
    struct block *block = document_block(document, BLOCK_CODE, (const char *)text.data);
    block->anchor = buf_take_text(&anchor);
    buf_free(&text);
}

/* The signed events of a sheet, as many as the parameters allow. */
static void add_events(struct document *document, const struct report *report, enum form form)
{
    const struct sheet *sheet = report->sheets[form];
    for (size_t row = 0; row < sheet_rows(sheet) && row < report->params.rows; row++)
        add_signed(document, sheet, row);
}

static void add_sample(struct document *document, const struct report *report)
{
    struct buf text = {0};
    section(document, report, FORM_SAMPLE);
    buf_printf(&text, "Size: %llu; seed: ", (unsigned long long)report->params.sample);
    buf_text(&text, report->params.seed);
    document_block(document, BLOCK_TEXT, (const char *)text.data);
    titled(document, report, FORM_SIGNED);
    add_events(document, report, FORM_SIGNED);
    buf_free(&text);
}

/* Without a table: the exceptions are that. */
static void add_traces(struct document *document, const struct report *report)
{
    const struct sheet_form *form = forms_of(FORM_TRACES);
    bool none = sheet_rows(report->sheets[FORM_TRACES]) == 0;
    document_section(document, "exception-events", form->title);
    document_block(document, BLOCK_TEXT, none ? form->none : form->intro);
    add_events(document, report, FORM_TRACES);
}

static void add_rest(struct document *document, const struct report *report)
{
    section(document, report, FORM_EVIDENCE);
    section(document, report, FORM_RETENTION);
    titled(document, report, FORM_HOLDS);
    add_traces(document, report);
    document_section(document, "verify", "How to verify without us");
    document_block(document, BLOCK_STEPS, control_steps());
}

static struct document *begin(const struct report *report)
{
    const struct report_cover *cover = &report->cover;
    char from[INSTANT_TEXT_BYTES], to[INSTANT_TEXT_BYTES], root[HEX_TEXT_BYTES];
    struct buf subtitle = {0}, footer = {0}, head = {0};
    instant_short(report->params.period.from_us, from);
    instant_short(report->params.period.to_us, to);
    hex_text(cover->root, root);
    buf_printf(&subtitle, "%s, from %s to before %s UTC", cover->origin, from, to);
    buf_printf(&footer, "%s, size %llu, root %s", cover->origin,
               (unsigned long long)report->params.size, root);
    struct document *document =
        document_new("Deployment audit report", (const char *)subtitle.data);
    document->simulated = cover->simulated;
    document->footer = buf_take_text(&footer);
    carried_head(params_made_with(&report->params), &head);
    document->parameters = buf_take_text(&head);
    buf_free(&subtitle);
    return document;
}

struct document *report_document(const struct report *report)
{
    struct document *document = begin(report);
    add_cover(document, report);
    section(document, report, FORM_POPULATION);
    add_exceptions(document, report);
    add_reconciliation(document, report);
    section(document, report, FORM_DECISIONS);
    add_thresholds(document, report);
    section(document, report, FORM_ROLLBACKS);
    section(document, report, FORM_CHANGES);
    add_delivery(document, report);
    section(document, report, FORM_CONTROLS);
    add_sample(document, report);
    add_rest(document, report);
    return document;
}
