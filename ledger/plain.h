/* plain - JSON of the plain kind taken apart in one pass, built or not: ASCII without escapes of
 * more than two characters, few members, small numbers.  What is not so is left to ijson.  Pure.
 */
#ifndef LEDGER_PLAIN_H
#define LEDGER_PLAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "ledger/hash.h"

#define PLAIN_NAMES_MAX 24 /* members of one object */
#define PLAIN_DEPTH_MAX 6  /* of values in values */

/* The text from `at` to `end`; `at` goes forward. */
struct plain {
    const char *at, *end;
};

/* The names of an object so far: none may come twice. */
struct plain_names {
    size_t count;
    struct piece names[PLAIN_NAMES_MAX];
};

/**
 * All of these are false where the text goes on in another way, or is not plain.
 *
 * plain_space(plain): Pass white space.
 * plain_take(plain, c): Take a character that must come next.
 *
 * plain_string(plain, ret):
 * Take a string of printable ASCII; *${ret} is what is between its quotes, borrowed.
 *
 * plain_text(plain, ret, ret_escaped):
 * The same, in which escapes of two characters may stand, as they are in *${ret}.
 *
 * plain_name(plain, names, ret): Take a member's name, which is new, its colon, and white space.
 *
 * plain_more(plain, close, good):
 * Behind a member or an element: whether there is another one; false in *${good} if neither that
 * nor the end follows.
 *
 * plain_value(plain, depth): Take any value; ${depth} objects and arrays are around it.
 */
void plain_space(struct plain *plain);
bool plain_take(struct plain *plain, char c);
bool plain_string(struct plain *plain, struct piece *ret);
bool plain_text(struct plain *plain, struct piece *ret, bool *ret_escaped);
bool plain_name(struct plain *plain, struct plain_names *names, struct piece *ret);
bool plain_more(struct plain *plain, char close, bool *good);
bool plain_value(struct plain *plain, unsigned depth);

/**
 * plain_json(plain, depth): Take any value, and build it as ijson_parse would: a new reference, or
 * NULL where plain_value is false.
 */
json_t *plain_json(struct plain *plain, unsigned depth);

/**
 * plain_is(text, wanted): Whether a text is ${wanted}.
 */
static inline bool plain_is(const struct piece *text, const char *wanted)
{
    return text->bytes == strlen(wanted) && memcmp(text->data, wanted, text->bytes) == 0;
}

#endif
