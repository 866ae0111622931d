/* operand - what is typed on a command line, as members of an event's data.  Pure. */
#ifndef REPLAY_OPERAND_H
#define REPLAY_OPERAND_H

#include <jansson.h>
#include <stdbool.h>

#include "ledger/ledger.h"

/**
 * operand_put(data, name, text): Set a member to a text; nothing if ${text} is NULL.
 * operand_value(text): A JSON number if ${text} is one, else a JSON string; new reference.
 * operand_number(text, min, ret): Read a whole number of ${min} to 10^9; false if it is anything
 * else.
 */
void operand_put(json_t *data, const char *name, const char *text);
json_t *operand_value(const char *text);
MUST_CHECK bool operand_number(const char *text, long min, long *ret);

/**
 * operand_time(text, ret_why): Check that ${text} is an RFC 3339 date-time.  Errors: USAGE.
 * operand_span(text, ret_json, ret_why): {from, to} of "FROM/TO", two date-times; new reference.
 * Errors: USAGE.
 * operand_pair(text, ret_left, ret_right): Split "LEFT=RIGHT" at its last `=`; both are owned by
 * the caller.  False if a side is empty.
 */
MUST_CHECK enum err operand_time(const char *text, struct err_text *ret_why);
MUST_CHECK enum err operand_span(const char *text, json_t **ret_json, struct err_text *ret_why);
MUST_CHECK bool operand_pair(const char *text, char **ret_left, char **ret_right);

#endif
