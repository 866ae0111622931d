/* carried - the word by which a file of a report carries what it was made with, so that anyone can
 * make it again: "countersign-report:" and base64 of JSON, whose member `report` says what is made
 * and by which rules.  Pure.
 */
#ifndef REPORTS_CARRIED_H
#define REPORTS_CARRIED_H

#include "ledger/ledger.h"

/**
 * carried_add(json, buf): Append the word for an object; steals the reference.
 * carried_head(json, buf): Append {report, carried} as JSON, which HTML has in its head: ASCII,
 * whatever the object holds; steals the reference.
 * carried_find(bytes, count, ret_json, ret_why): The object of the first such word within a file's
 * bytes; a new reference.  Errors: INVALID (none, or malformed).
 */
void carried_add(json_t *json, struct buf *buf);
void carried_head(json_t *json, struct buf *buf);
MUST_CHECK enum err carried_find(const void *bytes, size_t count, json_t **ret_json,
                                 struct err_text *ret_why);

/**
 * carried_is(json, report): Whether it tells of this kind of report.
 * carried_number(json, name, least, ret): A whole number from ${least} on; false if it is none.
 */
MUST_CHECK bool carried_is(const json_t *json, const char *report);
MUST_CHECK bool carried_number(const json_t *json, const char *name, uint64_t least, uint64_t *ret);

#endif
