/* telling - what `verify` tells of a file that it checked: lines for people, and what was not
 * checked, for people and programs.
 */
#ifndef LEDGER_TELLING_H
#define LEDGER_TELLING_H

#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/limits.h"
#include "ledger/note.h"

/**
 * telling_line(text, name, value): Append a line; none if ${value} is NULL.
 * telling_hash(text, name, hash): The same, of a hash in hex.
 */
void telling_line(struct buf *text, const char *name, const char *value);
void telling_hash(struct buf *text, const char *name, const uint8_t hash[HASH_BYTES]);

/**
 * A telling_fn is told of each thing that was not checked.
 * telling_text(ctx, what): One that appends lines to a struct buf.
 * telling_json(ctx, what): One that appends strings to a JSON array.
 * telling_own_key(key, tell, ctx): Tell that the key is that which the file names itself.
 */
typedef void telling_fn(void *ctx, const char *what);

void telling_text(void *ctx, const char *what);
void telling_json(void *ctx, const char *what);
void telling_own_key(const struct note_key *key, telling_fn *tell, void *ctx);

#endif
