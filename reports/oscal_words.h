/* oscal_words - texts as OSCAL's data types take them: UUIDs, tokens, single lines.  Private to
 * oscal*.c.  Pure.
 */
#ifndef REPORTS_OSCAL_WORDS_H
#define REPORTS_OSCAL_WORDS_H

#include <jansson.h>

#include "reports/sheet.h"

#define OSCAL_NS "urn:countersign:oscal:1"

/**
 * oscal_words_uuid(ledger, kind, name): The UUID of a thing of a ledger, version 5: ${ledger} is
 * the ledger's id in hex, ${kind} and ${name} tell it from all others.  A new string.
 * oscal_words_line(text): One line that is not empty and has no blanks around it: control
 * characters as escapes; NULL and blanks give "-".  A new string.
 * oscal_words_take(text): The same of a buffer's text, and empty that.
 * oscal_words_token(prefix, text): A token of letters, digits and dashes: "role-release-manager";
 * of a text with letters beyond ASCII a part of its SHA-256 tells it from others.  A new string.
 * oscal_words_prop(props, name, value): Add a property to the array *${props}, which is made if it
 * is NULL; nothing for a NULL value, whose reference is stolen else.
 *
 * oscal_words_cell(sheet, row, column): A cell as one line, a new string; NULL where it is empty.
 */
json_t *oscal_words_uuid(const char *ledger, const char *kind, const char *name);
json_t *oscal_words_line(const char *text);
json_t *oscal_words_take(struct buf *text);
json_t *oscal_words_token(const char *prefix, const char *text);
void oscal_words_prop(json_t **props, const char *name, json_t *value);
json_t *oscal_words_cell(const struct sheet *sheet, size_t row, size_t column);

#endif
