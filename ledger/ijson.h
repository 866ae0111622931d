/* ijson - I-JSON (RFC 7493) over jansson: what the ledger accepts as JSON, and how it looks into
 * it. Pure.  json_t is jansson's; whoever gets one from here owns a reference (json_decref).
 */
#ifndef LEDGER_IJSON_H
#define LEDGER_IJSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"

/**
 * ijson_parse(text, text_bytes, ret_json, ret_why):
 * Parse ${text_bytes} bytes as one JSON value with nothing but white space around it: UTF-8 without
 * BOM, no duplicate names at any depth, no U+0000, no lone surrogates, integers within 2^53, depth
 * JSON_DEPTH_MAX. Errors: INVALID, with the place in ${ret_why}.
 */
MUST_CHECK enum err ijson_parse(const void *text, size_t text_bytes, json_t **ret_json,
                                struct err_text *ret_why);

/**
 * ijson_string(object, name):
 * The string member ${name}, or NULL where it is absent or no string (or ${object} no object).
 * Borrowed from ${object}.
 *
 * ijson_get(object, name):
 * The member ${name}, or NULL; ${object} may be NULL or no object.  Borrowed.
 */
const char *ijson_string(const json_t *object, const char *name);
json_t *ijson_get(const json_t *object, const char *name);

/**
 * ijson_source(text, text_bytes, path, ret, ret_bytes):
 * Find the value at ${path} ("data.value": member names joined by dots, from the top object) in
 * valid JSON text, and point to its source text, so that a number can be shown as it was written.
 * False if there is no such member.
 */
MUST_CHECK bool ijson_source(const void *text, size_t text_bytes, const char *path,
                             const char **ret, size_t *ret_bytes);

/**
 * ijson_behind_string(at, end): The byte behind the string whose quote is at ${at}, in text that
 * may be no JSON; NULL if it does not end before ${end}.
 */
const char *ijson_behind_string(const char *at, const char *end);

/**
 * ijson_print(json, buf): Append ${json} as compact text in insertion order of its members,
 * non-ASCII as UTF-8, reals with the fewest digits (15 to 17) that read back the same.
 *
 * ijson_pretty(json, buf): The same, indented by 2, with a final newline.
 */
void ijson_print(const json_t *json, struct buf *buf);
void ijson_pretty(const json_t *json, struct buf *buf);

/**
 * ijson_put(object, name, value): Set a member; the reference to ${value} is stolen.  Only for
 * names and values that cannot be wrong.
 */
void ijson_put(json_t *object, const char *name, json_t *value);

/**
 * ijson_hex(data, bytes), ijson_instant(us), ijson_text(text):
 * New JSON strings: lower-case hex; RFC 3339 with microseconds; ${text} (NULL gives JSON null; text
 * that is not UTF-8 has its bad bytes replaced by U+FFFD).
 */
json_t *ijson_hex(const void *data, size_t bytes);
json_t *ijson_instant(int64_t us);
json_t *ijson_text(const char *text);

#endif
