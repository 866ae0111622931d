#include "replay/timeline.h"

#include "replay/layout.h"

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *offset_json(const struct timeline *timeline, int64_t time_us)
{
    struct buf buf = {0};
    timeline_offset(timeline, time_us, &buf);
    json_t *json = ijson_text(buf.bytes > 0 ? (const char *)buf.data : NULL);
    buf_free(&buf);
    return json;
}

static json_t *row_json(const struct timeline *timeline, const struct timeline_row *row)
{
    const struct node *outside = timeline_outside(timeline, row);
    json_t *json = json_object();
    char key[SSHKEY_FINGERPRINT_BYTES] = "";
    if (row->has_key)
        sshkey_fingerprint(row->key_id, key);
    set(json, "seq", integer(row->seq));
    set(json, "pos", integer(row->pos));
    set(json, "time", ijson_instant(row->time_us));
    set(json, "claimed", row->has_claimed ? ijson_instant(row->claimed_us) : json_null());
    set(json, "offset", offset_json(timeline, row->time_us));
    set(json, "principal", ijson_text(row->principal));
    set(json, "role", ijson_text(timeline->lanes[row->lane].name));
    set(json, "signed", json_boolean(row->has_key));
    set(json, "key", ijson_text(row->has_key && !timeline->blameless ? key : NULL));
    set(json, "origin", ijson_text(entry_origin_name(row->origin)));
    set(json, "type", ijson_text(row->said.kind));
    set(json, "node", ijson_text(row->said.node));
    set(json, "label", ijson_text(timeline_label(timeline, row)));
    set(json, "value", ijson_text(row->said.value));
    set(json, "text", ijson_text(row->said.text));
    set(json, "outside", ijson_text(outside != NULL ? outside->id : NULL));
    verdict_json(&row->verdict, json);
    return json;
}

static json_t *section_json(const struct timeline *timeline, size_t at)
{
    const struct section *section = &timeline->deployment->checklist->sections[at];
    const struct timeline_section *sum = &timeline->sections[at];
    json_t *json = json_object();
    set(json, "id", ijson_text(section->id));
    set(json, "title", ijson_text(section->title));
    if (section->window.set)
        set(json, "window",
            json_pack("{s:i,s:i}", "from_min", section->window.from_min, "to_min",
                      section->window.to_min));
    set(json, "acts", integer(sum->acts));
    set(json, "first", ijson_instant(sum->first_us));
    set(json, "last", ijson_instant(sum->last_us));
    set(json, "duration_us", json_integer(sum->last_us - sum->first_us));
    set(json, "late", integer(sum->late));
    set(json, "over_us", json_integer(sum->late_us));
    return json;
}

static json_t *lane_json(const struct timeline_lane *lane)
{
    json_t *json = json_object();
    set(json, "role", ijson_text(lane->name));
    set(json, "who", ijson_text(lane->who));
    set(json, "acts", integer(lane->acts));
    set(json, "refused", integer(lane->refused));
    set(json, "flagged", integer(lane->flagged));
    set(json, "first", ijson_instant(lane->first_us));
    set(json, "last", ijson_instant(lane->last_us));
    return json;
}

static json_t *reading_json(const struct timeline *timeline, size_t at)
{
    const struct timeline_row *row = &timeline->rows[at];
    json_t *json = json_object();
    set(json, "seq", integer(row->seq));
    set(json, "value", ijson_text(timeline_reading(row)));
    set(json, "time", ijson_instant(row->time_us));
    return json;
}

static json_t *threshold_json(const struct timeline *timeline, const struct timeline_threshold *sum)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    ASSERT(checklist != NULL);
    const struct node *item = &checklist->nodes[sum->item];
    json_t *json = json_object();
    set(json, "node", ijson_text(item->id));
    set(json, "label", ijson_text(item->label));
    set(json, "metric", ijson_text(item->threshold->metric));
    set(json, "op", ijson_text(threshold_op_text(item->threshold->op)));
    set(json, "value", ijson_text(item->threshold->value_text));
    set(json, "unit", ijson_text(item->threshold->unit));
    set(json, "readings", integer(sum->readings));
    set(json, "outside", integer(sum->outside));
    if (sum->readings > 0) {
        set(json, "worst", reading_json(timeline, sum->worst));
        set(json, "last", reading_json(timeline, sum->last));
    }
    return json;
}

static json_t *head_json(const struct timeline *timeline)
{
    const struct deployment *deployment = timeline->deployment;
    json_t *json = json_object();
    set(json, "deployment", ijson_text(deployment->id));
    set(json, "ledger", ijson_text(timeline->origin));
    set(json, "simulated", json_boolean(timeline->simulated));
    set(json, "title", ijson_text(deployment->title));
    set(json, "release", ijson_text(deployment->release));
    set(json, "phase", ijson_text(deployment_phase_name(deployment->phase)));
    set(json, "outcome", ijson_text(deployment->outcome));
    set(json, "t0", deployment->has_t0 ? ijson_instant(deployment->t0_us) : json_null());
    return json;
}

void timeline_json(const struct timeline *timeline, struct buf *buf)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    json_t *json = head_json(timeline);
    json_t *entries = json_array();
    json_t *sections = json_array();
    json_t *lanes = json_array();
    json_t *silences = json_array();
    json_t *thresholds = json_array();
    for (size_t i = 0; i < timeline->row_count; i++)
        json_array_append_new(entries, row_json(timeline, &timeline->rows[i]));
    for (size_t i = 0; checklist != NULL && i < checklist->section_count; i++) {
        if (timeline->sections[i].acts > 0)
            json_array_append_new(sections, section_json(timeline, i));
    }
    for (size_t i = 0; i < timeline->silence_count; i++) {
        const struct timeline_silence *silence = &timeline->silences[i];
        json_array_append_new(silences,
                              json_pack("{s:I,s:I,s:I}", "from_seq", (json_int_t)silence->from_seq,
                                        "to_seq", (json_int_t)silence->to_seq, "length_us",
                                        (json_int_t)silence->length_us));
    }
    for (size_t i = 0; i < timeline->threshold_count; i++)
        json_array_append_new(thresholds, threshold_json(timeline, &timeline->thresholds[i]));
    set(json, "entries", entries);
    set(json, "sections", sections);
    for (size_t i = 0; i < timeline->lane_count; i++)
        json_array_append_new(lanes, lane_json(&timeline->lanes[i]));
    set(json, "lanes", lanes);
    set(json, "silences", silences);
    set(json, "thresholds", thresholds);
    ijson_pretty(json, buf);
    json_decref(json);
}
