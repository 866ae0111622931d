#include "reports/oscal_stream.h"

void oscal_stream_text(struct oscal_stream *stream, const char *json)
{
    buf_text(&stream->output->buf, json);
}

void oscal_stream_value(struct oscal_stream *stream, json_t *json)
{
    if (stream->err == ERR_OK) {
        ijson_print(json, &stream->output->buf);
        stream->err = output_pass(stream->output, stream->why);
    }
    json_decref(json);
}

void oscal_stream_begin(struct oscal_stream *stream, const char *begin)
{
    stream->array = begin;
    stream->items = 0;
}

void oscal_stream_item(struct oscal_stream *stream, json_t *json)
{
    oscal_stream_text(stream, stream->items++ == 0 ? stream->array : ",\n");
    oscal_stream_value(stream, json);
}

void oscal_stream_end(struct oscal_stream *stream, const char *end)
{
    if (stream->items > 0)
        oscal_stream_text(stream, end);
}

const struct sheet *oscal_stream_sheet(const struct oscal_stream *stream, enum form form)
{
    return stream->report->sheets[form];
}

json_t *oscal_stream_uuid(const struct oscal_stream *stream, const char *kind, const char *name)
{
    return oscal_words_uuid(stream->report->cover.ledger, kind, name);
}

json_t *oscal_stream_own_uuid(const struct oscal_stream *stream, const char *kind)
{
    struct buf name = {0};
    buf_hex(&name, stream->report->cover.root, HASH_BYTES);
    buf_text(&name, "\n");
    params_carried(&stream->report->params, &name);
    json_t *json = oscal_stream_uuid(stream, kind, (const char *)name.data);
    buf_free(&name);
    return json;
}
