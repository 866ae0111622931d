#include "reports/oscal_observations.h"

#include <stdlib.h>
#include <string.h>

#include "replay/replay.h"
#include "reports/kinds.h"

static const struct {
    const char *id, *statement, *title;
} controls[] = {{"cm-3", "cm-3_smt", "Configuration change control"},
                {"au-9", "au-9_smt", "Protection of audit information"},
                {"au-10", "au-10_smt", "Non-repudiation"},
                {"au-11", "au-11_smt", "Audit record retention"}};

#define CONTROLS (sizeof(controls) / sizeof(controls[0]))

static json_t *deployment_words(const struct sheet *sheet, size_t row)
{
    struct buf words = {0};
    static const size_t columns[] = {POP_DEPLOYMENT, POP_TITLE, POP_RELEASE, POP_ENVIRONMENT,
                                     POP_STATE};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        const char *word = sheet_text(sheet, row, columns[i]);
        if (word != NULL && word[0] != '\0')
            buf_printf(&words, "%s%s", words.bytes > 0 ? ", " : "", word);
    }
    return oscal_words_take(&words);
}

void oscal_observations_inventory(struct oscal_stream *stream)
{
    const struct sheet *sheet = oscal_stream_sheet(stream, FORM_POPULATION);
    static const size_t columns[] = {POP_FIRST_SEQ, POP_FIRST_LEAF, POP_LAST_SEQ, POP_LAST_LEAF,
                                     POP_ENTRIES};
    oscal_stream_begin(stream, ",\n\"local-definitions\":{\"inventory-items\":[");
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        const struct oscal_row cells = {sheet, row, columns, sizeof(columns) / sizeof(columns[0])};
        const char *id = sheet_text(sheet, row, POP_DEPLOYMENT);
        oscal_stream_next(stream);
        oscal_stream_row(stream,
                         json_pack("{s:o, s:o}", "uuid",
                                   oscal_stream_uuid(stream, "deployment", id), "description",
                                   deployment_words(sheet, row)),
                         &cells);
    }
    oscal_stream_end(stream, "]}");
}

static void add_subject(const struct oscal_stream *stream, json_t *item, const char *deployment)
{
    if (deployment == NULL || !replay_is_deployment(deployment))
        return;
    json_object_set_new(item, "subjects",
                        json_pack("[{s:o, s:s, s:o}]", "subject-uuid",
                                  oscal_stream_uuid(stream, "deployment", deployment), "type",
                                  "inventory-item", "title", oscal_words_line(deployment)));
}

/* The entry that it rests on, unless it rests on none. */
static void add_evidence(const struct oscal_stream *stream, json_t *item, uint64_t seq,
                         const char *leaf)
{
    struct buf href = {0}, words = {0};
    if (leaf == NULL)
        return;
    json_t *resource = oscal_stream_uuid(stream, "resource", "ledger");
    buf_printf(&href, "#%s", json_string_value(resource));
    buf_printf(&words, "Entry %llu of the ledger, with the leaf hash %s.", (unsigned long long)seq,
               leaf);
    json_object_set_new(item, "relevant-evidence",
                        json_pack("[{s:o, s:o}]", "href", oscal_words_take(&href), "description",
                                  oscal_words_take(&words)));
    json_decref(resource);
}

static json_t *observation(json_t *id, json_t *title, json_t *description, int64_t collected_us)
{
    return json_pack("{s:o, s:o, s:o, s:[s], s:o}", "uuid", id, "title", title, "description",
                     description, "methods", "EXAMINE", "collected", ijson_instant(collected_us));
}

static void add_observed_deployments(struct oscal_stream *stream)
{
    const struct sheet *sheet = oscal_stream_sheet(stream, FORM_POPULATION);
    static const size_t columns[] = {POP_STATE,   POP_OPENED,  POP_CLOSED,
                                     POP_ENTRIES, POP_REFUSED, POP_FLAGGED};
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        const char *id = sheet_text(sheet, row, POP_DEPLOYMENT);
        const char *last = sheet_text(sheet, row, POP_LAST_LEAF);
        const struct oscal_row cells = {sheet, row, columns, sizeof(columns) / sizeof(columns[0])};
        json_t *item =
            observation(oscal_stream_uuid(stream, "replayed", last), oscal_words_line(id),
                        json_string("Every entry of the deployment was replayed, and judged by the "
                                    "rules and the policy in force when it was opened."),
                        (int64_t)sheet_number(sheet, row, POP_LAST_TIME));
        add_subject(stream, item, id);
        add_evidence(stream, item, sheet_number(sheet, row, POP_LAST_SEQ), last);
        oscal_stream_next(stream);
        oscal_stream_row(stream, item, &cells);
    }
}

/* Which NIST control exceptions of a kind speak to. */
static const char *control_of(const char *kind)
{
    static const char *const protection[] = {"verification-gap", "restored",    "erased", "denied",
                                             "conflict",         "quarantined", "clock"};
    static const char *const identity[] = {"suspect",       "flag:suspect",      "flag:counter",
                                           "flag:no-touch", "flag:key-by-admin", "anonymous",
                                           "flag:new-key"};
    for (size_t i = 0; i < sizeof(protection) / sizeof(protection[0]); i++) {
        if (strcmp(kind, protection[i]) == 0)
            return "au-9";
    }
    for (size_t i = 0; i < sizeof(identity) / sizeof(identity[0]); i++) {
        if (strcmp(kind, identity[i]) == 0)
            return "au-10";
    }
    return "cm-3";
}

/* What tells an exception from the others: its entry, kind, node and words. */
static void exception_name(const struct sheet *sheet, size_t row, struct buf *name)
{
    static const size_t columns[] = {PLACE_LEAF, EXC_KIND, EXC_NODE, EXC_TEXT};
    buf_clear(name);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        const char *word = sheet_text(sheet, row, columns[i]);
        buf_printf(name, "%s\n", word != NULL ? word : "");
    }
}

/* The UUID of each exception; what is the same in all four is told apart by its count: rows of one
 * entry and kind stand together. */
static json_t **exception_uuids(const struct oscal_stream *stream)
{
    const struct sheet *sheet = oscal_stream_sheet(stream, FORM_EXCEPTIONS);
    json_t **uuids = mem_zero(sheet_rows(sheet), sizeof(json_t *));
    json_t *seen = json_object();
    struct buf name = {0};
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        exception_name(sheet, row, &name);
        uuids[row] = oscal_stream_uuid(stream, "exception", (const char *)name.data);
        json_t *before = ijson_get(seen, json_string_value(uuids[row]));
        json_int_t count = json_integer_value(before) + 1;
        ijson_put(seen, json_string_value(uuids[row]), json_integer(count));
        if (count == 1)
            continue;
        buf_printf(&name, "%lld", (long long)count);
        json_decref(uuids[row]);
        uuids[row] = oscal_stream_uuid(stream, "exception", (const char *)name.data);
    }
    buf_free(&name);
    json_decref(seen);
    return uuids;
}

static void add_exceptions(struct oscal_stream *stream, json_t *const *uuids)
{
    const struct sheet *sheet = oscal_stream_sheet(stream, FORM_EXCEPTIONS);
    static const size_t columns[] = {PLACE_SEQ, PLACE_LEAF, PLACE_PRINCIPAL, EXC_GRAVITY, EXC_NODE};
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        const char *kind = sheet_text(sheet, row, EXC_KIND);
        const struct oscal_row cells = {sheet, row, columns, sizeof(columns) / sizeof(columns[0])};
        json_t *words = oscal_words_cell(sheet, row, EXC_TEXT);
        json_t *item = observation(json_incref(uuids[row]), oscal_words_line(kind),
                                   words != NULL ? words : json_string(kinds_means(kind)),
                                   (int64_t)sheet_number(sheet, row, PLACE_TIME));
        json_object_set_new(item, "types", json_pack("[s]", "finding"));
        add_subject(stream, item, sheet_text(sheet, row, PLACE_DEPLOYMENT));
        add_evidence(stream, item, sheet_number(sheet, row, PLACE_SEQ),
                     sheet_text(sheet, row, PLACE_LEAF));
        oscal_stream_next(stream);
        oscal_stream_row(stream, item, &cells);
    }
}

/* The exceptions of a control that are grave enough to stand against it. */
static json_t *against(const struct oscal_stream *stream, const char *control, json_t *const *uuids)
{
    const struct sheet *sheet = oscal_stream_sheet(stream, FORM_EXCEPTIONS);
    json_t *list = json_array();
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        if (sheet_number(sheet, row, EXC_GRAVITY) <= KINDS_CONTROL &&
            strcmp(control_of(sheet_text(sheet, row, EXC_KIND)), control) == 0)
            json_array_append_new(list, json_pack("{s:O}", "observation-uuid", uuids[row]));
    }
    return list;
}

/* What this report says of a control. */
static json_t *own_uuid(const struct oscal_stream *stream, const char *kind, size_t control)
{
    struct buf name = {0};
    buf_printf(&name, "%s:%s", kind, controls[control].id);
    json_t *json = oscal_stream_own_uuid(stream, (const char *)name.data);
    buf_free(&name);
    return json;
}

/* A control's exceptions, if there are any, as one thing that somebody has to weigh. */
static void add_risks(struct oscal_stream *stream, json_t *const *lists)
{
    oscal_stream_begin(stream, ",\n\"risks\":[");
    for (size_t i = 0; i < CONTROLS; i++) {
        struct buf title = {0};
        if (json_array_size(lists[i]) == 0)
            continue;
        buf_printf(&title, "Exceptions that speak to %s, %s: %zu", controls[i].id,
                   controls[i].title, json_array_size(lists[i]));
        oscal_stream_item(
            stream,
            json_pack("{s:o, s:o, s:s, s:s, s:s, s:O}", "uuid", own_uuid(stream, "risk", i),
                      "title", oscal_words_take(&title), "description",
                      "The grave exceptions of the period that speak to this control.", "statement",
                      "What they mean for the control is not said by the ledger: whoever "
                      "assesses weighs each of them, and says how.",
                      "status", "open", "related-observations", lists[i]));
    }
    oscal_stream_end(stream, "]");
}

static void add_findings(struct oscal_stream *stream, json_t *const *lists)
{
    oscal_stream_begin(stream, ",\n\"findings\":[");
    for (size_t i = 0; i < CONTROLS; i++) {
        bool clean = json_array_size(lists[i]) == 0;
        json_t *finding = json_pack(
            "{s:o, s:s, s:s, s:{s:s, s:s, s:{s:s, s:s}}}", "uuid", own_uuid(stream, "finding", i),
            "title", controls[i].title, "description",
            "Whether the ledger has grave exceptions that speak to this control. It is the "
            "assessor who says whether the control is satisfied.",
            "target", "type", "statement-id", "target-id", controls[i].statement, "status", "state",
            clean ? "satisfied" : "not-satisfied", "reason", clean ? "pass" : "other");
        if (!clean) {
            json_object_set(finding, "related-observations", lists[i]);
            json_object_set_new(finding, "related-risks",
                                json_pack("[{s:o}]", "risk-uuid", own_uuid(stream, "risk", i)));
        }
        oscal_stream_item(stream, finding);
    }
    oscal_stream_end(stream, "]");
}

void oscal_observations_controls(struct oscal_stream *stream)
{
    oscal_stream_text(stream, ",\n\"reviewed-controls\":{\"control-selections\":["
                              "{\"include-controls\":[");
    for (size_t i = 0; i < CONTROLS; i++) {
        oscal_stream_text(stream, i == 0 ? "" : ",");
        oscal_stream_value(stream, json_pack("{s:s}", "control-id", controls[i].id));
    }
    oscal_stream_text(stream, "]}]}");
}

void oscal_observations_add(struct oscal_stream *stream)
{
    size_t count = sheet_rows(oscal_stream_sheet(stream, FORM_EXCEPTIONS));
    json_t **uuids = exception_uuids(stream), *lists[CONTROLS];
    oscal_stream_begin(stream, ",\n\"observations\":[");
    add_observed_deployments(stream);
    add_exceptions(stream, uuids);
    oscal_stream_end(stream, "]");
    for (size_t i = 0; i < CONTROLS; i++)
        lists[i] = against(stream, controls[i].id, uuids);
    add_risks(stream, lists);
    add_findings(stream, lists);
    for (size_t i = 0; i < CONTROLS; i++)
        json_decref(lists[i]);
    for (size_t i = 0; i < count; i++)
        json_decref(uuids[i]);
    free(uuids);
}
