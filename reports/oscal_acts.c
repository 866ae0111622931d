#include "reports/oscal_acts.h"

#include "reports/oscal_people.h"

static void add_attestations(struct oscal_stream *stream)
{
    const struct sheet *sheet = oscal_stream_sheet(stream, FORM_DECISIONS);
    static const size_t columns[] = {
        PLACE_SEQ, PLACE_TIME, PLACE_LEAF, PLACE_DEPLOYMENT, DEC_ACT,     DEC_NODE, DEC_ROLE,
        DEC_VALUE, DEC_KEY,    DEC_TOUCH,  DEC_DUE,          DEC_VERDICT, DEC_RULE, DEC_FLAGS};
    oscal_stream_begin(stream, ",\n\"attestations\":[");
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        const struct oscal_row cells = {sheet, row, columns, sizeof(columns) / sizeof(columns[0])};
        const char *role = sheet_text(sheet, row, DEC_ROLE);
        json_t *label = oscal_words_cell(sheet, row, DEC_LABEL);
        json_t *comment = oscal_words_cell(sheet, row, DEC_COMMENT);
        json_t *part =
            json_pack("{s:o, s:s, s:o}", "uuid",
                      oscal_stream_uuid(stream, "act", sheet_text(sheet, row, PLACE_LEAF)), "name",
                      "act", "title", label != NULL ? label : json_string("-"));
        if (comment != NULL)
            json_object_set_new(part, "prose", comment);
        oscal_stream_next(stream);
        oscal_stream_text(stream, "{\"parts\":[");
        oscal_stream_row(stream, part, &cells);
        oscal_stream_text(stream, role != NULL ? "],\"responsible-parties\":" : "]");
        if (role != NULL)
            oscal_stream_value(stream, oscal_people_act(stream, sheet, row, role));
        oscal_stream_text(stream, "}");
    }
    oscal_stream_end(stream, "]");
}

static void add_log_entry(struct oscal_stream *stream, const struct sheet *sheet, size_t row,
                          const size_t columns[4])
{
    json_t *description = oscal_words_cell(sheet, row, columns[1]);
    const size_t shown[] = {PLACE_SEQ,       PLACE_LEAF, PLACE_DEPLOYMENT,
                            PLACE_PRINCIPAL, columns[2], columns[3]};
    const struct oscal_row cells = {sheet, row, shown, sizeof(shown) / sizeof(shown[0])};
    json_t *item = json_pack(
        "{s:o, s:o, s:o}", "uuid",
        oscal_stream_uuid(stream, sheet_form(sheet)->name, sheet_text(sheet, row, PLACE_LEAF)),
        "title", oscal_words_cell(sheet, row, columns[0]), "start",
        ijson_instant((int64_t)sheet_number(sheet, row, PLACE_TIME)));
    if (description != NULL)
        json_object_set_new(item, "description", description);
    oscal_stream_next(stream);
    oscal_stream_row(stream, item, &cells);
}

static void add_log(struct oscal_stream *stream)
{
    static const size_t rollback[4] = {BACK_ACT, BACK_CAUSE, BACK_STATUS, BACK_VERDICT};
    static const size_t change[4] = {CHA_ACT, CHA_SUBJECT, CHA_KEY, CHA_VERDICT};
    const struct sheet *rollbacks = oscal_stream_sheet(stream, FORM_ROLLBACKS);
    const struct sheet *changes = oscal_stream_sheet(stream, FORM_CHANGES);
    oscal_stream_begin(stream, ",\n\"assessment-log\":{\"entries\":[");
    for (size_t row = 0; row < sheet_rows(rollbacks); row++)
        add_log_entry(stream, rollbacks, row, rollback);
    for (size_t row = 0; row < sheet_rows(changes); row++)
        add_log_entry(stream, changes, row, change);
    oscal_stream_end(stream, "]}");
}

void oscal_acts_add(struct oscal_stream *stream)
{
    add_attestations(stream);
    add_log(stream);
}
