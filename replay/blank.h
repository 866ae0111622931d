/* blank - the fields of one line: label, blank, unit, expectation (CHECKLIST.md "field").  Pure.
 */
#ifndef REPLAY_BLANK_H
#define REPLAY_BLANK_H

#include "replay/span.h"

/* A label to which a word is added (`<label> from`) may be this long. */
#define BLANK_LABEL_BYTES_MAX 256

struct blank {
    struct span label;       /* as written; empty: none */
    const char *suffix;      /* static, or NULL: "from" */
    struct span suffix_word; /* the word of `____ W ____` or `(W: ____)`; empty: none */
    struct span place;       /* the underscores, and the unit behind them */
    struct span unit;        /* empty: none */
    struct span expectation; /* empty: none */
};

struct blank_list {
    struct blank *blanks; /* owned */
    size_t count;
};

/**
 * blank_find(line, start): Position of the first blank at or after ${start}, or the end of ${line}:
 * three or more underscores outside code and links, not joined to a word before them.
 *
 * blank_end(line, at): The position behind the blank at ${at}; blanks joined by one of `/-:.` are
 * one.
 *
 * blank_near(line): Whether it has what only looks like a blank: \_\_\_ as some editors write it,
 * underscores of full width.
 */
size_t blank_find(struct span line, size_t start);
size_t blank_end(struct span line, size_t at);
bool blank_near(struct span line);

/**
 * blank_parse(line, ret_list):
 * All fields of a line, in order (blank_free).  Cost: linear.
 * blank_label(blank, ret_label): Its full label as an owned string; false if it has none, or one
 * over BLANK_LABEL_BYTES_MAX that a word would have to be added to.
 */
void blank_parse(struct span line, struct blank_list *ret_list);
bool blank_label(const struct blank *blank, char **ret_label);
void blank_free(struct blank_list *list);

#endif
