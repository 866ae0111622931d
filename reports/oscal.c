#include "reports/oscal.h"

#include <stdlib.h>
#include <string.h>

#include "replay/replay.h"
#include "reports/kinds.h"
#include "reports/oscal_words.h"

/* The document while it is written: an array is begun by its first item. */
struct oscal {
    const struct report *report;
    struct output *output;
    struct err_text *why;
    enum err err;      /* the output's; nothing is written from then on */
    const char *array; /* "\n,\"observations\":[", not yet written; NULL: it is */
    size_t items;      /* in the present array */
};

static void text(struct oscal *oscal, const char *json)
{
    buf_text(&oscal->output->buf, json);
}

/* Write a value, whose reference is stolen. */
static void value(struct oscal *oscal, json_t *json)
{
    if (oscal->err == ERR_OK) {
        ijson_print(json, &oscal->output->buf);
        oscal->err = output_pass(oscal->output, oscal->why);
    }
    json_decref(json);
}

static void array_begin(struct oscal *oscal, const char *begin)
{
    oscal->array = begin;
    oscal->items = 0;
}

static void array_item(struct oscal *oscal, json_t *json)
{
    text(oscal, oscal->items++ == 0 ? oscal->array : ",\n");
    value(oscal, json);
}

/* An array without items is left out whole, as OSCAL wants it. */
static void array_end(struct oscal *oscal, const char *end)
{
    if (oscal->items > 0)
        text(oscal, end);
}

static const struct sheet *sheet_of(const struct oscal *oscal, enum form form)
{
    return oscal->report->sheets[form];
}

static json_t *uuid(const struct oscal *oscal, const char *kind, const char *name)
{
    return oscal_words_uuid(oscal->report->cover.ledger, kind, name);
}

/* A cell as one line; NULL where it is empty. */
static json_t *cell(const struct sheet *sheet, size_t row, size_t column)
{
    struct buf printed = {0};
    if (!sheet_has(sheet, row, column))
        return NULL;
    sheet_print(sheet, row, column, &printed);
    json_t *json = oscal_words_line(printed.bytes > 0 ? (const char *)printed.data : "");
    buf_free(&printed);
    return json;
}

static void cell_prop(json_t **props, const struct sheet *sheet, size_t row, size_t column)
{
    struct buf name = {0};
    buf_text(&name, sheet_form(sheet)->columns[column].name);
    for (size_t i = 0; i < name.bytes; i++)
        name.data[i] = name.data[i] == '_' ? '-' : name.data[i];
    oscal_words_prop(props, (const char *)name.data, cell(sheet, row, column));
    buf_free(&name);
}

static json_t *line_of(struct buf *words)
{
    json_t *json = oscal_words_line((const char *)words->data);
    buf_free(words);
    return json;
}

/* --- people and roles --- */

static int word_order(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;
    return strcmp(*a, *b);
}

/* The different texts of two columns (the second may be that of no sheet), in order. */
static size_t different(const struct sheet *sheets[2], const size_t columns[2],
                        const char ***ret_words)
{
    const char **words = NULL;
    size_t count = 0, cap = 0, kept = 0;
    for (size_t i = 0; i < 2 && sheets[i] != NULL; i++) {
        for (size_t row = 0; row < sheet_rows(sheets[i]); row++) {
            const char *word = sheet_text(sheets[i], row, columns[i]);
            if (word != NULL)
                *(const char **)MEM_PUSH(words, count, cap) = word;
        }
    }
    if (count > 0)
        qsort(words, count, sizeof(*words), word_order);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(words[kept - 1], words[i]) != 0)
            words[kept++] = words[i];
    }
    *ret_words = words;
    return kept;
}

static json_t *role_token(const char *role)
{
    return oscal_words_token("role-", role);
}

/* Roles that make one token are one. */
static void add_roles(struct oscal *oscal)
{
    const struct sheet *sheets[2] = {sheet_of(oscal, FORM_DECISIONS), NULL};
    const size_t columns[2] = {DEC_ROLE, 0};
    const char **roles = NULL;
    size_t count = different(sheets, columns, &roles);
    json_t *seen = json_object();
    array_begin(oscal, ",\n\"roles\":[");
    for (size_t i = 0; i < count; i++) {
        json_t *token = role_token(roles[i]);
        if (ijson_get(seen, json_string_value(token)) == NULL) {
            ijson_put(seen, json_string_value(token), json_true());
            array_item(oscal,
                       json_pack("{s:O, s:o}", "id", token, "title", oscal_words_line(roles[i])));
        }
        json_decref(token);
    }
    array_end(oscal, "]");
    json_decref(seen);
    free(roles);
}

static void add_parties(struct oscal *oscal)
{
    const struct sheet *sheets[2] = {sheet_of(oscal, FORM_DECISIONS),
                                     sheet_of(oscal, FORM_CHANGES)};
    const size_t columns[2] = {PLACE_PRINCIPAL, PLACE_PRINCIPAL};
    const char **people = NULL;
    size_t count = different(sheets, columns, &people);
    array_begin(oscal, ",\n\"parties\":[");
    for (size_t i = 0; i < count; i++) {
        const char *type = strcmp(people[i], "ledger") == 0 ? "organization" : "person";
        array_item(oscal, json_pack("{s:o, s:s, s:o}", "uuid", uuid(oscal, "party", people[i]),
                                    "type", type, "name", oscal_words_line(people[i])));
    }
    array_end(oscal, "]");
    free(people);
}

/* --- the head --- */

static json_t *cover_props(const struct oscal *oscal)
{
    const struct report_cover *cover = &oscal->report->cover;
    struct buf carried = {0}, root = {0}, size = {0};
    json_t *props = NULL;
    params_carried(&oscal->report->params, &carried);
    buf_hex(&root, cover->root, HASH_BYTES);
    buf_printf(&size, "%llu", (unsigned long long)oscal->report->params.size);
    oscal_words_prop(&props, "parameters", line_of(&carried));
    oscal_words_prop(&props, "origin", oscal_words_line(cover->origin));
    oscal_words_prop(&props, "ledger", oscal_words_line(cover->ledger));
    oscal_words_prop(&props, "size", line_of(&size));
    oscal_words_prop(&props, "root", line_of(&root));
    oscal_words_prop(&props, "vkey", oscal_words_line(cover->key));
    oscal_words_prop(&props, "simulated", json_string(cover->simulated ? "true" : "false"));
    return props;
}

static void add_metadata(struct oscal *oscal)
{
    const struct report_cover *cover = &oscal->report->cover;
    struct buf title = {0};
    buf_printf(&title, "Audit report of %s%s", cover->origin,
               cover->simulated ? " (SIMULATED)" : "");
    text(oscal, "{\"assessment-results\":{\"uuid\":");
    value(oscal, uuid(oscal, "report", "assessment-results"));
    text(oscal, ",\n\"metadata\":{\"title\":");
    value(oscal, line_of(&title));
    text(oscal, ",\"last-modified\":");
    value(oscal, ijson_instant(cover->as_of_us));
    text(oscal, ",\"version\":\"1\",\"oscal-version\":\"1.2.1\",\n\"props\":");
    value(oscal, cover_props(oscal));
    add_roles(oscal);
    add_parties(oscal);
    text(oscal, "},\n\"import-ap\":{\"href\":\"#");
    json_t *resource = uuid(oscal, "resource", "ledger");
    text(oscal, json_string_value(resource));
    json_decref(resource);
    text(oscal, "\"},\n");
}

static void add_back_matter(struct oscal *oscal)
{
    text(oscal, ",\n\"back-matter\":{\"resources\":[");
    value(oscal, json_pack("{s:o, s:s, s:s}", "uuid", uuid(oscal, "resource", "ledger"), "title",
                           "The ledger that the results are made from", "description",
                           "An append-only log of signed events under the root and key among the "
                           "properties of this document; anyone makes the same results again from "
                           "it and the parameters there."));
    text(oscal, "]}}}\n");
}

/* --- deployments --- */

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
    return line_of(&words);
}

static void add_deployments(struct oscal *oscal)
{
    const struct sheet *sheet = sheet_of(oscal, FORM_POPULATION);
    static const size_t columns[] = {POP_FIRST_SEQ, POP_FIRST_LEAF, POP_LAST_SEQ, POP_LAST_LEAF,
                                     POP_ENTRIES};
    array_begin(oscal, ",\n\"local-definitions\":{\"inventory-items\":[");
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        json_t *props = NULL;
        for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
            cell_prop(&props, sheet, row, columns[i]);
        array_item(oscal,
                   json_pack("{s:o, s:o, s:o}", "uuid",
                             uuid(oscal, "deployment", sheet_text(sheet, row, POP_DEPLOYMENT)),
                             "description", deployment_words(sheet, row), "props", props));
    }
    array_end(oscal, "]}");
}

static void add_subject(const struct oscal *oscal, json_t *item, const char *deployment)
{
    if (deployment == NULL || !replay_is_deployment(deployment))
        return;
    json_object_set_new(item, "subjects",
                        json_pack("[{s:o, s:s, s:o}]", "subject-uuid",
                                  uuid(oscal, "deployment", deployment), "type", "inventory-item",
                                  "title", oscal_words_line(deployment)));
}

static json_t *observation(json_t *id, json_t *title, json_t *description, int64_t collected_us)
{
    return json_pack("{s:o, s:o, s:o, s:[s], s:o}", "uuid", id, "title", title, "description",
                     description, "methods", "EXAMINE", "collected", ijson_instant(collected_us));
}

static void add_observed_deployments(struct oscal *oscal)
{
    const struct sheet *sheet = sheet_of(oscal, FORM_POPULATION);
    static const size_t columns[] = {POP_STATE,   POP_OPENED,  POP_CLOSED,
                                     POP_ENTRIES, POP_REFUSED, POP_FLAGGED};
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        const char *id = sheet_text(sheet, row, POP_DEPLOYMENT);
        json_t *props = NULL;
        for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
            cell_prop(&props, sheet, row, columns[i]);
        json_t *item =
            observation(uuid(oscal, "replayed", id), oscal_words_line(id),
                        json_string("Every entry of the deployment was replayed, and judged by the "
                                    "rules and the policy in force when it was opened."),
                        (int64_t)sheet_number(sheet, row, POP_LAST_TIME));
        json_object_set_new(item, "props", props);
        add_subject(oscal, item, id);
        array_item(oscal, item);
    }
}

/* --- exceptions --- */

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
static json_t **exception_uuids(const struct oscal *oscal)
{
    const struct sheet *sheet = sheet_of(oscal, FORM_EXCEPTIONS);
    json_t **uuids = mem_zero(sheet_rows(sheet), sizeof(json_t *));
    json_t *seen = json_object();
    struct buf name = {0};
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        exception_name(sheet, row, &name);
        uuids[row] = uuid(oscal, "exception", (const char *)name.data);
        json_t *before = ijson_get(seen, json_string_value(uuids[row]));
        json_int_t count = json_integer_value(before) + 1;
        ijson_put(seen, json_string_value(uuids[row]), json_integer(count));
        if (count == 1)
            continue;
        buf_printf(&name, "%lld", (long long)count);
        json_decref(uuids[row]);
        uuids[row] = uuid(oscal, "exception", (const char *)name.data);
    }
    buf_free(&name);
    json_decref(seen);
    return uuids;
}

static void add_exceptions(struct oscal *oscal, json_t *const *uuids)
{
    const struct sheet *sheet = sheet_of(oscal, FORM_EXCEPTIONS);
    static const size_t columns[] = {PLACE_SEQ, PLACE_LEAF, PLACE_PRINCIPAL, EXC_GRAVITY, EXC_NODE};
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        const char *kind = sheet_text(sheet, row, EXC_KIND);
        json_t *words = cell(sheet, row, EXC_TEXT), *props = NULL;
        json_t *item = observation(json_incref(uuids[row]), oscal_words_line(kind),
                                   words != NULL ? words : json_string(kinds_means(kind)),
                                   (int64_t)sheet_number(sheet, row, PLACE_TIME));
        for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
            cell_prop(&props, sheet, row, columns[i]);
        json_object_set_new(item, "types", json_pack("[s]", "finding"));
        json_object_set_new(item, "props", props);
        add_subject(oscal, item, sheet_text(sheet, row, PLACE_DEPLOYMENT));
        array_item(oscal, item);
    }
}

/* The exceptions of a control that are grave enough to stand against it. */
static json_t *against(const struct oscal *oscal, const char *control, json_t *const *uuids)
{
    const struct sheet *sheet = sheet_of(oscal, FORM_EXCEPTIONS);
    json_t *list = json_array();
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        if (sheet_number(sheet, row, EXC_GRAVITY) <= KINDS_CONTROL &&
            strcmp(control_of(sheet_text(sheet, row, EXC_KIND)), control) == 0)
            json_array_append_new(list, json_pack("{s:O}", "observation-uuid", uuids[row]));
    }
    return list;
}

static const struct {
    const char *id, *statement, *title;
} controls[] = {{"cm-3", "cm-3_smt", "Configuration change control"},
                {"au-9", "au-9_smt", "Protection of audit information"},
                {"au-10", "au-10_smt", "Non-repudiation"},
                {"au-11", "au-11_smt", "Audit record retention"}};

static void add_findings(struct oscal *oscal, json_t *const *uuids)
{
    array_begin(oscal, ",\n\"findings\":[");
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        json_t *list = against(oscal, controls[i].id, uuids);
        bool clean = json_array_size(list) == 0;
        json_t *finding = json_pack(
            "{s:o, s:s, s:s, s:{s:s, s:s, s:{s:s, s:s}}}", "uuid",
            uuid(oscal, "finding", controls[i].id), "title", controls[i].title, "description",
            "Whether the ledger has grave exceptions that speak to this control. It is the "
            "assessor who says whether the control is satisfied.",
            "target", "type", "statement-id", "target-id", controls[i].statement, "status", "state",
            clean ? "satisfied" : "not-satisfied", "reason", clean ? "pass" : "other");
        if (!clean)
            json_object_set(finding, "related-observations", list);
        json_decref(list);
        array_item(oscal, finding);
    }
    array_end(oscal, "]");
}

/* --- decisions, and the log --- */

static void add_attestations(struct oscal *oscal)
{
    const struct sheet *sheet = sheet_of(oscal, FORM_DECISIONS);
    static const size_t columns[] = {PLACE_SEQ,   PLACE_TIME, PLACE_LEAF, PLACE_DEPLOYMENT, DEC_ACT,
                                     DEC_NODE,    DEC_VALUE,  DEC_KEY,    DEC_TOUCH,        DEC_DUE,
                                     DEC_VERDICT, DEC_RULE,   DEC_FLAGS};
    array_begin(oscal, ",\n\"attestations\":[");
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        const char *role = sheet_text(sheet, row, DEC_ROLE);
        json_t *props = NULL, *label = cell(sheet, row, DEC_LABEL);
        for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
            cell_prop(&props, sheet, row, columns[i]);
        json_t *part = json_pack(
            "{s:o, s:s, s:o, s:o}", "uuid", uuid(oscal, "act", sheet_text(sheet, row, PLACE_LEAF)),
            "name", "act", "title", label != NULL ? label : json_string("-"), "props", props);
        json_t *comment = cell(sheet, row, DEC_COMMENT);
        if (comment != NULL)
            json_object_set_new(part, "prose", comment);
        json_t *item = json_pack("{s:[o]}", "parts", part);
        if (role != NULL)
            json_object_set_new(
                item, "responsible-parties",
                json_pack("[{s:o, s:[o]}]", "role-id", role_token(role), "party-uuids",
                          uuid(oscal, "party", sheet_text(sheet, row, PLACE_PRINCIPAL))));
        array_item(oscal, item);
    }
    array_end(oscal, "]");
}

static void add_log_entry(struct oscal *oscal, const struct sheet *sheet, size_t row,
                          const size_t columns[4])
{
    json_t *description = cell(sheet, row, columns[1]), *props = NULL;
    cell_prop(&props, sheet, row, PLACE_SEQ);
    cell_prop(&props, sheet, row, PLACE_LEAF);
    cell_prop(&props, sheet, row, PLACE_DEPLOYMENT);
    cell_prop(&props, sheet, row, PLACE_PRINCIPAL);
    cell_prop(&props, sheet, row, columns[2]);
    cell_prop(&props, sheet, row, columns[3]);
    json_t *item =
        json_pack("{s:o, s:o, s:o, s:o}", "uuid",
                  uuid(oscal, sheet_form(sheet)->name, sheet_text(sheet, row, PLACE_LEAF)), "title",
                  cell(sheet, row, columns[0]), "start",
                  ijson_instant((int64_t)sheet_number(sheet, row, PLACE_TIME)), "props", props);
    if (description != NULL)
        json_object_set_new(item, "description", description);
    array_item(oscal, item);
}

static void add_log(struct oscal *oscal)
{
    static const size_t rollback[4] = {BACK_ACT, BACK_CAUSE, BACK_STATUS, BACK_VERDICT};
    static const size_t change[4] = {CHA_ACT, CHA_SUBJECT, CHA_KEY, CHA_VERDICT};
    const struct sheet *rollbacks = sheet_of(oscal, FORM_ROLLBACKS);
    const struct sheet *changes = sheet_of(oscal, FORM_CHANGES);
    array_begin(oscal, ",\n\"assessment-log\":{\"entries\":[");
    for (size_t row = 0; row < sheet_rows(rollbacks); row++)
        add_log_entry(oscal, rollbacks, row, rollback);
    for (size_t row = 0; row < sheet_rows(changes); row++)
        add_log_entry(oscal, changes, row, change);
    array_end(oscal, "]}");
}

static void add_result(struct oscal *oscal, json_t *const *uuids)
{
    const struct period *period = &oscal->report->params.period;
    text(oscal, "\"results\":[{\"uuid\":");
    value(oscal, uuid(oscal, "report", "result"));
    text(oscal, ",\"title\":\"Deployments of the period\",\"description\":");
    value(oscal, oscal_words_line(oscal->report->cover.verified));
    text(oscal, ",\"start\":");
    value(oscal, ijson_instant(period->from_us));
    text(oscal, ",\"end\":");
    value(oscal, ijson_instant(period->to_us));
    add_deployments(oscal);
    text(oscal, ",\n\"reviewed-controls\":{\"control-selections\":[{\"include-controls\":[");
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        text(oscal, i == 0 ? "" : ",");
        value(oscal, json_pack("{s:s}", "control-id", controls[i].id));
    }
    text(oscal, "]}]}");
    add_attestations(oscal);
    add_log(oscal);
    array_begin(oscal, ",\n\"observations\":[");
    add_observed_deployments(oscal);
    add_exceptions(oscal, uuids);
    array_end(oscal, "]");
    add_findings(oscal, uuids);
    text(oscal, "}]");
}

enum err oscal_report(const struct report *report, struct output *output, struct err_text *ret_why)
{
    struct oscal oscal = {.report = report, .output = output, .why = ret_why, .err = ERR_OK};
    size_t count = sheet_rows(report->sheets[FORM_EXCEPTIONS]);
    json_t **uuids = exception_uuids(&oscal);
    add_metadata(&oscal);
    add_result(&oscal, uuids);
    add_back_matter(&oscal);
    for (size_t i = 0; i < count; i++)
        json_decref(uuids[i]);
    free(uuids);
    return oscal.err;
}
