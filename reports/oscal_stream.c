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

void oscal_stream_next(struct oscal_stream *stream)
{
    oscal_stream_text(stream, stream->items++ == 0 ? stream->array : ",\n");
}

void oscal_stream_item(struct oscal_stream *stream, json_t *json)
{
    oscal_stream_next(stream);
    oscal_stream_value(stream, json);
}

/* Write a cell as a property, under its column's name with dashes for underscores. */
static void add_prop(struct buf *buf, const char *name, json_t *value)
{
    buf_text(buf, "{\"name\":\"");
    for (; *name != '\0'; name++)
        buf_u8(buf, *name == '_' ? '-' : (uint8_t)*name);
    buf_text(buf, "\",\"ns\":\"" OSCAL_NS "\",\"value\":");
    ijson_print(value, buf);
    buf_text(buf, "}");
    json_decref(value);
}

void oscal_stream_row(struct oscal_stream *stream, json_t *json, const struct oscal_row *row)
{
    struct buf *buf = &stream->output->buf;
    size_t props = 0;
    ijson_print(json, buf);
    json_decref(json);
    buf->bytes--; /* its brace comes behind the properties */
    for (size_t i = 0; i < row->count; i++) {
        json_t *value = oscal_words_cell(row->sheet, row->row, row->columns[i]);
        if (value == NULL)
            continue;
        buf_text(buf, props++ == 0 ? ",\"props\":[" : ",");
        add_prop(buf, sheet_form(row->sheet)->columns[row->columns[i]].name, value);
    }
    buf_text(buf, props == 0 ? "}" : "]}");
    if (stream->err == ERR_OK)
        stream->err = output_pass(stream->output, stream->why);
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
