/* query - the query part of a URL: names and values, percent-decoded.  Pure. */
#ifndef INGEST_QUERY_H
#define INGEST_QUERY_H

#include "ledger/ledger.h"

#define QUERY_PARAMETERS_MAX 16

struct query_parameter {
    char *name;  /* owned */
    char *value; /* owned; "" without one */
};

/* Zero-initialised is empty. */
struct query {
    size_t count;
    struct query_parameter parameters[QUERY_PARAMETERS_MAX];
};

/**
 * query_parse(text, names, ret_query, ret_why):
 * Parse what stands behind the `?` (NULL or "": no parameter): `name=value` joined by `&`,
 * percent-decoded once, `+` is a space.  ${names} are the known ones, NULL at the end: an unknown
 * one is refused, for a filter that is misspelt must not pass as no filter.  Errors: INVALID
 * (unknown or repeated name, broken escape, NUL, not UTF-8), TOO_BIG (over QUERY_PARAMETERS_MAX).
 * query_free(query): Free the contents; *${query} is empty again.
 */
MUST_CHECK enum err query_parse(const char *text, const char *const names[],
                                struct query *ret_query, struct err_text *ret_why);
void query_free(struct query *query);

/**
 * query_text(query, name): The value of a parameter, or NULL.  Borrowed.
 * query_number(query, name, max, ret_value, ret_why): Overwrite *${ret_value} with a decimal number
 * up to ${max}; an absent parameter leaves it.  Errors: INVALID (anything else; a bound is never
 * cut silently).
 * query_decimal(text, max, ret_value): ${text} is nothing but decimal digits of a number up to
 * ${max}.
 */
const char *query_text(const struct query *query, const char *name);
MUST_CHECK enum err query_number(const struct query *query, const char *name, uint64_t max,
                                 uint64_t *ret_value, struct err_text *ret_why);
MUST_CHECK bool query_decimal(const char *text, uint64_t max, uint64_t *ret_value);

#endif
