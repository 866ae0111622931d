/* slot - what is left open in an item's command: blanks in its text, and variables that it uses and
 * does not set.  Pure.
 *
 *   ____            three or more underscores, not joined to a word: a blank, named by its number
 *   ...             by itself, or behind a quote: a blank, named by its number
 *   ...word...      a blank named `word`
 *   <word>          outside quotes: a blank named `word`
 *   $NAME ${NAME}   outside single quotes, unless the command sets NAME or says what holds without
 */
#ifndef REPLAY_SLOT_H
#define REPLAY_SLOT_H

#include "ledger/ledger.h"

struct slot {
    char *name;    /* owned; "1", "2", ... for a blank without one */
    bool variable; /* else a blank in the text */
    size_t at;     /* of a blank: where it stands in the command */
    size_t bytes;
};

struct slots {
    struct slot *all; /* in order; a name may stand there more than once */
    size_t count, cap;
};

/**
 * slot_find(command, ret_slots), slot_free(slots): What is left open in ${command}.
 */
void slot_find(const char *command, struct slots *ret_slots);
void slot_free(struct slots *slots);

/**
 * A slot_value_fn gives the value for a slot's name, or NULL.
 * slot_fill(command, slots, value, ctx, buf): Append the command with its blanks filled; one
 * without a value stays as it is.
 */
typedef const char *slot_value_fn(void *ctx, const char *name);
void slot_fill(const char *command, const struct slots *slots, slot_value_fn *value, void *ctx,
               struct buf *buf);

/**
 * slot_expand(text, value, ctx, buf): Append ${text} with its $NAME and ${NAME} expanded; false if
 * one has no value.
 * slot_name_ok(name): Whether it can name a variable, or a blank.
 * slot_is_variable_name(name): Whether it can name a variable.
 */
MUST_CHECK bool slot_expand(const char *text, slot_value_fn *value, void *ctx, struct buf *buf);
bool slot_name_ok(const char *name);
bool slot_is_variable_name(const char *name);

#endif
