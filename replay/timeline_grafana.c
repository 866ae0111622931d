#include <string.h>

#include "replay/layout.h"
#include "replay/timeline.h"

static json_t *milliseconds(int64_t us)
{
    return json_integer(us / 1000);
}

/* {time, timeEnd, tags, text} of Grafana's POST /api/annotations. */
static json_t *annotation(const struct timeline *timeline, const char *tag, int64_t from_us,
                          int64_t to_us, const struct buf *text)
{
    json_t *json = json_object();
    ijson_put(json, "time", milliseconds(from_us));
    if (to_us > from_us)
        ijson_put(json, "timeEnd", milliseconds(to_us));
    ijson_put(json, "tags", json_pack("[s, s, s]", "countersign", timeline->deployment->id, tag));
    ijson_put(json, "text", ijson_text((const char *)text->data));
    return json;
}

static json_t *of_row(const struct timeline *timeline, const struct timeline_row *row)
{
    const char *label = timeline_label(timeline, row);
    struct buf line = {0}, text = {0};
    buf_printf(&line, "%s: %s", row->principal, row->said.kind);
    if (row->said.node != NULL)
        buf_printf(&line, " %s", row->said.node);
    if (label != NULL)
        buf_printf(&line, " %s", label);
    if (row->said.value != NULL)
        buf_printf(&line, ": %s", row->said.value);
    if (row->said.text != NULL)
        buf_printf(&line, ", “%s”", row->said.text);
    if (row->verdict.rule != RULE_NONE)
        buf_printf(&line, "; refused, %s", rule_name(row->verdict.rule));
    if (row->verdict.flags != 0 || row->verdict.reason != NULL) {
        buf_text(&line, ": ");
        layout_explained(&line, row->verdict.flags, row->verdict.reason);
    }
    printable_html(&text, (const char *)line.data);
    json_t *json = annotation(timeline,
                              row->verdict.rule != RULE_NONE ? "refused"
                              : row->verdict.flags != 0      ? "flagged"
                                                             : "entry",
                              row->time_us, row->time_us, &text);
    buf_free(&line);
    buf_free(&text);
    return json;
}

static json_t *of_section(const struct timeline *timeline, size_t at)
{
    const struct section *section = &timeline->deployment->checklist->sections[at];
    const struct timeline_section *sum = &timeline->sections[at];
    struct buf line = {0}, text = {0};
    buf_printf(&line, "%s %s", section->id, section->title);
    printable_html(&text, (const char *)line.data);
    json_t *json = annotation(timeline, "section", sum->first_us, sum->last_us, &text);
    buf_free(&line);
    buf_free(&text);
    return json;
}

void timeline_grafana(const struct timeline *timeline, struct buf *buf)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    json_t *list = json_array();
    for (size_t i = 0; checklist != NULL && i < checklist->section_count; i++) {
        if (timeline->sections[i].acts > 0 && checklist->sections[i].level == 2)
            json_array_append_new(list, of_section(timeline, i));
    }
    for (size_t i = 0; i < timeline->row_count; i++) {
        if (timeline_notable(timeline, &timeline->rows[i]))
            json_array_append_new(list, of_row(timeline, &timeline->rows[i]));
    }
    ijson_pretty(list, buf);
    json_decref(list);
}
