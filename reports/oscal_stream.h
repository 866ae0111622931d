/* oscal_stream - the OSCAL document while it is written: values one behind the other, and arrays
 * that are left out whole where they have no items, as OSCAL wants it.  Private to oscal*.c.
 */
#ifndef REPORTS_OSCAL_STREAM_H
#define REPORTS_OSCAL_STREAM_H

#include "reports/oscal_words.h"
#include "reports/report.h"

struct oscal_stream {
    const struct report *report;
    struct output *output;
    struct err_text *why;
    enum err err;      /* the output's; nothing is passed on from then on */
    const char *array; /* "\n,\"observations\":[", which its first item writes */
    size_t items;      /* in the present array */
};

/* Cells of a sheet's row. */
struct oscal_row {
    const struct sheet *sheet;
    size_t row;
    const size_t *columns;
    size_t count; /* of them */
};

/**
 * oscal_stream_text(stream, json): Write a part as it is.
 * oscal_stream_value(stream, json): Write a value, whose reference is stolen.
 * oscal_stream_row(stream, json, row): Write an object that has a member, whose reference is
 * stolen, with the cells of ${row} that are not empty as its last member `props`.
 *
 * oscal_stream_begin(stream, begin): Begin an array, whose beginning is static.
 * oscal_stream_next(stream): What is written next is an item of it.
 * oscal_stream_item(stream, json): Write an item of it, whose reference is stolen.
 * oscal_stream_end(stream, end): End it.
 */
void oscal_stream_text(struct oscal_stream *stream, const char *json);
void oscal_stream_value(struct oscal_stream *stream, json_t *json);
void oscal_stream_row(struct oscal_stream *stream, json_t *json, const struct oscal_row *row);
void oscal_stream_begin(struct oscal_stream *stream, const char *begin);
void oscal_stream_next(struct oscal_stream *stream);
void oscal_stream_item(struct oscal_stream *stream, json_t *json);
void oscal_stream_end(struct oscal_stream *stream, const char *end);

/**
 * oscal_stream_sheet(stream, form): A sheet of the report.
 * oscal_stream_uuid(stream, kind, name): The UUID of a thing of the report's ledger, a new string.
 * oscal_stream_own_uuid(stream, kind): That of a thing of this report alone: by its ledger's root
 * and all that it is asked for.
 */
const struct sheet *oscal_stream_sheet(const struct oscal_stream *stream, enum form form);
json_t *oscal_stream_uuid(const struct oscal_stream *stream, const char *kind, const char *name);
json_t *oscal_stream_own_uuid(const struct oscal_stream *stream, const char *kind);

#endif
