#include "reports/oscal.h"

#include "reports/oscal_acts.h"
#include "reports/oscal_observations.h"
#include "reports/oscal_people.h"

static json_t *cover_props(const struct oscal_stream *stream)
{
    const struct report_cover *cover = &stream->report->cover;
    struct buf carried = {0}, root = {0}, size = {0};
    json_t *props = NULL;
    params_carried(&stream->report->params, &carried);
    buf_hex(&root, cover->root, HASH_BYTES);
    buf_printf(&size, "%llu", (unsigned long long)stream->report->params.size);
    oscal_words_prop(&props, "parameters", oscal_words_take(&carried));
    oscal_words_prop(&props, "origin", oscal_words_line(cover->origin));
    oscal_words_prop(&props, "ledger", oscal_words_line(cover->ledger));
    oscal_words_prop(&props, "size", oscal_words_take(&size));
    oscal_words_prop(&props, "root", oscal_words_take(&root));
    oscal_words_prop(&props, "vkey", oscal_words_line(cover->key));
    oscal_words_prop(&props, "simulated", json_string(cover->simulated ? "true" : "false"));
    return props;
}

static void add_metadata(struct oscal_stream *stream)
{
    const struct report_cover *cover = &stream->report->cover;
    struct buf title = {0};
    buf_printf(&title, "Audit report of %s%s", cover->origin,
               cover->simulated ? " (SIMULATED)" : "");
    oscal_stream_text(stream, "{\"assessment-results\":{\"uuid\":");
    oscal_stream_value(stream, oscal_stream_own_uuid(stream, "assessment-results"));
    oscal_stream_text(stream, ",\n\"metadata\":{\"title\":");
    oscal_stream_value(stream, oscal_words_take(&title));
    oscal_stream_text(stream, ",\"last-modified\":");
    oscal_stream_value(stream, ijson_instant(cover->as_of_us));
    oscal_stream_text(stream, ",\"version\":\"1\",\"oscal-version\":\"1.2.1\",\n\"props\":");
    oscal_stream_value(stream, cover_props(stream));
    oscal_people_add(stream);
    oscal_stream_text(stream, "},\n\"import-ap\":{\"href\":\"#");
    json_t *resource = oscal_stream_uuid(stream, "resource", "ledger");
    oscal_stream_text(stream, json_string_value(resource));
    json_decref(resource);
    oscal_stream_text(stream, "\"},\n");
}

static void add_back_matter(struct oscal_stream *stream)
{
    oscal_stream_text(stream, ",\n\"back-matter\":{\"resources\":[");
    oscal_stream_value(
        stream,
        json_pack("{s:o, s:s, s:s}", "uuid", oscal_stream_uuid(stream, "resource", "ledger"),
                  "title", "The ledger that the results are made from", "description",
                  "An append-only log of signed events under the root and key among the "
                  "properties of this document; anyone makes the same results again from "
                  "it and the parameters there."));
    oscal_stream_text(stream, "]}}}\n");
}

static void add_result(struct oscal_stream *stream)
{
    const struct period *period = &stream->report->params.period;
    oscal_stream_text(stream, "\"results\":[{\"uuid\":");
    oscal_stream_value(stream, oscal_stream_own_uuid(stream, "result"));
    oscal_stream_text(stream, ",\"title\":\"Deployments of the period\",\"description\":");
    oscal_stream_value(stream, oscal_words_line(stream->report->cover.verified));
    oscal_stream_text(stream, ",\"start\":");
    oscal_stream_value(stream, ijson_instant(period->from_us));
    oscal_stream_text(stream, ",\"end\":");
    oscal_stream_value(stream, ijson_instant(period->to_us));
    oscal_observations_inventory(stream);
    oscal_observations_controls(stream);
    oscal_acts_add(stream);
    oscal_observations_add(stream);
    oscal_stream_text(stream, "}]");
}

enum err oscal_report(const struct report *report, struct output *output, struct err_text *ret_why)
{
    struct oscal_stream stream = {
        .report = report, .output = output, .why = ret_why, .err = ERR_OK};
    add_metadata(&stream);
    add_result(&stream);
    add_back_matter(&stream);
    return stream.err;
}
