/* names - a map from text to a number, sorted: no order of hashes can show, and no order in which
 * strangers name things is slow.
 */
#ifndef REPLAY_NAMES_H
#define REPLAY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct name;

/* Zero-initialised is empty. */
struct names {
    struct name *root; /* owned; NULL: none */
    size_t count;
};

/**
 * names_find(names, text, ret_value): Whether ${text} is there; then *${ret_value} is its number.
 * names_put(names, text, value): Give ${text} a number, its first or another one.
 * names_keep(names, text): The map's own copy of ${text}, made if need be; lives as long as the
 * map.
 * Cost: O(log n) comparisons.
 */
bool names_find(const struct names *names, const char *text, size_t *ret_value);
void names_put(struct names *names, const char *text, size_t value);
const char *names_keep(struct names *names, const char *text);

/**
 * names_free(names): Free the contents; *${names} is empty again.
 */
void names_free(struct names *names);

#endif
